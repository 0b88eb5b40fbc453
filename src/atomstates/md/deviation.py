"""By how much several models differ in their forces along a run that the first of them drives.

LAMMPS can write this itself (``pair_style deepmd`` with several models): it evaluates all of them at the
steps at which it writes, which costs the same as here. Done afterwards, on the recorded snapshots, it
needs no new dynamics when a model is added, and the run is that of one model to the last digit.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomstates.products import Check, Measured

FloatArray = NDArray[np.float64]

DEVIATION_COLUMNS = (
    "step",
    "time_ps",
    "largest_eV_per_A",
    "mean_eV_per_A",
    "smallest_eV_per_A",
    "atom",
    "element",
)
_SHOWN = 5


@dataclass(frozen=True)
class Deviation:
    """Deviation of forces in S snapshots of N atoms."""

    step: NDArray[np.int64]
    """(S,) from the first recorded frame."""
    of_atom: FloatArray
    """(S, N) eV/Å"""
    element: NDArray[np.str_]
    """(N,)"""

    @property
    def largest(self) -> FloatArray:
        """Over the atoms of each snapshot, eV/Å, shape (S,)."""
        return np.asarray(self.of_atom.max(axis=1))


def deviation_rows(found: Deviation, timestep: float) -> Iterator[tuple[object, ...]]:
    """Rows of ``deviation.csv``: a snapshot each, with the atom that deviates most (``timestep`` in ps)."""
    for step, values in zip(found.step.tolist(), found.of_atom, strict=True):
        worst = int(values.argmax())
        numbers = (f"{value:.6g}" for value in (values.max(), values.mean(), values.min()))
        yield (step, f"{step * timestep:.10g}", *numbers, worst + 1, str(found.element[worst]))


def deviation_numbers(found: Deviation, n_models: int) -> dict[str, Measured]:
    """The largest deviation of a snapshot, on average and at most, and the mean over all atoms."""
    number, largest = len(found.step), found.largest
    words = f"standard deviation of the force on an atom over {n_models} models"

    def mean(values: FloatArray, what: str) -> Measured:
        error = float(values.std(ddof=1) / np.sqrt(number)) if number > 1 else None
        return Measured(float(values.mean()), error, "eV/Å", number, f"{what}; {words}")

    return {
        "force_deviation_largest": mean(largest, "on the worst atom of each snapshot, mean over snapshots"),
        "force_deviation_mean": mean(found.of_atom.mean(axis=1), "mean over atoms and snapshots"),
        "force_deviation_worst": Measured(
            float(largest.max()), None, "eV/Å", number, f"on the worst atom of all snapshots; {words}"
        ),
    }


def deviation_check(found: Deviation, threshold: float, timestep: float) -> Check:
    """Whether the models agree on all snapshots within the threshold (eV/Å); ``timestep`` in ps."""
    largest = found.largest
    beyond = np.flatnonzero(largest > threshold)
    worst = int(largest.argmax())
    atom = int(found.of_atom[worst].argmax())
    said = (
        f"largest deviation of the models' forces {largest[worst]:.2g} eV/Å, on atom {atom + 1} "
        f"({found.element[atom]}) at {found.step[worst] * timestep:g} ps"
    )
    limit = f"{threshold:g} eV/Å (md.deviation_threshold_eV_per_A)"
    if len(beyond) == 0:
        return Check("model deviation", "PASS", f"all {len(largest)} snapshots are within {limit}: {said}")
    shown = ", ".join(f"{step * timestep:g}" for step in found.step[beyond[:_SHOWN]])
    more = f" and {len(beyond) - _SHOWN} later ones" if len(beyond) > _SHOWN else ""
    return Check(
        "model deviation",
        "WARN",
        f"{len(beyond)} of {len(largest)} snapshots are beyond {limit}, at {shown} ps{more}: {said}. There "
        "the models know too little, and so may the one that drives",
    )
