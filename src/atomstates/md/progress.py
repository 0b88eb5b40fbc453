"""How far the molecular dynamics of a run is, read cheaply from its files."""

import fcntl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from atomstates.campaign import RunFolder
from atomstates.errors import AtomStatesError
from atomstates.md.plan import Plan, plan
from atomstates.md.record import file_names, segments
from atomstates.md.segments import RUN
from atomstates.md.thermo import read_rows
from atomstates.products import read_json

_TAIL = 8192
"""Bytes read from the end of a file of rows: some forty of them."""


@dataclass(frozen=True)
class RunProgress:
    """State of a run's molecular dynamics; speed and time left are None where not known."""

    state: Literal["waiting", "running", "interrupted", "done"]
    fraction: float
    ns_per_day: float | None
    seconds_left: float | None


def progress(run: RunFolder) -> RunProgress:
    """How far the molecular dynamics of a run is."""
    folder = run.stage_path("md")
    steps = plan(run.campaign.md)
    if run.is_done("md"):
        return RunProgress("done", 1.0, last_speed(folder, steps.timestep), None)
    if not _is_of(folder, run.trajectory_fingerprint):
        return RunProgress("waiting", 0.0, None, None)
    done = (last_row_step(folder) or steps.first_step) - steps.first_step
    total = steps.last_step - steps.first_step
    fraction = min(max(done / total, 0.0), 1.0)
    speed = last_speed(folder, steps.timestep)
    if not _is_locked(lock_path(run)):
        return RunProgress("interrupted", fraction, speed, None)
    left = None if not speed else (1 - fraction) * total * steps.timestep / 1000 / speed * 86400
    return RunProgress("running", fraction, speed, left)


def lock_path(run: RunFolder) -> Path:
    """Lock file of the process that does the molecular dynamics of a run."""
    return run.path / "md.lock"


def last_row_step(folder: Path) -> int | None:
    """Step (LAMMPS' count) that the newest segment has reached, None before its first row."""
    rows = _last_rows(folder)
    return None if len(rows) == 0 else int(rows[-1, 0])


def last_speed(folder: Path, timestep: float) -> float | None:
    """Speed of the newest segment, ns/day, over its last rows."""
    rows = _last_rows(folder)
    # the clock of a row starts anew with each `run` of the script
    resets = np.flatnonzero(np.diff(rows[:, -1]) < 0)
    rows = rows[resets[-1] + 1 :] if len(resets) else rows
    if len(rows) < 2 or rows[-1, -1] <= rows[0, -1]:
        return None
    steps, seconds = rows[-1, [0, -1]] - rows[0, [0, -1]]
    return float(steps * timestep / 1000 / seconds * 86400)


def _last_rows(folder: Path) -> np.ndarray:
    """Rows at the end of the newest segment that has any."""
    for segment in reversed(segments(folder)):
        path = folder / file_names(segment.number)["thermo_file"]
        if path.exists() and len(rows := read_rows(path, _TAIL)):
            return rows
    return np.empty((0, 2))


def _is_of(folder: Path, trajectory_fingerprint: str) -> bool:
    """Whether the folder holds the beginnings of this trajectory."""
    try:
        return bool(read_json(folder / RUN)["trajectory_fingerprint"] == trajectory_fingerprint)
    except (AtomStatesError, KeyError):
        return False


def _is_locked(path: Path) -> bool:
    """Whether a process on this machine holds the lock."""
    try:
        with path.open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


@contextmanager
def shown_progress(folder: Path, steps: Plan, name: str) -> Iterator[Callable[[], None]]:
    """A function that brings a progress bar up to date (on a terminal; elsewhere it does nothing)."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:.0f} %  {task.fields[speed]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        total = steps.last_step - steps.first_step
        task = bar.add_task(f"md {name}", total=total, speed="")

        def update() -> None:
            reached, speed = last_row_step(folder), last_speed(folder, steps.timestep)
            if reached is not None:
                said = "" if speed is None else f"{speed:.2f} ns/day"
                bar.update(task, completed=reached - steps.first_step, speed=said)

        yield update
