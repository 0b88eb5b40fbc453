"""The site file: the only one to edit on a new cluster (``slurm/site.yaml``)."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from atomstates.campaign.reading import read_settings
from atomstates.campaign.schema import Settings
from atomstates.resources import slurm_folder

OWN = Path("slurm") / "site.yaml"


class Job(Settings):
    """What the jobs of a stage ask for; None and empty ask for nothing, so that the site decides."""

    time: Annotated[str, Field(pattern=r"^(\d+-)?\d{1,3}(:\d\d){1,2}$")] = "01:00:00"
    """Wall time, H:MM:SS or D-HH:MM:SS."""
    partition: str | None = None
    ranks: Annotated[int, Field(ge=1)] = 1
    """MPI ranks of the stage, started by the launcher (``md`` has its ranks in ``lammps_command``)."""
    cores: Annotated[int, Field(ge=1)] = 1
    """Cores of a rank."""
    memory: str | None = None
    gpus: str | None = None
    """GPUs of a task as SLURM's generic resource: ``gpu:1``, or ``shard:1`` for a part of one."""
    runs_per_task: Annotated[int, Field(ge=1)] = 1
    """Runs side by side in one task (they share its GPU)."""
    options: tuple[str, ...] = ()
    """More options of sbatch, as they stand."""

    @field_validator("time", mode="before")
    @classmethod
    def _not_seconds(cls, value: object) -> object:
        """YAML reads an unquoted 24:00:00 as a number of seconds."""
        if isinstance(value, int):
            raise ValueError(f"YAML read a number, {value}: put the time in quotes, '24:00:00'")
        return value


class Site(Settings):
    """A cluster."""

    partition: str | None = None
    account: str | None = None
    qos: str | None = None
    setup: tuple[str, ...] = ()
    """Shell lines at the beginning of each job (``module load ...``)."""
    container: str = ""
    """Command that runs the words after it in a container, in which ``atomstates`` is found."""
    lammps_command: tuple[str, ...] = ()
    """Program that runs LAMMPS here, in place of the campaign's."""
    launcher: str = "srun --mpi=pmi2"
    """What starts N ranks when ``-n N COMMAND`` follows it."""
    most_tasks: Annotated[int, Field(ge=1)] = 1000
    """Tasks in one array; MaxArraySize of the cluster, where smaller, counts instead."""
    at_once: Annotated[int, Field(ge=1)] = 100
    """Tasks of one array that run at a time."""
    requeue: bool = True
    """Whether a task that was stopped by its wall time may put itself back into the queue."""
    most_requeues: Annotated[int, Field(ge=0)] = 50
    links: Annotated[int, Field(ge=1, le=100)] = 1
    """Arrays of ``md`` chained beforehand where requeueing is forbidden: each goes on from the last one."""
    margin_s: Annotated[int, Field(ge=1)] = 120
    """Time kept before the wall time to end cleanly."""
    potentials: Job = Job()
    md: Job = Job()
    minimize: Job = Job()
    doas: Job = Job()
    transport: Job = Job()
    barriers: Job = Job()
    distributions: Job = Job()
    report: Job = Job()
    training: Job = Job()
    """Tasks of an array that trains a potential."""

    @model_validator(mode="after")
    def _one_way_to_go_on(self) -> "Site":
        if self.links > 1 and self.requeue:
            raise ValueError("links is for sites that forbid requeueing: set `requeue: false` as well")
        return self

    def job(self, stage: str) -> Job:
        """The settings of a stage."""
        job: Job = getattr(self, stage)
        return job


def read_site(path: Path | None) -> tuple[Site, Path]:
    """Site from a file, from ``slurm/site.yaml`` here, or as shipped; and the file it came from.

    Raises
    ------
    InputError
        The file is missing, is no YAML, or says something that makes no sense.
    """
    file = path or (OWN if OWN.is_file() else slurm_folder() / "site.yaml")
    return read_settings(file, Site), file
