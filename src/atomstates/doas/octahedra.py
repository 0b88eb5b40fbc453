"""Octahedra in a Delaunay tessellation.

An octahedron's corners lie on one sphere, so that the tessellation cuts it by chance: into four
tetrahedra around one of its diagonals, or, where two diagonals miss each other a little, into five: the
flat one that the two diagonals are edges of, and two more at each of these.
"""

from typing import NamedTuple

import numpy as np

from atomstates.doas.neighbours import FloatArray, Images, IntArray, folded
from atomstates.doas.tessellation import EDGES, BoolArray, Corners, code, codes_of, decoded, signed_volumes

_LEAST_OCTAHEDRAL_GAP = 1.25
"""Seventh anion's distance from an octahedron's centre over that of its farthest own one: 1.73 in an
ideal one, 1.42 in a garnet, 1.16 for six of the eight anions around its lanthanum."""
_LEAST_DIAGONAL = 1.25
"""Shortest diagonal of an octahedron over its mean edge: 1.41 in an ideal one, 1.10 in bcc, where
six anions around a face's centre are four tetrahedra."""


def octahedra_of(pieces: Corners, places: FloatArray, images: Images) -> tuple[Corners, BoolArray, Corners]:
    """Octahedra of a tessellation.

    Parameters
    ----------
    pieces
        Its T tetrahedra.
    places, images
        The atoms: fractional coordinates and images.

    Returns
    -------
    Corners of O octahedra (three pairs of opposite ones), which of the pieces they take up (T,), and
    4 O pieces to put there instead: for each octahedron four around its first diagonal.
    """
    codes, base = codes_of(pieces)
    ends = codes[:, EDGES]
    ends.sort(axis=2)
    move = code(decoded(ends[..., 0], base).shift, base)
    ends -= move[..., None]
    opposite = codes[:, EDGES[[3, 4, 5, 0, 1, 2]]] - move[..., None]
    distinct, edge, ring = np.unique(ends.reshape(-1, 2), axis=0, return_inverse=True, return_counts=True)
    edge = edge.reshape(-1, 6)
    slots = np.argsort(edge.ravel(), kind="stable")
    first = np.concatenate([[0], ring.cumsum()[:-1]])
    around = _Rings(edge, ring, slots, first, opposite.reshape(-1, 2), distinct, move)
    found = [_of_four(around), _of_five(around, codes, base)]
    pairs = np.concatenate([one[0] for one in found])
    members = np.concatenate([one[1] for one in found])
    corners = decoded(pairs.reshape(-1, 6), base)
    cut = _cut_around_first(pairs)
    volumes = signed_volumes(places, decoded(cut.reshape(-1, 4), base)).reshape(-1, 4)
    # of a hollow one a piece would be turned inside out, and what is left would not fill space
    convex = np.all(volumes > 0, axis=1) | np.all(volumes < 0, axis=1)
    roundness = np.where(convex, _roundness(corners, places, images), 0.0)
    chosen = _distinct(members, roundness, len(codes))
    taken = np.zeros(len(codes), dtype=bool)
    taken[members[chosen][members[chosen] >= 0]] = True
    pairs = pairs[chosen]
    octahedra = decoded(pairs.reshape(-1, 6), base)
    return octahedra, taken, decoded(cut[chosen].reshape(-1, 4), base)


def _cut_around_first(pairs: IntArray) -> IntArray:
    """The four pieces around the first diagonal of octahedra, all turned alike, (O, 4, 4)."""
    ring = pairs[:, [1, 2, 1, 2], [0, 0, 1, 1]]  # in cyclic order
    ends = np.broadcast_to(pairs[:, None, 0], (len(pairs), 4, 2))
    sides = np.stack([ring, np.roll(ring, -1, axis=1)], axis=2)
    return np.concatenate([ends, sides], axis=2)


class _Rings(NamedTuple):
    """Pieces around each of E edges, from the pieces' point of view."""

    edge: IntArray
    """Edge of each of the six of a piece, (T, 6)."""
    number: IntArray
    """Pieces around each edge, (E,)."""
    slots: IntArray
    """Places in ``edge`` (flat), by edge."""
    first: IntArray
    """First slot of each edge, (E,)."""
    opposite: IntArray
    """Ends of the opposite edge of each slot in the edge's own frame, (6 T, 2)."""
    ends: IntArray
    """Ends of each edge, (E, 2)."""
    move: IntArray
    """From the edge's frame to that of the piece, (T, 6)."""

    def around(self, edges: IntArray, number: int) -> IntArray:
        """Slots around edges that all have this number of them, shape (len(edges), number)."""
        return np.asarray(self.slots[self.first[edges][:, None] + np.arange(number)])


def _of_four(rings: _Rings) -> tuple[IntArray, IntArray]:
    """Three pairs of opposite corners, (O, 3, 2), and pieces, (O, 5), of four pieces around an edge."""
    edges = np.flatnonzero(rings.number == 4)
    slots = rings.around(edges, 4)
    sides = rings.opposite[slots]
    corners = np.sort(sides.reshape(-1, 8), axis=1)
    round_trip = np.all(corners[:, ::2] == corners[:, 1::2], axis=1) & np.all(
        np.diff(corners[:, ::2], axis=1) > 0, axis=1
    )
    edges, slots, sides, corners = (a[round_trip] for a in (edges, slots, sides, corners[:, ::2]))
    one = corners[:, 0]
    has_one = np.any(sides == one[:, None, None], axis=2)
    # Both sides at corner one: their sum is twice that corner and its two neighbours.
    beside = (sides.sum(axis=2) * has_one).sum(axis=1) - 2 * one
    across = corners.sum(axis=1) - one - beside
    is_beside = (corners != one[:, None]) & (corners != across[:, None])
    two = np.take_along_axis(corners, is_beside.argmax(axis=1)[:, None], axis=1)[:, 0]
    pairs = np.stack([rings.ends[edges], np.stack([one, across], 1), np.stack([two, beside - two], 1)], 1)
    return pairs, np.concatenate([slots // 6, np.full((len(slots), 1), -1)], axis=1)


def _of_five(rings: _Rings, codes: IntArray, base: int) -> tuple[IntArray, IntArray]:
    """The same for a flat piece, two of whose edges cross, with two more pieces at each of them."""
    found_pairs, found_members = [], []
    for e in range(3):
        flat = np.flatnonzero(
            (rings.number[rings.edge[:, e]] == 3) & (rings.number[rings.edge[:, e + 3]] == 3)
        )
        tips, members = [], [flat[:, None]]
        for own, crossing in ((e, e + 3), (e + 3, e)):
            slots = rings.around(rings.edge[flat, own], 3)
            # The ring is the crossing edge's ends and the tip, each of them twice.
            tip = rings.opposite[slots].sum(axis=(1, 2)) // 2 + rings.move[flat, own]
            tips.append(tip - codes[flat][:, EDGES[crossing]].sum(axis=1) + 2 * rings.move[flat, own])
            others = slots // 6
            members.append(np.sort(np.where(others == flat[:, None], -1, others), axis=1))
        crossed = [codes[flat][:, EDGES[k]] for k in (e, e + 3)]
        pieces = np.concatenate(members, axis=1)
        five = (pieces >= 0).sum(axis=1) == 5
        found_pairs.append(np.stack([np.stack(tips, axis=1), *crossed], axis=1)[five])
        found_members.append(pieces[five][pieces[five] >= 0].reshape(-1, 5))
    all_pairs, all_members = np.concatenate(found_pairs), np.concatenate(found_members)
    # Where the tips are ends of an edge already, cutting along it would cut something else as well.
    diagonals = np.sort(all_pairs[:, 0], axis=1)
    diagonals -= code(decoded(diagonals[:, 0], base).shift, base)[:, None]
    edges = {tuple(ends) for ends in rings.ends.tolist()}
    new = np.array([tuple(ends) not in edges for ends in diagonals.tolist()], dtype=bool)
    return all_pairs[new], all_members[new]


def _roundness(corners: Corners, places: FloatArray, images: Images) -> FloatArray:
    """Shortest diagonal over mean edge, shape (O,); 0 where the next anion is not well set off."""
    positions = (places[corners.atom] + corners.shift) @ images.cell
    distances = np.linalg.norm(positions[:, :, None] - positions[:, None], axis=3)
    diagonals = distances[:, [0, 2, 4], [1, 3, 5]]
    edges = (distances.sum(axis=(1, 2)) / 2 - diagonals.sum(axis=1)) / 12
    centre = positions.mean(axis=1)
    farthest = np.linalg.norm(positions - centre[:, None], axis=2).max(axis=1)
    next_anion = images.tree.query(folded(centre, images.cell), k=7)[0][:, 6]
    set_off = np.minimum(next_anion, images.margin) > _LEAST_OCTAHEDRAL_GAP * farthest
    return np.asarray(np.where(set_off, diagonals.min(axis=1) / edges, 0.0))


def _distinct(members: IntArray, roundness: FloatArray, n_pieces: int) -> IntArray:
    """Octahedra that are round enough and share no piece: the rounder of two that do."""
    candidates = np.flatnonzero(roundness > _LEAST_DIAGONAL)
    free, chosen = np.ones(n_pieces, dtype=bool), []
    for one in candidates[np.argsort(-roundness[candidates], kind="stable")]:
        own = members[one][members[one] >= 0]
        if free[own].all() and len(np.unique(own)) == len(own):
            free[own] = False
            chosen.append(one)
    return np.sort(np.array(chosen, dtype=np.int64))
