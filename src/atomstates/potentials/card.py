"""The model card: what a trained potential is, where it comes from, and what it was found to do."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from atomstates.potentials.pipeline import Workshop, frame_counts, n_rounds_done
from atomstates.potentials.validation import Validation
from atomstates.products import file_hash, provenance


def card(shop: Workshop, model: Path, found: Validation) -> dict[str, Any]:
    """Everything that ``card.json`` says."""
    recipe = shop.recipe
    n_rounds = n_rounds_done(shop)
    trainings = [*(recipe.round(number).training for number in range(1, n_rounds + 1)), recipe.final]
    return {
        "name": recipe.name,
        "title": recipe.title,
        "elements": list(recipe.elements),
        "sha256": file_hash(model),
        "licence": recipe.teacher.licence,
        "teacher": {
            "title": recipe.teacher.title,
            "licence": recipe.teacher.licence,
            "calculator": recipe.teacher.calculator,
            "arguments": recipe.teacher.arguments,
        },
        "shape": recipe.shape.model_dump(mode="json"),
        "frames": frame_counts(shop),
        "rounds": n_rounds,
        "steps": [one.steps for one in trainings],
        "seed": recipe.seed,
        "tests": [asdict(test) for test in found.tests],
        "all_passed": all(test.passed is not False for test in found.tests),
        "tables": found.tables,
        "remarks": recipe.remarks.model_dump(mode="json"),
        "provenance": provenance(),
    }


def card_text(content: dict[str, Any]) -> str:
    """``MODEL_CARD.md``: the same in words, short."""
    frames = content["frames"]
    tests = [
        [
            test["name"],
            f"{test['value']:.3g} {test['unit']}".strip(),
            test["target"] or "reported",
            {True: "yes", False: "**no**", None: ""}[test["passed"]],
            test["note"],
        ]
        for test in content["tests"]
    ]
    parts = [
        f"# {content['name']}: {content['title']}",
        "Written by `atomstates potentials validate`; the same numbers stand in `card.json`.",
        f"Elements {', '.join(content['elements'])}; DeePMD `se_e2_a`, frozen and compressed "
        f"(`model.pb`, SHA-256 `{content['sha256']}`). Teacher: {content['teacher']['title']} "
        f"(weights under the {content['teacher']['licence']} licence, and so is this model). "
        f"{content['rounds']} rounds of exploration by the student's own molecular dynamics, "
        f"{sum(content['steps'])} training steps; recipe `workflow/potentials/{content['name']}.yaml`.",
        "## Tests",
        _table(["test", "found", "target", "reached", "note"], tests),
        "## Errors on held-out frames of its own molecular dynamics",
        _records(content["tables"]["held_out"]),
        "## Ordered crystal in molecular dynamics (NVT at the relaxed cell)",
        _records(content["tables"]["stability"]),
        "## Relaxed orderings of the unit cell, relative to the reference ordering",
        _records(content["tables"]["orderings"]),
        "## Frames",
        _table(["origin", "frames"], [[origin, str(n)] for origin, n in frames["kept"].items()]),
        "Dropped: "
        + ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in frames["dropped"].items())
        + ".",
        "## Speed",
        "\n".join(f"- {line}" for line in content["remarks"]["speed"]),
        "## Limits",
        "\n".join(f"- {line}" for line in content["remarks"]["limits"]),
    ]
    return "\n\n".join(parts) + "\n"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _records(rows: Sequence[dict[str, Any]]) -> str:
    """A Markdown table of records with the same keys."""

    def shown(value: Any) -> str:
        return f"{value:.3g}" if isinstance(value, float) else str(value)

    header = list(rows[0])
    return _table(
        [name.replace("_", " ") for name in header], [[shown(row[k]) for k in header] for row in rows]
    )
