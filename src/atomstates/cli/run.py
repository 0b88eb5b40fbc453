"""``atomstates run``: what is left of a campaign, done by Snakemake, told in one line a job."""

import difflib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from atomstates.campaign.layout import Results
from atomstates.campaign.reading import campaign_file
from atomstates.cli.options import is_verbose
from atomstates.cli.output import configure_logging, problems, summary_line
from atomstates.cli.snakemake import started
from atomstates.errors import HOPELESS, USER_ERROR, InputError, ProgramError
from atomstates.locks import held
from atomstates.products import read_marker
from atomstates.slurm.site import read_site
from atomstates.stages import NAMES
from atomstates.workflow import (
    Work,
    all_work,
    forget_stage,
    forget_stale_markers,
    laid_out,
    left_to_do,
    run_lock,
)

_SECONDS_BETWEEN_LOOKS = 0.3


def run_campaign(
    campaign: Path,
    stages: tuple[str, ...],
    folder: Path | None,
    *,
    cores: int | None,
    force: str | None,
    dry_run: bool,
    profile: str = "default",
    site: Path | None = None,
) -> None:
    """Do what is left of a campaign, or of some of its stages and those before them."""
    configure_logging()
    for name in (*stages, *filter(None, (force,))):
        refuse_unknown(name)
    if profile != "default":
        site = read_site(site)[1].resolve()
    # an absolute path, because Snakemake works in the results folder
    campaign = campaign_file(campaign).resolve()
    results = laid_out(campaign, folder, store=not dry_run)
    if dry_run:
        _show_plan(left_to_do(results, stages, force))
        return
    with held(run_lock(results), "a run of this campaign"):
        if force:
            forget_stage(results, force)
        forget_stale_markers(results)
        left = left_to_do(results, stages)
        if left:
            cores = cores or len(os.sched_getaffinity(0))
            _finish(campaign, results, left, stages, cores, profile, site)
        else:
            n_all = len(all_work(results, stages))
            print(f"nothing to do: all {n_all} stages of {results.name} are done")
    if not stages or "report" in stages:
        print(f"report: {results.path / 'report' / 'index.html'}")


def refuse_unknown(name: str) -> None:
    """Raise unless there is a stage of that name."""
    if name not in NAMES:
        near = difflib.get_close_matches(name, NAMES, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise InputError(f"there is no stage {name!r}; {hint}The stages are: {', '.join(NAMES)}")


def _show_plan(left: list[Work]) -> None:
    """List what would be done."""
    for work in left:
        print(f"would do: {work.name}")
    print(f"{len(left)} jobs to do" if left else "nothing to do")


def _finish(
    campaign: Path,
    results: Results,
    left: list[Work],
    stages: tuple[str, ...],
    cores: int,
    profile: str,
    site: Path | None,
) -> None:
    """Have Snakemake do what is left, and say what was done and what failed."""
    begin = time.time()
    print(f"{results.name}: {len(left)} of {len(all_work(results, stages))} stages to do in {results.path}")
    log = results.path / "logs" / "snakemake.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    watch = _Watch(left)
    targets = list(stages) or ["all"]
    try:
        shown = None if is_verbose() else log
        with started(campaign, results.path, targets, cores, shown, profile=profile, site=site) as process:
            watch.follow(process)
    except KeyboardInterrupt:
        print("interrupted: what was finished is kept, the same command goes on from here", file=sys.stderr)
        raise
    n_done = len(left) - len(watch.open)
    print(f"{n_done} of {len(left)} stages done in {_duration(time.time() - begin)}")
    if watch.exit_codes:
        print(
            f"{len(watch.exit_codes)} failed, {len(watch.open) - len(watch.exit_codes)} not begun for want "
            "of them. What was finished is kept: the same command goes on from here.",
            file=sys.stderr,
        )
        raise typer.Exit(HOPELESS if set(watch.exit_codes.values()) == {HOPELESS} else USER_ERROR)
    refusals = [] if profile == "default" else _refusals(results, begin)
    if refusals:
        raise ProgramError("\n".join(refusals))
    if watch.open or process.returncode:
        last = [] if is_verbose() else log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        raise ProgramError(
            f"{results.path}: Snakemake ended with exit code {process.returncode} before all was done; "
            "its last lines:\n" + "\n".join(f"  {line}" for line in last)
        )


def _refusals(results: Results, begin: float) -> list[str]:
    """What the jobs that submitted to SLURM said when they failed."""
    logs = [file for file in (results.path / "logs" / "submit").glob("*.log") if _began_since(file, begin)]
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in sorted(logs)]
    return [text[text.index("error: ") + 7 :].strip() for text in texts if "error: " in text]


class _Watch:
    """The pieces of work that Snakemake is at: their markers and logs tell how they end."""

    def __init__(self, works: Iterable[Work]) -> None:
        self.open = list(works)
        self.exit_codes: dict[str, int] = {}
        self._begin = time.time()
        self._n = len(self.open)
        console = Console(soft_wrap=True, highlight=False)
        self.progress = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            console=console, transient=True, disable=not console.is_terminal,
        )  # fmt: skip
        self._bar = self.progress.add_task("", total=self._n)

    def follow(self, process: "subprocess.Popen[bytes]") -> None:
        """Look until the process ends."""
        with self.progress:
            while process.poll() is None:
                self.look()
                time.sleep(_SECONDS_BETWEEN_LOOKS)
            self.look()

    def look(self) -> None:
        """Tell of every piece of work that ended since the last look."""
        begun = []
        for work in list(self.open):
            if work.marker.exists():
                self.open.remove(work)
                self._tell_done(work)
            elif work.name not in self.exit_codes and _began_since(work.log, self._begin):
                begun.append(work.name)
                self._tell_failure(work)
        self.progress.update(
            self._bar, completed=self._n - len(self.open), description=", ".join(begun[:2])
        )

    def _tell_done(self, work: Work) -> None:
        """One line with numbers, and one for each check that did not pass."""
        marker = read_marker(work.marker.parent)
        n_done = self._n - len(self.open)
        self._say(f"[{n_done}/{self._n}] {work.name}: {summary_line(marker)}")
        for problem in problems(marker):
            self._say(f"    {problem}", style="yellow")

    def _tell_failure(self, work: Work) -> None:
        """The error of a job whose log says that it failed."""
        text = work.log.read_text(encoding="utf-8", errors="replace")
        match = re.search(r"^exit code (\d+)$", text, re.MULTILINE)
        if match is None or match[1] == "0":
            return
        self.exit_codes[work.name] = int(match[1])
        said = text[: match.start()].rstrip()
        starts = [
            found.start()
            for found in re.finditer(r"^(error: |error \(rank|Traceback )", said, re.MULTILINE)
        ]
        shown = said[starts[0] :] if starts else "\n".join(said.splitlines()[-20:])
        self._say(f"failed: {work.name} (exit code {match[1]}, log: {work.log})", style="bold red")
        self._say(shown)

    def _say(self, line: str, style: str | None = None) -> None:
        """A line above the progress bar."""
        self.progress.console.print(line, style=style, markup=False)


def _began_since(log: Path, begin: float) -> bool:
    """Whether a job wrote this log, not one before it."""
    try:
        return log.stat().st_mtime >= begin
    except FileNotFoundError:
        return False


def _duration(seconds: float) -> str:
    """Hours, minutes and seconds in words."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return (
        " ".join(f"{n} {unit}" for n, unit in ((hours, "h"), (minutes, "min"), (seconds, "s")) if n)
        or "0 s"
    )
