"""What ``atomstates potentials validate`` does: the tests, then card, tables, figures and page."""

from collections.abc import Callable
from pathlib import Path

from atomstates.potentials.validation.card import card, card_text, shown_value
from atomstates.potentials.validation.run import Found, Stays, validate
from atomstates.potentials.validation.subject import Subject, subject
from atomstates.potentials.workshop import Workshop
from atomstates.products import write_csv, write_json, written_whole


def validated(
    shop: Workshop, model: Path, against: Path | None, stays: Stays, say: Callable[[str], None]
) -> bool:
    """Whether no test failed; the verdicts are said, the outcome lies in the subject's folder."""
    about = subject(shop, model)
    found = validate(about, stays=stays, against=against)
    for test in found.tests:
        row = test.row()
        target = f" (target {test.target})" if test.target else ""
        say(f"{test.status or '':4} {test.name}: {shown_value(row)}{target} {test.note}".rstrip())
    if stays != "only":
        write_outcome(about, found)
        say(str(about.folder / "card.json"))
    return all(test.passed is not False for test in found.tests)


def write_outcome(about: Subject, found: Found) -> None:
    """``card.json``, ``MODEL_CARD.md`` and ``data/``."""
    for name, table in found.tables.items():
        rows = table.astype(object).where(table.notna(), "").itertuples(index=False)
        write_csv(about.folder / "data" / f"{name}.csv", list(table.columns), rows)
    content = card(about, found)
    write_json(about.folder / "card.json", content)
    with written_whole(about.folder / "MODEL_CARD.md") as unfinished:
        unfinished.write_text(card_text(content), encoding="utf-8")
