"""Ways of an ion from its polyhedron to a neighbouring one that is vacant, through shared faces.

Anion polyhedra fill space, so an ion that leaves its site goes through a face of three anions. Beyond it is
an octahedron or a tetrahedron: a hop straight into it; or, beyond one more face of that tetrahedron, an
octahedron: a hop through a tetrahedron.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomstates.doas.polyhedra import OCTAHEDRAL, TETRAHEDRAL, Polyhedra

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Shift = tuple[int, int, int]
Node = tuple[int, Shift]
"""A polyhedron and the cells by which it is moved from where ``Polyhedra`` has it."""

_HERE: Shift = (0, 0, 0)


@dataclass(frozen=True)
class Route:
    """A way of the ion in one polyhedron; the first node is that polyhedron, unmoved."""

    nodes: tuple[Node, ...]

    @property
    def start(self) -> int:
        return self.nodes[0][0]

    @property
    def end(self) -> Node:
        return self.nodes[-1]


def centres(polyhedra: Polyhedra) -> FloatArray:
    """Mean of the corners of each polyhedron, as fractions of the cell, (P, 3)."""
    index, shift = polyhedra.corners
    there = (index >= 0)[..., None]
    corners = np.where(there, polyhedra.places[index] + shift, 0.0)
    return np.asarray(corners.sum(axis=1) / there.sum(axis=1), dtype=np.float64)


def face_neighbours(polyhedra: Polyhedra) -> list[list[Node]]:
    """The polyhedra that share a face with each, with the cells by which they are moved."""
    own = np.repeat(polyhedra.owner, 4)
    other = polyhedra.owner[polyhedra.neighbour].ravel()
    shift = polyhedra.neighbour_shift.reshape(-1, 3)
    # faces between pieces of one polyhedron are within it
    outer = (own != other) | shift.any(axis=1)
    rows = np.unique(np.column_stack([own, other, shift])[outer], axis=0)
    found: list[list[Node]] = [[] for _ in polyhedra.kind]
    for p, q, a, b, c in rows.tolist():
        found[p].append((q, (a, b, c)))
    return found


def routes(
    polyhedra: Polyhedra, starts: IntArray, occupied: IntArray, cations: IntArray
) -> tuple[list[Route], int]:
    """Every way from some polyhedra to vacant neighbours, and how many were left out.

    Left out are ways through or into a polyhedron that shares a face with one that holds a cation of the
    framework: an ion in it would be some 2.5 Å from that cation.

    Parameters
    ----------
    polyhedra
        Of the anions.
    starts
        Polyhedra with an ion that may hop.
    occupied
        Polyhedra with any atom in them.
    cations
        Polyhedra with a cation of the framework.
    """
    neighbours = face_neighbours(polyhedra)
    full, centred = set(occupied.tolist()), set(cations.tolist())
    beside = {q for p in centred for q, _ in neighbours[p]}
    found, left_out = [], 0
    for start in starts.tolist():
        for way in _ways(start, neighbours, polyhedra.kind, full):
            if any(polyhedron in beside for polyhedron, _ in way[1:]):
                left_out += 1
            else:
                found.append(Route(way))
    return found, left_out


def _ways(
    start: int, neighbours: list[list[Node]], kind: NDArray[np.uint8], full: set[int]
) -> list[tuple[Node, ...]]:
    """Ways of one or two faces to vacant polyhedra, in a fixed order."""
    home = (start, _HERE)
    found: list[tuple[Node, ...]] = []
    for first in neighbours[start]:
        if first[0] in full or kind[first[0]] not in (OCTAHEDRAL, TETRAHEDRAL):
            continue
        found.append((home, first))
        if kind[first[0]] != TETRAHEDRAL:
            continue
        for polyhedron, shift in neighbours[first[0]]:
            second = (polyhedron, _sum(first[1], shift))
            if polyhedron not in full and kind[polyhedron] == OCTAHEDRAL:
                found.append((home, first, second))
    return found


def between(neighbours: list[list[Node]], start: int, end: Node) -> list[Node]:
    """Polyhedra that share a face with both of two: what an ion may pass from one to the other."""
    second = dict.fromkeys((p, _sum(end[1], shift)) for p, shift in neighbours[end[0]])
    return [node for node in neighbours[start] if node in second]


def _sum(one: Shift, other: Shift) -> Shift:
    """Two moves by cells, one after the other."""
    a, b, c = (i + j for i, j in zip(one, other, strict=True))
    return a, b, c
