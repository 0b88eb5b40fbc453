"""From positions folded into a periodic cell back to paths."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LONGEST_STEP = 0.4
"""Longest step between frames, in units of a cell vector, that is taken for the nearest image's."""


@dataclass(frozen=True)
class Step:
    """The longest step of an atom along a cell vector, in units of that vector."""

    length: float
    frame: int
    atom: int
    axis: int


def unwrapped_paths(wrapped: Floats, before: Floats, periodic: tuple[bool, bool, bool]) -> Floats:
    """Paths whose steps between frames are those to the nearest image.

    u(k) = s(k) − n(k),  n(k) = n(k−1) + round(s(k) − s(k−1))

    In units of the cell vectors, so that tilted cells and cells that change are right: an image
    is a whole number there. Images are counted in whole numbers, so no rounding adds up. Right
    as long as no atom moves half a cell vector between frames (``longest_step``); paths that are
    unwrapped already stay what they are.

    Parameters
    ----------
    wrapped
        Positions in units of the cell vectors (T, N, 3), in any image.
    before
        Path's position (N, 3) in the frame before the first one.
    periodic
        Along which vectors there are images.
    """
    following = np.concatenate([before[None], wrapped])
    images = np.cumsum(np.rint(np.diff(following, axis=0)), axis=0)
    paths: Floats = wrapped - images * np.array(periodic)
    return paths


def longest_step(paths: Floats, before: Floats) -> Step:
    """The longest step of paths (T, N, 3) that go on from ``before`` (N, 3), by cell vector."""
    steps = np.abs(np.diff(np.concatenate([before[None], paths]), axis=0))
    frame, atom, axis = np.unravel_index(int(steps.argmax()), steps.shape)
    return Step(float(steps[frame, atom, axis]), int(frame), int(atom), int(axis))
