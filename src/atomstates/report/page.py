"""The page: one HTML file that needs nothing else, from pictures, numbers, checks and provenance."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from atomstates.campaign import Results
from atomstates.products import Check, file_hash, provenance
from atomstates.report.answer import Answer
from atomstates.report.contents import Marker, MaterialContents
from atomstates.report.interactive.panel import (
    Panel,
    fragment,
    panel_id,
    viewer_library,
    viewer_scripts,
    viewer_styles,
)
from atomstates.report.numbers import Row
from atomstates.report.picture import PictureTable
from atomstates.report.readings import temperatures_shown
from atomstates.report.wording import measured_text, unit_text

_ORDER = {"FAIL": 0, "WARN": 1, "PASS": 2}


@dataclass(frozen=True)
class Shown:
    """A picture as it goes onto the page."""

    anchor: str
    material: str
    title: str
    caption: str
    alt: str
    svg: bytes
    temperatures: tuple[float, ...]
    """K: groups of the SVG that can be brought to the front."""
    width_rem: float
    """Greatest width on the page, so that letters are of one size in all figures."""
    files: tuple[tuple[str, str], ...]
    """Label and path, relative to the page, of the figure's own files and the tables behind it."""

    table: PictureTable | None = None
    """A table below it, whose links are relative to the page."""

    values: Markup | None = None
    """Values of its curves as JSON."""

    panel: Panel | None = None
    """What the reader can turn and choose from, below the picture."""

    @property
    def source(self) -> str:
        """The picture as a data URI: nothing is fetched, and identifiers cannot clash."""
        return "data:image/svg+xml;base64," + base64.b64encode(self.svg).decode("ascii")


@dataclass(frozen=True)
class PlacedCheck:
    """A check, and the stage and places that it is about."""

    stage: str
    place: str
    check: Check


def rendered_page(
    results: Results,
    materials: Sequence[MaterialContents],
    answers: Mapping[str, Sequence[Answer]],
    figures: Sequence[Shown],
    rows: Sequence[Row],
    checks: Sequence[PlacedCheck],
    markers: Sequence[Marker],
) -> str:
    """HTML of the report."""
    environment = Environment(
        loader=PackageLoader("atomstates.report", "."),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"measured": measured_text, "unit": unit_text, "facts": _facts}
    environment.globals |= {
        "fragment": fragment,
        "panel_id": panel_id,
        "viewer_library": viewer_library,
        "viewer_scripts": viewer_scripts,
        "viewer_styles": viewer_styles,
    }
    ordered = sorted(checks, key=lambda placed: _ORDER[placed.check.status])
    return environment.get_template("page.html.j2").render(
        title=results.campaign.title or results.name,
        name=results.name,
        materials=materials,
        answers=answers,
        figures=figures,
        choosable={
            material.name: temperatures_shown(
                [figure.temperatures for figure in figures if figure.material == material.name]
            )
            for material in materials
        },
        interactive=any(figure.panel is not None for figure in figures),
        numbers=_by_product(rows),
        n_numbers=len(rows),
        checks=ordered,
        n_checks={status: sum(one.check.status == status for one in checks) for status in _ORDER},
        missing=[marker for marker in markers if marker.state != "done"],
        campaign=_as_yaml(results.campaign.model_dump(mode="json")),
        sources=[_source(results, material.name) for material in materials],
        campaign_hash=file_hash(results.path / "campaign.json"),
        versions=_versions(markers),
        markers=[marker for marker in markers if marker.state != "missing"],
        own_version=provenance()["atomstates"],
    )


def _by_product(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Rows of each product, in order."""
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row.product, []).append(row)
    return grouped


def _as_yaml(settings: dict[str, Any]) -> str:
    """Settings as they stand in a campaign's file."""
    return yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)


def _facts(marker: Marker) -> str:
    """Free facts of a stage on one line."""
    return "; ".join(f"{key}: {value}" for key, value in marker.content.get("facts", {}).items())


def _source(results: Results, name: str) -> dict[str, Any]:
    """Settings of a material as YAML, and hashes of its input files."""
    source = results.sources[name]
    settings = {key: value for key, value in source["settings"].items() if value not in (None, [], "")}
    return {
        "name": name,
        "settings": _as_yaml(settings),
        "files": [
            (key, str(path).replace("\\", "/").rsplit("/", 1)[-1], source["file_hashes"][key])
            for key, path in source["files"].items()
        ],
    }


def _versions(markers: Sequence[Marker]) -> list[tuple[str, str]]:
    """Versions of what made the products; several where they differ."""
    found: dict[str, dict[str, None]] = {}
    for marker in markers:
        for package, version in marker.content.get("provenance", {}).items():
            found.setdefault(package, {})[version] = None
    return [(package, ", ".join(versions)) for package, versions in found.items()]
