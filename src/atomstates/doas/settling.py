"""Whether an order has settled: its second half of a run against the first."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import ttest_ind_from_stats

from atomstates.products import Check

FloatArray = NDArray[np.float64]

LEAST_FALL = 0.1
"""A smaller fall does not change what an order tells."""
CHANCE = 0.05
"""A fall is believed where one by chance is less likely than this."""
_FEWEST_BLOCKS = 2


@dataclass(frozen=True)
class Halves:
    """An order in the first and the second half of a run: mean and standard error."""

    first: tuple[float, float]
    second: tuple[float, float]
    falls: bool

    @property
    def fall(self) -> float:
        """By how much the second half is lower."""
        return self.first[0] - self.second[0]


def halves(values: FloatArray, block_snapshots: int) -> Halves | None:
    """Mean of an order in either half of a run, and whether the second is lower by more than chance.

    Snapshots follow each other closely, so means of blocks are compared, by Welch's test of whether
    the second half has the lower mean. A run that starts ordered and is on its way to disorder is told
    from one that fluctuates about a mean, once the way is longer than the fluctuations.

    Parameters
    ----------
    values
        Order of each snapshot, in order of time, shape (S,).
    block_snapshots
        Snapshots of a block; what is left over at the end of a half joins its last block.

    Returns
    -------
    Halves
        None where a half has fewer than two blocks or the order does not exist.
    """
    middle = len(values) // 2
    if middle < _FEWEST_BLOCKS * block_snapshots or not np.isfinite(values).all():
        return None
    n, mean, deviation = np.array(
        [_of_blocks(part, block_snapshots) for part in (values[:middle], values[middle:])]
    ).T
    error = deviation / np.sqrt(n)
    falls = False
    if mean[0] - max(mean[1], 0) > LEAST_FALL:  # what is below zero is no order that was lost
        # Equal blocks (an order that is 1 throughout) have no error, and any fall is certain.
        falls = not error.any() or bool(
            ttest_ind_from_stats(
                mean[0],
                deviation[0],
                n[0],
                mean[1],
                deviation[1],
                n[1],
                equal_var=False,
                alternative="greater",
            ).pvalue
            < CHANCE
        )
    first, second = zip(mean.tolist(), error.tolist(), strict=True)
    return Halves(first, second, falls)


def settling_check(runs: Mapping[str, Mapping[str, Halves]]) -> tuple[Check, ...]:
    """Whether an order of some run still falls: a check, or none where no run can tell.

    Parameters
    ----------
    runs
        Orders that can be told, by name, of each run.
    """
    n_told = sum(1 for found in runs.values() if found)
    falling = []
    for run, found in runs.items():
        steepest = max((one for one in found.values() if one.falls), key=lambda one: one.fall, default=None)
        if steepest is not None:
            falling.append(f"{run} ({steepest.first[0]:.2f} to {steepest.second[0]:.2f})")
    if falling:
        words = (
            f"order still falls from the first to the second half of {', '.join(falling)}: it is an upper "
            "bound there, and so is the temperature where order is lost; make produce_ps longer"
        )
        return (Check("settling", "WARN", words),)
    words = f"no order falls from the first to the second half of a run ({n_told} runs can tell)"
    return (Check("settling", "PASS", words),) if n_told else ()


def _of_blocks(values: FloatArray, block_snapshots: int) -> tuple[int, float, float]:
    """Number of blocks of a half, mean of all its snapshots, standard deviation of means of blocks."""
    n = len(values) // block_snapshots
    means = [part.mean() for part in np.split(values, block_snapshots * np.arange(1, n))]
    return n, float(values.mean()), float(np.std(means, ddof=1))
