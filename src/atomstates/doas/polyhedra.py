"""Polyhedra of anions that fill space: octahedra, tetrahedra, and what is neither.

The Delaunay tessellation of the anions over the periodic cell leaves no gap in any framework: each of
its tetrahedra has no anion in the sphere through its corners. In a close packing, an octahedron is cut
into several of them, which are put together again (``octahedra``). A tetrahedron is a polyhedron of its
own if the sphere is well set off from the next anion; if not, it is a piece of something else (a cube, a
prism).

Corners are numbers of anions with the cells by which they are moved, so that the tessellation of
a crystal is that of each of its snapshots as long as no anion leaves its place.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomstates.doas.neighbours import FloatArray, Images, IntArray, cross, folded, periodic_images
from atomstates.doas.octahedra import octahedra_of
from atomstates.doas.tessellation import (
    EDGES,
    BoolArray,
    Corners,
    delaunay,
    pieces_beyond,
    signed_volumes,
    turned_right,
)
from atomstates.minimize.framework import framework_drift

OCTAHEDRAL, TETRAHEDRAL, OTHER = range(3)

_SEARCHED = 9
"""Anions within reach of a point, at first: enough in all but very open frameworks."""
_TRIES = 4
_LEAST_GAP = 1.12
"""Next anion's distance from the centre of a tetrahedron's sphere over the sphere's radius: 1.65 in
hcp and fcc, 1.61 in bcc, 1 for pieces of larger polyhedra."""
_FLAT = 1.0
"""Å³: six times the volume of four anions in one plane is below this."""

_SAME_PLACE = 0.1
"""Å: atoms are farther apart than this."""
_JOGGLE = 1e-5
"""Å: moves of the anions that make the tessellation of a perfect crystal the same in every cell."""


@dataclass(frozen=True)
class Polyhedra:
    """P polyhedra of anions, in T tetrahedral pieces that fill the cell without a gap."""

    cell: FloatArray
    """Of the anions that it was made from, Å, vectors as rows."""
    places: FloatArray
    """Fractional coordinates of these anions, (A, 3)."""
    kind: NDArray[np.uint8]
    """OCTAHEDRAL, TETRAHEDRAL or OTHER, (P,)."""
    corners: Corners
    """Of each polyhedron: index (P, 6), -1 where there are fewer, and shift (P, 6, 3). Corners 0 and 1,
    2 and 3, 4 and 5 of an octahedron are opposite."""
    owner: IntArray
    """Polyhedron of each piece, (T,)."""
    pieces: Corners
    """Corners of each piece: index (T, 4), shift (T, 4, 3)."""
    neighbour: IntArray
    """Piece beyond the face opposite to each corner, (T, 4)."""
    neighbour_shift: IntArray
    """Cells by which that piece is moved from where ``pieces`` has it, (T, 4, 3)."""

    @cached_property
    def _middles(self) -> FloatArray:
        """Middle of each piece, fractional, (T, 3)."""
        return np.asarray((self.places[self.pieces.atom] + self.pieces.shift).mean(axis=1))

    @cached_property
    def centroids(self) -> Images:
        """Middle of each piece, for finding one near a point."""
        return periodic_images(self._middles @ self.cell, self.cell, 9)

    @cached_property
    def centroid_cells(self) -> IntArray:
        """Cell in which the middle of each piece is, (T, 3)."""
        inverse = np.linalg.inv(self.cell)
        return np.floor(self._middles @ self.cell @ inverse).astype(np.int64)

    @cached_property
    def _least_width(self) -> float:
        """Å: no piece turns inside out where all anions move by less than half of this.

        Between any two parallel planes that hold a tetrahedron, over its faces and pairs of edges.
        """
        corners = (self.places[self.pieces.atom] + self.pieces.shift)[self.kind[self.owner] != OTHER]
        if not len(corners):
            return 0.0
        edges = (corners[:, EDGES[:, 1]] - corners[:, EDGES[:, 0]]) @ self.cell
        faces = cross(edges[:, [0, 0, 1, 3]], edges[:, [1, 2, 2, 4]])
        crossings = cross(edges[:, :3], edges[:, 3:])
        areas = np.linalg.norm(np.concatenate([faces, crossings], axis=1), axis=2)
        volumes = np.abs(np.einsum("nd,nd->n", edges[:, 2], faces[:, 0]))
        return float((volumes / areas.max(axis=1)).min())

    def fit(self, fractional: FloatArray) -> BoolArray:
        """Whether they fill space also with the anions at other places: none is turned inside out.

        Parameters
        ----------
        fractional
            Coordinates of the anions in F frames, each in the same cell as in ``places``, shape (F, A, 3).

        Returns
        -------
        Of each frame, shape (F,).
        """
        apart = fractional - self.places
        apart -= apart.mean(axis=1, keepdims=True)
        apart = apart @ self.cell
        farthest = np.sqrt(np.einsum("fad,fad->fa", apart, apart).max(axis=1))
        fit = np.asarray(2 * farthest < self._least_width)
        for frame in np.flatnonzero(~fit):
            volume = np.bincount(self.owner, signed_volumes(fractional[frame], self.pieces))
            fit[frame] = np.all(volume[self.kind != OTHER] > 0)
        return fit


def anion_polyhedra(anions: FloatArray, cell: FloatArray) -> Polyhedra:
    """Polyhedra of the anions, as they are.

    Parameters
    ----------
    anions
        Positions, Å, shape (A, 3); wrapped or not.
    cell
        Cell vectors as rows, Å, shape (3, 3); any shape of cell.

    Raises
    ------
    ValueError
        There are no anions, or two of them are at the same place.
    """
    anions = np.asarray(anions, dtype=np.float64)
    joggled = anions + _JOGGLE * np.random.default_rng(0).uniform(-1, 1, anions.shape)
    inverse = np.linalg.inv(cell)
    home = joggled @ inverse
    home -= np.floor(home)
    # Where each anion is without the joggle, in the cell in which its joggled image is.
    places = home - (joggled - anions) @ inverse
    for attempt in range(_TRIES):
        images = periodic_images(joggled, cell, _SEARCHED * 2**attempt)
        pieces = delaunay(images)
        if pieces_beyond(pieces) is not None:
            break
    else:
        raise ValueError(f"{len(anions)} anions do not fill the cell with tetrahedra")
    apart = images.tree.query(folded(joggled, cell), k=2)[0][:, 1]
    if apart.min() < _SAME_PLACE:
        raise ValueError(f"two anions are in one place: anion {apart.argmin() + 1} of {len(anions)}")
    octahedra, taken, added = octahedra_of(pieces, places, images)
    rest = np.flatnonzero(~taken)
    left = Corners(pieces.atom[rest], pieces.shift[rest])
    kind = np.where(_set_off(left, places, images), TETRAHEDRAL, OTHER)
    four = turned_right(
        Corners(*(np.concatenate([old[rest], new]) for old, new in zip(pieces, added, strict=True))), places
    )
    found = pieces_beyond(four)
    if found is None:
        raise AssertionError("octahedra were not put together from their own pieces")
    n_octahedra = len(octahedra.atom)
    index = np.full((n_octahedra + len(rest), 6), -1)
    shift = np.zeros((*index.shape, 3), dtype=np.int64)
    index[: len(rest), :4], shift[: len(rest), :4] = pieces.atom[rest], pieces.shift[rest]
    index[len(rest) :], shift[len(rest) :] = octahedra
    return Polyhedra(
        cell=np.asarray(cell, dtype=np.float64),
        places=places,
        kind=np.concatenate([kind, np.full(n_octahedra, OCTAHEDRAL)]).astype(np.uint8),
        corners=Corners(index, shift),
        owner=np.concatenate([np.arange(len(rest)), len(rest) + np.repeat(np.arange(n_octahedra), 4)]),
        pieces=four,
        neighbour=found[0],
        neighbour_shift=found[1],
    )


def framework_polyhedra(anions: FloatArray, cells: FloatArray) -> Polyhedra:
    """Polyhedra of the anions at the middle (median) of their places in snapshots of one framework.

    Thermal and static displacements even out over snapshots, so that these are the polyhedra of the
    crystal, whatever single snapshots look like; an anion that leaves its place at times does no harm.

    Parameters
    ----------
    anions
        Å, shape (S, A, 3), in the same order in every snapshot; wrapped or not.
    cells
        Å, vectors as rows, shape (S, 3, 3).
    """
    fractional = anions @ np.linalg.inv(cells)
    apart = fractional - fractional[0]
    apart -= np.array([framework_drift(one, fractional[0]) for one in fractional])[:, None]
    apart -= np.round(apart)
    cell = cells.mean(axis=0)
    return anion_polyhedra((fractional[0] + np.median(apart, axis=0)) @ cell, cell)


def _set_off(corners: Corners, places: FloatArray, images: Images) -> BoolArray:
    """Whether the sphere through the corners of each tetrahedron is far from the next anion."""
    cell = images.cell
    positions = (places[corners.atom] + corners.shift) @ cell
    edges = positions[:, 1:] - positions[:, :1]
    flat = np.abs(np.linalg.det(edges)) < _FLAT
    edges[flat] = np.eye(3)
    # 2 (c_i - c_0) . x = |c_i - c_0|^2, x from c_0
    centre = np.linalg.solve(2 * edges, np.sum(edges**2, axis=2)[..., None])[..., 0]
    radius = np.linalg.norm(centre, axis=1)
    next_anion = images.tree.query(folded(positions[:, 0] + centre, cell), k=5)[0][:, 4]
    return np.asarray(~flat & (np.minimum(next_anion, images.margin) > _LEAST_GAP * radius))
