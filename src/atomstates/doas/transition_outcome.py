"""Transitions of one temperature (or run) as numbers with errors, their tables and their checks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomstates.doas.density import bootstrap_weights
from atomstates.doas.disorder import bootstrap_error
from atomstates.doas.sites import OTHER, SITES
from atomstates.doas.transitions import TransitionCounts, balance, rates, residence_times
from atomstates.products import Check, Measured

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

COLUMNS = (
    "temperature_K",
    "run",
    "from",
    "to",
    "transitions",
    "reverse_transitions",
    "ion_intervals",
    "rate_per_ps",
    "rate_error_per_ps",
    "rate_below_per_ps",
)

MOST_CHANGED = 0.2
"""Share of the ions that may change their site between two snapshots: above, hops are missed. With
equal rates of going and of coming back a rate is then 13 % too low."""
_UNBALANCED = 4.0
"""Poisson errors between forward and backward transitions."""
_RULE_OF_THREE = 3.0
"""Nothing seen: 95 % sure of fewer than three expected."""


@dataclass(frozen=True)
class TransitionRates:
    """Rates and residence times among K classes: value, error and size of the sample."""

    counts: TransitionCounts
    interval: float
    """ps from snapshot to snapshot."""
    rate: tuple[FloatArray, FloatArray]
    """Value and error, 1/ps, both (K, K)."""
    residence: tuple[FloatArray, FloatArray]
    """Value and error, ps, both (K,)."""

    @property
    def changes(self) -> IntArray:
        """(K, K)"""
        return np.asarray(self.counts.changes.sum(axis=0), dtype=np.int64)

    @property
    def starts(self) -> IntArray:
        """(K,)"""
        return np.asarray(self.counts.starts.sum(axis=0), dtype=np.int64)

    @property
    def changed_share(self) -> float:
        """Share of the ions in another site at the next snapshot; NaN without successive snapshots."""
        n_ions = int(self.starts.sum())
        return float(self.changes.sum() / n_ions) if n_ions else np.nan


def class_name(kind: int, edges: int) -> str:
    """``octahedral_1_edge_sharing``; ``other`` as it is."""
    return SITES[kind] if kind == OTHER else f"{SITES[kind]}_{edges}_edge_sharing"


def transition_rates(
    counts: TransitionCounts, interval: float, n_samples: int, seed: int
) -> TransitionRates:
    """Rates from all blocks, with errors from a bootstrap over blocks."""
    n_blocks, n_classes = counts.starts.shape

    def everything(weights: IntArray) -> FloatArray:
        found = rates(np.tensordot(weights, counts.changes, axes=1), weights @ counts.starts, interval)
        return np.column_stack([found, found.sum(axis=1)])

    values = everything(np.ones(n_blocks, dtype=np.int64))
    errors = np.full_like(values, np.nan)
    if n_blocks > 1:
        drawn = [everything(bootstrap_weights(n_blocks, seed, sample)) for sample in range(n_samples)]
        errors = bootstrap_error(np.array(drawn).reshape(n_samples, -1)).reshape(values.shape)
    leaving, leaving_error = values[:, -1], errors[:, -1]
    times = residence_times(counts.changes.sum(axis=0), counts.starts.sum(axis=0), interval)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Of 1/k. Samples of 1/k itself would leave out those in which no ion left.
        times_error = times * leaving_error / leaving
    return TransitionRates(
        counts, interval, (values[:, :n_classes], errors[:, :n_classes]), (times, times_error)
    )


def transition_content(
    temperature: float, found: TransitionRates, n_runs: int, reference: float
) -> dict[str, Any]:
    """Entry of ``transitions.json``: what was seen, then rates and residence times by class.

    ``reference`` is the zero of energies, eV.
    """
    counts, changes, starts = found.counts, found.changes, found.starts
    names = [class_name(*row) for row in counts.classes]
    known = [int(i) for i in np.flatnonzero(counts.states)]
    z = balance(changes)
    return {
        "temperature_K": temperature,
        "n_runs": n_runs,
        "n_pairs": counts.n_pairs,
        "n_gaps": counts.n_gaps,
        "n_blocks": len(counts.starts),
        "changed_share": Measured(
            _finite(found.changed_share), None, "1", int(starts.sum()), "per interval"
        ),
        "mean_energy_eV": {names[i]: counts.energy[i] / counts.states[i] - reference for i in known},
        "share": {names[i]: counts.states[i] / counts.states.sum() for i in known},
        "transitions": {names[i]: {names[j]: changes[i, j] for j in known} for i in known},
        "ion_intervals": {names[i]: starts[i] for i in known},
        "rate": {
            names[i]: {f"to_{names[j]}": measured_rate(found, i, j) for j in known if changes[i, j]}
            for i in known
        },
        "residence_time": {names[i]: _measured_residence(found, i) for i in known},
        "balance": {
            f"{names[i]} to {names[j]}": z[i, j] for i in known for j in known if i < j and z[i, j]
        },
    }


def transition_rows(temperature: float, run: str, found: TransitionRates) -> Iterator[list[Any]]:
    """Rows of ``transitions.csv``: every pair of classes that hold ions; empty where there is no number."""
    changes, starts = found.changes, found.starts
    names = [class_name(*row) for row in found.counts.classes]
    known = [int(i) for i in np.flatnonzero(found.counts.states)]
    for i, j in product(known, known):
        number = measured_rate(found, i, j)
        bound = None if number.interval is None else number.interval[1]
        row = [f"{temperature:g}", run, names[i], names[j], changes[i, j], changes[j, i], starts[i]]
        yield [*row, number.value, number.error, bound]


def measured_rate(found: TransitionRates, i: int, j: int) -> Measured:
    """Rate from class i to class j; what was not seen is below three in the time that was watched."""
    number, sample = int(found.changes[i, j]), int(found.starts[i])
    if sample == 0:
        return Measured(None, None, "1/ps", 0, "no ion was there in two successive snapshots")
    if number == 0:
        bound = _RULE_OF_THREE / (sample * found.interval)
        return Measured(0.0, None, "1/ps", sample, "none seen; sample: ions at risk", (0.0, bound))
    value, error = found.rate[0][i, j], found.rate[1][i, j]
    if not np.isfinite(value):
        return Measured(None, None, "1/ps", sample, "no ion stayed: sample snapshots more closely")
    note = f"{number} seen; what returns within {found.interval:g} ps is missed"
    return Measured(float(value), _finite(error), "1/ps", sample, note)


def transition_checks(found: dict[float, TransitionRates]) -> tuple[Check, ...]:
    """Are snapshots close enough for rates, and are there as many transitions back as forth?"""
    shares = {temperature: one.changed_share for temperature, one in found.items() if one.starts.sum()}
    if not shares:
        words = "no two snapshots succeed each other, so that no transitions were counted"
        return (Check("transitions", "WARN", f"{words}: take more snapshots (md.snapshot_every_ps)"),)
    worst = max(shares, key=lambda temperature: shares[temperature])
    interval = found[worst].interval
    close = shares[worst] <= MOST_CHANGED
    pairs = sum(one.counts.n_pairs for one in found.values())
    message = (
        f"{shares[worst]:.1%} of the ions are in another site after {interval:g} ps at {worst:g} K "
        f"(at most {MOST_CHANGED:.0%} wanted); {pairs} successive pairs of snapshots"
    )
    if not close:
        wanted = interval * MOST_CHANGED / shares[worst]
        message += (
            f": rates of leaving are lower bounds there, and ways through a third site look direct. Set "
            f"md.snapshot_every_ps to {wanted:.1g} or less for rates"
        )
    return Check("transitions", "PASS" if close else "WARN", message), _balance_check(found)


def _balance_check(found: dict[float, TransitionRates]) -> Check:
    """The pair of classes with the least balance, of all temperatures."""
    most, words = 0.0, "no transitions between classes were seen"
    for temperature, one in found.items():
        z = balance(one.changes)
        if z.size and np.abs(z).max() > most:
            i, j = np.unravel_index(int(np.argmax(z)), z.shape)
            most = float(z[i, j])
            names = [class_name(*one.counts.classes[k]) for k in (i, j)]
            words = (
                f"{one.changes[i, j]} transitions from {names[0]} to {names[1]} and {one.changes[j, i]} "
                f"back at {temperature:g} K: {most:.1f} Poisson errors apart (below {_UNBALANCED:g} "
                "expected in equilibrium)"
            )
    if most >= _UNBALANCED:
        words += "; the run is still on its way to equilibrium: equilibrate longer"
    return Check("detailed balance", "PASS" if most < _UNBALANCED else "WARN", words)


def joined_content(material: str, interval: float, entries: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Content of ``transitions.json``."""
    return {"material": material, "interval_ps": interval, "temperatures": list(entries)}


def _measured_residence(found: TransitionRates, i: int) -> Measured:
    """Residence time in class i."""
    value, error, sample = found.residence[0][i], found.residence[1][i], int(found.starts[i])
    if sample == 0:
        return Measured(None, None, "ps", 0, "no ion was there in two successive snapshots")
    if not np.isfinite(value):
        bound = sample * found.interval / _RULE_OF_THREE
        return Measured(None, None, "ps", sample, f"none left: longer than {bound:.3g} ps")
    if value == 0:
        return Measured(None, None, "ps", sample, f"none stayed: shorter than {found.interval:g} ps")
    return Measured(float(value), _finite(error), "ps", sample, "in one site; an upper bound")


def _finite(value: float) -> float | None:
    """A number, or None where there is none."""
    return float(value) if np.isfinite(value) else None
