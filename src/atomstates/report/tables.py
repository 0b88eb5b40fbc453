"""Tables of products: named columns of numbers; an empty cell is NaN."""

import csv
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atomstates.errors import ProductError

Array = NDArray[np.float64]
Table = Mapping[str, Array]

_RANK = {"octahedral": 0, "tetrahedral": 1, "other": 4}
"""Order of the site kinds in figures."""


def read_table(path: Path) -> Table:
    """Columns of a CSV product by name, each of shape (rows,).

    Raises
    ------
    ProductError
        The table is missing, or a row has not as many cells as the header.
    """
    try:
        with path.open(newline="", encoding="utf-8") as handle:
            rows = list(csv.reader(handle))
    except OSError as error:
        raise ProductError(
            f"{path}: cannot be read ({error.strerror}); run the stage that makes it"
        ) from error
    if not rows or any(len(row) != len(rows[0]) for row in rows):
        raise ProductError(f"{path}: truncated table. Remove it and run its stage again.")
    header, body = rows[0], rows[1:]
    return {
        name: np.array([_number(row[column]) for row in body], dtype=np.float64)
        for column, name in enumerate(header)
    }


def _number(cell: str) -> float:
    """A cell as a number; words (the name of a thing) and empty cells are NaN."""
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def column(table: Table, *names: str) -> Array:
    """The first of the named columns that the table has.

    Raises
    ------
    ProductError
        It has none of them.
    """
    for name in names:
        if name in table:
            return table[name]
    raise ProductError(
        f"a table with the columns {', '.join(table)} has none of {', '.join(names)}: it was written by "
        "another version; run its stage again"
    )


def site_kinds(density: Table) -> dict[str, tuple[Array, Array | None]]:
    """Partial densities of ``density.csv`` by site kind: value and error columns (1/eV).

    Octahedra come split as ``octahedral_N``, N edge-sharing cations, where the table has that
    split, and as ``octahedral`` otherwise, so that the kinds add up to the total.
    """
    kinds: dict[str, tuple[Array, Array | None]] = {}
    for name, values in density.items():
        if not name.endswith("_per_eV") or name.endswith("_error_per_eV") or name.startswith("total"):
            continue
        stem = name.removesuffix("_per_eV")
        kinds[_kind(stem)] = (values, density.get(f"{stem}_error_per_eV"))
    if any(kind.startswith("octahedral_") for kind in kinds):
        kinds.pop("octahedral", None)
    return dict(sorted(kinds.items(), key=lambda item: (_RANK.get(item[0].split("_")[0], 3), item[0])))


def _kind(stem: str) -> str:
    """``octahedral_N`` from whatever a column calls octahedra with N edge-sharing cations."""
    if stem.startswith("octahedral") and (found := re.search(r"\d+", stem)):
        return f"octahedral_{int(found.group())}"
    return stem


def kind_label(kind: str, cation: str = "cation") -> str:
    """How a figure names a site kind."""
    if kind.startswith("octahedral_"):
        n = int(kind.removeprefix("octahedral_"))
        return f"octahedral, {n or 'no'} edge-sharing {cation}"
    return {"tetrahedral": "tetrahedral", "octahedral": "octahedral", "other": "other sites"}.get(
        kind, kind
    )
