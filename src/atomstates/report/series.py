"""From products to what the figures draw: arrays picked out of documents and tables."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from atomstates.report.contents import MaterialContents
from atomstates.report.doas_figures import DensityAtTemperature, Trend
from atomstates.report.style import INK, site_colour, temperature_colours
from atomstates.report.tables import Array, Table, column, kind_label, site_kinds
from atomstates.report.transport_figures import SquaredDisplacement, TimeSeries

DISORDER = (
    ("order_parameter", "channel order"),
    ("site_order", "order over alike sites"),
    ("effective_levels", "effective levels"),
    ("width", "width of the DOAS"),
    ("gap", "tet. − oct. gap"),
    ("overlap", "overlap of oct. and tet."),
    ("sublattice_energy", "sublattice energy / ion"),
    ("cell_energy", "cell energy / atom"),
)
"""Measures of disorder in the order in which they are drawn."""


def densities(table: Table) -> list[DensityAtTemperature]:
    """Density of states of every temperature of ``density.csv``, coldest first."""
    found = []
    temperatures = table["temperature_K"]
    for temperature in np.unique(temperatures):
        rows = {name: values[temperatures == temperature] for name, values in table.items()}
        order = np.argsort(rows["energy_eV"])
        rows = {name: values[order] for name, values in rows.items()}
        found.append(
            DensityAtTemperature(
                temperature=float(temperature),
                energy=rows["energy_eV"],
                total=(column(rows, "total_per_eV"), rows.get("total_error_per_eV")),
                parts=site_kinds(rows),
                smooth=rows.get("total_smoothed_per_eV"),
            )
        )
    return found


def trend(doas: dict[str, Any], key: str, label: str, colour: str = INK) -> Trend | None:
    """A Measured of ``doas.json`` against temperature; None where no temperature has a value."""
    entries = sorted(doas["temperatures"], key=lambda entry: float(entry["temperature_K"]))
    numbers = [entry.get(key) or {} for entry in entries]
    value = _floats(number.get("value") for number in numbers)
    if not np.isfinite(value).any():
        return None
    return Trend(
        label=label,
        unit=next(
            (str(number["unit"]) for number in numbers if number.get("unit") not in ("1", "", None)), ""
        ),
        temperature=_floats(entry["temperature_K"] for entry in entries),
        value=value,
        error=np.nan_to_num(_floats(number.get("error") for number in numbers)),
        colour=colour,
    )


def site_trends(doas: dict[str, Any]) -> list[Trend]:
    """Share of the ions in each site kind against temperature."""
    kinds = ("octahedral", "tetrahedral", "other")
    found = [trend(doas, f"{kind}_fraction", kind, site_colour(kind)) for kind in kinds]
    return [one for one in found if one is not None]


def environments(doas: dict[str, Any], cation: str) -> list[Trend]:
    """Share of the ions in each environment against temperature, the most frequent first."""
    entries = sorted(doas["temperatures"], key=lambda entry: float(entry["temperature_K"]))
    temperatures = _floats(entry["temperature_K"] for entry in entries)
    found: dict[str, list[list[float]]] = {}
    for index, entry in enumerate(entries):
        for environment in entry.get("environments", []):
            kind = environment_kind(environment)
            value, error = _number(environment.get("fraction"))
            shares = found.setdefault(kind, [[0.0, 0.0] for _ in entries])
            shares[index][0] += value
            shares[index][1] = float(np.hypot(shares[index][1], error))
    trends = [
        Trend(
            label=kind_label(kind, cation),
            unit="",
            temperature=temperatures,
            value=_floats(pair[0] for pair in shares),
            error=_floats(pair[1] for pair in shares),
            colour=site_colour(kind),
        )
        for kind, shares in found.items()
    ]
    return sorted(trends, key=lambda one: -float(one.value.max()))


def environment_kind(environment: dict[str, Any]) -> str:
    """Site kind of an environment, octahedra split by edge-sharing cations."""
    site = str(environment["site"])
    return f"{site}_{int(environment['edge_sharing'])}" if site == "octahedral" else site


def squared_displacements(material: MaterialContents) -> list[SquaredDisplacement]:
    """Mean squared displacement of every run that has one."""
    colours = temperature_colours([run.temperature for run in material.runs])
    found = []
    for run in material.runs:
        if run.msd is None:
            continue
        value = column(run.msd, "msd_A2")
        found.append(
            SquaredDisplacement(
                label=f"{run.temperature:g} K",
                colour=colours[run.temperature],
                lag=column(run.msd, "lag_ps"),
                value=value,
                error=run.msd.get("msd_error_A2", np.zeros_like(value)),
                fitted=_fitted(run.diffusion),
                temperature=run.temperature,
            )
        )
    return found


def thermo_series(
    material: MaterialContents, quantities: tuple[str, ...], relative: bool = False
) -> list[TimeSeries]:
    """The first of the quantities that ``thermo.csv`` has, of every run, against time.

    Columns are known by what their names begin with; with ``relative``, values are counted from
    the coldest run's mean.
    """
    colours = temperature_colours([run.temperature for run in material.runs])
    found = []
    for run in material.runs:
        if run.thermo is None:
            continue
        time, value = _beginning(run.thermo, ("time",)), _beginning(run.thermo, quantities)
        if time is not None and value is not None:
            label, colour = f"{run.temperature:g} K", colours[run.temperature]
            found.append(TimeSeries(label, colour, time, value, run.temperature))
    if relative and found:
        zero = float(np.nanmean(found[0].value))
        found = [replace(one, value=one.value - zero) for one in found]
    return found


def _beginning(table: Table, names: tuple[str, ...]) -> Array | None:
    """The column whose name begins with the first of the names that fits any."""
    for name in names:
        for header, values in table.items():
            if header.startswith(name):
                return values
    return None


def _fitted(diffusion: dict[str, Any] | None) -> tuple[float, float] | None:
    """First and last lag of the fit of a run that was not refused."""
    lags = (diffusion or {}).get("lags") or {}
    if (diffusion or {}).get("refusal") or lags.get("first_ps") is None or lags.get("last_ps") is None:
        return None
    return float(lags["first_ps"]), float(lags["last_ps"])


def _number(measured: Any) -> tuple[float, float]:
    """Value and error of a Measured as stored, or of a plain number; 0 where there is none."""
    if isinstance(measured, dict):
        return float(measured.get("value") or 0), float(measured.get("error") or 0)
    return float(measured or 0), 0.0


def _floats(values: Iterable[Any]) -> Array:
    """Numbers as an array, NaN for None."""
    return np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)
