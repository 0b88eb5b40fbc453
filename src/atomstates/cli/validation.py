"""What ``atomstates potentials validate`` does: the tests, then card, tables, figures and page."""

from collections.abc import Callable
from pathlib import Path

from atomstates.potentials.validation.card import card, card_text, shown_value
from atomstates.potentials.validation.run import Found, Stays, validate
from atomstates.potentials.validation.subject import Subject, subject
from atomstates.potentials.workshop import Workshop
from atomstates.products import write_csv, write_json, written_whole

_LONG = 1000
"""Rows of a long table."""


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
        say(str(about.folder / "index.html"))
    return all(test.passed is not False for test in found.tests)


def write_outcome(about: Subject, found: Found) -> None:
    """Tables, figures, ``card.json``, ``MODEL_CARD.md`` and the page."""
    from atomstates.report.validation.page import rendered_page, shown_figure
    from atomstates.report.validation.pictures import pictures

    home, asked = about.folder, about.asked
    for name, table in found.tables.items():
        # Forces of all atoms: what lies below single precision is not worth a file twice as large.
        shown = table.round(7) if len(table) > _LONG else table
        rows = shown.astype(object).where(shown.notna(), "").itertuples(index=False)
        write_csv(home / "data" / f"{name}.csv", list(table.columns), rows)
    drawn = pictures(found.tables, list(asked.materials), asked.targets, about.recipe.mobile)
    figures = [shown_figure(picture) for picture in drawn]
    for figure in figures:
        with written_whole(home / "figures" / f"{figure.name}.svg") as unfinished:
            unfinished.write_bytes(figure.svg)
    content = card(about, found)
    write_json(home / "card.json", content)
    page = rendered_page(content, found.tables, figures, asked.model_dump(mode="json", exclude_none=True))
    for name, text in (("MODEL_CARD.md", card_text(content)), ("index.html", page)):
        with written_whole(home / name) as unfinished:
            unfinished.write_text(text, encoding="utf-8")
