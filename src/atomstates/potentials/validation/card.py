"""The model card: what a trained potential is, where it comes from, and what it was found to do."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from atomstates.potentials.pipeline import LOOP, frame_counts, n_rounds_done
from atomstates.potentials.recipe import Training
from atomstates.potentials.validation.run import Found
from atomstates.potentials.validation.subject import Subject
from atomstates.potentials.workshop import Workshop
from atomstates.products import file_hash, provenance

IN_CARD = (
    "errors_by_material",
    "errors_by_temperature",
    "ensemble",
    "lattice",
    "expansion",
    "orderings",
    "hops",
    "drift",
    "stays",
)
"""Tables that stand in the card too, where they were made."""
_TITLES = {
    "errors_by_material": "Errors on frames that no training saw, by material",
    "ensemble": "Models of the ensemble on the same frames, and what they get wrong alike",
    "lattice": "Relaxed reference ordering, per unit cell",
    "orderings": "Relaxed orderings, energies less their mean",
    "hops": "Hops on the model's own paths",
    "drift": "Energy at constant volume without thermostat",
    "stays": "Long runs from the relaxed reference ordering",
}
"""Tables of ``MODEL_CARD.md``."""


def card(subject: Subject, found: Found) -> dict[str, Any]:
    """Everything that ``card.json`` says."""
    recipe = subject.recipe
    return {
        "name": recipe.name,
        "title": recipe.title,
        "elements": list(recipe.elements),
        "sha256": file_hash(subject.model),
        "licence": recipe.teacher.licence,
        "teacher": {
            "title": recipe.teacher.title,
            "licence": recipe.teacher.licence,
            "calculator": recipe.teacher.calculator,
            "arguments": recipe.teacher.arguments,
        },
        "shape": recipe.shape.model_dump(mode="json"),
        "seed": recipe.seed,
        **_training(subject.shop),
        "tests": [test.row() for test in found.tests],
        "all_passed": all(test.passed is not False for test in found.tests),
        "tables": {name: _records(found.tables[name]) for name in IN_CARD if name in found.tables},
        "remarks": recipe.remarks.model_dump(mode="json"),
        "provenance": provenance(),
    }


def _training(shop: Workshop) -> dict[str, Any]:
    """How the model was trained, where the work folder tells."""
    if not (shop.folder / LOOP).is_file():
        return {}
    recipe, n_rounds = shop.recipe, n_rounds_done(shop)
    trainings = [*(recipe.round(number).training for number in range(1, n_rounds + 1)), recipe.final]
    return {
        "frames": frame_counts(shop),
        "rounds": n_rounds,
        "steps": [one.steps for one in own_trainings(trainings)],
    }


def own_trainings(trainings: Sequence[Training]) -> Sequence[Training]:
    """Those that the weights of the last model came through: since the last one that began anew."""
    begun = [place for place, one in enumerate(trainings) if not one.continue_last]
    return trainings[begun[-1] :] if begun else trainings


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain data; what is no number is None."""
    plain = table.astype(object).where(table.notna(), None)
    records: list[dict[str, Any]] = plain.to_dict(orient="records")
    return records


def card_text(content: Mapping[str, Any]) -> str:
    """``MODEL_CARD.md``: the same in words, short."""
    kind = "se_e2_a" if content["shape"]["type_embedding"] is None else "se_atten_v2"
    parts = [
        f"# {content['name']}: {content['title']}",
        "Written by `atomstates potentials validate`; the same numbers stand in `card.json`.",
        f"Elements {', '.join(content['elements'])}; DeePMD `{kind}`, frozen and compressed "
        f"(`model.pb`, SHA-256 `{content['sha256']}`). Teacher: {content['teacher']['title']} "
        f"(weights under the {content['teacher']['licence']} licence, and so is this model).",
    ]
    if "rounds" in content:
        parts.append(
            f"{content['rounds']} rounds of exploration by the student's own molecular dynamics, "
            f"{sum(content['steps'])} training steps; recipe `workflow/potentials/{content['name']}.yaml`."
        )
    tests = [
        [test["name"], shown_value(test), test["target"] or "reported", _reached(test), test["note"]]
        for test in content["tests"]
    ]
    parts += ["## Tests", _table(["test", "found", "target", "reached", "note"], tests)]
    for name, title in _TITLES.items():
        if rows := content["tables"].get(name):
            parts += [f"## {title}", _table_of(rows)]
    if "frames" in content:
        frames = content["frames"]
        parts += [
            "## Frames that it was trained on",
            _table(["origin", "frames"], [[origin, str(n)] for origin, n in frames["kept"].items()]),
            "Dropped: "
            + ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in frames["dropped"].items())
            + ".",
        ]
    for name, title in (("speed", "Speed"), ("limits", "Limits")):
        if content["remarks"][name]:
            parts += [f"## {title}", "\n".join(f"- {line}" for line in content["remarks"][name])]
    return "\n\n".join(parts) + "\n"


def shown_value(test: Mapping[str, Any]) -> str:
    """Value, error and unit of a row of tests."""
    error = f" ± {test['error']:.2g}" if test["error"] is not None else ""
    return f"{test['value']:.3g}{error} {test['unit']}".strip()


def _reached(test: Mapping[str, Any]) -> str:
    """Whether the target was reached, in a word; nothing where there is none."""
    return {"PASS": "yes", "WARN": "not for sure", "FAIL": "**no**", None: ""}[test["status"]]


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _table_of(rows: Sequence[Mapping[str, Any]]) -> str:
    """A Markdown table of records with the same keys."""
    header = list(rows[0])
    body = [[shown_cell(row[key]) for key in header] for row in rows]
    return _table([name.replace("_", " ") for name in header], body)


def shown_cell(value: Any) -> str:
    """A cell of a table in words."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.5g}" if isinstance(value, float) else str(value)
