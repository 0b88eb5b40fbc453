"""Whether a cluster does what campaigns need: small jobs with the site file's own options, and verdicts.

The jobs (an array, an array that follows it task by task, one with ranks) write what they find into a
folder that all nodes must see (``probe``); what is wrong is said with what to change.
"""

import shlex
import time
from collections.abc import Iterator
from pathlib import Path

from atomstates.errors import AtomStatesError, ProgramError
from atomstates.products import written_whole
from atomstates.resources import slurm_folder
from atomstates.slurm import queue
from atomstates.slurm.findings import Finding, judged_nodes, judged_order, judged_ranks
from atomstates.slurm.site import Job, Site
from atomstates.slurm.submission import JOBS, asked_of_slurm, environment


def validated(site: Site, file: Path, folder: Path, minutes: float) -> Iterator[Finding]:
    """Findings, one by one as they come; the jobs write into ``folder`` and are waited for so long."""
    try:
        version = queue.answer(["scontrol", "--version"]).strip()
        largest = queue.largest_array()
    except AtomStatesError as error:
        yield Finding("ERROR", "SLURM", *_split(error))
        return
    yield Finding("PASSED", "SLURM", f"{version}, arrays of up to {largest} tasks; site file {file}")
    yield _accounting()
    for stage in JOBS:
        yield _accepted(site, stage)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.json"):
        old.unlink()
    try:
        jobs = _submit(site, folder)
    except ProgramError as error:
        yield Finding("ERROR", "jobs", *_split(error))
        return
    yield Finding("PASSED", "jobs", f"submitted: {', '.join(jobs)}; what they say lies in {folder}")
    late = _wait(jobs, minutes)
    if late:
        yield late
    yield from judged_nodes(folder, site)
    yield judged_order(folder)
    yield judged_ranks(folder, site)


def _accounting() -> Finding:
    try:
        queue.answer(["sacct", "-n", "-X", "-S", "now", "-o", "JobID"])
    except ProgramError as error:
        said = str(error).splitlines()[0]
        return Finding("WARN", "accounting", said, "nothing: `status` only says less about killed tasks")
    return Finding("PASSED", "accounting", "`status` says how killed tasks ended")


def _accepted(site: Site, stage: str) -> Finding:
    """Whether SLURM would take a job with the options of a stage."""
    command = ["sbatch", "--test-only", *asked_of_slurm(site, stage), "--wrap", "true"]
    try:
        queue.answer(command)
    except ProgramError as error:
        return Finding("ERROR", f"options of {stage}", *_split(error))
    job = site.job(stage)
    partition, limit = queue.time_limit(job.partition or site.partition)
    if limit is not None and (queue.seconds(job.time) or 0) > limit:
        return Finding(
            "ERROR",
            f"options of {stage}",
            f"time {job.time} is over the {limit // 3600}:{limit // 60 % 60:02d} h of {partition}",
            "`time` of the stage, or another `partition`",
        )
    return Finding("PASSED", f"options of {stage}", " ".join(asked_of_slurm(site, stage)))


def _submit(site: Site, folder: Path) -> dict[str, str]:
    """Submit the probes; their kinds by number of the job."""
    ranks = max(2, *(site.job(stage).ranks for stage in JOBS))
    md = site.md.model_copy(update={"time": "00:10:00", "runs_per_task": 1})
    short = site.model_copy(update={"md": md, "minimize": md, "doas": _with_ranks(site.doas, ranks)})
    first = _probe(short, "md", "node", folder, ["--array=0-1"])
    after = ["--array=0-1", f"--dependency=aftercorr:{first}", "--kill-on-invalid-dep=yes"]
    return {
        first: "node",
        _probe(short, "minimize", "after", folder, after): "after",
        _probe(short, "doas", "ranks", folder, []): "ranks",
    }


def _with_ranks(job: Job, ranks: int) -> Job:
    return job.model_copy(update={"time": "00:10:00", "ranks": ranks})


def _probe(site: Site, stage: str, kind: str, folder: Path, options: list[str]) -> str:
    """Submit one probe with the options of a stage; the number of its job."""
    shell = folder / f"{kind}.sh"
    with written_whole(shell) as unfinished:
        unfinished.write_text(environment(site, stage), encoding="utf-8")
    name, output = f"--job-name=atomstates-validate-{kind}", f"--output={folder.resolve()}/{kind}.%a.log"
    ranks = ["--", *shlex.split(site.launcher), "-n", str(site.job(stage).ranks)] if kind == "ranks" else []
    script = [str(slurm_folder() / "validate.sbatch"), kind, str(folder.resolve()), *ranks]
    command = ["sbatch", "--parsable", name, output, *asked_of_slurm(site, stage), *options, *script]
    return queue.answer(command).strip().partition(";")[0]


def _wait(jobs: dict[str, str], minutes: float) -> Finding | None:
    """Wait for the end of the jobs, or give up and cancel them."""
    deadline, pause = time.monotonic() + 60 * minutes, 1.0
    while True:
        left = [task for task in queue.tasks(("atomstates-validate-",)) if task.job in jobs]
        hopeless = next((task for task in left if task.reason in queue.HOPELESS_REASONS), None)
        if not left:
            return None
        if hopeless or time.monotonic() > deadline:
            queue.answer(["scancel", *jobs])
            task = hopeless or left[0]
            cure = queue.HOPELESS_REASONS.get(
                task.reason, "a shorter queue (`partition`, `qos`), or --minutes"
            )
            state = f"{jobs[task.job]} job {task.job} was {task.state} ({task.reason}), now cancelled"
            return Finding("ERROR", "jobs begin and end", state, cure)
        time.sleep(pause)
        pause = min(1.5 * pause, 15.0)


def _split(error: AtomStatesError) -> tuple[str, str]:
    """What was found, and what to change."""
    found, _, cure = str(error).partition("\nTo change: ")
    return found, cure or "see above"
