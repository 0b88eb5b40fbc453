"""``atomstates status``: how far every run is."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from atomstates.campaign import RunFolder
from atomstates.campaign.layout import Results, open_results
from atomstates.cli.finding import results_folder
from atomstates.md.progress import RunProgress, progress
from atomstates.products import as_json
from atomstates.stages import NAMES
from atomstates.workflow import Work, all_work, left_to_do

_WORDS = {"done": "[green]done[/]", "failed": "[bold red]failed[/]", "to do": "[dim]to do[/]"}


def show_status(folder: Path | None, *, as_json: bool) -> None:
    """Show the state of every stage of every run, as a table or as JSON."""
    results = open_results(results_folder(folder))
    rows = _rows(results)
    if as_json:
        print(_json(results, rows))
        return
    console = Console()
    if not console.is_terminal:
        console.width = 160
    table = Table(
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        title=f"{results.name} ({results.path})",
        title_justify="left",
    )
    table.add_column("place", no_wrap=True)
    for name in (*NAMES, "md %", "ns/day", "time left"):
        table.add_column(name, justify="right" if name in ("md %", "ns/day", "time left") else "left")
    for row in rows:
        states = [_WORDS.get(row["stages"].get(name, ""), row["stages"].get(name, "")) for name in NAMES]
        table.add_row(row["place"], *states, *_dynamics_cells(row.get("md")))
    console.print(table)


def _json(results: Results, rows: list[dict[str, Any]]) -> str:
    """The same as JSON."""
    return as_json({"campaign": results.name, "results": results.path, "places": rows})


def _rows(results: Results) -> list[dict[str, Any]]:
    """State of each stage by place: materials, then runs, then the campaign."""
    left = {work.marker for work in left_to_do(results)}
    rows: dict[str, dict[str, Any]] = {}
    for work in all_work(results):
        place = work.name.partition(" ")[2]
        row = rows.setdefault(f"{work.stage.level} {place}", {"place": place, "stages": {}})
        row["stages"][work.stage.name] = _state(work) if work.marker in left else "done"
        if isinstance(work.place, RunFolder) and "md" not in row:
            row["md"] = progress(work.place)
            if row["md"].state in ("running", "interrupted") and row["stages"]["md"] == "to do":
                row["stages"]["md"] = row["md"].state
    return list(rows.values())


def _state(work: Work) -> str:
    """``failed`` when the newest job of a piece of work that is not done ended with an error."""
    try:
        last = work.log.read_text(encoding="utf-8", errors="replace").splitlines()[-1]
    except (OSError, IndexError):
        return "to do"
    failed = last.startswith("exit code ") and last != "exit code 0"
    return "failed" if failed else "to do"


def _dynamics_cells(run: RunProgress | None) -> tuple[str, str, str]:
    """Percent, speed and time left of the molecular dynamics of a run."""
    if run is None:
        return "", "", ""
    speed = "" if run.ns_per_day is None else f"{run.ns_per_day:.2f}"
    left = "" if run.seconds_left is None else str(timedelta(seconds=round(run.seconds_left)))
    return f"{100 * run.fraction:.0f}", speed, left
