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
from atomstates.slurm import queue
from atomstates.slurm.lists import folder, key, listed
from atomstates.slurm.submission import JOBS
from atomstates.stages import NAMES
from atomstates.workflow import Work, all_work, beyond_hope, left_to_do

_WORDS = {
    "done": "[green]done[/]",
    "failed": "[bold red]failed[/]",
    "hopeless": "[bold red]hopeless[/]",
    "killed": "[red]killed[/]",
    "to do": "[dim]to do[/]",
}
_FAILED = ("failed", "hopeless", "killed")


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
                f"{stage} {row['place']} {row['stages'][stage]}: {failure['reason']}\n  {failure['log']}",
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
    left = left_to_do(results)
    open_markers = {work.marker for work in left}
    given_up = {work.marker for work in beyond_hope(left)[0]}
    cut_short = {work.marker: task for work in left if (task := _unended_task(work))}
    states = {} if queued is None else _states(set(cut_short.values()))
    killed = {marker: task for marker, task in cut_short.items() if states.get(task) == ""}
    endings = queue.endings(list(killed.values()))
    rows: dict[str, dict[str, Any]] = {}
    for work in all_work(results):
        place = work.name.partition(" ")[2]
        row = rows.setdefault(f"{work.stage.level} {place}", {"place": place, "stages": {}, "failures": {}})
        state = "done"
        if work.marker in open_markers:
            # also a job that was submitted by hand runs
            by_hand = "running" if states.get(cut_short.get(work.marker, "")) else ""
            lost = "hopeless" if work.marker in given_up else "killed" if work.marker in killed else ""
            state = (queued or {}).get(key(work)) or by_hand or lost or _state(work)
        row["stages"][work.stage.name] = state
        if state in _FAILED:
            reason = _reason(work)
            if ended := killed.get(work.marker):
                how = endings.get(ended, "scancel, its wall time, too little memory, or a lost node")
                reason = f"task {ended} was ended from outside: {how}; submit again"
            row["failures"][work.stage.name] = {"reason": reason, "log": work.log}
        if isinstance(work.place, RunFolder) and "md" not in row:
            row["md"] = progress(work.place)
            if row["md"].state in ("running", "interrupted") and row["stages"]["md"] == "to do":
                row["stages"]["md"] = row["md"].state
    return list(rows.values())


def _queued(results: Results) -> dict[tuple[str, str, str], str] | None:
    """What SLURM says of the pieces of work that were submitted to it: running, or why they wait.

    None where SLURM does not answer.
    """
    if not folder(results).is_dir():
        return {}
    try:
        tasks = listed(results, JOBS)
    except ProgramError as error:
        print(f"what is in the queue is not known: {error}", file=sys.stderr)
        return None
    # a piece of work that one link of a chain does is not waiting, whatever the other links do
    tasks.sort(key=lambda pair: not pair[1].is_waiting)
    return {work: f"waiting ({task.reason})" if task.is_waiting else "running" for work, task in tasks}


def _state(work: Work) -> str:
    """Of a piece of work that is neither done nor in the queue: what its newest job says of it."""
    last = _log_lines(work)[-1:]
    over = ("exit code 0", f"exit code {MORE_TO_DO}")
    return "failed" if last and last[0].startswith("exit code ") and last[0] not in over else "to do"


def _unended_task(work: Work) -> str:
    """The task of SLURM that began with a piece of work and has not said how it ended; or nothing."""
    lines = _log_lines(work)
    if not lines or lines[-1].startswith("exit code ") or not lines[0].startswith("task "):
        return ""
    return lines[0].split()[1]


def _states(tasks: set[str]) -> dict[str, str]:
    """State of tasks, empty for those that SLURM has forgotten; none where it does not answer."""
    try:
        states = {task: queue.state(task) for task in tasks}
    except ProgramError:
        return {}
    return {task: state if state in queue.RUNNING else "" for task, state in states.items()}


def _reason(work: Work) -> str:
    """The error in the log of a failed job, or the last thing it says."""
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
