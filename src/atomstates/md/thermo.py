"""Rows of temperature, energy, pressure and cell: read from the segments, joined, averaged."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atomstates.errors import ProductError
from atomstates.md.record import file_names, kept, segments
from atomstates.products import write_csv

FloatArray = NDArray[np.float64]

COLUMNS = (
    "temperature_K",
    "potential_energy_eV",
    "conserved_energy_eV",
    "pressure_bar",
    "volume_A3",
    "lx_A",
    "ly_A",
    "lz_A",
    "xy_A",
    "xz_A",
    "yz_A",
)
_FEWEST_BLOCKS = 8


@dataclass(frozen=True)
class Thermo:
    """Rows of a run; steps count from the first recorded frame, those before it are negative."""

    steps: NDArray[np.int64]
    columns: dict[str, FloatArray]

    def __post_init__(self) -> None:
        if any(values.shape != self.steps.shape for values in self.columns.values()):
            raise ValueError("columns of different length")

    def since(self, step: int) -> "Thermo":
        """The rows from a step on."""
        rows = self.steps >= step
        return Thermo(self.steps[rows], {name: values[rows] for name, values in self.columns.items()})


@dataclass(frozen=True)
class Mean:
    """Mean of a correlated series with its standard error (None when the series is too short)."""

    value: float
    error: float | None
    sample: int


def mean(values: FloatArray) -> Mean:
    """Mean of a time series; the error is the largest over block lengths 1, 2, 4, ...

    With b blocks of means m_i the error is sqrt(var(m_i) / b), var with b - 1; it grows with the
    length of the blocks until they are independent (Flyvbjerg and Petersen, J. Chem. Phys. 91
    (1989) 461). At least eight blocks are kept.
    """
    n, length, error = len(values), 1, None
    while n // length >= _FEWEST_BLOCKS:
        n_blocks = n // length
        blocks = values[: n_blocks * length].reshape(n_blocks, length).mean(axis=1)
        found = float(blocks.std(ddof=1) / np.sqrt(n_blocks))
        error = found if error is None else max(error, found)
        length *= 2
    return Mean(float(values.mean()), error, n)


def slope(times: FloatArray, values: FloatArray) -> Mean:
    """Slope of a straight line through a series, with its error from the slopes of four parts of it."""
    centred = times - times.mean()
    value = float(centred @ values / (centred @ centred))
    residuals = values - values.mean() - value * centred
    parts = [part for part in np.array_split(np.arange(len(values)), 4) if len(part) > 2]
    if len(parts) < 4:
        return Mean(value, None, len(values))
    # means of four parts are far enough from each other to count as independent
    scatter = float(np.std([residuals[part].mean() for part in parts], ddof=1))
    reach = float(np.std([centred[part].mean() for part in parts], ddof=0)) * 2
    return Mean(value, scatter / reach, len(values))


def read_thermo(folder: Path, produce_step: int, last_step: int) -> Thermo:
    """Rows of all segments of a run, joined by step.

    Raises
    ------
    ProductError
        There are none.
    """
    rows: dict[int, FloatArray] = {}
    for segment in segments(folder):
        path = folder / file_names(segment.number)["thermo_file"]
        if path.exists() and len(found := read_rows(path)):
            # each `run` of the script writes its first step, which the one before wrote as its last
            rows[segment.number] = found[np.append(np.diff(found[:, 0]) > 0, True)]
    rows = _with_true_first_rows(rows)
    steps = {number: found[:, 0].astype(np.int64) for number, found in rows.items()}
    joined = [rows[number][indices] for number, indices in kept(folder, steps)]
    if not joined:
        raise ProductError(f"{folder}: no rows of temperature and energy. Remove it and run md again.")
    table = np.concatenate(joined)
    table = table[table[:, 0] <= last_step]
    columns = {name: table[:, number] for number, name in enumerate(COLUMNS, start=1)}
    return Thermo(table[:, 0].astype(np.int64) - produce_step, columns)


def _with_true_first_rows(rows: dict[int, FloatArray]) -> dict[int, FloatArray]:
    """The rows by segment, each first row after a restart as the segment before it wrote it.

    LAMMPS prints that row before it has the thermostat's energy back: its conserved energy is
    arbitrary. Where the segment before did not get to write its own, there is no such row.
    """
    true: dict[int, FloatArray] = {}
    for number in sorted(rows):
        found = rows[number]
        for other in sorted(true, reverse=True):
            same = np.flatnonzero(true[other][:, 0] == found[0, 0])
            if len(same):
                found = np.concatenate([true[other][same[:1]], found[1:]])
                break
        else:
            found = found[1:] if true else found
        if len(found):
            true[number] = found
    return true


def read_rows(path: Path, last_bytes: int | None = None) -> FloatArray:
    """Whole rows of a ``thermo.NNN.csv`` (of its end only, when asked), shape (rows, 13)."""
    with path.open("rb") as handle:
        if last_bytes is not None:
            handle.seek(max(0, path.stat().st_size - last_bytes))
        text = handle.read().decode("ascii", errors="replace")
    whole = text[: text.rfind("\n") + 1].splitlines()
    rows = []
    for line in whole:
        words = line.split(",")
        try:
            numbers = [float(word) for word in words]
        except ValueError:
            continue
        if len(numbers) == len(COLUMNS) + 2:
            rows.append(numbers)
    return np.array(rows, dtype=np.float64).reshape(-1, len(COLUMNS) + 2)


def write_thermo(path: Path, thermo: Thermo, timestep: float) -> None:
    """Write ``thermo.csv``: step, time from the first recorded frame, and all columns."""
    values = zip(*(thermo.columns[name] for name in COLUMNS), strict=True)
    rows = (
        (int(step), f"{step * timestep:.10g}", *(f"{value:.10g}" for value in row))
        for step, row in zip(thermo.steps, values, strict=True)
    )
    write_csv(path, ("step", "time_ps", *COLUMNS), rows)
