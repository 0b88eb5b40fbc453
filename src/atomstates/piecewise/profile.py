"""Likelihood against the position of a break."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomstates.piecewise.comparison import Comparison
from atomstates.piecewise.fits import Design, Fits, beyond_lines

Floats = NDArray[np.float64]

N_POSITIONS = 301
HALF_95 = 3.841458820694124
"""−2 ln L above its minimum at the ends of a 95 % interval: the quantile of chi² for one parameter."""


@dataclass(frozen=True)
class Profile:
    """−2 ln L above its minimum, (chi²(x_c) − chi²_min)/φ, all but the break fitted anew.

    ``position`` (M,) is x_c; ``kink`` and ``jump`` (M,) are NaN where a model is out of reach or
    leaves a line with fewer than two points; ``line`` is that of one line.
    """

    position: Floats
    kink: Floats
    jump: Floats
    line: float


def profile(found: Fits, plan: Design, comparison: Comparison, values: Floats) -> Profile:
    """Profile of the likelihood against the break, for the one set of values (n,)."""
    edges = np.unique(plan.x)[1:-1]
    position = np.unique(np.concatenate([edges, np.linspace(edges[0], edges[-1], N_POSITIONS)]))
    white = values / plan.error
    rest = white - plan.straight @ (plan.straight.T @ white)
    hinges = np.maximum(plan.x - position[:, None], 0.0) / np.ptp(plan.x)
    bends = beyond_lines(hinges.T, plan.error, plan.straight)
    kink_gain = (rest @ bends) ** 2 / np.sum(bends**2, axis=0)
    gains = np.sum((plan.split_directions @ rest) ** 2, axis=1)
    # a position at a point belongs to the gap on its right, the last one to the gap before it
    gap = np.searchsorted(plan.x[plan.splits - 1], position, side="right") - 1
    jump_gain = gains[np.clip(gap, 0, len(gains) - 1)]
    if comparison.models["kink"].aicc is None:
        kink_gain = np.full_like(position, np.nan)
    if comparison.models["jump"].aicc is None:
        jump_gain = np.full_like(position, np.nan)
    best = np.nanmax([*kink_gain, *jump_gain, 0.0])
    phi = comparison.inflation
    return Profile(position, (best - kink_gain) / phi, (best - jump_gain) / phi, float(best / phi))
