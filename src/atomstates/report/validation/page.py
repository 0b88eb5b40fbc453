"""The page of a potential's tests: one HTML file that needs nothing else."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from atomstates.potentials.validation.card import shown_cell, shown_value
from atomstates.report.style import as_svg
from atomstates.report.validation.picture import TestedPicture

_TITLES = {
    "errors_by_material": "Errors by material",
    "errors_by_temperature": "Errors by material, origin and temperature",
    "errors_by_origin": "Errors by origin",
    "ensemble": "Models of the ensemble on the same frames, and what they get wrong alike",
    "lattice": "Relaxed reference ordering, per unit cell",
    "expansion": "Lattice in free cells, per unit cell",
    "orderings": "Relaxed orderings",
    "hops": "Hops",
    "drift": "Energy without thermostat",
    "stays": "Long runs",
    "speed": "Speed",
}
"""Tables on the page, in their order, where they were made."""
_UNITS = {
    "_meV_per_atom_ns": ", meV/atom/ns",
    "_meV_per_atom": ", meV/atom",
    "_eV_per_atom": ", eV/atom",
    "_meV_per_A": ", meV/Å",
    "_A3_per_atom": ", Å³/atom",
    "_cm2_per_s": ", cm²/s",
    "_percent": ", %",
    "_meV": ", meV",
    "_GPa": ", GPa",
    "_eV": ", eV",
    "_A2": ", Å²",
    "_ps": ", ps",
    "_A": ", Å",
    "_K": ", K",
}
"""How units at the end of a column's name are shown."""


@dataclass(frozen=True)
class ShownTable:
    """A table in words."""

    name: str
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class ShownFigure:
    """A figure as it goes onto the page."""

    name: str
    title: str
    caption: str
    alt: str
    data: tuple[str, ...]
    svg: bytes
    width_rem: float

    @property
    def source(self) -> str:
        """The picture as a data URI."""
        return "data:image/svg+xml;base64," + base64.b64encode(self.svg).decode("ascii")


def shown_figure(picture: TestedPicture) -> ShownFigure:
    """A picture with its drawing as SVG."""
    width = round(8.0 * float(picture.figure.get_figwidth()), 1)
    words = (picture.name, picture.title, picture.caption, picture.alt, picture.data)
    return ShownFigure(*words, as_svg(picture.figure), width)


def rendered_page(
    card: Mapping[str, Any],
    tables: Mapping[str, pd.DataFrame],
    figures: Sequence[ShownFigure],
    settings: Mapping[str, Any],
) -> str:
    """HTML of the tests; ``settings`` are those of the recipe's validation."""
    environment = Environment(
        loader=PackageLoader("atomstates.report", "."),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["value"] = shown_value
    counts = {
        status: sum(test["status"] == status for test in card["tests"])
        for status in ("FAIL", "WARN", "PASS")
    }
    return environment.get_template("validation/page.html.j2").render(
        card=card,
        counts=counts,
        verdict=_verdict(counts),
        materials=list(settings["materials"]),
        figures=figures,
        tables=[
            shown_table(name, title, tables[name]) for name, title in _TITLES.items() if name in tables
        ],
        settings=yaml.safe_dump(dict(settings), sort_keys=False, allow_unicode=True),
        shape=yaml.safe_dump(card["shape"], sort_keys=False),
    )


def _verdict(counts: Mapping[str, int]) -> str:
    """All tests in a sentence."""
    asked = sum(counts.values())
    if counts["PASS"] == asked:
        return f"All {asked} targets are reached."
    parts = [f"{counts['PASS']} of {asked} targets are reached"]
    if counts["WARN"]:
        parts.append(f"{counts['WARN']} cannot be told for sure")
    if counts["FAIL"]:
        parts.append(f"{counts['FAIL']} missed")
    return ", ".join(parts) + "."


def shown_table(name: str, title: str, table: pd.DataFrame) -> ShownTable:
    """A table in words: units behind a comma, numbers to four digits."""
    rows = tuple(tuple(shown_cell(value) for value in row) for row in table.itertuples(index=False))
    return ShownTable(name, title, tuple(_heading(str(column)) for column in table.columns), rows)


def _heading(column: str) -> str:
    """Name of a column with its unit as people write it."""
    name, unit = column, ""
    for ending, shown in _UNITS.items():
        if column.endswith(ending):
            name, unit = column.removesuffix(ending), shown
            break
    return name.replace("_", " ").replace("rmse", "RMSE") + unit
