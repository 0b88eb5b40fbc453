"""Rates of hops from their barriers (harmonic transition state theory)."""

import numpy as np
from numpy.typing import NDArray

from atomstates.units import BOLTZMANN

FloatArray = NDArray[np.float64]


def transition_state_rate(barrier: FloatArray, temperature: float, prefactor: float) -> FloatArray:
    """Rate of each hop, 1/ps.

        k = nu exp(-E / k_B T)

    Parameters
    ----------
    barrier
        eV
    temperature
        K
    prefactor
        Attempt frequency nu, 1/ps.

    Source
    ------
    Vineyard, J. Phys. Chem. Solids 3, 121 (1957).
    """
    return np.asarray(prefactor * np.exp(-np.asarray(barrier) / (BOLTZMANN * temperature)))


def mean_rate_of_paths(
    barrier: FloatArray, weight: FloatArray, temperature: float, prefactor: float
) -> float:
    """Mean rate over the paths that ions have, from the hops that they made, 1/ps.

    A path of rate k is seen in proportion to k. With p the share of a path among all paths that ions find
    before them, its share among the hops seen is q = p k / sum p k, so that

        sum q / k = sum p / sum p k = 1/<k>

    and the mean rate is the harmonic mean over the hops seen; the plain mean would count fast paths twice.

    Parameters
    ----------
    barrier, weight
        eV, and what each hop stands for, both (n,).
    temperature, prefactor
        As above.
    """
    rate = transition_state_rate(barrier, temperature, prefactor)
    return float(np.sum(weight) / np.sum(weight / rate))
