"""Octahedral, tetrahedral, other: in which polyhedron of anions a mobile ion is.

The polyhedra are found from the anions, not from known site positions (``polyhedra``), so that any
anion framework (hcp, fcc, bcc, mixed anions, garnet, argyrodite, strained) works. They fill space: an
ion is in exactly one of them (``containment``). What is in a polyhedron that is neither an octahedron
nor a tetrahedron is ``other`` and is counted.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from atomstates.doas.containment import pieces_around
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
    "sites_in_frames",
]

SITES = ("octahedral", "tetrahedral", "other")

MOST_ANIONS = 6
"""Anions of the largest polyhedron."""
_SEARCHED = 9
_EIGHT_FACES = np.array(list(product((0, 1), (2, 3), (4, 5))))
_AT_ONCE = 4096
"""Ions in as many frames as are searched at once: enough to hide what a call of NumPy costs, and few enough
for the processor's cache."""


@dataclass(frozen=True)
class Sites:
    """Site of each of N ions."""

    polyhedron: IntArray
    """Number of its polyhedron among all of the framework, shape (N,)."""
    moved: IntArray
    """Cells by which it is moved from where ``polyhedra`` has it, shape (N, 3)."""
    barycentric: FloatArray
    """Coordinates of the ion among the corners of its piece of the polyhedron, shape (N, 4)."""
    fractional: FloatArray
    """The ions, folded into the cell, shape (N, 3)."""
    home: FloatArray
    """Fractional coordinates of the anions, each in the cell in which ``polyhedra`` has it, (A, 3)."""
    anion_positions: FloatArray
    """Å, shape (A, 3)."""
    cell: FloatArray
    """Å, vectors as rows."""
    polyhedra: Polyhedra
    """All of the framework."""

    @cached_property
    def kind(self) -> NDArray[np.uint8]:
        """Index into ``SITES``, shape (N,)."""
        return self.polyhedra.kind[self.polyhedron]

    @cached_property
    def clarity(self) -> FloatArray:
        """How clear-cut, shape (N,): 1 at the centre of its polyhedron, 0 on a face; 0 for other."""
        found = np.where(self.kind == TETRAHEDRAL, 4.0 * self.barycentric.min(axis=1), 0.0)
        six = np.flatnonzero(self.kind == OCTAHEDRAL)
        if len(six):
            index, shift = (of_all[self.polyhedron[six]] for of_all in self.polyhedra.corners)
            ions = self.fractional[six] - self.moved[six]
            found[six] = _depth_in_octahedron((self.home[index] + shift - ions[:, None]) @ self.cell)
        return np.clip(found, 0.0, 1.0)

    @cached_property
    def points(self) -> FloatArray:
        """The ions, folded into the cell, Å, shape (N, 3)."""
        return np.asarray(self.fractional @ self.cell, dtype=np.float64)

    @cached_property
    def corners(self) -> Corners:
        """Anions of its polyhedron: index (N, 6), -1 where there are fewer, and the cells by which
        each is moved from where it is in ``anion_positions``, (N, 6, 3)."""
        index, shift = (of_all[self.polyhedron] for of_all in self.polyhedra.corners)
        there = self.anion_positions @ np.linalg.inv(self.cell)
        cells = np.rint(self.home - there).astype(np.int64)
        return Corners(index, shift + self.moved[:, None] + cells[index])

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
    ions, anions, cell = (np.asarray(array, dtype=np.float64) for array in (ions, anions, cell))
    if polyhedra is None or len(polyhedra.places) != len(anions):
        return _sites_of_one(ions, anions, cell)
    return sites_in_frames(ions[None], anions[None], cell[None], polyhedra)[0]


def sites_in_frames(
    ions: FloatArray, anions: FloatArray, cells: FloatArray, polyhedra: Polyhedra
) -> list[Sites]:
    """Sites of each of F frames, as ``ion_sites`` gives them one by one, several times as fast.

    Parameters
    ----------
    ions, anions
        Positions, Å, shapes (F, N, 3) and (F, A, 3); wrapped or not.
    cells
        Cell vectors as rows, Å, shape (F, 3, 3).
    polyhedra
        Those of the same anions, in the same order. In frames where an anion has left its place, they are
        found from the anions as they are, and numbers of polyhedra are those of that frame's own.
    """
    at_once = max(1, _AT_ONCE // max(1, ions.shape[1]))
    some = [slice(begin, begin + at_once) for begin in range(0, len(ions), at_once)]
    return [one for few in some for one in _sites_of_few(ions[few], anions[few], cells[few], polyhedra)]


def sites_beyond(points: FloatArray, sites: Sites) -> Sites:
    """Site at each point (P, 3), Å, among the same anions."""
    return ion_sites(points, sites.anion_positions, sites.cell, sites.polyhedra)


def _sites_of_one(ions: FloatArray, anions: FloatArray, cell: FloatArray) -> Sites:
    """Sites in polyhedra that are found from the anions as they are."""
    polyhedra = anion_polyhedra(anions, cell)
    fractional = anions @ np.linalg.inv(cell)
    home = fractional - np.round(fractional - polyhedra.places)
    drift = np.zeros((1, 3))
    return _sites_at_home(ions[None], anions[None], cell[None], home[None], drift, polyhedra)[0]


def _sites_of_few(
    ions: FloatArray, anions: FloatArray, cells: FloatArray, polyhedra: Polyhedra
) -> list[Sites]:
    """Sites of as many frames as are held at once."""
    fractional = anions @ np.linalg.inv(cells)
    drift = framework_drift(fractional, polyhedra.places)
    home = fractional - np.round(fractional - polyhedra.places - drift[:, None])
    fit = polyhedra.fit(home)
    found = iter(_sites_at_home(ions[fit], anions[fit], cells[fit], home[fit], drift[fit], polyhedra))
    return [
        next(found) if fits else _sites_of_one(ions[f], anions[f], cells[f]) for f, fits in enumerate(fit)
    ]


def _sites_at_home(
    ions: FloatArray,
    anions: FloatArray,
    cells: FloatArray,
    home: FloatArray,
    drift: FloatArray,
    polyhedra: Polyhedra,
) -> list[Sites]:
    """Sites of frames whose anions are all at their places, but for their common drift."""
    points = ions @ np.linalg.inv(cells)
    points -= np.floor(points)
    piece, moved, barycentric = pieces_around(points, drift, polyhedra, home)
    owner = polyhedra.owner[piece]
    return [
        Sites(
            polyhedron=owner[f],
            moved=moved[f],
            barycentric=barycentric[f],
            fractional=points[f],
            home=home[f],
            anion_positions=anions[f],
            cell=cells[f],
            polyhedra=polyhedra,
        )
        for f in range(len(ions))
    ]


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
