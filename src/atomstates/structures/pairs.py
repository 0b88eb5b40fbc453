"""Distances between pairs of atoms over periodic boundaries, counted in shells."""

import numpy as np
from MDAnalysis.lib.distances import capped_distance
from MDAnalysis.lib.mdamath import triclinic_box, triclinic_vectors
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def half_width(cell: FloatArray) -> float:
    """Half the smallest distance between opposite faces of a cell (3, 3, vectors as rows), Å.

    Up to there a pair of atoms has one distance: that to the nearest image.
    """
    return float(0.5 / np.linalg.norm(np.linalg.inv(cell), axis=0).max())


def pair_counts(
    first: FloatArray, second: FloatArray, cell: FloatArray, edges: FloatArray, *, paired: bool
) -> IntArray:
    """Ordered pairs of a first and a second atom by the distance of nearest images.

    Parameters
    ----------
    first, second
        Positions (N, 3) and (M, 3) in Å, wrapped or not.
    cell
        Cell vectors as rows (3, 3), Å; any cell, however skewed.
    edges
        Edges (R + 1,) of the shells in Å, equally spaced from 0 to ``half_width`` at most.
    paired
        Row i of both is the same atom, and its pair with itself is left out.

    Returns
    -------
    (R,) counts.

    Raises
    ------
    ValueError
        The shells reach beyond half the width of the cell.
    """
    reach = float(edges[-1])
    if reach > half_width(cell) * (1 + 1e-6):
        raise ValueError(f"shells to {reach:.3g} Å in a cell of half width {half_width(cell):.3g} Å")
    box = triclinic_box(*cell)
    turned = np.asarray(triclinic_vectors(box), dtype=np.float64)
    inverse = np.linalg.inv(cell)
    placed = []
    for positions in (first, second):
        fractional = positions @ inverse
        # small numbers: the library works in single precision
        placed.append((fractional - np.floor(fractional)) @ turned)
    pairs, distances = capped_distance(*placed, max_cutoff=reach, box=box)
    if paired:
        distances = distances[pairs[:, 0] != pairs[:, 1]]
    counts, _ = np.histogram(distances, bins=len(edges) - 1, range=(float(edges[0]), reach))
    return counts.astype(np.int64)


def ideal_counts(n_pairs: float, volume: float, edges: FloatArray) -> FloatArray:
    """Pairs (R,) that would be in each shell if atoms were anywhere: n (4/3)π (r'³ − r³)/V."""
    shells: FloatArray = n_pairs * (4 / 3) * np.pi * np.diff(edges**3) / volume
    return shells
