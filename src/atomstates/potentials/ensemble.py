"""By how much the models of an ensemble differ in their forces."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def force_deviation(forces: FloatArray) -> FloatArray:
    """Deviation of the forces of M models on each atom, eV/Å, shape (..., N).

        epsilon_i = sqrt( < |F_i - <F_i>|^2 > ),

    averages over the models. Its maximum over the atoms is what DP-GEN selects frames by
    (Zhang et al., Comput. Phys. Commun. 253 (2020) 107206), and what DeePMD calls ``max_devi_f``.

    Parameters
    ----------
    forces
        eV/Å, shape (M, ..., N, 3).

    Raises
    ------
    ValueError
        There are fewer than two models.
    """
    if len(forces) < 2:
        raise ValueError(f"{len(forces)} model has no deviation, two at least are needed")
    apart = forces - forces.mean(axis=0)
    return np.asarray(np.sqrt(np.mean(np.sum(apart**2, axis=-1), axis=0)), dtype=np.float64)
