"""What is left to do: the pieces of work of a campaign, as Snakemake and the command line see them.

A piece of work is one stage at one place. It is done when its marker bears today's fingerprint
*and* all that comes before it is done. Markers for which that does not hold are removed before
Snakemake starts; what it then finds missing is exactly what has to be done.
"""

import os
import shlex
import shutil
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from atomstates.campaign import Results, RunFolder, read_campaign
from atomstates.campaign.layout import lay_out
from atomstates.campaign.reading import campaign_file
from atomstates.errors import InputError
from atomstates.locks import held
from atomstates.md.plan import plan
from atomstates.products import MARKER, is_hopeless
from atomstates.stages import STAGES, Level, Place, Stage, downstream, label, places, sources, stage_named

STATE = ".atomstates"
"""Folder of locks in a results folder."""

LOCK_HELD = "ATOMSTATES_RUN_LOCK_HELD"
"""Environment variable that says that the parent process holds the lock of the whole run."""


@dataclass(frozen=True)
class Work:
    """One stage at one place."""

    stage: Stage
    place: Place

    @cached_property
    def name(self) -> str:
        """Name shown to people: ``md li3ycl6_300K_1``."""
        return f"{self.stage.name} {label(self.place)}"

    @cached_property
    def marker(self) -> Path:
        """The ``done.json`` that this work writes last."""
        return self.place.stage_path(self.stage.name) / MARKER

    @cached_property
    def results_path(self) -> Path:
        """The results folder of the campaign."""
        if isinstance(self.place, Results):
            return self.place.path
        folder = self.place.material_folder if isinstance(self.place, RunFolder) else self.place
        return folder.results.path

    @property
    def log(self) -> Path:
        """What the command said when Snakemake ran it."""
        return self.results_path / log_file(self.stage.name, label(self.place))

    @property
    def lock(self) -> Path:
        """Held by the process that does this work."""
        return self.results_path / STATE / f"{self.stage.name}.{label(self.place)}.lock"


def laid_out(campaign: Path, folder: Path | None, *, store: bool = True) -> Results:
    """The results of a campaign, laid out once the lengths of its runs are known to fit together.

    Raises
    ------
    InputError
        The campaign makes no sense, or the folder holds the results of another one.
    """
    file = campaign_file(campaign).resolve()
    plan(read_campaign(file).md)
    return lay_out(file, folder, store=store)


def log_file(stage: str, place: str) -> str:
    """Log of a job, relative to the results folder."""
    return f"logs/{stage}/{place}.log"


def all_work(results: Results, names: tuple[str, ...] = ()) -> list[Work]:
    """All pieces of work of a campaign, or of the named stages and those before them, in order."""
    wanted = {(stage.name, stage.level) for stage in STAGES if not names or stage.name in names}
    for stage in reversed(STAGES):
        if (stage.name, stage.level) in wanted:
            wanted |= set(stage.before)
    return [
        Work(stage, place)
        for stage in STAGES
        if (stage.name, stage.level) in wanted
        for place in places(stage, results)
    ]


def left_to_do(results: Results, names: tuple[str, ...] = (), force: str | None = None) -> list[Work]:
    """The pieces of work that are not done, or stand on something that is not done."""
    forced = {(stage.name, stage.level) for stage in downstream(force)} if force else set()
    undone: set[Path] = set()
    left = []
    for work in all_work(results, names):
        stage = work.stage
        if (
            (stage.name, stage.level) in forced
            or not undone.isdisjoint(markers_before(work))
            or not work.place.is_done(stage.name)
        ):
            undone.add(work.marker)
            left.append(work)
    return left


def beyond_hope(left: list[Work]) -> tuple[list[Work], list[Work]]:
    """Of what is left to do, in its order: what was given up, and what stands on it.

    A piece of work is given up when it failed in a way that would repeat itself (exit code 65)
    with today's settings.
    """
    given_up = [
        work
        for work in left
        if is_hopeless(work.place.stage_path(work.stage.name), work.place.fingerprint(work.stage.name))
    ]
    lost = {work.marker for work in given_up}
    standing_on_it = []
    for work in left:
        if work.marker not in lost and not lost.isdisjoint(markers_before(work)):
            lost.add(work.marker)
            standing_on_it.append(work)
    return given_up, standing_on_it


def markers_before(work: Work) -> list[Path]:
    """Markers that must be there before a piece of work."""
    return [
        other.stage_path(name) / MARKER
        for name, level in work.stage.before
        for other in sources(work.place, level)
    ]


def forget_stale_markers(results: Results) -> None:
    """Remove the markers that no longer hold, and put the others in the order that Snakemake expects.

    A copied or restored folder may have markers younger than those that stand on them; as
    their fingerprints say that they hold, their times are mended and nothing is done again.
    """
    left = {work.marker for work in left_to_do(results)}
    for marker in left:
        marker.unlink(missing_ok=True)
    for work in all_work(results):
        if work.marker in left:
            (results.path / stage_file(work.stage.name)).unlink(missing_ok=True)
            continue
        newest = max((m.stat().st_mtime for m in markers_before(work)), default=0.0)
        if work.marker.stat().st_mtime < newest:
            os.utime(work.marker, (newest, newest))


def forget_stage(results: Results, name: str) -> None:
    """Remove the products of a stage, so that it is done again from its beginning."""
    for stage in STAGES:
        if stage.name == name:
            for place in places(stage, results):
                shutil.rmtree(place.stage_path(name), ignore_errors=True)


# ---------------------------------------------------------------- for the Snakefile


_LOCKS: list[AbstractContextManager[int]] = []  # held until the process ends


def begin(campaign: str | None, folder: str | None, *, writes: bool) -> Results:
    """The results that a Snakefile works on; the main process (``writes``) tidies them first.

    Raises
    ------
    InputError
        No campaign was named, it makes no sense, or another run works on its results.
    """
    if not campaign:
        raise InputError(
            "no campaign was named: add `--config campaign=NAME` (or the path of its YAML file)"
        )
    path = Path(folder).resolve() if folder else None
    results = laid_out(Path(campaign), path)
    if writes:
        if LOCK_HELD not in os.environ:
            lock = held(run_lock(results), "a run of this campaign")
            lock.__enter__()
            _LOCKS.append(lock)
        forget_stale_markers(results)
    return Results(results.path.resolve(), results.campaign, results.sources)


def run_lock(results: Results) -> Path:
    """Held by the one process that works on a whole campaign."""
    return results.path / STATE / "run.lock"


def markers(results: Results, name: str, level: Level | None = None) -> list[str]:
    """Markers of a stage at all places (of a level), relative to the results folder."""
    return [
        os.path.relpath(place.stage_path(name) / MARKER, results.path)
        for stage in STAGES
        if stage.name == name and level in (None, stage.level)
        for place in places(stage, results)
    ]


def needed(results: Results, name: str, level: Level, place: str = "") -> list[str]:
    """Markers that must be there before a stage of the run or material named ``place``."""
    where: Place = results
    if level != "campaign":
        where = results.run(place) if level == "run" else results.material(place)
    work = Work(stage_named(name, level), where)
    return [os.path.relpath(marker, results.path) for marker in markers_before(work)]


def material_priority(results: Results, material: str) -> int:
    """Priority of all work of a material: those that the campaign names first are finished first.

    Within a material, rules add less than 10000.
    """
    names = [folder.name for folder in results.materials]
    return 10_000 * (len(names) - names.index(material))


def run_priority(results: Results, run: str) -> int:
    """Priority of all work of a run's material."""
    return material_priority(results, results.run(run).material.name)


def job(name: str, level: Level) -> str:
    """Shell command of a job: the stage's verb, repeated while it says that there is more to do (75)."""
    which = "" if level == "campaign" else f" --{level} {{wildcards.{level}}}"
    command = f"atomstates {name}{which} --results . >> {{log}} 2>&1"
    return (
        ": > {log}; code=75; "
        f"while [ $code -eq 75 ]; do code=0; {command} || code=$?; done; "
        'echo "exit code $code" >> {log}; exit $code'
    )


# ---------------------------------------------------------------- for stages that SLURM does


def stage_file(name: str) -> str:
    """File that says that all of a stage is done, relative to the results folder."""
    return f"{STATE}/stages/{name}"


def stage_files_before(name: str) -> list[str]:
    """Files of the stages that must be done before."""
    before = (other for stage in STAGES if stage.name == name for other, _ in stage.before)
    return [stage_file(other) for other in dict.fromkeys(before) if other != name]


def submission(name: str, campaign: Path, site: str | None) -> str:
    """Shell command that submits a stage and waits for it."""
    where = campaign if campaign.is_file() else campaign.name
    option = f" --site {shlex.quote(site)}" if site else ""
    return f"atomstates submit {shlex.quote(str(where))} {name} --results . --wait{option}"
