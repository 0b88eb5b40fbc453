"""The same ions of the same snapshots under two models: how far their energies agree.

Energies of atoms are known up to how a model splits a total energy into atoms. What is compared is
therefore taken from a zero of each model, and beside it stands the energy of the whole relaxed cell, which
does not depend on that split.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from atomstates.doas.states import PER_SNAPSHOT, PER_STATE, States
from atomstates.doas.surroundings import NAMES, Surroundings

FloatArray = NDArray[np.float64]

PAIR_UNITS = {
    "correlation": "1",
    "rms_difference": "eV",
    "mean_difference": "eV",
    "same_site": "1",
    "cell_correlation": "1",
    "cell_rms_difference": "eV",
}
PAIR_NOTES = {
    "correlation": "Pearson's, of the energies of the same ions",
    "rms_difference": "of the energies of the same ions, less their mean difference",
    "mean_difference": "of the energies of the same ions, each from the lowest state of its model",
    "same_site": "share of the ions that both models relax into the same polyhedron",
    "cell_correlation": "Pearson's, of the energies of the same relaxed cells; free of the gauge",
    "cell_rms_difference": "per atom of the same cells, less the mean difference; free of the gauge",
}


def on_common_snapshots(models: Sequence[States]) -> list[States]:
    """The states of one run under each model, of those snapshots that passed the checks of all models.

    Raises
    ------
    ValueError
        There is no such snapshot.
    """
    steps = reduce(np.intersect1d, [states.snapshot_step for states in models])
    if len(steps) == 0:
        raise ValueError("no snapshot passed the checks of all models")
    return [_of_steps(states, steps) for states in models]


def _of_steps(states: States, steps: NDArray[np.int64]) -> States:
    """The states of some snapshots."""
    snapshots = np.isin(states.snapshot_step, steps)
    if snapshots.all():
        return states
    kept = snapshots[states.snapshot]
    parts = {name: getattr(states, name)[kept] for name in PER_STATE}
    parts |= {name: getattr(states, name)[snapshots] for name in PER_SNAPSHOT}
    parts["snapshot"] = (np.cumsum(snapshots) - 1)[parts["snapshot"]]
    around = Surroundings(*(getattr(states.around, name)[kept] for name in NAMES))
    n_rejected = states.n_rejected + int(np.sum(~snapshots))
    return replace(states, **parts, around=around, n_rejected=n_rejected)


def from_zeros(states: States, zero: float, cell_zero: float) -> States:
    """The same states with energies from a zero of their model: eV, of an ion and of the cell per atom."""
    n_ions = np.bincount(states.snapshot, minlength=states.n_snapshots)
    return replace(
        states,
        energy=states.energy - zero,
        sublattice_energy=states.sublattice_energy - n_ions * zero,
        cell_energy=states.cell_energy - states.n_atoms * cell_zero,
    )


def pair_sums(one: States, other: States, block_snapshots: int) -> FloatArray:
    """Sums over blocks of snapshots for two models of one run, shape (B, 13).

    Of the ions: their number, how many are in the same polyhedron, and the sums of x, y, x², y², xy, their
    energies under either model (eV); of the cells, per atom: their number, and the same sums.

    Parameters
    ----------
    one, other
        The same snapshots under either model, energies from a zero of each (``from_zeros``).
    block_snapshots
        Snapshots in one block.

    Raises
    ------
    ValueError
        They are not the same ions of the same snapshots.
    """
    same_ions = np.array_equal(one.ion, other.ion) and np.array_equal(one.snapshot, other.snapshot)
    if not same_ions or not np.array_equal(one.snapshot_step, other.snapshot_step):
        raise ValueError("these are not the same ions of the same snapshots")
    n_blocks = -(-one.n_snapshots // block_snapshots)
    x, y = one.energy, other.energy
    ions = np.column_stack([np.ones_like(x), one.site_key == other.site_key, x, y, x**2, y**2, x * y])
    x, y = (one.cell_energy / one.n_atoms, other.cell_energy / other.n_atoms)
    cells = np.column_stack([np.ones_like(x), x, y, x**2, y**2, x * y])
    return np.hstack(
        [
            _by_block(ions, one.snapshot // block_snapshots, n_blocks),
            _by_block(cells, np.arange(one.n_snapshots) // block_snapshots, n_blocks),
        ]
    )


def _by_block(rows: FloatArray, block: NDArray[np.int64], n_blocks: int) -> FloatArray:
    """Sums of rows (n, Q) by block, shape (B, Q)."""
    return np.column_stack([np.bincount(block, weights=column, minlength=n_blocks) for column in rows.T])


def pair_measures(sums: FloatArray) -> FloatArray:
    """All of ``PAIR_UNITS`` from the sums of ``pair_sums`` over all blocks (13,)."""
    n_ions, same, *ions = sums[:7]
    n_cells, *cells = sums[7:]
    correlation, rms, mean = _agreement(n_ions, *ions)
    of_cells, cell_rms, _ = _agreement(n_cells, *cells)
    return np.array([correlation, rms, mean, same / n_ions, of_cells, cell_rms])


def _agreement(n: float, x: float, y: float, xx: float, yy: float, xy: float) -> tuple[float, float, float]:
    """Correlation, standard deviation of y - x, and its mean."""
    mean_x, mean_y = x / n, y / n
    var_x, var_y = xx / n - mean_x**2, yy / n - mean_y**2
    covariance = xy / n - mean_x * mean_y
    spread = np.sqrt(max(var_x + var_y - 2 * covariance, 0.0))
    if n < 2 or min(var_x, var_y) <= 0:
        return np.nan, float(spread) if n > 1 else np.nan, mean_y - mean_x
    return float(min(covariance / np.sqrt(var_x * var_y), 1.0)), float(spread), mean_y - mean_x
