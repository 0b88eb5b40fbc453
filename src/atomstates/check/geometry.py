"""Distances in the average crystal and in the supercell: hops, and what an atom sees of its own images."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pymatgen.core.structure import Structure

FloatArray = NDArray[np.float64]

_SPLIT = 2.0
"""Å: two cations are never nearer than this, so nearer sites are one that is split, not two that hop."""
_SPLIT_HYDROGEN = 1.0


def widths(lattice: FloatArray) -> FloatArray:
    """Distances between opposite faces of a cell (3, 3, vectors as rows), Å, shape (3,).

    w_i = V / |a_j × a_k|
    """
    apart: FloatArray = 1.0 / np.linalg.norm(np.linalg.inv(lattice), axis=0)
    return apart


def smallest_supercell(
    lattice: FloatArray, width: float, multiple_of: Sequence[int] = (1, 1, 1)
) -> tuple[int, ...]:
    """The least multiples of a unit cell whose opposite faces are ``width`` (Å) apart at least.

    Parameters
    ----------
    lattice
        Unit cell, rows, Å, shape (3, 3).
    width
        Distance that is wanted, Å.
    multiple_of
        Each of the three is a multiple of this.
    """
    counts = []
    for side, step in zip(widths(lattice) * np.array(multiple_of), multiple_of, strict=True):
        # a cell that is short of the target by a thousandth is large enough
        counts.append(int(step) * max(1, int(np.ceil(width / float(side) - 1e-3))))
    return tuple(counts)


def nearest_site_distance(structure: Structure, element: str) -> float | None:
    """Shortest distance between two sites of an element, full or partial, Å; None where there is one site.

    Sites too near each other to be both occupied (2 Å; 1 Å for H) count as one that is split.
    """
    sites = [site for site in structure if element in {species.symbol for species in site.species}]
    split = _SPLIT_HYDROGEN if element == "H" else _SPLIT
    for reach in (5.0, 10.0):
        distances = [
            neighbour.nn_distance
            for site in sites
            for neighbour in structure.get_neighbors(site, reach)
            if element in {species.symbol for species in neighbour.species}
            and neighbour.nn_distance > split
        ]
        if distances:
            return float(min(distances))
    return None
