"""``atomstates submit``: what is left of a campaign as SLURM jobs, and waiting for them."""

import sys
import time
from pathlib import Path

from atomstates.campaign.layout import Results
from atomstates.cli.output import configure_logging
from atomstates.cli.run import refuse_unknown
from atomstates.errors import MORE_TO_DO, ProgramError
from atomstates.slurm import queue
from atomstates.slurm.lists import in_flight
from atomstates.slurm.site import Site, read_site
from atomstates.slurm.submission import JOBS, job_of, submit
from atomstates.workflow import Work, all_work, beyond_hope, laid_out, left_to_do

_SECONDS_BETWEEN_LOOKS = (1.0, 30.0)
_MOST_SILENCE = 1800.0
"""Seconds without an answer of SLURM after which waiting ends."""


def submit_campaign(
    campaign: Path, stages: tuple[str, ...], folder: Path | None, site_file: Path | None, *, wait: bool
) -> None:
    """Submit what is left of a campaign; with ``wait``, return when it is done or cannot be.

    Raises
    ------
    ProgramError
        SLURM refuses, does not answer, or has jobs that will never start; or, after waiting, something
        is not done.
    """
    configure_logging()
    for name in stages:
        refuse_unknown(name)
    site, file = read_site(site_file)
    results = laid_out(campaign, folder)
    _submit(results, site, stages, file)
    while wait:
        _wait(results, stages, file)
        left = left_to_do(results, stages)
        if not any(_can_go_on(work) for work in left):
            if left:
                raise ProgramError(f"{len(left)} stages are not done; their logs say why:\n{_logs(left)}")
            print(f"all {len(all_work(results, stages))} stages of {results.name} are done")
            return
        _submit(results, site, stages, file)


def _submit(results: Results, site: Site, stages: tuple[str, ...], file: Path) -> None:
    """Submit, and say what; jobs that would wait for ever are named at once."""
    submitted = submit(results, site, stages)
    for job in submitted:
        after = f", after {job.after}" if job.after else ""
        print(f"{job.stage}: job {job.job}, {job.n_tasks} tasks for {job.n_works} stages{after}")
    left = left_to_do(results, stages)
    given_up, standing_on_it = beyond_hope(left)
    if given_up:
        print(
            f"not submitted: {len(given_up)} stages that would fail again in the same way, and "
            f"{len(standing_on_it)} that stand on them. Change their settings or take them out of the "
            "campaign; by hand (`atomstates STAGE --run ID`) they are tried again.\n" + _logs(given_up),
            file=sys.stderr,
        )
    n_left = len(left) - len(given_up) - len(standing_on_it)
    if submitted:
        _refuse_hopeless(list(in_flight(results, JOBS).values()), file)
        print(f"{n_left} stages left; `atomstates status --results {results.path}` shows how far they are")
    elif n_left:
        print(f"nothing to submit: the {n_left} stages left are in the queue")
    elif not left:
        print(f"nothing to do: all {len(all_work(results, stages))} stages of {results.name} are done")


def _logs(works: list[Work]) -> str:
    """Pieces of work with their logs, the first eight."""
    shown = "\n".join(f"  {work.name}: {work.log}" for work in works[:8])
    return shown if len(works) <= 8 else f"{shown}\n  ... and {len(works) - 8} more"


def _refuse_hopeless(tasks: list[queue.Task], file: Path) -> None:
    """Raise when a job waits for something that will not come."""
    for task in tasks:
        if task.is_waiting and task.reason in queue.HOPELESS_REASONS:
            cure = queue.HOPELESS_REASONS[task.reason]
            raise ProgramError(
                f"{task.name}: job {task.job} waits with the reason {task.reason}: {cure} "
                f"(site file: {file}). Then `scancel {task.job}` and submit again."
            )


def _wait(results: Results, stages: tuple[str, ...], file: Path) -> None:
    """Wait until nothing of the stages is in the queue."""
    jobs = tuple({job_of(work) for work in all_work(results, stages)})
    pause, answered = _SECONDS_BETWEEN_LOOKS[0], time.monotonic()
    while True:
        try:
            tasks = list(in_flight(results, jobs).values())
            answered = time.monotonic()
        except ProgramError as error:
            if time.monotonic() - answered > _MOST_SILENCE:
                raise
            print(f"waiting: {error}", file=sys.stderr)
        else:
            if not tasks:
                return
            _refuse_hopeless(tasks, file)
        time.sleep(pause)
        pause = min(1.5 * pause, _SECONDS_BETWEEN_LOOKS[1])


def _can_go_on(work: Work) -> bool:
    """Whether the last job of a piece of work ended with more to do, at its wall time."""
    try:
        last = work.log.read_text(encoding="utf-8", errors="replace").splitlines()[-1]
    except (OSError, IndexError):
        return False
    return last == f"exit code {MORE_TO_DO}"
