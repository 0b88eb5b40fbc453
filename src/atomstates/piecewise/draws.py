"""Bootstrap of lines with and without a break: values redrawn from their errors about each model's fit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomstates.piecewise.comparison import Comparison
from atomstates.piecewise.fits import Design, Fits

Floats = NDArray[np.float64]

N_DRAWS = 2000


@dataclass(frozen=True)
class Draws:
    """Lines with and without a break that the points might as well have come from.

    ``lines`` (B, 2, 2) is intercept and slope left and right of the break, which is known to lie
    between ``left`` and ``right`` (B,): equal for a kink, neighbouring abscissas for a jump, NaN
    for one line. ``where`` (B,) is one place between them.
    """

    lines: Floats
    left: Floats
    right: Floats
    where: Floats

    @property
    def broken(self) -> NDArray[np.bool_]:
        """Which draws have a break, (B,)."""
        return np.isfinite(self.where)

    def held(self, x: float) -> Floats:
        """Intercept and slope (B, 2) of the line that holds x in each draw."""
        return self.lines[np.arange(len(self.where)), (x > self.where).astype(np.int64)]

    def interval(self) -> tuple[float, float]:
        """95 % interval of the break; the gap of a jump counts whole."""
        low, high = np.quantile(self.left[self.broken], 0.025), np.quantile(self.right[self.broken], 0.975)
        return float(low), float(high)


def drawn(found: Fits, design: Design, comparison: Comparison, noise: Floats, places: Floats) -> Draws:
    """Draws from each model in the proportion of its Akaike weight.

    Each draw adds noise to the best fit of one model and fits that model again, with its break:
    the spread of the draws holds the errors of the points, the freedom of the break, and the
    doubt which model is true.

    Parameters
    ----------
    found
        Fits of the one set of values.
    noise
        Standard normal numbers (B, n); multiplied by the errors and φ^½.
    places
        Uniform numbers (B,): where in its gap each jump is.
    """
    noise = noise * design.error * np.sqrt(comparison.inflation)
    shares = np.array([comparison.models[name].weight for name in ("line", "kink", "jump")])
    first, second = np.round(np.cumsum(shares)[:2] * len(noise)).astype(np.int64)
    line = design.fits(_fitted(design.x, np.tile(found.lines[0], (2, 1)), 0) + noise[:first])
    beyond = int(np.searchsorted(design.x, found.kinks[0], side="right"))
    kink = design.fits(_fitted(design.x, found.kink_lines[0], beyond) + noise[first:second])
    jump = design.fits(_fitted(design.x, found.jump_lines[0], int(found.splits[0])) + noise[second:])
    left, right = design.x[jump.splits - 1], design.x[jump.splits]
    nowhere = np.full(first, np.nan)
    return Draws(
        lines=np.concatenate(
            [np.stack([line.lines, line.lines], axis=1), kink.kink_lines, jump.jump_lines]
        ),
        left=np.concatenate([nowhere, kink.kinks, left]),
        right=np.concatenate([nowhere, kink.kinks, right]),
        where=np.concatenate([nowhere, kink.kinks, left + places[second:] * (right - left)]),
    )


def _fitted(x: Floats, lines: Floats, split: int) -> Floats:
    """Values (n,) of two lines, the second from the point ``split`` on."""
    first = np.arange(len(x)) < split
    fitted: Floats = np.where(first, lines[0, 0] + lines[0, 1] * x, lines[1, 0] + lines[1, 1] * x)
    return fitted
