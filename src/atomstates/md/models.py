"""All models of a material on the snapshots of a run: the edge of the model deviation."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from atomstates.campaign import RunFolder
from atomstates.lammps.dump import Snapshot
from atomstates.lammps.potential import BEFORE, POTENTIAL, of_model
from atomstates.md.deviation import (
    DEVIATION_COLUMNS,
    Deviation,
    deviation_check,
    deviation_numbers,
    deviation_rows,
)
from atomstates.md.segments import snapshots
from atomstates.parallel import Communicator, share
from atomstates.potentials.ensemble import force_deviation
from atomstates.potentials.evaluation import CellInLammps
from atomstates.products import Summary, write_csv

DEVIATION = "deviation.csv"


def compared_models(place: RunFolder, summary: Summary, timestep: float, comm: Communicator) -> Summary:
    """The summary of a run with the deviation of its models added, and ``deviation.csv`` written.

    Snapshots are dealt out over ranks. With one model there is nothing to compare, and nothing is done.

    Raises
    ------
    ProgramError
        LAMMPS refuses one of the models.
    """
    n_models = place.material.potential.n_models
    if n_models == 1:
        return summary
    frames = snapshots(place.stage_path("md"))
    chosen = share(range(len(frames)), comm)
    forces = np.array([_forces(place, [frames[s] for s in chosen], k, comm.rank) for k in range(n_models)])
    own = dict(zip(chosen, force_deviation(forces), strict=True))
    dealt = {s: values for ranks in comm.gathered(own) for s, values in ranks.items()}
    found = Deviation(
        step=np.array([frame.step for frame in frames], dtype=np.int64),
        of_atom=np.array([dealt[s] for s in range(len(frames))]),
        element=np.array(frames[0].element),
    )
    if comm.rank == 0:
        rows = deviation_rows(found, timestep)
        write_csv(place.stage_path("md") / DEVIATION, DEVIATION_COLUMNS, rows)
    threshold = place.campaign.md.deviation_threshold_eV_per_A
    return replace(
        summary,
        numbers=summary.numbers | deviation_numbers(found, n_models),
        checks=(*summary.checks, deviation_check(found, threshold, timestep)),
    )


def _forces(place: RunFolder, frames: list[Snapshot], number: int, rank: int) -> NDArray[np.float64]:
    """Forces of one model on these snapshots, eV/Å, shape (S, N, 3)."""
    if not frames:
        return np.empty((0, 0, 3))
    potentials = place.material_folder.stage_path("potentials").resolve()
    data, include = potentials / "structure.data", potentials / of_model(POTENTIAL, number)
    log = place.stage_path("md") / f"log.rank-{rank}.model-{number}"
    with CellInLammps(data, potentials / BEFORE, include, log) as cell:
        return np.array(
            [cell.evaluation(one.cell, one.positions @ np.linalg.inv(one.cell)).forces for one in frames]
        )
