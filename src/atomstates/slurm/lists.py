"""Lists of what was submitted: one for each job, written before it is submitted, never changed.

A job is named ``STAGE.HASH.NUMBER``, HASH of the results folder's path; the list of that job is
``RESULTS/.atomstates/submissions/STAGE.NUMBER.tsv``. What the queue lists can thereby be told from the
names in it alone, whatever became of the process that submitted, and a campaign that is edited later
shifts no index.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from atomstates.campaign.layout import Results
from atomstates.errors import ProductError
from atomstates.products import written_whole
from atomstates.slurm import queue
from atomstates.stages import label, stage_named
from atomstates.workflow import STATE, Work

HEADER = "task\tstage\tlevel\tplace"


@dataclass(frozen=True)
class Entry:
    """One stage at one place, and the task of the array that does it."""

    task: int
    stage: str
    level: str
    place: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.stage, self.level, self.place


def key(work: Work) -> tuple[str, str, str]:
    """A piece of work as lists name it."""
    return work.stage.name, work.stage.level, label(work.place)


def folder(results: Results) -> Path:
    """Where the lists lie."""
    return results.path / STATE / "submissions"


def prefix(results: Results, stage: str) -> str:
    """How the names of a stage's jobs begin."""
    digest = hashlib.sha256(str(results.path.resolve()).encode()).hexdigest()[:8]
    return f"{stage}.{digest}."


def write_list(results: Results, stage: str, entries: list[Entry]) -> tuple[str, Path]:
    """Store a list under the next free number; the name for its job, and the file."""
    numbers = [int(path.stem.rpartition(".")[2]) for path in folder(results).glob(f"{stage}.*.tsv")]
    number = f"{max(numbers, default=0) + 1:04d}"
    path = folder(results) / f"{stage}.{number}.tsv"
    lines = [f"{entry.task}\t{entry.stage}\t{entry.level}\t{entry.place}" for entry in entries]
    with written_whole(path) as unfinished:
        unfinished.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return prefix(results, stage) + number, path


def read_list(path: Path) -> list[Entry]:
    """The entries of a list.

    Raises
    ------
    ProductError
        It is missing or not such a list.
    """
    try:
        header, *lines = path.read_text(encoding="utf-8").splitlines()
        rows = [line.split("\t") for line in lines]
        if header != HEADER:
            raise ValueError("not the columns of such a list")
        return [Entry(int(task), stage, level, place) for task, stage, level, place in rows]
    except (OSError, ValueError) as error:
        raise ProductError(
            f"{path}: missing or no list of a submission ({error}); cancel its job and submit again"
        ) from error


def work_of(entry: Entry, results: Results) -> Work:
    """The piece of work that an entry names."""
    level = entry.level
    if level == "run":
        return Work(stage_named(entry.stage, "run"), results.run(entry.place))
    if level == "material":
        return Work(stage_named(entry.stage, "material"), results.material(entry.place))
    return Work(stage_named(entry.stage, "campaign"), results)


def listed(results: Results, stages: tuple[str, ...]) -> list[tuple[tuple[str, str, str], queue.Task]]:
    """What the queue lists of a campaign: pieces of work, each with a task that does or will do it.

    A piece of work has several tasks where links were chained beforehand.

    Raises
    ------
    ProgramError
        SLURM does not answer.
    """
    known: dict[str, list[Entry]] = {}
    found = []
    for task in queue.tasks(tuple(prefix(results, stage) for stage in stages)):
        stage, _, number = task.name.split(".")
        if task.name not in known:
            known[task.name] = read_list(folder(results) / f"{stage}.{number}.tsv")
        for entry in known[task.name]:
            if entry.task == task.index:
                found.append((entry.key, task))
    return found


def in_flight(results: Results, stages: tuple[str, ...]) -> dict[tuple[str, str, str], queue.Task]:
    """Pieces of work that the queue lists, each with the last task that it has there.

    Raises
    ------
    ProgramError
        SLURM does not answer.
    """
    return dict(sorted(listed(results, stages), key=lambda pair: int(pair[1].job)))
