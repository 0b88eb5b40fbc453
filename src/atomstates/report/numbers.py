"""Every number of a campaign in one table: what was measured, and the product it came from."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from atomstates.campaign import MaterialFolder, Results, RunFolder
from atomstates.products import MARKER, Measured, read_json, write_csv, write_json
from atomstates.report.contents import relative
from atomstates.stages import STAGES, places

_STRUCTURE_OF_DOCUMENT = {
    "numbers",
    "temperatures",
    "points",
    "environments",
    "measured",
    "between",
    "runs",
    "occupations",
}
"""Keys that say where in a document a number stands, not what it is."""


COLUMNS = (
    "quantity",
    "material",
    "run",
    "temperature_K",
    "value",
    "error",
    "interval_low",
    "interval_high",
    "unit",
    "sample",
    "note",
    "product",
    "pointer",
)

_WORDS = {
    "mean": "mean energy",
    "width": "width of the DOAS",
    "entropy": "entropy of the DOAS",
    "gap": "tetrahedral − octahedral gap",
    "overlap": "overlap of octahedral and tetrahedral",
}
"""Keys of documents that say too little when they stand alone."""


@dataclass(frozen=True)
class Row:
    """One number; ``product`` (relative to the results) and ``pointer`` (JSON) say where it stands."""

    quantity: str
    material: str
    run: str
    temperature_K: float | None
    measured: Measured
    product: str
    pointer: str


def rows(results: Results) -> list[Row]:
    """Every Measured in the products of all stages that were done.

    A number that a marker repeats from a product beside it is listed once, with the product.
    """
    found: list[Row] = []
    for stage in STAGES:
        if stage.level == "campaign":
            continue
        for place in places(stage, results):
            folder = place.stage_path(stage.name)
            if (folder / MARKER).is_file() and not isinstance(place, Results):
                found += _folder_rows(folder, place, results)
    return found


def write_numbers(folder: Path, found: list[Row]) -> None:
    """Write ``numbers.csv`` and ``numbers.json``."""
    write_csv(folder / "numbers.csv", COLUMNS, [_cells(row) for row in found])
    write_json(folder / "numbers.json", [asdict(row) for row in found])


def measured_from(content: Any) -> Measured | None:
    """The Measured that a document holds there, or None."""
    if not isinstance(content, dict) or not {"value", "error", "unit", "sample"} <= content.keys():
        return None
    interval = content.get("interval")
    return Measured(
        value=None if content["value"] is None else float(content["value"]),
        error=None if content["error"] is None else float(content["error"]),
        unit=str(content["unit"]),
        sample=int(content["sample"] or 0),
        note=str(content.get("note", "")),
        interval=(float(interval[0]), float(interval[1])) if interval else None,
    )


def _folder_rows(folder: Path, place: MaterialFolder | RunFolder, results: Results) -> list[Row]:
    """Numbers of the documents of one stage of one place, the marker's last."""
    documents = sorted(folder.glob("*.json"), key=lambda path: (path.name == MARKER, path.name))
    run = place if isinstance(place, RunFolder) else None
    found: list[Row] = []
    for document in documents:
        known = {row.measured for row in found} if document.name == MARKER else set()
        for pointer, words, temperature, number in _measured_in(read_json(document)):
            if number in known:
                continue
            found.append(
                Row(
                    quantity=words,
                    material=place.material.name,
                    run=run.id if run else "",
                    temperature_K=temperature if run is None else run.temperature,
                    measured=number,
                    product=relative(document, results),
                    pointer=pointer,
                )
            )
    return found


def _measured_in(
    content: Any, pointer: str = "", words: tuple[str, ...] = (), temperature: float | None = None
) -> Iterator[tuple[str, str, float | None, Measured]]:
    """JSON pointer, words, temperature and value of every Measured, in order of the document."""
    if isinstance(content, list):
        for index, item in enumerate(content):
            yield from _measured_in(item, f"{pointer}/{index}", words, temperature)
    elif isinstance(content, dict):
        if isinstance(content.get("temperature_K"), int | float):
            temperature = float(content["temperature_K"])
        if (number := measured_from(content)) is not None:
            yield pointer, _joined(words), temperature, number
            return
        if "site" in content:
            words = (*words, environment_words(content))
        for key, item in content.items():
            inner = words if key in _STRUCTURE_OF_DOCUMENT else (*words, key.replace("_", " "))
            yield from _measured_in(item, f"{pointer}/{_escaped(key)}", inner, temperature)


def _cells(row: Row) -> tuple[str | float | None, ...]:
    """A row of ``numbers.csv``."""
    number = row.measured
    low, high = number.interval or (None, None)
    return (
        *(row.quantity, row.material, row.run, row.temperature_K, number.value, number.error, low, high),
        *(number.unit, number.sample, number.note, row.product, row.pointer),
    )


def _joined(words: tuple[str, ...]) -> str:
    text = ": ".join(words) if len(words) > 1 else _WORDS.get("".join(words), "".join(words))
    return "conductivity, extrapolated" if text.startswith("conductivity at") else text


def environment_words(content: dict[str, Any]) -> str:
    """An environment in words."""
    text = str(content["site"])
    for kind in ("edge", "face"):
        if (n := content.get(f"{kind}_sharing")) is not None:
            text += f", {n} {kind}-sharing"
    anions = content.get("anions") or {}
    return text + (f", {' '.join(f'{n} {element}' for element, n in anions.items())}" if anions else "")


def _escaped(key: str) -> str:
    """A key as JSON pointers write it (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")
