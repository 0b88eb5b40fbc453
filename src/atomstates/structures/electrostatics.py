"""Ewald energies of many occupations of the same sites from one matrix of interactions."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pymatgen.analysis.ewald import EwaldSummation
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

FloatArray = NDArray[np.float64]


def interaction_matrix(lattice: FloatArray, positions: FloatArray) -> FloatArray:
    """Matrix M of a periodic set of sites such that charges q have the energy E = q^T M q.

    Parameters
    ----------
    lattice
        Rows, Å, shape (3, 3).
    positions
        Fractional, shape (n, 3).

    Returns
    -------
    NDArray
        M in eV/e², shape (n, n), for point charges with a neutralising background (which
        vanishes when the charges of an occupation add up to zero).

    Source
    ------
    Ewald, Ann. Phys. 369 (1921) 253, as computed by pymatgen.
    """
    # Unit charges on every site: the energy is bilinear, so charges can be multiplied in later.
    ones = Structure(Lattice(lattice), ["H+"] * len(positions), positions)
    ewald: Any = EwaldSummation
    matrix: FloatArray = np.asarray(ewald(ones).total_energy_matrix, dtype=np.float64)
    return (matrix + matrix.T) / 2


def electrostatic_energies(
    matrix: FloatArray, charges: FloatArray, rows_at_once: int = 20_000
) -> FloatArray:
    """E = q^T M q of every row of charges (in e), eV; ``charges`` has the shape (M, n)."""
    blocks = [charges[i : i + rows_at_once] for i in range(0, len(charges), rows_at_once)]
    return np.concatenate([np.einsum("mi,mi->m", block @ matrix, block) for block in blocks])
