"""From products to what the figures of motion draw."""

from collections.abc import Iterator, Sequence

import numpy as np

from atomstates.report.contents import MaterialContents, RunContents
from atomstates.report.motion_figures import Converging, SizeSeries, VanHoveAtTemperature
from atomstates.report.numbers import measured_from
from atomstates.report.style import temperature_colours
from atomstates.report.tables import Array, column

CONVERGENCE_COLUMNS = (
    "run",
    "temperature_K",
    "used_ps",
    "diffusivity_cm2_per_s",
    "diffusivity_error_cm2_per_s",
    "note",
)
SIZE_COLUMNS = (
    "material",
    "temperature_K",
    "n_ions",
    "volume_A3",
    "inverse_length_per_A",
    "diffusivity_cm2_per_s",
    "diffusivity_error_cm2_per_s",
)


def converging(material: MaterialContents) -> list[Converging]:
    """D of the first parts of every run that has any D."""
    colours = temperature_colours([run.temperature for run in material.runs])
    found = []
    for run in material.runs:
        parts = np.array([row[2:5] for row in convergence_rows_of(run)], dtype=np.float64).reshape(-1, 3)
        if np.isfinite(parts[:, 1]).any():
            label, colour = f"{run.temperature:g} K", colours[run.temperature]
            found.append(Converging(label, colour, *parts.T, temperature=run.temperature))
    return found


def convergence_rows(material: MaterialContents) -> Iterator[Sequence[object]]:
    """Rows of the table behind the figure of convergence."""
    for run in material.runs:
        yield from convergence_rows_of(run)


def convergence_rows_of(run: RunContents) -> Iterator[Sequence[object]]:
    """The same of one run; None where D was refused."""
    for part in (run.diffusion or {}).get("convergence", []):
        number = measured_from(part["diffusivity"])
        assert number is not None
        yield run.id, run.temperature, part["produce_ps"], number.value, number.error, number.note


def sizes(family: Sequence[MaterialContents]) -> list[SizeSeries]:
    """D against 1/L at every temperature that at least two sizes of cell have a D of."""
    temperatures = sorted({run.temperature for material in family for run in material.runs})
    colours = temperature_colours(temperatures)
    rows = list(size_rows(family))
    found = []
    for temperature in temperatures:
        own = np.array([row[4:7] for row in rows if row[1] == temperature], dtype=np.float64).reshape(-1, 3)
        if len(np.unique(own[:, 0])) > 1:
            label, colour = f"{temperature:g} K", colours[temperature]
            found.append(SizeSeries(label, colour, *own.T, temperature=temperature))
    return found


def size_rows(family: Sequence[MaterialContents]) -> Iterator[Sequence[object]]:
    """Rows of the table behind the figure of sizes: temperatures of each material that have a D."""
    for material in family:
        volumes = {run.temperature: run.diffusion for run in material.runs if run.diffusion is not None}
        for point in (material.arrhenius or {}).get("points", []):
            temperature, number = float(point["temperature_K"]), measured_from(point.get("diffusivity"))
            known = volumes.get(temperature)
            if number is None or number.value is None or known is None:
                continue
            volume = float(known["volume_A3"])
            inverse = volume ** (-1 / 3)
            yield material.name, temperature, known["n_ions"], volume, inverse, number.value, number.error


def van_hove(material: MaterialContents, part: str) -> list[VanHoveAtTemperature]:
    """The part (``self`` or ``distinct``) at every temperature, mean over replicas."""
    colours = temperature_colours([run.temperature for run in material.runs])
    name = "self_per_A" if part == "self" else "distinct"
    error = "self_error_per_A" if part == "self" else "distinct_error"
    found = []
    for temperature in sorted({run.temperature for run in material.runs}):
        tables = [
            run.van_hove
            for run in material.runs
            if run.temperature == temperature and run.van_hove is not None and len(run.van_hove["lag_ps"])
        ]
        if not tables:
            continue
        lags, distance = np.unique(tables[0]["lag_ps"]), np.unique(tables[0]["r_A"])
        shape = (len(tables), len(lags), len(distance))
        values = np.array([column(table, name) for table in tables]).reshape(shape)
        errors = np.array([column(table, error) for table in tables]).reshape(shape)
        mean: Array = values.mean(axis=0)
        spread: Array = np.sqrt(np.sum(errors**2, axis=0)) / len(tables)
        if np.isfinite(mean).any():
            found.append(
                VanHoveAtTemperature(temperature, colours[temperature], lags, distance, mean, spread)
            )
    return found
