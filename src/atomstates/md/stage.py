"""The ``md`` stage: one run from its crystal, or its newest restart file, to its last step."""

import logging

import numpy as np

from atomstates.campaign import RunFolder
from atomstates.errors import ProductError
from atomstates.locks import held
from atomstates.md.attempt import advance, check_advanced, reached_step
from atomstates.md.checks import RunFacts, checks, numbers
from atomstates.md.models import compared_models
from atomstates.md.plan import Plan, plan
from atomstates.md.progress import last_speed, lock_path
from atomstates.md.record import segments
from atomstates.md.restarts import forget_old_restarts
from atomstates.md.segments import RUN, open_trajectory, snapshots
from atomstates.md.thermo import read_thermo, write_thermo
from atomstates.parallel import Communicator
from atomstates.products import Measured, Summary, provenance, read_json, write_json

log = logging.getLogger(__name__)

_PATIENCE = 10.0
"""Seconds in which what a killed attempt left behind ends by itself."""


def run_dynamics(place: RunFolder, comm: Communicator) -> Summary:
    """Bring a run to its last step, from wherever an earlier attempt left it.

    Rank 0 starts LAMMPS (``lammps_command`` of the campaign may start more ranks of it). Where the
    material has several models, their forces on the snapshots are compared afterwards.

    Raises
    ------
    InputError
        Lengths that do not fit together, or another process works on this run.
    ProgramError
        LAMMPS failed; the message quotes its log.
    HopelessRun
        The crystal fell apart: the same would happen again.
    Unfinished
        The time of ``ATOMSTATES_TIMEOUT`` is over; the same command goes on.
    """
    steps = plan(place.campaign.md)
    summary = comm.from_first(_completed(place, steps) if comm.rank == 0 else Summary())
    return compared_models(place, summary, steps.timestep, comm)


def _completed(place: RunFolder, steps: Plan) -> Summary:
    """The stage on rank 0."""
    folder = place.stage_path("md")
    # LAMMPS inherits the lock: it is free when the last of them has ended
    with held(lock_path(place), f"molecular dynamics of {place.id}", patience=_PATIENCE) as lock:
        _set_another_trajectory_aside(place)
        _write_run(place, steps)
        while (reached := reached_step(folder, steps)) < steps.last_step:
            advance(place, steps, lock)
            check_advanced(place, steps, reached)
        forget_old_restarts(folder)
        return _summary(place, steps)


def _set_another_trajectory_aside(place: RunFolder) -> None:
    """What was made with other settings is kept under another name."""
    folder = place.stage_path("md")
    if not folder.exists():
        return
    try:
        found = read_json(folder / RUN).get("trajectory_fingerprint")
    except (ProductError, AttributeError):
        found = None
    if found == place.trajectory_fingerprint or not any(folder.iterdir()):
        return
    number = 1
    while (aside := folder.with_name(f"md.superseded.{number}")).exists():
        number += 1
    folder.rename(aside)
    log.warning("%s: made with other settings, moved to %s; starting anew", folder, aside.name)


def _write_run(place: RunFolder, steps: Plan) -> None:
    """``run.json``: what the files in the folder are; a longer run only changes its last step."""
    write_json(
        place.stage_path("md") / RUN,
        {
            "run": place.id,
            "trajectory_fingerprint": place.trajectory_fingerprint,
            "temperature_K": place.temperature,
            "seed": place.seed,
            "file_hashes": place.material_folder.file_hashes,
            "timestep_ps": steps.timestep,
            "first_step": steps.first_step,
            "produce_step": steps.produce_step,
            "last_step": steps.last_step,
            "frame_every": steps.frame_every,
            "snapshot_every": steps.snapshot_every,
            "provenance": provenance(),
        },
    )


def _summary(place: RunFolder, steps: Plan) -> Summary:
    """Write ``thermo.csv`` and judge the run; all frames and snapshots must be there."""
    folder = place.stage_path("md")
    trajectory, taken = open_trajectory(folder), snapshots(folder)
    thermo = read_thermo(folder, steps.produce_step, steps.last_step)
    write_thermo(folder / "thermo.csv", thermo, steps.timestep)
    averaged = place.campaign.md.cell == "mean-npt"
    facts = RunFacts(
        place.temperature,
        trajectory.n_atoms,
        steps.timestep,
        trajectory.volume,
        _crystal_volume(place),
        averaged,
    )
    recorded = thermo.since(0)
    found = numbers(recorded, facts)
    verdicts = checks(recorded, found, facts)
    speed = last_speed(folder, steps.timestep)
    found["speed"] = Measured(speed, None, "ns/day", 1, "of the last segment")
    return Summary(
        found,
        verdicts,
        {
            "n_frames": trajectory.n_frames,
            "n_snapshots": len(taken),
            "n_atoms": trajectory.n_atoms,
            "produced_ps": (steps.last_step - steps.produce_step) * steps.timestep,
            "n_segments": len(segments(folder)),
            "seed": place.seed,
        },
    )


def _crystal_volume(place: RunFolder) -> float:
    """Volume of the supercell before any dynamics, Å³."""
    path = place.material_folder.stage_path("potentials") / "structure.json"
    content = read_json(path)
    try:
        return float(np.linalg.det(content["unit_cell_A"])) * float(np.prod(content["supercell"]))
    except (KeyError, ValueError) as error:
        raise ProductError(f"{path}: no unit cell ({error}); run the stage potentials again") from error
