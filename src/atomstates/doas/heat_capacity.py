"""Configurational heat capacity: what it costs to heat the places of the atoms, not their vibrations.

The energy E of a relaxed cell (an inherent structure) is that of the basin in which the system
vibrates. Where basins are visited in proportion to exp(-(E + F)/kT), F the free energy of their vibrations,

    d<E>/dT = (<E (E + U)> - <E> <E + U>) / (k T²),    U = F - T dF/dT

For classical harmonic vibrations U is the same in all basins, whatever their frequencies, and what
is left is the fluctuation of E:

    C = d<E>/dT = (<E²> - <E>²) / (k T²)

So the same C follows from one temperature and from the means at two. They part where vibrations are
anharmonic, where the cell is another at each temperature, and where a run is too short: its
fluctuations are those of the basins that it visited, and a run that sits in one has none. Energies are
of the whole cell, hence free of how a potential splits them into atoms; C is per mobile ion and in
units of k.

Source: F. H. Stillinger and T. A. Weber, Phys. Rev. A 25, 978 (1982), on inherent structures.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from atomstates.doas.density import bootstrap_weights
from atomstates.units import BOLTZMANN

FloatArray = NDArray[np.float64]


def fluctuation_heat_capacity(
    energies: Sequence[FloatArray],
    temperature: float,
    n_ions: int,
    block_snapshots: int,
    n_samples: int,
    seed: int,
) -> tuple[float, float, int]:
    """Heat capacity from fluctuations, its error, and the number of blocks.

        C/(N k) = var(E) / (N (kT)²),    var(E) = <E²> - <E>² + var(<E>)

    The last term makes up for the mean being that of the same snapshots: with n_b snapshots in
    block b, var(<E>) = sum_b (n_b/n) (E_b - <E>)²/(B - 1). For independent snapshots in blocks of one
    this is the factor n/(n - 1); for correlated ones more. The error is the standard deviation over
    samples of B blocks drawn with replacement.

    Parameters
    ----------
    energies
        Of the relaxed cell in each snapshot of each run, eV, in order of time, shapes (S_r,).
    temperature
        K.
    n_ions
        Mobile ions in the cell, N.
    block_snapshots
        Consecutive snapshots of a run in one block (the last may be shorter).
    n_samples
        Bootstrap samples.
    seed
        Of the bootstrap.

    Returns
    -------
    value, error, n_blocks
        In units of k per mobile ion; both NaN for fewer than two blocks.

    Raises
    ------
    ValueError
        No snapshots, or a temperature or number of ions that is not positive.

    Notes
    -----
    Errors of few blocks are too small, and those of blocks shorter than the energy's memory more so:
    for normal energies, the mean error over the true spread is 0.9 for six blocks of three independent
    snapshots, 0.7 where neighbours have a correlation of 0.5, and 0.5 with one of 0.8.
    """
    n_snapshots = sum(len(run) for run in energies)
    if n_snapshots == 0 or temperature <= 0 or n_ions < 1:
        raise ValueError(f"{n_snapshots} snapshots, {temperature} K, {n_ions} ions: no heat capacity")
    centre = float(np.concatenate(energies).mean())
    blocks = [
        run[start : start + block_snapshots] - centre  # from the mean, so that squares lose no digits
        for run in energies
        for start in range(0, len(run), block_snapshots)
    ]
    number = np.array([len(block) for block in blocks], dtype=np.float64)
    first = np.array([block.sum() for block in blocks])
    second = np.array([np.sum(block**2) for block in blocks])
    n_blocks = len(blocks)
    if n_blocks < 2:
        return float("nan"), float("nan"), n_blocks
    plain = float(second.sum() / n_snapshots)
    of_mean = float(np.sum(first**2 / number) / n_snapshots / (n_blocks - 1))
    weights = np.array([bootstrap_weights(n_blocks, seed, sample) for sample in range(n_samples)])
    drawn = (weights @ second) / (weights @ number) - ((weights @ first) / (weights @ number)) ** 2
    scale = n_ions * (BOLTZMANN * temperature) ** 2
    # A sample's variance is too small by as much as the plain one is, so its spread is enlarged alike.
    enlarged = (plain + of_mean) / plain if plain > 0 else 1.0
    # B blocks drawn from B scatter by (B - 1)/B less than B new ones would.
    enlarged *= np.sqrt(n_blocks / (n_blocks - 1))
    return (plain + of_mean) / scale, float(np.std(drawn, ddof=1)) * enlarged / scale, n_blocks


def difference_heat_capacity(
    temperatures: FloatArray, means: FloatArray, errors: FloatArray, n_ions: int
) -> tuple[FloatArray, FloatArray]:
    """Heat capacity between neighbouring temperatures, from mean energies.

        C/(N k) = (<E>_2 - <E>_1) / (N k (T_2 - T_1))

    with the error of both means in quadrature: the mean of d<E>/dT from T_1 to T_2.

    Parameters
    ----------
    temperatures
        K, increasing, shape (T,).
    means, errors
        Mean energy of the relaxed cell and its standard error, eV, shape (T,); NaN for none.
    n_ions
        Mobile ions in the cell, N.

    Returns
    -------
    value, error
        In units of k per mobile ion, shape (T - 1,).

    Raises
    ------
    ValueError
        Temperatures do not increase.
    """
    steps = np.diff(temperatures)
    if np.any(steps <= 0):
        raise ValueError("temperatures do not increase")
    scale = n_ions * BOLTZMANN * steps
    return np.diff(means) / scale, np.hypot(errors[1:], errors[:-1]) / scale
