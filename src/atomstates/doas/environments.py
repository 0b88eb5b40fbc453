"""Which atoms share corners of the anion polyhedra of the mobile ions, and how many.

Two polyhedra share an edge when two anions belong to both, a face when three (or more) do. This
needs no cut-off distance between cations: Y-poor and Y-rich layers of Li3YCl6 come out by
themselves as octahedra with one and two edge-sharing YCl6.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomstates.doas.neighbours import FloatArray, IntArray, folded
from atomstates.doas.sites import Sites

_LEAST_COORDINATION, _MOST_COORDINATION = 3, 12
_EDGE, _FACE = 2, 3


@dataclass(frozen=True)
class Corners:
    """B corners of the anion polyhedra of some atoms."""

    atom: IntArray
    """Atom whose polyhedron it is, shape (B,)."""
    anion: IntArray
    """Anion at the corner, shape (B,)."""
    shift: IntArray
    """Cell of that anion, relative to that of the atom folded into the cell, shape (B, 3)."""


@dataclass(frozen=True)
class SharedCorners:
    """P pairs of an ion and another atom whose polyhedra have corners in common."""

    ion: IntArray
    """Shape (P,)."""
    other: IntArray
    """The other atom, shape (P,)."""
    image: IntArray
    """Cell of the other atom, relative to that of the folded ion, shape (P, 3)."""
    number: IntArray
    """Corners in common, shape (P,)."""
    rows: IntArray
    """Which of the ion's corners they are: bit r for column r of its ``Sites.anions``, shape (P,)."""

    def counts(self, n_ions: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """How many atoms share an edge and how many a face with each ion, both shape (N,)."""
        edge = np.bincount(self.ion[self.number == _EDGE], minlength=n_ions)
        face = np.bincount(self.ion[self.number >= _FACE], minlength=n_ions)
        return edge.astype(np.uint8), face.astype(np.uint8)


@dataclass(frozen=True)
class SharedCations:
    """Numbers of framework cations around each of N ions."""

    edge: NDArray[np.uint8]
    """Those whose polyhedron shares an edge (two anions), shape (N,)."""
    face: NDArray[np.uint8]
    """Those that share a face (three anions or more), shape (N,)."""


def shared_cations(sites: Sites, cations: FloatArray) -> SharedCations:
    """Count edge- and face-sharing framework cations of every ion.

    Parameters
    ----------
    sites
        Anion polyhedra of the ions.
    cations
        Immobile cations, Å, shape (C, 3); may be none. Their anions are those before the largest
        relative gap in the sorted distances.
    """
    return SharedCations(*shared_corners(sites, cation_corners(sites, cations)).counts(len(sites.kind)))


def shared_corners(sites: Sites, others: Corners) -> SharedCorners:
    """All pairs of an ion and an atom (over all images) with common corners.

    The ions may themselves be the others: an ion is not its own neighbour, but its images are.
    """
    ion, row = np.nonzero(sites.anions >= 0)
    corner = sites.anions[ion, row]
    # All (ion, image of an atom) pairs that meet at an anion: join both lists on the anion's index.
    order = np.argsort(others.anion, kind="stable")
    atom, anion, shift = others.atom[order], others.anion[order], others.shift[order]
    wanted = sites.images.index[corner]
    first, last = np.searchsorted(anion, wanted), np.searchsorted(anion, wanted, side="right")
    repeats = last - first
    bond = (
        np.repeat(first, repeats)
        + np.arange(repeats.sum())
        - np.repeat(repeats.cumsum() - repeats, repeats)
    )
    # The other's image is where the anion's image in the ion's polyhedron puts it.
    image = np.repeat(sites.images.shift[corner], repeats, axis=0) - shift[bond]
    meeting = np.column_stack([np.repeat(ion, repeats), atom[bond], image])
    pairs, place, number = np.unique(meeting, axis=0, return_inverse=True, return_counts=True)
    # Each corner meets an image of an atom once, so that the bits of a pair add up.
    bits = np.bincount(place.ravel(), weights=np.repeat(1 << row, repeats), minlength=len(pairs))
    return SharedCorners(pairs[:, 0], pairs[:, 1], pairs[:, 2:], number, bits.astype(np.int64))


def ion_corners(sites: Sites) -> Corners:
    """Corners of the ions' own polyhedra."""
    ion, row = np.nonzero(sites.anions >= 0)
    corner = sites.anions[ion, row]
    return Corners(ion, sites.images.index[corner], sites.images.shift[corner])


def cation_corners(sites: Sites, cations: FloatArray) -> Corners:
    """Corners of the polyhedra of framework cations (C, 3), Å, among the same anions."""
    if len(cations) == 0:
        nothing = np.zeros(0, dtype=np.int64)
        return Corners(nothing, nothing, np.zeros((0, 3), dtype=np.int64))
    points = folded(np.asarray(cations, dtype=np.float64), sites.images.cell)
    searched = min(_MOST_COORDINATION + 1, len(sites.images.positions))
    distances, rows = sites.images.tree.query(points, k=searched)
    ratios = distances[:, _LEAST_COORDINATION:] / distances[:, _LEAST_COORDINATION - 1 : -1]
    coordination = ratios.argmax(axis=1) + _LEAST_COORDINATION
    cation, column = np.nonzero(np.arange(searched) < coordination[:, None])
    bonded = rows[cation, column]
    return Corners(cation, sites.images.index[bonded], sites.images.shift[bonded])


def neighbours_of_ions(sites: Sites) -> SharedCorners:
    """Pairs of ions with common corners; no ion is paired with itself."""
    found = shared_corners(sites, ion_corners(sites))
    others = (found.ion != found.other) | found.image.any(axis=1)
    return SharedCorners(
        *(getattr(found, name)[others] for name in ("ion", "other", "image", "number", "rows"))
    )
