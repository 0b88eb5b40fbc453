"""What is left of a campaign, as job arrays: to do = not done − in flight; calling again fills holes only.

The jobs and what they wait for:

    potentials (array of materials) -> md (array of runs) -> minimize (the same indices) -> doas -> report
                                                          -> transport -> report
    minimize -> barriers (the same indices) -> distributions (also after doas and transport) -> report

A task of ``minimize`` waits for its own counterpart in ``md``, one of ``barriers`` for that in
``minimize``. ``doas``, ``transport``, ``distributions`` (the stage ``barriers`` of materials) and
``report`` are one task each, which does what is there when all before it has ended, and names what is
missing.
"""

import os
import shlex
import sys
from collections import defaultdict
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from atomstates.campaign.layout import Results
from atomstates.lammps.running import LAMMPS_COMMAND
from atomstates.locks import FOR_EVER, held
from atomstates.products import written_whole
from atomstates.resources import slurm_folder
from atomstates.slurm import queue
from atomstates.slurm.lists import Entry, in_flight, key, write_list
from atomstates.slurm.site import Job, Site
from atomstates.workflow import LOCK_HELD, STATE, Work, beyond_hope, left_to_do, run_lock

JOB_OF = {
    "structures": "potentials",
    "potentials": "potentials",
    "md": "md",
    "minimize": "minimize",
    "doas": "doas",
    "transport": "transport",
    "barriers": "barriers",
    "report": "report",
}
"""Which job does a stage; ``barriers`` of materials have another one, ``DISTRIBUTIONS``."""

DISTRIBUTIONS = "distributions"
JOBS = (*dict.fromkeys(JOB_OF.values()), DISTRIBUTIONS)
BEFORE = {
    "doas": ("minimize",),
    "transport": ("md",),
    DISTRIBUTIONS: ("barriers", "doas", "transport"),
    "report": ("doas", "transport", DISTRIBUTIONS),
}
"""Jobs of one task, and what must have ended, well or not, before."""


def job_of(work: Work) -> str:
    """Which job does a piece of work."""
    is_last = (work.stage.name, work.stage.level) == ("barriers", "material")
    return DISTRIBUTIONS if is_last else JOB_OF[work.stage.name]


@dataclass(frozen=True)
class Submitted:
    """A job that was just submitted."""

    stage: str
    job: str
    n_tasks: int
    n_works: int
    after: str


@dataclass
class _Queue:
    """What is in the queue, and what is added to it."""

    results: Results
    site: Site
    most_tasks: int
    flying: dict[tuple[str, str, str], queue.Task]
    submitted: list[Submitted] = field(default_factory=list)

    def jobs(self, *stages: str) -> str:
        """Numbers of the jobs of stages that have not ended, joined by colons."""
        names = {task.job: task.name.split(".")[0] for task in self.flying.values()}
        return ":".join(sorted((job for job, stage in names.items() if stage in stages), key=int))

    def add(
        self, stage: str, tasks: dict[int, list[Work]], dependency: str = "", more_links: int = 0
    ) -> str:
        """Write the list of a job, submit it, and note what it will do; the number of the job."""
        entries = [Entry(index, *key(work)) for index in sorted(tasks) for work in tasks[index]]
        name, path = write_list(self.results, stage, entries)
        with written_whole(path.with_suffix(".sh")) as unfinished:
            unfinished.write_text(environment(self.site, stage, more_links), encoding="utf-8")
        command = batch_command(self.site, stage, name, sorted(tasks), self.results, path, dependency)
        job = queue.answer(command).strip().partition(";")[0]
        for entry in entries:
            self.flying[entry.key] = queue.Task(name, job, entry.task, "PENDING", "")
        self.submitted.append(Submitted(stage, job, len(tasks), len(entries), dependency))
        return job


def submit(results: Results, site: Site, stages: tuple[str, ...] = ()) -> list[Submitted]:
    """Submit what is neither done nor in flight, of all stages or of those named and those before them.

    Raises
    ------
    InputError
        `atomstates run` works on the same results.
    ProgramError
        SLURM refuses a job or does not answer; what it has accepted stays, and is found next time.
    """
    alone = held(results.path / STATE / "submit.lock", f"submitting {results.name}", patience=FOR_EVER)
    run = held(run_lock(results), "a run of this campaign")
    with alone, nullcontext() if LOCK_HELD in os.environ else run:
        # the queue first: a job that ends before its marker is looked for is then in neither set
        flying = in_flight(results, JOBS)
        # jobs that still wait may have to wait for more: they are looked at, whatever is asked for
        waiting = {k[0] for k, t in flying.items() if t.is_waiting and t.name.split(".")[0] in BEFORE}
        left = left_to_do(results, (*stages, *sorted(waiting)) if stages else ())
        reports = [work for work in left if work.stage.name == "report"]
        lost = {work.marker for works in beyond_hope(left) for work in works}
        left = [work for work in left if work.marker not in lost]
        _forget_waiting_barriers(flying, left)
        todo: dict[str, list[Work]] = defaultdict(list)
        for work in left:
            if key(work) not in flying:
                work.marker.unlink(missing_ok=True)
                todo[job_of(work)].append(work)
        if not todo:
            return []
        # also when something is beyond hope: the page shows what is there, and names what is missing
        todo["report"] = [work for work in reports if key(work) not in flying]
        into = _Queue(results, site, min(site.most_tasks, queue.largest_array()), flying)
        _submit_arrays(into, todo)
        for stage, before in BEFORE.items():
            if todo[stage]:
                jobs = into.jobs(stage, *before)
                into.add(stage, {0: todo[stage]}, f"afterany:{jobs}" if jobs else "")
        return into.submitted


def _forget_waiting_barriers(flying: dict[tuple[str, str, str], queue.Task], left: list[Work]) -> None:
    """Take jobs of one task that still wait out of the queue when they must now wait for more."""
    new = {job_of(work) for work in left if key(work) not in flying}
    outdated = []
    for stage, before in BEFORE.items():
        waiting = {k: t for k, t in flying.items() if t.name.split(".")[0] == stage and t.is_waiting}
        if waiting and not new.isdisjoint((stage, *before)):
            new.add(stage)
            outdated.append(waiting)
    # the last of the chain first, else it would start when what it waits for is taken away
    for waiting in reversed(outdated):
        queue.answer(["scancel", *sorted({task.job for task in waiting.values()})])
        for name in waiting:
            del flying[name]


def _submit_arrays(into: _Queue, todo: dict[str, list[Work]]) -> None:
    """The arrays of materials and runs, in chunks."""
    materials: dict[str, list[Work]] = defaultdict(list)
    for work in todo["potentials"]:
        materials[key(work)[2]].append(work)
    for chunk in _chunks(list(materials.values()), into.most_tasks):
        into.add("potentials", chunk)
    jobs = into.jobs("potentials")
    for chunk in _chunks(_packed(todo["md"], into.site.md), into.most_tasks):
        dependency = f"afterany:{jobs}" if jobs else ""
        for more in reversed(range(into.site.links)):
            job = into.add("md", chunk, dependency, more)
            dependency = f"aftercorr:{job}"
    for stage, before in (("minimize", "md"), ("barriers", "minimize")):
        _submit_counterparts(into, stage, before, todo[stage])


def _submit_counterparts(into: _Queue, stage: str, before: str, works: list[Work]) -> None:
    """Arrays of which each task waits for the one that does the stage before of the same runs."""
    free: list[Work] = []
    corresponding: dict[str, dict[int, list[Work]]] = defaultdict(lambda: defaultdict(list))
    for work in works:
        earlier = into.flying.get((before, "run", key(work)[2]))
        if earlier is None:
            free.append(work)
        else:
            corresponding[earlier.job][earlier.index].append(work)
    for job, tasks in corresponding.items():
        into.add(stage, tasks, f"aftercorr:{job}")
    for chunk in _chunks(_packed(free, into.site.job(stage)), into.most_tasks):
        into.add(stage, chunk)


def _packed(works: list[Work], job: Job) -> list[list[Work]]:
    """Pieces of work by task."""
    size = job.runs_per_task
    return [works[first : first + size] for first in range(0, len(works), size)]


def _chunks(tasks: list[list[Work]], most: int) -> list[dict[int, list[Work]]]:
    """Tasks by array, numbered from 0 in each."""
    return [dict(enumerate(tasks[first : first + most])) for first in range(0, len(tasks), most)]


def environment(site: Site, stage: str, more_links: int = 0) -> str:
    """Shell lines that a job reads first: the site's, and what the tasks must know."""
    job = site.job(stage)
    lines = [
        *site.setup,
        f'export PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH"',
        f"export ATOMSTATES_LAUNCHER={shlex.quote(site.launcher)}",
        f"export ATOMSTATES_JOB_RANKS={job.ranks}",
        f"export ATOMSTATES_MARGIN_S={site.margin_s}",
        f"export ATOMSTATES_MOST_REQUEUES={site.most_requeues if site.requeue else 0}",
        f"export ATOMSTATES_MORE_LINKS={more_links}",
        f"export ATOMSTATES_CONTAINER={shlex.quote(site.container)}",
        *(
            [f"export {LAMMPS_COMMAND}={shlex.quote(shlex.join(site.lammps_command))}"]
            if site.lammps_command
            else []
        ),
        f"export OMP_NUM_THREADS={job.cores} SRUN_CPUS_PER_TASK={job.cores}",
    ]
    return "\n".join(lines) + "\n"


def batch_command(
    site: Site, stage: str, name: str, indices: list[int], results: Results, path: Path, dependency: str
) -> list[str]:
    """The call of sbatch for a job."""
    logs = results.path.resolve() / "logs" / "slurm"
    logs.mkdir(parents=True, exist_ok=True)
    return [
        "sbatch",
        "--parsable",
        f"--job-name={name}",
        f"--array={queue.ranges(indices)}%{site.at_once}",
        *([f"--dependency={dependency}"] if dependency else []),
        # a task whose counterpart failed would wait for ever
        *(["--kill-on-invalid-dep=yes"] if dependency.startswith("aftercorr") else []),
        *asked_of_slurm(site, stage),
        "--requeue" if site.requeue else "--no-requeue",
        "--open-mode=append",
        f"--output={logs}/%x.%a.log",
        str(slurm_folder() / f"{stage}.sbatch"),
        str(results.path.resolve()),
        str(path.resolve()),
    ]


def asked_of_slurm(site: Site, stage: str) -> list[str]:
    """Options of sbatch for the resources of a stage."""
    job = site.job(stage)
    wishes = {
        "partition": job.partition or site.partition,
        "account": site.account,
        "qos": site.qos,
        "time": job.time,
        "mem": job.memory,
        "gres": job.gpus,
    }
    return [
        f"--ntasks={job.ranks}",
        f"--cpus-per-task={job.cores * (job.runs_per_task if job.ranks == 1 else 1)}",
        *(f"--{option}={value}" for option, value in wishes.items() if value),
        *job.options,
    ]
