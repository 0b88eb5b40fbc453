"""What the relaxation of all snapshots of a run is worth: numbers, checks, facts."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from atomstates.minimize.framework import FARTHEST_FROM_SITE
from atomstates.minimize.relaxed import CONVERGED, STATUSES, Relaxed
from atomstates.products import Check, Measured, Summary

FloatArray = NDArray[np.float64]

_MOST_FAILED = 0.2
"""Share of the snapshots; the rest would be a chosen sample."""


def summary(relaxed: Relaxed, n_steps: Sequence[int], farthest: float, style: str) -> Summary:
    """Numbers and checks: how many failed, and which and why.

    Parameters
    ----------
    relaxed
        All snapshots.
    n_steps
        Steps of the minimiser for each of them.
    farthest
        Å, largest distance of a framework atom from its own place in the crystal.
    style
        The minimiser.
    """
    n_snapshots, n_atoms = len(relaxed.step), len(relaxed.id)
    failed = np.flatnonzero(relaxed.status != CONVERGED)
    shown = ", ".join(f"step {relaxed.step[s]}: {STATUSES[relaxed.status[s]]}" for s in failed[:10])
    more = f" and {len(failed) - 10} more" if len(failed) > 10 else ""
    share_failed = len(failed) / n_snapshots
    state: Literal["PASS", "WARN", "FAIL"] = "WARN" if share_failed <= _MOST_FAILED else "FAIL"
    advice = f" ({shown}{more}; see largest_force and status in relaxed.h5)" if len(failed) else ""
    apart = np.abs(relaxed.atom_energy.sum(axis=1) - relaxed.potential_energy) / n_atoms
    steps = np.array(n_steps, dtype=np.float64)
    energy = relaxed.potential_energy[relaxed.converged] / n_atoms
    return Summary(
        numbers={
            "steps": _mean(steps, "1", "minimiser steps of a snapshot"),
            "cell_energy": _mean(energy, "eV", "per atom, relaxed; error without correlation of snapshots"),
        },
        checks=(
            Check(
                "snapshots",
                state if len(failed) else "PASS",
                f"{len(failed)} of {n_snapshots} snapshots failed a check{advice}",
            ),
            Check(
                "energies",
                "PASS" if not np.any(relaxed.status == STATUSES.index("sum_mismatch")) else "WARN",
                f"the atoms' energies add up to the cell's within {apart.max():.1e} eV per atom",
            ),
            Check(
                "framework",
                "PASS" if not np.any(relaxed.status == STATUSES.index("framework_changed")) else "WARN",
                f"framework atoms are within {farthest:.2f} Å of their places "
                f"in the crystal ({FARTHEST_FROM_SITE:g} Å are allowed)",
            ),
        ),
        facts={
            "n_snapshots": n_snapshots,
            "n_converged": int(relaxed.converged.sum()),
            "failed": {name: int(np.sum(relaxed.status == s)) for s, name in enumerate(STATUSES) if s},
            "largest_force_eV_per_A": float(relaxed.largest_force.max()),
            "style": style,
        },
    )


def of_all_models(found: Sequence[Summary]) -> Summary:
    """The first model's summary, and those of further ones under their names."""
    first, *further = found
    numbers, checks, facts = dict(first.numbers), list(first.checks), dict(first.facts)
    for number, one in enumerate(further, start=1):
        name = f"model-{number}"
        numbers |= {f"{name}: {key}": measured for key, measured in one.numbers.items()}
        checks += [Check(f"{check.name} ({name})", check.status, check.message) for check in one.checks]
        facts[name] = one.facts
    return Summary(numbers, tuple(checks), facts)


def _mean(values: FloatArray, unit: str, note: str) -> Measured:
    """Mean with the standard error of independent values."""
    if len(values) == 0:
        return Measured(None, None, unit, 0, "no snapshot passed the checks")
    error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else None
    return Measured(float(values.mean()), error, unit, len(values), note)
