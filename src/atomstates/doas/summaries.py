"""What the stages say when they are done: numbers, checks, facts."""

from collections.abc import Sequence

import numpy as np

from atomstates.doas.density import Bins
from atomstates.doas.outcome import TemperatureDoas, density_checks
from atomstates.doas.sites import OTHER, SITES
from atomstates.doas.states import States
from atomstates.products import Check, Measured, Summary

_MOST_OTHER = 0.05


def states_summary(states: States) -> Summary:
    """Counts, and whether nearly all ions are in a polyhedron."""
    n_states = len(states.energy)
    fractions = np.bincount(states.site, minlength=len(SITES)) / n_states
    numbers = {
        f"{name}_fraction": Measured(float(fraction), None, "1", n_states, "no error: see the material")
        for name, fraction in zip(SITES, fractions, strict=True)
    }
    n_all = states.n_snapshots + states.n_rejected
    checks = (
        Check(
            "sites",
            "PASS" if fractions[OTHER] < _MOST_OTHER else "WARN",
            f"{fractions[OTHER]:.1%} of {n_states} states are neither octahedral nor tetrahedral "
            f"(below {_MOST_OTHER:.0%} expected in a close-packed framework)",
        ),
        Check(
            "snapshots",
            "PASS" if states.n_rejected == 0 else "WARN",
            f"{states.n_rejected} of {n_all} relaxed snapshots failed a check and gave no states",
        ),
    )
    facts = {
        "n_states": n_states,
        "n_snapshots": states.n_snapshots,
        "mean_clarity": float(states.clarity.mean()),
    }
    return Summary(numbers, checks, facts)


def density_summary(bins: Bins, found: Sequence[TemperatureDoas], others: tuple[Check, ...]) -> Summary:
    """What is said of the material: means and tetrahedral fractions by temperature, checks, and others'."""
    numbers = {
        f"{name}_{entry.temperature:g}K": entry.measures[name]
        for entry in found
        for name in ("mean", "width", "tetrahedral_fraction", "order_parameter")
    }
    facts = {
        "reference_energy_eV": bins.told.energy,
        "n_bins": bins.number,
        "n_states": sum(entry.n_states for entry in found),
    }
    return Summary(numbers, density_checks(found, bins) + others, facts)
