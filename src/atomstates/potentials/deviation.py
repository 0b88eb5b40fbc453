"""Where the models of an ensemble disagree, and which of these frames are worth a label."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from atomstates.potentials.ensemble import force_deviation
from atomstates.potentials.student import answers

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Verdict = Literal["accurate", "candidate", "failed"]

VERDICTS: tuple[Verdict, ...] = ("accurate", "candidate", "failed")


def deviations(models: Sequence[Path], frames: Sequence[Atoms]) -> FloatArray:
    """Deviation of the models' forces on the worst atom of each frame, shape (frames,), eV/Å."""
    said = [[one.forces for one in answers(model, frames)] for model in models]
    return np.array([force_deviation(np.array(forces)).max() for forces in zip(*said, strict=True)])


def verdicts(deviation: FloatArray, low: float, high: float) -> list[Verdict]:
    """Accurate up to ``low``, candidate up to ``high``, failed beyond and where it is no number."""
    return [
        "accurate" if one <= low else "candidate" if one <= high else "failed" for one in deviation.tolist()
    ]


def chosen(
    deviation: FloatArray, candidates: IntArray, trip: IntArray, time: FloatArray, most: int
) -> IntArray:
    """The candidates to label: from all trips in turn, and far from each other in each.

    Each trip first gives its candidate of largest deviation, then the one that is farthest in
    time from those that it has given (of equally far ones the one of larger deviation). Trips
    take turns, that of the largest deviation first, until ``most`` are chosen.

    Parameters
    ----------
    deviation, trip, time
        Of all frames, shape (frames,): eV/Å, number of the run, ps.
    candidates
        Indices of the frames to choose from.

    Returns
    -------
    NDArray
        Indices in the order in which they were chosen.
    """
    queues = [
        _spread(candidates[trip[candidates] == one], deviation, time)
        for one in np.unique(trip[candidates]).tolist()
    ]
    queues.sort(key=lambda queue: -deviation[queue[0]])
    turns = max((len(queue) for queue in queues), default=0)
    order = [queue[turn] for turn in range(turns) for queue in queues if turn < len(queue)]
    return np.array(order[:most], dtype=np.int64)


def _spread(members: IntArray, deviation: FloatArray, time: FloatArray) -> list[int]:
    """Candidates of one trip: the largest deviation, then always the farthest in time."""
    left = members[np.argsort(-deviation[members], kind="stable")].tolist()
    given = [left.pop(0)]
    while left:
        gaps = [min(abs(time[one] - time[other]) for other in given) for one in left]
        given.append(left.pop(int(np.argmax(gaps))))
    return given
