"""What the rows of a run say about it: numbers with errors, and verdicts."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from atomstates.md.thermo import Thermo, mean, slope
from atomstates.products import Check, Measured
from atomstates.units import BOLTZMANN

_WARM, _HOT = 0.01, 0.05
"""Parts of the temperature by which the mean may miss it before a warning, and a failure."""
_MOST_DRIFT = 20.0
"""meV per atom and ns: over 1 ns less than kT at 300 K."""
_HIGH_PRESSURE = 1e4
"""bar: about 4 % of volume in a soft halide (bulk modulus about 25 GPa)."""
_MOST_EXPANSION = 0.05


@dataclass(frozen=True)
class RunFacts:
    """What the verdicts need to know of a run.

    ``temperature`` in K; ``timestep`` in ps; volumes in Å³; ``averaged`` says that the cell is
    the mean of an NPT equilibration.
    """

    temperature: float
    n_atoms: int
    timestep: float
    volume: float
    crystal_volume: float
    averaged: bool


def numbers(thermo: Thermo, facts: RunFacts) -> dict[str, Measured]:
    """Temperature, pressure, potential energy, volume and drift of the recorded part of a run."""
    few = "too few rows for an error"
    found = {}
    for name, column, unit in (
        ("temperature", "temperature_K", "K"),
        ("pressure", "pressure_bar", "bar"),
        ("potential_energy", "potential_energy_eV", "eV"),
    ):
        average = mean(thermo.columns[column])
        note = few if average.error is None else ""
        found[name] = Measured(average.value, average.error, unit, average.sample, note)
    found["volume"] = Measured(facts.volume, None, "Å³", 1, "fixed during production")
    if len(thermo.steps) > 1:
        nanoseconds = thermo.steps * facts.timestep / 1000
        drift = slope(nanoseconds, thermo.columns["conserved_energy_eV"] * 1000 / facts.n_atoms)
        note = few if drift.error is None else "of the conserved energy"
        found["energy_drift"] = Measured(drift.value, drift.error, "meV/atom/ns", drift.sample, note)
    return found


def checks(thermo: Thermo, found: dict[str, Measured], facts: RunFacts) -> tuple[Check, ...]:
    """Verdicts on temperature, drift, pressure and expansion."""
    verdicts = [_temperature(thermo, found["temperature"], facts)]
    if "energy_drift" in found:
        verdicts.append(_drift(found["energy_drift"]))
    verdicts.append(_pressure(found["pressure"]))
    if facts.averaged:
        change = facts.volume / facts.crystal_volume - 1
        verdicts.append(
            Check(
                "thermal expansion",
                "PASS" if abs(change) <= _MOST_EXPANSION else "WARN",
                f"the mean NPT cell is {100 * change:+.1f} % in volume from the relaxed crystal "
                f"({facts.volume:.0f} against {facts.crystal_volume:.0f} Å³; "
                f"more than {100 * _MOST_EXPANSION:g} % is doubtful)",
            )
        )
    return tuple(verdicts)


def _temperature(thermo: Thermo, found: Measured, facts: RunFacts) -> Check:
    """Mean against the target, fluctuation against sigma_T = T sqrt(2 / (3N - 3))."""
    target, value = facts.temperature, found.value or 0.0
    expected = target * np.sqrt(2 / (3 * facts.n_atoms - 3))
    spread = float(thermo.columns["temperature_K"].std())
    # neighbouring rows may be correlated: at least the error of one row in four is allowed for
    error = max(found.error or 0.0, expected / np.sqrt(max(1.0, found.sample / 4)))
    away = abs(value - target)
    status: Literal["PASS", "WARN", "FAIL"] = "PASS"
    if away > max(_WARM * target, 3 * error):
        status = "FAIL" if away > max(_HOT * target, 5 * error) else "WARN"
    said = "" if found.error is None else f" ± {found.error:.2g}"
    return Check(
        "temperature",
        status,
        f"mean {value:.1f}{said} K for {target:g} K; it fluctuates by {spread:.1f} K "
        f"(canonical: {expected:.1f} K)",
    )


def _drift(found: Measured) -> Check:
    """Drift of the conserved energy beyond its error."""
    value, error = found.value or 0.0, found.error
    certain = max(0.0, abs(value) - 3 * error) if error is not None else abs(value)
    kelvin = abs(value) / 1000 / (1.5 * BOLTZMANN)
    said = "" if error is None else f" ± {error:.2g}"
    unknown = error is None and certain > _MOST_DRIFT
    return Check(
        "energy drift",
        "WARN" if certain > _MOST_DRIFT and not unknown else "PASS",
        f"conserved energy drifts by {value:.2g}{said} meV/atom/ns ({kelvin:.2g} K/ns)"
        + ("; too few rows to judge" if unknown else f"; more than {_MOST_DRIFT:g} is a warning"),
    )


def _pressure(found: Measured) -> Check:
    """A high pressure says that the crystal would rather have another volume."""
    value = found.value or 0.0
    said = "" if found.error is None else f" ± {found.error:.0f}"
    wish = "would rather be larger" if value > 0 else "would rather be smaller"
    return Check(
        "pressure",
        "WARN" if abs(value) > _HIGH_PRESSURE else "PASS",
        f"mean {value:.0f}{said} bar in the fixed cell: at this temperature the crystal {wish}",
    )
