"""Lengths of a run in steps, and the refusal of lengths that do not fit together."""

import math
from dataclasses import dataclass

from atomstates.campaign.schema import MolecularDynamics
from atomstates.errors import InputError

_AVERAGED_EVERY = 10
"""Steps between the cells that `md.in` averages."""
_LENGTHS = (
    "frame_every_ps",
    "snapshot_every_ps",
    "thermo_every_ps",
    "restart_every_ps",
    "equilibrate_ps",
    "produce_ps",
)


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
    steps = _all_steps(settings)
    npt = steps["npt_ps"] if settings.cell == "mean-npt" else 0
    frames, snapshots, thermo = (steps[f"{key}_every_ps"] for key in ("frame", "snapshot", "thermo"))
    equilibrate = steps["equilibrate_ps"]
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
        produce_step + steps["produce_ps"],
        frames,
        snapshots,
        thermo,
        steps["restart_every_ps"],
    )


def _all_steps(settings: MolecularDynamics) -> dict[str, int]:
    """Every length in steps by its key; all that do not fit are told at once."""
    keys = [*_LENGTHS, *(["npt_ps"] if settings.cell == "mean-npt" else [])]
    steps = {key: round(getattr(settings, key) * 1000 / settings.timestep_fs) for key in keys}
    problems = {key: said for key in keys if (said := _unfit(key, steps[key], settings))}
    frames = steps["frame_every_ps"]
    for key in ("snapshot_every_ps", "produce_ps"):
        # snapshots are frames, and the last frame ends the production
        if problems.keys().isdisjoint((key, "frame_every_ps")) and (steps[key] % frames or not steps[key]):
            near = max(1, round(steps[key] / frames)) * settings.frame_every_ps
            problems[key] = (
                f"md.{key}: found {getattr(settings, key):g} ps, needed a multiple of md.frame_every_ps "
                f"({settings.frame_every_ps:g} ps), as {near:g} ps"
            )
    if problems:
        raise InputError("\n".join(problems.values()))
    return steps


def _unfit(key: str, steps: int, settings: MolecularDynamics) -> str:
    """What is wrong with a length that is no whole number of steps; nothing where all is well."""
    length = getattr(settings, key)
    exact = length * 1000 / settings.timestep_fs
    if abs(exact - steps) > 1e-6 * max(1.0, exact) or (steps == 0 and length > 0):
        near = max(1, steps) * settings.timestep_fs / 1000
        return (
            f"md.{key}: found {length:g} ps, needed a multiple of md.timestep_fs "
            f"({settings.timestep_fs:g} fs), as {near:g} ps"
        )
    if key == "npt_ps" and steps % (2 * _AVERAGED_EVERY):
        step = 2 * _AVERAGED_EVERY * settings.timestep_fs / 1000
        return (
            f"md.npt_ps: found {length:g} ps, needed a multiple of {step:g} ps "
            f"({2 * _AVERAGED_EVERY} steps: the cell is averaged over the second half)"
        )
    return ""
