"""Numbers with errors as columns of tables: every quantity wears its unit."""

from collections.abc import Iterable, Mapping
from typing import Any

_IN_NAMES = str.maketrans({"²": "2", "³": "3", "Å": "A", "·": "_", " ": "_"})


def unit_suffix(unit: str) -> str:
    """A unit as the end of a column's name: ``_mS_per_cm``, ``_cm2_per_s``; nothing for pure numbers."""
    if unit in ("", "1"):
        return ""
    return "_" + unit.translate(_IN_NAMES).replace("1/", "per_").replace("/", "_per_")


def is_measured(item: Any) -> bool:
    """Whether this is a number with an error, as products store them."""
    return isinstance(item, Mapping) and {"value", "error", "unit", "sample"} <= item.keys()


def value_and_error(name: str, item: Mapping[str, Any]) -> dict[str, float | None]:
    """Two columns: ``NAME_UNIT`` and ``NAME_error_UNIT``; where no number exists both are missing."""
    suffix = unit_suffix(str(item["unit"]))
    return {f"{name}{suffix}": item["value"], f"{name}_error{suffix}": item["error"]}


def measured_columns(
    content: Mapping[str, Any], names: Iterable[str] | None = None
) -> dict[str, float | None]:
    """The columns of every number with an error in ``content``, or of the named ones."""
    columns: dict[str, float | None] = {}
    for name in content if names is None else names:
        item = content.get(name)
        if item is not None and is_measured(item):
            columns |= value_and_error(name, item)
    return columns
