"""Cations that share an edge or a face with the anion polyhedron of a mobile ion.

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
    n_ions = len(sites.kind)
    if len(cations) == 0:
        nothing = np.zeros(n_ions, dtype=np.uint8)
        return SharedCations(nothing, nothing)
    cation_of, anion, shift = _bonds(sites, cations)
    ion, row = np.nonzero(sites.anions >= 0)
    corner = sites.anions[ion, row]
    # All (ion, cation image) pairs that meet at an anion: join both lists on the anion's index.
    order = np.argsort(anion, kind="stable")
    cation_of, anion, shift = cation_of[order], anion[order], shift[order]
    wanted = sites.images.index[corner]
    first, last = np.searchsorted(anion, wanted), np.searchsorted(anion, wanted, side="right")
    repeats = last - first
    bond = (
        np.repeat(first, repeats)
        + np.arange(repeats.sum())
        - np.repeat(repeats.cumsum() - repeats, repeats)
    )
    # The cation's image is where the anion's image in the ion's polyhedron puts it.
    image = np.repeat(sites.images.shift[corner], repeats, axis=0) - shift[bond]
    meeting = np.column_stack([np.repeat(ion, repeats), cation_of[bond], image])
    pairs, shared = np.unique(meeting, axis=0, return_counts=True)
    edge = np.bincount(pairs[shared == 2, 0], minlength=n_ions)
    face = np.bincount(pairs[shared >= 3, 0], minlength=n_ions)
    return SharedCations(edge.astype(np.uint8), face.astype(np.uint8))


def _bonds(sites: Sites, cations: FloatArray) -> tuple[IntArray, IntArray, IntArray]:
    """Cation, anion, and the anion's cell relative to that of the folded cation, for each bond."""
    points = folded(np.asarray(cations, dtype=np.float64), sites.images.cell)
    searched = min(_MOST_COORDINATION + 1, len(sites.images.positions))
    distances, rows = sites.images.tree.query(points, k=searched)
    ratios = distances[:, _LEAST_COORDINATION:] / distances[:, _LEAST_COORDINATION - 1 : -1]
    coordination = ratios.argmax(axis=1) + _LEAST_COORDINATION
    cation, column = np.nonzero(np.arange(searched) < coordination[:, None])
    bonded = rows[cation, column]
    return cation, sites.images.index[bonded], sites.images.shift[bonded]
