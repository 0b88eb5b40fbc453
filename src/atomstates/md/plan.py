"""Lengths of a run in steps, and the refusal of lengths that do not fit together."""

import math
from dataclasses import dataclass

from atomstates.campaign.schema import MolecularDynamics
from atomstates.errors import InputError

_AVERAGED_EVERY = 10
"""Steps between the cells that `md.in` averages."""


@dataclass(frozen=True)
class Plan:
    """The steps of one run; all but ``timestep`` (ps) are numbers of steps.

    LAMMPS counts through from ``first_step``; the first recorded frame is that of
    ``produce_step``, which is a multiple of all intervals because LAMMPS writes at multiples.
    """

    timestep: float
    first_step: int
    npt_average_step: int
    npt_last_step: int
    produce_step: int
    last_step: int
    frame_every: int
    snapshot_every: int
    thermo_every: int
    restart_every: int

    @property
    def n_frames(self) -> int:
        """Frames of the whole production, the first one included."""
        return (self.last_step - self.produce_step) // self.frame_every + 1

    @property
    def n_snapshots(self) -> int:
        """Snapshots of the whole production, the first frame included."""
        return (self.last_step - self.produce_step) // self.snapshot_every + 1


def plan(settings: MolecularDynamics) -> Plan:
    """The steps of a run with these settings.

    Raises
    ------
    InputError
        A length is no multiple of the timestep, or one interval is no multiple of another.
    """
    timestep = settings.timestep_fs / 1000
    frames, snapshots, thermo, restart, equilibrate, produce = (
        _steps(f"md.{key}", getattr(settings, key), settings.timestep_fs)
        for key in (
            "frame_every_ps",
            "snapshot_every_ps",
            "thermo_every_ps",
            "restart_every_ps",
            "equilibrate_ps",
            "produce_ps",
        )
    )
    _check_multiple("snapshot_every_ps", settings.snapshot_every_ps, snapshots, settings, frames)
    _check_multiple("produce_ps", settings.produce_ps, produce, settings, frames)
    npt = 0
    if settings.cell == "mean-npt":
        npt = _steps("md.npt_ps", settings.npt_ps, settings.timestep_fs)
        if npt % (2 * _AVERAGED_EVERY):
            step = 2 * _AVERAGED_EVERY * settings.timestep_fs / 1000
            raise InputError(
                f"md.npt_ps: found {settings.npt_ps:g} ps, needed a multiple of {step:g} ps "
                f"({2 * _AVERAGED_EVERY} steps: the cell is averaged over the second half)"
            )
    before = npt + equilibrate
    # the count starts where the production's first step is a multiple of all that LAMMPS writes
    both = math.lcm(snapshots, thermo, 2 * _AVERAGED_EVERY)
    produce_step = -(-before // both) * both
    # the averaging half starts at a multiple of its interval, so the first step may be no multiple
    npt_last_step = produce_step - equilibrate
    return Plan(
        timestep,
        produce_step - before,
        npt_last_step - npt // 2,
        npt_last_step,
        produce_step,
        produce_step + produce,
        frames,
        snapshots,
        thermo,
        restart,
    )


def _steps(key: str, length_ps: float, timestep_fs: float) -> int:
    """A length in steps."""
    exact = length_ps * 1000 / timestep_fs
    steps = round(exact)
    if abs(exact - steps) > 1e-6 * max(1.0, exact) or (steps == 0 and length_ps > 0):
        near = max(1, steps) * timestep_fs / 1000
        raise InputError(
            f"{key}: found {length_ps:g} ps, needed a multiple of md.timestep_fs ({timestep_fs:g} fs), "
            f"as {near:g} ps"
        )
    return steps


def _check_multiple(
    key: str, length_ps: float, steps: int, settings: MolecularDynamics, frames: int
) -> None:
    """Snapshots are frames, and the last frame ends the production."""
    if steps % frames or steps == 0:
        near = max(1, round(steps / frames)) * settings.frame_every_ps
        raise InputError(
            f"md.{key}: found {length_ps:g} ps, needed a multiple of md.frame_every_ps "
            f"({settings.frame_every_ps:g} ps), as {near:g} ps"
        )
