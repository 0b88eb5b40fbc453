"""``atomstates status``: how far every run is."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from atomstates.campaign import RunFolder
from atomstates.campaign.layout import Results, open_results
from atomstates.cli.finding import results_folder
from atomstates.errors import MORE_TO_DO, ProgramError
from atomstates.md.progress import RunProgress, progress
from atomstates.products import as_json
from atomstates.slurm.lists import folder, in_flight, key
from atomstates.slurm.submission import JOBS
from atomstates.stages import NAMES
from atomstates.workflow import Work, all_work, left_to_do

_WORDS = {"done": "[green]done[/]", "failed": "[bold red]failed[/]", "to do": "[dim]to do[/]"}


def show_status(named: Path | None, *, as_json: bool) -> None:
    """Show the state of every stage of every run, as a table or as JSON."""
    results = open_results(results_folder(named))
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
    for row in rows:
        for stage, failure in row["failures"].items():
            console.print(
                f"{stage} {row['place']} failed: {failure['reason']}\n  {failure['log']}",
                style="red",
                markup=False,
                soft_wrap=True,
            )


def _json(results: Results, rows: list[dict[str, Any]]) -> str:
    """The same as JSON."""
    return as_json({"campaign": results.name, "results": results.path, "places": rows})


def _rows(results: Results) -> list[dict[str, Any]]:
    """State of each stage by place: materials, then runs, then the campaign."""
    queued = _queued(results)
    left = {work.marker for work in left_to_do(results)}
    rows: dict[str, dict[str, Any]] = {}
    for work in all_work(results):
        place = work.name.partition(" ")[2]
        row = rows.setdefault(f"{work.stage.level} {place}", {"place": place, "stages": {}, "failures": {}})
        state = "done" if work.marker not in left else queued.get(key(work)) or _state(work)
        row["stages"][work.stage.name] = state
        if state == "failed":
            row["failures"][work.stage.name] = {"reason": _reason(work), "log": work.log}
        if isinstance(work.place, RunFolder) and "md" not in row:
            row["md"] = progress(work.place)
            if row["md"].state in ("running", "interrupted") and row["stages"]["md"] == "to do":
                row["stages"]["md"] = row["md"].state
    return list(rows.values())


def _queued(results: Results) -> dict[tuple[str, str, str], str]:
    """What SLURM says of the pieces of work that were submitted to it: running, or why they wait."""
    if not folder(results).is_dir():
        return {}
    try:
        tasks = in_flight(results, JOBS)
    except ProgramError as error:
        print(f"what is in the queue is not known: {error}", file=sys.stderr)
        return {}
    return {
        work: f"waiting ({task.reason})" if task.is_waiting else "running" for work, task in tasks.items()
    }


def _state(work: Work) -> str:
    """``failed`` when the newest job of a piece of work that is not done ended with an error."""
    last = _log_lines(work)[-1:]
    over = ("exit code 0", f"exit code {MORE_TO_DO}")
    return "failed" if last and last[0].startswith("exit code ") and last[0] not in over else "to do"


def _reason(work: Work) -> str:
    """The error in the log of a failed job, else the last thing it says."""
    lines = _log_lines(work)[:-1]
    errors = [line for line in lines if line.startswith("error")]
    return (errors or lines or ["no word"])[-1].removeprefix("error: ")


def _log_lines(work: Work) -> list[str]:
    """The log of the newest job of a piece of work; none when there is none."""
    try:
        return work.log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _dynamics_cells(run: RunProgress | None) -> tuple[str, str, str]:
    """Percent, speed and time left of the molecular dynamics of a run."""
    if run is None:
        return "", "", ""
    speed = "" if run.ns_per_day is None else f"{run.ns_per_day:.2f}"
    left = "" if run.seconds_left is None else str(timedelta(seconds=round(run.seconds_left)))
    return f"{100 * run.fraction:.0f}", speed, left
