"""Steps and times of the frames of a trajectory: when each frame is, and which of them count."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomstates.errors import InputError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# times are often stored as 32-bit numbers
_UNEVEN = 1e-3
_SINGLE = 1e-6


@dataclass(frozen=True)
class Clock:
    """What the user says about time.

    Attributes
    ----------
    timestep
        Time step of the dynamics in ps, for files with step numbers.
    interval
        Time between frames in ps, whatever the files say.
    start
        Time in ps from the first frame to the first one that counts.
    every
        Every how many frames one counts.
    """

    timestep: float | None = None
    interval: float | None = None
    start: float = 0.0
    every: int = 1


def frame_times(
    clock: Clock, n_frames: int, steps: Integers | None, times: Floats | None, where: str
) -> tuple[Floats, str]:
    """Time of each frame from the first one in ps, (T,), and where it is from, in words.

    An interval that the user names goes before times in the file, and those before steps.

    Parameters
    ----------
    steps, times
        Of all frames, shape (T,), increasing; times in ps; None where the file has none.
    where
        The file, for errors.

    Raises
    ------
    InputError
        Nothing tells the time between frames.
    """
    if clock.interval is not None:
        return np.arange(n_frames) * np.float64(clock.interval), "as given"
    if times is not None:
        return times - times[0], "by the times in the file"
    if steps is None:
        raise InputError(
            f"{where}: the file has no times. Give the time between its frames by --frame-interval-ps."
        )
    if clock.timestep is None:
        raise InputError(
            f"{where}: the file has step numbers but no times. Give the time step of the dynamics by "
            "--timestep-ps (or the time between frames by --frame-interval-ps)."
        )
    return (steps - steps[0]) * clock.timestep, f"by its step numbers and steps of {clock.timestep:g} ps"


def chosen_frames(clock: Clock, times: Floats, where: str) -> tuple[Integers, float]:
    """Indices of the frames that count, and the time between them in ps.

    Raises
    ------
    InputError
        Fewer than two are left, or they are not equally far apart.
    """
    late = np.flatnonzero(times >= clock.start * (1 - 1e-9))
    chosen: Integers = late[:: clock.every]
    if len(chosen) < 2:
        raise InputError(
            f"{where}: of {len(times)} frames in {times[-1]:g} ps, {len(chosen)} are left after --start-ps "
            f"{clock.start:g} and --frames-every {clock.every}; two are needed at least"
        )
    apart = np.diff(times[late])
    usual = float(np.median(apart))
    odd = np.flatnonzero(np.abs(apart - usual) > _UNEVEN * usual + _SINGLE * times[-1])
    if usual <= 0 or len(odd):
        at = int(odd[0]) if len(odd) else 0
        raise InputError(
            f"{where}: after the frame at {times[late][at]:g} ps the next one comes {apart[at]:g} ps "
            f"later, elsewhere {usual:g} ps. Frames must be equally far apart: leave out those that are "
            "not (--start-ps for what comes first), or give --frame-interval-ps if the file's numbers "
            "are wrong."
        )
    return chosen, float(times[chosen[-1]] - times[chosen[0]]) / (len(chosen) - 1)
