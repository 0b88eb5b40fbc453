"""Octahedral, tetrahedral, other: in which polyhedron of anions a mobile ion is.

The polyhedra are found from the anions, not from known site positions (``polyhedra``), so that any
anion framework (hcp, fcc, bcc, mixed anions, garnet, argyrodite, strained) works. They fill space: an
ion is in exactly one of them. To find it, start at a piece near the ion and go to the neighbour
beyond the face on whose outer side the ion is, until it is on the inner side of all four: all
barycentric coordinates

    r = sum_i b_i c_i,  sum_i b_i = 1

of the ion at r among the corners c_i are positive. What is in a polyhedron that is neither an octahedron
nor a tetrahedron is ``other`` and is counted.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from atomstates.doas.neighbours import FloatArray, Images, IntArray, cross, periodic_images
from atomstates.doas.polyhedra import OCTAHEDRAL, OTHER, TETRAHEDRAL, Polyhedra, anion_polyhedra
from atomstates.doas.tessellation import Corners
from atomstates.minimize.framework import framework_drift

__all__ = [
    "MOST_ANIONS",
    "OCTAHEDRAL",
    "OTHER",
    "SITES",
    "TETRAHEDRAL",
    "Sites",
    "ion_sites",
    "sites_beyond",
]

SITES = ("octahedral", "tetrahedral", "other")

MOST_ANIONS = 6
"""Anions of the largest polyhedron."""
_SEARCHED = 9
_MOVES = 40
_INSIDE = -1e-9
"""Barycentric coordinates above this are inside: an ion on a face must not go back and forth."""
_CANDIDATES = 32
_EIGHT_FACES = np.array(list(product((0, 1), (2, 3), (4, 5))))
_VOLUMELESS = 1e-30


@dataclass(frozen=True)
class Sites:
    """Site of each of N ions."""

    kind: NDArray[np.uint8]
    """Index into ``SITES``, shape (N,)."""
    clarity: FloatArray
    """How clear-cut, shape (N,): 1 at the centre of its polyhedron, 0 on a face; 0 for other."""
    polyhedron: IntArray
    """Number of its polyhedron among all of the framework, shape (N,)."""
    moved: IntArray
    """Cells by which it is moved from where ``polyhedra`` has it, shape (N, 3)."""
    points: FloatArray
    """The ions, folded into the cell, Å, shape (N, 3)."""
    anion_positions: FloatArray
    """Å, shape (A, 3)."""
    anion_cells: IntArray
    """Cells by which each anion is moved to be where ``polyhedra`` has it, shape (A, 3)."""
    cell: FloatArray
    """Å, vectors as rows."""
    polyhedra: Polyhedra
    """All of the framework."""

    @cached_property
    def corners(self) -> Corners:
        """Anions of its polyhedron: index (N, 6), -1 where there are fewer, and the cells by which
        each is moved from where it is in ``anion_positions``, (N, 6, 3)."""
        index, shift = (of_all[self.polyhedron] for of_all in self.polyhedra.corners)
        return Corners(index, shift + self.moved[:, None] + self.anion_cells[index])

    @cached_property
    def images(self) -> Images:
        """The anions with their periodic images."""
        return periodic_images(self.anion_positions, self.cell, _SEARCHED)

    @cached_property
    def anions(self) -> IntArray:
        """Rows of its anions in ``images``, shape (N, 6); -1 where there are fewer.

        What is in no octahedron or tetrahedron has its six nearest anions as its surroundings.
        """
        images, (index, shift) = self.images, self.corners
        there = index >= 0
        cells = np.floor(self.anion_positions @ np.linalg.inv(self.cell)).astype(np.int64)
        wanted = shift[there] + cells[index[there]]
        reach = int(max(np.abs(images.shift).max(), np.abs(wanted).max(initial=0)))
        table = np.full((len(self.anion_positions), *[2 * reach + 1] * 3), -1)
        table[(images.index, *(images.shift + reach).T)] = np.arange(len(images.index))
        rows = np.full(index.shape, -1)
        rows[there] = table[(index[there], *(wanted + reach).T)]
        if np.any(rows[there] < 0):
            raise ValueError("an anion of a polyhedron is too far from its ion to be searched for")
        others = self.kind == OTHER
        rows[others] = images.nearest(self.points[others], MOST_ANIONS)[1]
        return rows


def ion_sites(
    ions: FloatArray, anions: FloatArray, cell: FloatArray, polyhedra: Polyhedra | None = None
) -> Sites:
    """Site of each ion among the anions.

    Parameters
    ----------
    ions, anions
        Positions, Å, shapes (N, 3) and (A, 3); wrapped or not.
    cell
        Cell vectors as rows, Å, shape (3, 3); any shape of cell.
    polyhedra
        Those of the same anions, in the same order, in the crystal or over many snapshots: faster, and more
        certain on thermal frames. Where an anion has left its place since, and without any, they are
        found from the anions as they are.

    Source
    ------
    Containment in anion polyhedra as in site-analysis (B. J. Morgan); finding the polyhedra from a
    tessellation, the walk and the clarity are ours.
    """
    inverse = np.linalg.inv(cell)
    fractional = np.asarray(anions, dtype=np.float64) @ inverse
    if polyhedra is not None and len(polyhedra.places) == len(fractional):
        drift = framework_drift(fractional, polyhedra.places)
        home = fractional - np.round(fractional - polyhedra.places - drift)
    if polyhedra is None or len(polyhedra.places) != len(fractional) or not polyhedra.fit(home):
        polyhedra = anion_polyhedra(anions, cell)
        drift, home = np.zeros(3), fractional - np.round(fractional - polyhedra.places)
    points = np.asarray(ions, dtype=np.float64) @ inverse
    points -= np.floor(points)
    piece, moved, barycentric = _pieces_around(points, drift, polyhedra, home, cell)
    owner = polyhedra.owner[piece]
    kind = polyhedra.kind[owner]
    clarity = np.where(kind == TETRAHEDRAL, 4.0 * barycentric.min(axis=1), 0.0)
    six = np.flatnonzero(kind == OCTAHEDRAL)
    if len(six):
        corners = home[polyhedra.corners.atom[owner[six]]] + polyhedra.corners.shift[owner[six]]
        clarity[six] = _depth_in_octahedron((corners - (points[six] - moved[six])[:, None]) @ cell)
    return Sites(
        kind=kind,
        clarity=np.clip(clarity, 0.0, 1.0),
        polyhedron=owner,
        moved=moved,
        points=points @ cell,
        anion_positions=np.asarray(anions, dtype=np.float64),
        anion_cells=np.rint(home - fractional).astype(np.int64),
        cell=np.asarray(cell, dtype=np.float64),
        polyhedra=polyhedra,
    )


def sites_beyond(points: FloatArray, sites: Sites) -> Sites:
    """Site at each point (P, 3), Å, among the same anions."""
    return ion_sites(points, sites.anion_positions, sites.cell, sites.polyhedra)


def _pieces_around(
    points: FloatArray, drift: FloatArray, polyhedra: Polyhedra, home: FloatArray, cell: FloatArray
) -> tuple[IntArray, IntArray, FloatArray]:
    """Piece that holds each point, cells by which it is moved, barycentric coordinates in it.

    Parameters
    ----------
    points
        Fractional coordinates in the cell, shape (N, 3).
    drift
        Of the anions from their places, fractional.
    home
        Fractional coordinates of the anions, each in the cell in which ``polyhedra`` has it.
    """
    at_rest = points - drift
    cells = np.floor(at_rest)
    nearest = polyhedra.centroids.nearest((at_rest - cells) @ polyhedra.cell, 1)[1]
    piece, moved = _stored(nearest[:, 0], polyhedra, cells)
    found = np.empty((len(points), 4))
    left = np.arange(len(points))
    for _ in range(_MOVES):
        found[left] = _barycentric(points[left] - moved[left], piece[left], polyhedra, home, cell)
        lowest = found[left].argmin(axis=1)
        outside = found[left, lowest] < _INSIDE
        left, lowest = left[outside], lowest[outside]
        if not len(left):
            break
        moved[left] += polyhedra.neighbour_shift[piece[left], lowest]
        piece[left] = polyhedra.neighbour[piece[left], lowest]
    else:
        # Where pieces are flat a walk can turn in a circle: try all that are near.
        for one in left:
            at = (at_rest[one] - cells[one]) @ polyhedra.cell
            rows = polyhedra.centroids.tree.query(at, k=min(_CANDIDATES, polyhedra.centroids.tree.n))[1]
            near, shifts = _stored(rows, polyhedra, cells[one])
            all_of = _barycentric(points[one] - shifts, near, polyhedra, home, cell)
            best = all_of.min(axis=1).argmax()
            piece[one], moved[one], found[one] = near[best], shifts[best], all_of[best]
    return piece, moved, found


def _stored(rows: IntArray, polyhedra: Polyhedra, cells: FloatArray) -> tuple[IntArray, IntArray]:
    """Pieces whose centroids are these images, and the cells by which they are moved in all."""
    centroids = polyhedra.centroids
    piece = centroids.index[rows]
    return piece, cells.astype(np.int64) + centroids.shift[rows] - polyhedra.centroid_cells[piece]


def _barycentric(
    points: FloatArray, piece: IntArray, polyhedra: Polyhedra, home: FloatArray, cell: FloatArray
) -> FloatArray:
    """Barycentric coordinates of points among the corners of a piece each, shape (N, 4).

    They do not depend on the axes, so fractional coordinates will do.
    """
    corners = home[polyhedra.pieces.atom[piece]] + polyhedra.pieces.shift[piece]
    edges = corners[:, 1:] - corners[:, :1]
    # Normals of the faces through the first corner, as long as the volume over the height on each.
    normals = cross(edges[:, [1, 2, 0]], edges[:, [2, 0, 1]])
    volume = np.einsum("nd,nd->n", edges[:, 0], normals[:, 0])
    found = np.empty((len(points), 4))
    found[:, 1:] = np.einsum("nid,nd->ni", normals, points - corners[:, 0])
    found[:, 1:] /= np.where(np.abs(volume) > _VOLUMELESS, volume, _VOLUMELESS)[:, None]
    found[:, 0] = 1.0 - found[:, 1:].sum(axis=1)
    return found


def _depth_in_octahedron(corners: FloatArray) -> FloatArray:
    """Smallest distance to a face, relative to the centre's: 1 at the centre, 0 on a face.

    Parameters
    ----------
    corners
        Three pairs of opposite ones, from the ion, Å, shape (N, 6, 3).
    """
    centre = corners.mean(axis=1)
    arms = corners - centre[:, None]
    a, b, c = (arms[:, corner] for corner in _EIGHT_FACES.T)
    normal = cross(b - a, c - a)
    # Face plane: normal . x = normal . a; the ion is at -centre.
    depths = np.einsum("nfd,nd->nf", normal, centre) / np.einsum("nfd,nfd->nf", normal, a)
    return np.asarray(1.0 + depths.min(axis=1), dtype=np.float64)
