"""What SLURM is asked and told: every call has a time limit, and every refusal says what to change."""

import getpass
import os
import re
import subprocess
from dataclasses import dataclass

from atomstates.errors import AtomStatesError, InputError, ProgramError

PATIENCE = "ATOMSTATES_SLURM_PATIENCE"
"""Environment variable: seconds after which a program of SLURM counts as not answering (30)."""

_CURES = (
    ("invalid partition", "`partition` in the site file; `sinfo` lists the partitions"),
    ("invalid account", "`account` and `qos` in the site file; `sacctmgr show associations` lists yours"),
    ("invalid qos", "`qos` in the site file; `sacctmgr show qos` lists them"),
    ("time limit", "`time` of the stage in the site file; `sinfo -o '%P %l'` lists the partitions' limits"),
    ("generic resource", "`gpus` of the stage in the site file; `sinfo -o '%P %G'` lists what nodes have"),
    ("memory specification", "`memory` of the stage in the site file; `sinfo -o '%P %m'` lists the nodes'"),
    (
        "node configuration",
        "cores, ranks, memory or gpus of the stage in the site file: no node has so much",
    ),
    ("job violates", "the limits of your account: fewer tasks (`most_tasks`), or wait for running jobs"),
    ("job array", "`most_tasks` in the site file: smaller than MaxArraySize of `scontrol show config`"),
    ("unable to contact", "nothing here: SLURM does not answer (`sinfo`); submit again when it does"),
    ("configuration source", "SLURM_CONF, or log in on a node of the cluster: SLURM is not set up here"),
    ("no space", "the disk: it is full; free space and submit again"),
)

HOPELESS_REASONS = {
    "PartitionTimeLimit": "the time is over the partition's limit: lower `time` of the stage",
    "PartitionNodeLimit": "the partition has fewer nodes than asked for: choose another `partition`",
    "PartitionDown": "the partition is down: choose another `partition`, or wait",
    "PartitionInactive": "the partition is inactive: choose another `partition`, or wait",
    "BadConstraints": "no node satisfies the options: change `options`, `cores`, `memory` or `gpus`",
    "InvalidAccount": "the account is unknown: change `account`",
    "InvalidQOS": "the QOS is unknown: change `qos`",
    "AccountNotAllowed": "the account may not use this partition: change `account` or `partition`",
    "QOSNotAllowed": "the QOS may not use this partition: change `qos` or `partition`",
    "JobHeldUser": "it is held: `scontrol release`",
    "JobHeldAdmin": "an administrator holds it: ask them",
}
"""Why a job waits for ever, and what to change (in the site file, then cancel and submit again)."""


_ENDED = {
    "BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED",
    "REVOKED", "TIMEOUT",
}  # fmt: skip
"""States of jobs that have ended, which are listed for some more minutes."""


RUNNING = {"RUNNING", "SUSPENDED", "STOPPED", "SIGNALING", "COMPLETING", "STAGE_OUT"}
"""States in which processes of a job may be at work."""


@dataclass(frozen=True)
class Task:
    """A task that the queue lists: of which job (by name), waiting or running, and why it waits."""

    name: str
    job: str
    index: int
    state: str
    reason: str

    @property
    def is_waiting(self) -> bool:
        return self.state == "PENDING"

    @property
    def shown(self) -> str:
        """``12_3`` for task 3 of job 12."""
        return f"{self.job}_{self.index}"


def answer(command: list[str]) -> str:
    """What a program of SLURM prints.

    Raises
    ------
    ProgramError
        There is no SLURM, it does not answer, or it refuses; the message says why and what to change.
    """
    patience = float(os.environ.get(PATIENCE, "30"))
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=patience, check=False)
    except FileNotFoundError as error:
        raise ProgramError(
            f"there is no {command[0]} on this machine: submit on a login node of the cluster, or use "
            "`atomstates run` to work on this machine."
        ) from error
    except subprocess.TimeoutExpired as error:
        raise ProgramError(
            f"{command[0]} did not answer in {patience:.0f} s: SLURM is down or overloaded (`sinfo`). What "
            "is in the queue stays there; give the same command again later."
        ) from error
    if done.returncode:
        said = done.stderr.strip() or f"exit code {done.returncode}"
        cure = next((cure for mark, cure in _CURES if mark in said.lower()), "the site file")
        raise ProgramError(f"{command[0]}: {said}\nTo change: {cure}.")
    return done.stdout


def tasks(prefixes: tuple[str, ...]) -> list[Task]:
    """This user's tasks in the queue whose job names begin so.

    Raises
    ------
    ProgramError
        SLURM does not answer.
    """
    # -r: a line a task, also for those that wait; all states, because without asking for them a task that
    # is just being put back into the queue is not listed
    shown = answer(["squeue", "-h", "-r", "-t", "all", "-u", getpass.getuser(), "-o", "%j|%F|%K|%T|%r"])
    found = []
    for line in shown.splitlines():
        parts = line.strip().split("|", maxsplit=4)
        if len(parts) == 5 and parts[0].startswith(prefixes):
            name, job, index, state, reason = parts
            if state in _ENDED:
                continue
            found.append(Task(name, job, int(index) if index.isdigit() else 0, state, reason))
    return found


def largest_array() -> int:
    """Number of tasks that one array may have (MaxArraySize)."""
    found = re.search(r"^MaxArraySize\s*=\s*(\d+)", answer(["scontrol", "show", "config"]), re.MULTILINE)
    if not found:
        return 1000
    if int(found[1]) == 0:
        raise InputError("this SLURM allows no job arrays (MaxArraySize is 0): ask its administrators")
    return int(found[1])


def seconds_left(task: str) -> int | None:
    """Time until the wall time of a running task; None where there is no limit.

    Parameters
    ----------
    task
        ``JOB_TASK``; the bare number of the last task is also that of the whole array.
    """
    return seconds(answer(["squeue", "-h", "-j", task, "-o", "%L"]).strip())


def seconds(shown: str) -> int | None:
    """A time as SLURM writes it, ``[D-][H:]M:S`` or ``D-H[:M]``; None for ``UNLIMITED`` and the like."""
    days, dash, clock = shown.rpartition("-")
    parts = clock.split(":")
    if not all(part.isdigit() for part in (*parts, *([days] if dash else []))) or len(parts) > 3:
        return None
    # behind days the first number is hours, else the last one is seconds
    numbers = [int(part) for part in [*parts, "0", "0"][:3]] if dash else [int(part) for part in parts]
    total = 0
    for number in numbers:
        total = 60 * total + number
    return int(days or 0) * 86400 + total


def time_limit(partition: str | None) -> tuple[str, int | None]:
    """Name of a partition (the default one for None) and its time limit in seconds, None for no limit."""
    for line in answer(["sinfo", "-h", "-o", "%P|%l"]).splitlines():
        name, _, limit = line.partition("|")
        if name.removesuffix("*") == partition or (partition is None and name.endswith("*")):
            return name.removesuffix("*"), seconds(limit)
    return partition or "", None


def state(task: str) -> str:
    """State of a task (``JOB_TASK``) that the queue lists: ``RUNNING``; empty where it has forgotten it.

    Raises
    ------
    ProgramError
        SLURM does not answer.
    """
    try:
        return answer(["squeue", "-h", "-r", "-t", "all", "-j", task, "-o", "%T"]).strip()
    except ProgramError as error:
        if "invalid job id" in str(error).lower():
            return ""
        raise


def endings(tasks: list[str]) -> dict[str, str]:
    """How tasks (``JOB_TASK``) ended, as the accounting says: ``TIMEOUT``, ``OUT_OF_MEMORY``, ...

    Nothing where there is no accounting, or where it does not answer: it only adds detail.
    """
    if not tasks:
        return {}
    try:
        shown = answer(["sacct", "-X", "-n", "-P", "-D", "-j", ",".join(tasks), "-o", "JobID,State"])
    except AtomStatesError:
        return {}
    # of a task that was requeued the last line counts; "CANCELLED by 1000" is a state too
    return {
        job: said.split(" ")[0] for job, _, said in (line.partition("|") for line in shown.splitlines())
    }


def ranges(indices: list[int]) -> str:
    """Indices as ``--array`` takes them: ``0-3,7``."""
    parts: list[list[int]] = []
    for index in sorted(indices):
        if parts and index == parts[-1][1] + 1:
            parts[-1][1] = index
        else:
            parts.append([index, index])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)
