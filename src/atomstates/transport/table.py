"""A user's table of temperatures and conductivities or diffusivities, with errors: columns by name."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atomstates.errors import InputError
from atomstates.transport.columns import EXAMPLES, Column, Quantity, column, only_quantity, the_column

Floats = NDArray[np.float64]
_CELSIUS = 273.15
_NO_VALUE = ("", "-", "nan", "none")


@dataclass(frozen=True)
class ConductivityTable:
    """Temperatures (K), values and standard errors, (n,), in ``unit``.

    Conductivities are in mS/cm and diffusivities in cm²/s; where the table names no unit, ``unit``
    is empty. ``read`` says in words which column was taken for what.
    """

    quantity: Quantity
    unit: str
    temperature: Floats
    value: Floats
    error: Floats
    read: tuple[str, ...]


def read_conductivities(
    path: Path, quantity: Quantity | None = None, relative_error: float | None = None
) -> ConductivityTable:
    """Read a table in CSV, or parted by semicolons, tabs or blanks.

    The first line names the columns: ``temperature_K``, ``conductivity_mS_per_cm`` or
    ``diffusivity_cm2_per_s`` and the same with ``error``, or spellings like ``T (K)``, ``D [m^2/s]``,
    ``sigma_err``. Rows without a value are left out; lines that begin with # are comments.

    Parameters
    ----------
    quantity
        What to take where the table has both.
    relative_error
        Error over value, for a table without a column of errors.

    Raises
    ------
    InputError
        The file cannot be read, a column is missing, doubled or of an unknown unit, or a cell is not a
        positive number.
    """
    header, rows = _cells(path)
    columns = [found for i, name in enumerate(header) if (found := column(path, name, i)) is not None]
    temperature = the_column(path, columns, header, "temperature", is_error=False)
    quantity = quantity or only_quantity(path, columns, header)
    value = the_column(path, columns, header, quantity, is_error=False)
    error = None
    if relative_error is None:
        error = the_column(path, columns, header, quantity, is_error=True)
        if error.unit and not value.unit:
            raise InputError(
                f"{path}: {error.name!r} has a unit, but {value.name!r} has none. Name the unit of both, "
                f"such as {EXAMPLES[quantity]}."
            )
    table = []
    for line, row in rows:
        if row[value.index].lower() in _NO_VALUE:
            continue
        t = _number(path, line, row, temperature) + (_CELSIUS if temperature.unit == "°C" else 0.0)
        x = _number(path, line, row, value) * value.factor
        if error is None:
            spread = float(relative_error or 0) * x
        else:
            spread = _number(path, line, row, error) * (error.factor if error.unit else value.factor)
        table.append((t, x, spread))
    if not table:
        raise InputError(f"{path}: no row has a {quantity} in the column {value.name!r}; one is needed")
    numbers = np.array(sorted(table), dtype=np.float64)
    used = {temperature.index, value.index, error.index if error else -1}
    left = [name for i, name in enumerate(header) if i not in used]
    return ConductivityTable(
        quantity=quantity,
        unit={"diffusivity": "cm²/s", "conductivity": "mS/cm"}[quantity] if value.unit else "",
        temperature=numbers[:, 0],
        value=numbers[:, 1],
        error=numbers[:, 2],
        read=(
            f"temperature from {temperature.name!r} ({temperature.unit or 'no unit named: taken as K'})",
            f"{quantity} from {value.name!r} ({value.unit or 'no unit named: kept as it is'})",
            f"error: {relative_error:.1%} of each value" if error is None else f"error from {error.name!r}",
            f"{len(table)} of {len(rows)} rows",
            *([f"not used: {', '.join(left)}"] if left else []),
        ),
    )


def _cells(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Names of the columns, and the number and cells of each line below."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as a table ({error})") from error
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if len(lines) < 2:
        raise InputError(
            f"{path}: a line of column names and rows below it are needed; found {len(lines)} lines"
        )
    first = lines[0][1]
    mark = next((mark for mark in ",;\t" if mark in first), None)
    cells = [
        (number, line.split() if mark is None else next(csv.reader([line], delimiter=mark)))
        for number, line in lines
    ]
    cells = [(number, [cell.strip() for cell in row]) for number, row in cells]
    header = cells[0][1]
    for number, row in cells[1:]:
        if len(row) != len(header):
            raise InputError(
                f"{path}, line {number}: {len(row)} cells, but the first line names {len(header)} columns"
            )
    return header, cells[1:]


def _number(path: Path, line: int, row: list[str], column: Column) -> float:
    """A cell as a positive number."""
    cell = row[column.index]
    try:
        number = float(cell)
    except ValueError:
        number = float("nan")
    if not np.isfinite(number) or (number <= 0 and column.unit != "°C"):
        raise InputError(
            f"{path}, line {line}, column {column.name!r}: found {cell!r}, a positive number is needed"
        )
    return number
