"""The edge of the room: products of the whole campaign in; a page, figures, numbers and tables out."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from atomstates.campaign import Results
from atomstates.parallel import Communicator
from atomstates.products import Check, Measured, Summary, write_csv, written_whole
from atomstates.report.answers import answers, derived_checks
from atomstates.report.contents import Marker, MaterialContents, contents, markers
from atomstates.report.curves import identified_temperatures
from atomstates.report.figures import pictures
from atomstates.report.interactive.beside import beside_panel
from atomstates.report.interactive.packing import as_json
from atomstates.report.interactive.panel import Panel
from atomstates.report.interactive.panels import panels
from atomstates.report.numbers import Row, environment_words, rows, write_numbers
from atomstates.report.own_tables import own_table
from atomstates.report.page import PlacedCheck, Shown, rendered_page
from atomstates.report.picture import Picture, PictureTable, anchor
from atomstates.report.readings import readings
from atomstates.report.style import as_pdf, as_png, as_svg, style

PAGE = "index.html"


def write_report(place: Results, comm: Communicator) -> Summary:
    """Write ``report/``: the page, ``figures/``, ``data/``, ``numbers.csv`` and ``numbers.json``.

    What is missing is named on the page and in the checks, and the rest is shown.

    Raises
    ------
    ProductError
        A product that exists cannot be read.
    """
    if comm.rank != 0:
        return Summary()
    folder = place.stage_path("report")
    materials, found = contents(place), markers(place)
    found_panels = {
        folder.name: panels(folder, one) for folder, one in zip(place.materials, materials, strict=True)
    }
    beside = beside_panel(materials, found_panels)
    for of_material in found_panels.values():
        of_material |= {} if beside is None else {"comparison": beside}
    shown = [
        _written_picture(
            picture, place, material, materials, folder, found_panels[material.name].get(picture.name)
        )
        for material in materials
        for picture in pictures(material, materials)
    ]
    numbers = rows(place)
    write_numbers(folder, numbers)
    own = derived_checks(materials) + _completeness(found)
    checks = _placed(found) + [PlacedCheck("report", place.name, check) for check in own]
    said = {material.name: answers(material) for material in materials}
    page = rendered_page(place, materials, said, shown, numbers, checks, found)
    with written_whole(folder / PAGE) as unfinished:
        unfinished.write_text(page, encoding="utf-8")
    return Summary(
        numbers=_headline(numbers),
        checks=tuple(own),
        facts={"page": PAGE, "n_figures": len(shown), "n_numbers": len(numbers), "n_checks": len(checks)},
    )


def _written_picture(
    picture: Picture,
    place: Results,
    material: MaterialContents,
    materials: Sequence[MaterialContents],
    folder: Path,
    panel: Panel | None,
) -> Shown:
    """Write a figure in its formats and copy the tables behind it, so that the folder can be shared."""
    stem = f"{material.name}_{picture.name}"
    temperatures = identified_temperatures(picture.figure)
    with style():
        svg = as_svg(picture.figure)
        values = readings(picture.figure)
        picture.figure.set_layout_engine("none")  # stays as it was laid out, which takes most of the time
        png, pdf = as_png(picture.figure), as_pdf(picture.figure)
    for suffix, content in ((".svg", svg), (".pdf", pdf), (".png", png)):
        with written_whole(folder / "figures" / f"{stem}{suffix}") as unfinished:
            unfinished.write_bytes(content)
    files = [(kind, f"figures/{stem}.{kind.lower()}") for kind in ("PDF", "SVG", "PNG")]
    for name in picture.data:
        target = Path("data") / _shared_name(name, material)
        if "/" in name:
            with written_whole(folder / target) as unfinished:
                shutil.copyfile(place.path / name, unfinished)
        elif (table := own_table(name, material, materials)) is not None:
            write_csv(folder / target, *table)
        else:
            _write_trends(folder / target, name, material)
        files.append((target.name, target.as_posix()))
    return Shown(
        anchor=anchor(material.name, picture.name),
        material=material.name,
        title=picture.title,
        caption=picture.caption,
        alt=picture.alt,
        svg=svg,
        temperatures=temperatures,
        width_rem=round(8.0 * float(picture.figure.get_figwidth()), 1),
        files=tuple(files),
        table=_linked(picture.table, material),
        values=None if values is None else as_json(values),
        panel=panel,
    )


def _linked(table: PictureTable | None, material: MaterialContents) -> PictureTable | None:
    """The table with links to the copies beside the page."""
    if table is None:
        return None
    links = tuple(
        tuple((label, f"data/{_shared_name(path, material)}") for label, path in row) for row in table.links
    )
    return replace(table, links=links)


def _shared_name(name: str, material: MaterialContents) -> str:
    """Name of a table in ``report/data``: the place in front, since all lie in one folder."""
    parts = name.split("/")
    return f"{parts[1] if len(parts) > 1 else material.name}_{parts[-1]}"


def _write_trends(path: Path, name: str, material: MaterialContents) -> None:
    """Write what ``doas.json`` says of each temperature as a table."""
    assert material.doas is not None
    entries = sorted(material.doas["temperatures"], key=lambda entry: float(entry["temperature_K"]))
    header = ["temperature_K", "quantity", "value", "error", "unit", "sample", "note"]
    table: list[Sequence[Any]] = []
    for entry in entries:
        temperature = entry["temperature_K"]
        if name == "disorder.csv":
            table += [_cells(temperature, key, item) for key, item in entry.items() if _is_measured(item)]
            continue
        for environment in entry.get("environments", []):
            words = environment_words(environment)
            for key in ("fraction", "mean", "width"):
                table.append(_cells(temperature, f"{key} ({words})", environment.get(key)))
    write_csv(path, header, table)


def _is_measured(item: Any) -> bool:
    return isinstance(item, dict) and {"value", "error", "unit", "sample"} <= item.keys()


def _cells(temperature: float, quantity: str, item: Any) -> Sequence[Any]:
    """One row of a table of trends; a plain number has no error."""
    if not _is_measured(item):
        return [temperature, quantity, item, None, None, None, None]
    return [temperature, quantity, *(item.get(key) for key in ("value", "error", "unit", "sample", "note"))]


def _placed(found: Sequence[Marker]) -> list[PlacedCheck]:
    """The checks of every stage that was done."""
    return [
        PlacedCheck(marker.stage, marker.place, Check(item["name"], item["status"], item["message"]))
        for marker in found
        for item in marker.content.get("checks", [])
    ]


def _completeness(found: Sequence[Marker]) -> list[Check]:
    """Whether every stage of every place was done with today's settings."""
    checks = []
    for state, words in (("missing", "not yet done"), ("stale", "done with other settings than today's")):
        those = [f"{marker.stage} of {marker.place}" for marker in found if marker.state == state]
        if those:
            checks.append(Check(f"stages {words}", "WARN", f"{len(those)}: {'; '.join(those)}"))
    return checks or [Check("all stages done", "PASS", f"{len(found)} stages, all with today's settings")]


def _headline(numbers: Sequence[Row]) -> dict[str, Measured]:
    """The numbers that answer the campaign's questions."""
    wanted = {
        "activation energy",
        "conductivity, extrapolated",
        "transition temperature",
        "transition temperatures: order parameter",
    }
    return {f"{row.material}: {row.quantity}": row.measured for row in numbers if row.quantity in wanted}
