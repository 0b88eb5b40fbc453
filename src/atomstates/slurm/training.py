"""The training of a potential as one shell command: on this machine, or as an array that is waited for."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from atomstates.resources import slurm_folder
from atomstates.slurm.site import Site
from atomstates.slurm.submission import asked_of_slurm, environment

TRAINING = "training"
"""Key of the site file, and name of the job."""


def training_command(
    recipe: Path, folder: Path, *, site: Site | None = None, tasks: int = 1, options: Sequence[str] = ()
) -> str:
    """Shell command that trains by a recipe, and ends when the training has.

    Parameters
    ----------
    recipe, folder
        As of ``atomstates potentials train``.
    site
        Cluster on which an array of tasks does it; this machine when None.
    tasks
        Of that array.
    options
        More of ``atomstates potentials train``.
    """
    where = [str(path.resolve()) for path in (recipe, folder)]
    if site is None:
        return shlex.join(["atomstates", "potentials", "train", where[0], "--folder", where[1], *options])
    submitted = [
        "sbatch",
        "--wait",
        f"--job-name={TRAINING}.{folder.name}",
        f"--array=0-{tasks - 1}",
        *asked_of_slurm(site, TRAINING),
        f"--output={where[1]}/{TRAINING}.%A.%a.log",
        str(slurm_folder() / "train.sbatch"),
        *where,
        *options,
    ]
    # sbatch hands its environment on to the tasks
    setup = shlex.quote(environment(site, TRAINING))
    return f"mkdir -p {shlex.quote(where[1])} && ATOMSTATES_SETUP={setup} {shlex.join(submitted)}"
