"""What a task of a job array does: its entries of the job's list, each a verb of the command line.

Every piece of work says what it has to say into its own log (``RESULTS/logs/STAGE/PLACE.log``), which ends
with its exit code. Runs of molecular dynamics are told the time that is left; those that come to its end
(exit code 75) put their task back into the queue.
"""

import logging
import os
import shlex
import subprocess
import sys
import time
from itertools import groupby
from pathlib import Path

from atomstates.campaign.layout import Results, open_results
from atomstates.errors import DONE, MORE_TO_DO, USER_ERROR, AtomStatesError, InputError, ProgramError
from atomstates.parallel import EXPECTED_RANKS
from atomstates.products import written_whole
from atomstates.slurm import queue
from atomstates.slurm.lists import Entry, read_list, work_of
from atomstates.slurm.submission import job_of
from atomstates.stages import STAGES, label, places
from atomstates.workflow import Work, markers_before

log = logging.getLogger(__name__)

_SIDE_BY_SIDE = ("md", "minimize", "barriers")
"""Stages of which one task does several runs at a time."""

_CLEARING = 60.0
"""Seconds that a node is given to end what a task left there."""


def do_task(stage: str, results_path: Path, list_path: Path | None) -> int:
    """Do this task's entries of a list (without one: the runs, or whatever the stage is of, in order).

    Returns
    -------
    int
        Exit code: 0 all done, 75 more to do, 65 hopeless, 1 another failure.

    Raises
    ------
    InputError
        The array has more tasks than the list.
    """
    results = open_results(results_path)
    index = int(os.environ.get("SLURM_ARRAY_TASK_ID", "0"))
    entries = read_list(list_path) if list_path else _all_entries(stage, results)
    mine = [entry for entry in entries if entry.task == index]
    if not mine:
        raise InputError(
            f"task {index}: the list has tasks 0 to {max((e.task for e in entries), default=-1)}; "
            "lower --array of sbatch"
        )
    codes: list[int] = []
    for (name, level), group in groupby(mine, key=lambda entry: (entry.stage, entry.level)):
        works = [work_of(entry, results) for entry in group]
        if name in _SIDE_BY_SIDE and level == "run":
            codes += _side_by_side(works)
        else:
            codes += [code for work in works for code in _side_by_side([work])]
    code = _together(codes)
    if code != MORE_TO_DO:
        return code
    if int(os.environ.get("ATOMSTATES_MORE_LINKS", "0")):
        print(f"{_task()}: more to do, for the next link of the chain", flush=True)
        return DONE  # which lets the same task of the next array begin
    _requeue()
    return code


def _all_entries(stage: str, results: Results) -> list[Entry]:
    """A list for jobs that are submitted by hand without one: a task each for arrays, else one task."""
    everything = (Work(s, place) for s in STAGES for place in places(s, results))
    works = [work for work in everything if job_of(work) == stage]
    order = {name: i for i, name in enumerate(dict.fromkeys(label(work.place) for work in works))}
    is_array = stage in (*_SIDE_BY_SIDE, "potentials")
    return [
        Entry(order[label(w.place)] if is_array else 0, w.stage.name, w.stage.level, label(w.place))
        for w in works
    ]


def _together(codes: list[int]) -> int:
    """One exit code for several pieces of work: what can go on goes on, then what can be mended."""
    for code in (MORE_TO_DO, USER_ERROR):
        if code in codes:
            return code
    return max(codes, default=DONE)


def _side_by_side(works: list[Work]) -> list[int]:
    """Start pieces of work together, wait for all, and return their exit codes."""
    devices = [device for device in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if device]
    own = {"ATOMSTATES_TIMEOUT": _time_left()} if works[0].stage.name == "md" else {}
    codes = []
    running: list[tuple[Work, subprocess.Popen[bytes]]] = []
    for number, work in enumerate(works):
        if problem := _taken(work):
            # into this task's own output: the log of the work is the other task's
            print(f"error: {work.name}: {problem}", flush=True)
            codes.append(USER_ERROR)
            continue
        bound = (
            {"CUDA_VISIBLE_DEVICES": devices[number % len(devices)]}
            if len(devices) > 1 < len(works)
            else {}
        )
        process = _started(work, {**own, **bound})
        if process is None:
            codes.append(_ended(work, USER_ERROR))
        else:
            running.append((work, process))
    for work, process in running:
        code = process.wait()
        # killed by a signal: as the shell counts it
        codes.append(_ended(work, code if code >= 0 else 128 - code))
    return codes


def _ended(work: Work, code: int) -> int:
    """Say how a piece of work ended: the last line of its log."""
    with work.log.open("a", encoding="utf-8") as handle:
        handle.write(f"exit code {code}\n")
    print(f"{work.name}: exit code {code}, log {work.log}", flush=True)
    return code


def _started(work: Work, variables: dict[str, str]) -> "subprocess.Popen[bytes] | None":
    """The process that does a piece of work; None, with the reason in its log, when it cannot begin."""
    work.log.parent.mkdir(parents=True, exist_ok=True)
    with work.log.open("w", encoding="utf-8") as handle:
        handle.write(f"task {_task()} on {os.uname().nodename}\n")
        handle.flush()
        # the report shows what there is, and names what is missing
        if work.stage.name != "report" and (problem := _missing(work)):
            handle.write(f"error: {problem}\n")
            return None
        return subprocess.Popen(
            _command(work),
            stdin=subprocess.DEVNULL,
            stdout=handle,
            stderr=subprocess.STDOUT,
            env={**os.environ, **_ranks(), **variables},
        )


def _command(work: Work) -> list[str]:
    """The verb of the command line, in the site's container, under the launcher where it has ranks."""
    level = work.stage.level
    which = [] if level == "campaign" else [f"--{level}", label(work.place)]
    verb = [work.stage.name, *which, "--results", str(work.results_path)]
    if work.stage.name == "report":
        verb.append("--incomplete")
    if container := shlex.split(os.environ.get("ATOMSTATES_CONTAINER", "")):
        verb = [*container, "atomstates", *verb]
    else:
        verb = [sys.executable, "-m", "atomstates.cli", *verb]
    ranks = _ranks().get(EXPECTED_RANKS)
    return [*shlex.split(os.environ["ATOMSTATES_LAUNCHER"]), "-n", ranks, *verb] if ranks else verb


def _ranks() -> dict[str, str]:
    """The number of ranks that the launcher is told to start, where it is needed at all."""
    ranks = os.environ.get("ATOMSTATES_JOB_RANKS", "1")
    return {} if ranks == "1" else {EXPECTED_RANKS: ranks}


def _missing(work: Work) -> str:
    """What has to be done before and is not, or nothing."""
    missing = [str(marker) for marker in markers_before(work) if not marker.exists()]
    return f"{work.name}: missing: {', '.join(missing)}" if missing and not work.marker.exists() else ""


def _taken(work: Work) -> str:
    """Which other task does this work, as long as SLURM says that it runs; else this one does it now."""
    holder = work.lock.with_suffix(".job")
    own = _task()
    other = holder.read_text(encoding="utf-8").strip() if holder.exists() else ""
    if own and other and other != own and (problem := _still_there(other)):
        return problem
    if own:
        with written_whole(holder) as unfinished:
            unfinished.write_text(own + "\n", encoding="utf-8")
    return ""


def _still_there(task: str) -> str:
    """Why the work of another task cannot be taken over; nothing when its node has been cleared of it."""
    deadline = time.monotonic() + _CLEARING
    while True:
        try:
            state = queue.state(task)
        except ProgramError as error:
            return f"task {task} had begun with it, and whether that one still runs is not known: {error}"
        if state not in queue.RUNNING:
            return ""
        if state != "COMPLETING" or time.monotonic() > deadline:
            return f"task {task} works on it ({state}); cancel that one (scancel {task}) or wait for it"
        time.sleep(1)


def _task() -> str:
    """``JOB_TASK``, or nothing outside of SLURM; the bare job number may stand for the whole array."""
    job, index = os.environ.get("SLURM_ARRAY_JOB_ID"), os.environ.get("SLURM_ARRAY_TASK_ID")
    return f"{job}_{index}" if job and index else os.environ.get("SLURM_JOB_ID", "")


def _time_left() -> str:
    """Time after which a run must end: H:MM:SS until the wall time less the margin, or ``off``."""
    try:
        left = queue.seconds_left(_task()) if _task() else None
    except AtomStatesError as error:
        # at worst the job is killed at its wall time and loses what came after its last restart file
        log.warning("time left is not known: %s", error)
        left = None
    if left is None:
        return "off"
    seconds = max(left - int(os.environ.get("ATOMSTATES_MARGIN_S", "120")), 1)
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _requeue() -> None:
    """Put this task back into the queue, unless it has been there often enough."""
    count = int(os.environ.get("SLURM_RESTART_COUNT", "0"))
    if not _task() or count >= int(os.environ.get("ATOMSTATES_MOST_REQUEUES", "0")):
        return
    print(f"{_task()}: more to do, back into the queue ({count + 1})", flush=True)
    try:
        queue.answer(["scontrol", "requeue", _task()])
    except ProgramError as error:
        log.warning("%s: not requeued, submit again: %s", _task(), error)
        return
    # SLURM ends this process
    time.sleep(60)
