"""Has the framework of immobile atoms stayed what it was?"""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

FARTHEST_FROM_SITE = 1.5
"""Å: an atom of the framework farther than this from its own place in the crystal has left it.

Well above what relaxation and strain do (a few tenths of an Å), and less than half the distance
of two anions (3.4 Å and more in chlorides), so that two that have changed places are seen."""


def framework_drift(fractional: FloatArray, reference: FloatArray) -> FloatArray:
    """Common displacement of atoms from their reference, as fractions of the cell, shape (..., 3).

        drift = angle( mean_i exp(2 pi i (f_i - r_i)) ) / 2 pi    for each axis,

    the circular mean, which needs no unwrapped positions; in [-1/2, 1/2].

    Parameters
    ----------
    fractional, reference
        The same atoms in the same order, fractional coordinates of either cell, shapes (..., N, 3)
        and (N, 3).
    """
    phases = np.exp(2j * np.pi * (fractional - reference)).mean(axis=-2)
    return np.asarray(np.angle(phases) / (2 * np.pi), dtype=np.float64)


def distances_from_sites(
    positions: FloatArray, cell: FloatArray, reference: FloatArray, reference_cell: FloatArray
) -> FloatArray:
    """Distance of each framework atom from its own place in the crystal, Å, shape (N,).

    Taken under the mean drift and over periodic images, with the reference strained to the cell.

    Parameters
    ----------
    positions, cell
        Å, shapes (N, 3) and (3, 3) with vectors as rows.
    reference, reference_cell
        The same atoms in the crystal.
    """
    fractional = positions @ np.linalg.inv(cell)
    places = reference @ np.linalg.inv(reference_cell)
    apart = fractional - places - framework_drift(fractional, places)
    apart -= np.round(apart)
    return np.asarray(np.linalg.norm(apart @ cell, axis=1), dtype=np.float64)
