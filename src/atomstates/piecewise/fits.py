"""One line, a kink, a jump and a parabola through points with errors, for many sets of values at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FEWEST_A_SIDE = 2
"""Different abscissas that each of two lines needs."""


@dataclass(frozen=True)
class Fits:
    """Best fit of each model to each of B sets of values.

    Chi² of one line (B,) and by how much the other models lower it: their *gain* (B,). ``lines``
    (B, 2) is intercept and slope of one line, ``kink_lines`` and ``jump_lines`` (B, 2, 2) those
    left and right of the break. The kink is at ``kinks`` (B,); a jump is between the points
    ``splits − 1`` and ``splits`` (B,).
    """

    chi_squared: Floats
    lines: Floats
    kink_gain: Floats
    kinks: Floats
    kink_lines: Floats
    jump_gain: Floats
    splits: Integers
    jump_lines: Floats
    curve_gain: Floats


@dataclass(frozen=True)
class Design:
    """What the fits need of abscissas x (n,), ascending, and errors s (n,); not of the values.

    Everything is linear once the break is given, so it is prepared once for all sets of values.
    Directions are of unit length in the space of y/s and orthogonal to all straight lines: the
    gain of a model is the squared length of the values along its directions.
    """

    x: Floats
    error: Floats
    scaled: Floats
    """(x − mean)/range, (n,)."""
    straight: Floats
    """Orthonormal columns that span all straight lines, (n, 2)."""
    straight_solver: Floats
    """From values to intercept and slope in scaled x, (2, n)."""
    knots: Floats
    """Scaled positions of points at which a kink may sit, (K,)."""
    knot_directions: Floats
    """(K, n)"""
    knot_solvers: Floats
    """From values to intercept, slope and change of slope, (K, 3, n)."""
    splits: Integers
    """First point right of each jump that may be, (S,)."""
    split_directions: Floats
    """(S, 2, n)"""
    split_solvers: Floats
    """From values to both lines, (S, 2, 2, n)."""
    curve_direction: Floats
    """(n,)"""

    @property
    def n_distinct(self) -> int:
        """Different abscissas."""
        return len(np.unique(self.x))

    def original(self, lines: Floats) -> Floats:
        """Intercepts and slopes (..., 2) in x from those in scaled x."""
        slope = lines[..., 1] / np.ptp(self.x)
        return np.stack([lines[..., 0] - slope * self.x.mean(), slope], axis=-1)

    def fits(self, values: Floats) -> Fits:
        """Best fit of every model to each set of values, shape (B, n).

        The best kink is either at a point or where the two lines of a jump meet, if they meet
        between the points that the jump separates (Hudson, J. Am. Stat. Assoc. 1966, 61, 1097),
        so that it is found exactly.
        """
        whole = values @ self.straight_solver.T
        white = values / self.error
        # what no straight line can describe: all gains are in it, and large levels cancel here
        rest = white - (white @ self.straight) @ self.straight.T
        jump_gains = np.sum(np.einsum("bn,spn->bsp", rest, self.split_directions) ** 2, axis=2)
        apart = np.einsum("bn,scpn->bscp", rest * self.error, self.split_solvers)
        kink_gain, kinks, kink_lines = self._kinks(rest, jump_gains, apart)
        best = jump_gains.argmax(axis=1)
        row = np.arange(len(values))
        return Fits(
            chi_squared=np.sum(rest**2, axis=1),
            lines=self.original(whole),
            kink_gain=kink_gain,
            kinks=self.x.mean() + kinks * np.ptp(self.x),
            kink_lines=self.original(whole[:, None] + kink_lines),
            jump_gain=jump_gains[row, best],
            splits=self.splits[best],
            jump_lines=self.original(whole[:, None] + apart[row, best]),
            curve_gain=(rest @ self.curve_direction) ** 2,
        )

    def _kinks(self, rest: Floats, jump_gains: Floats, apart: Floats) -> tuple[Floats, Floats, Floats]:
        """Gain, scaled position and lines (about the one line) of the best kink of each set."""
        change = apart[:, :, 1] - apart[:, :, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            meeting = -change[..., 0] / change[..., 1]
        left, right = self.scaled[self.splits - 1], self.scaled[self.splits]
        meets = (meeting >= left) & (meeting <= right)
        at_knot = (rest @ self.knot_directions.T) ** 2
        gains = np.concatenate([at_knot, np.where(meets, jump_gains, -1.0)], axis=1)
        positions = np.concatenate([np.broadcast_to(self.knots, at_knot.shape), meeting], axis=1)
        best, row = gains.argmax(axis=1), np.arange(len(rest))
        knot = np.minimum(best, len(self.knots) - 1)
        level, slope, bend = np.einsum("bpn,bn->pb", self.knot_solvers[knot], rest * self.error)
        bent = np.stack(
            [
                np.stack([level, slope], axis=1),
                np.stack([level - bend * self.knots[knot], slope + bend], axis=1),
            ],
            axis=1,
        )
        split = np.maximum(best - len(self.knots), 0)
        is_knot = (best < len(self.knots))[:, None, None]
        return gains[row, best], positions[row, best], np.where(is_knot, bent, apart[row, split])


def design(x: Floats, error: Floats) -> Design:
    """Preparation of the fits for abscissas x (n,), ascending, and standard errors (n,).

    Raises
    ------
    ValueError
        Not ascending, an error that is not positive, or fewer than four different abscissas.
    """
    distinct = np.unique(x)
    if len(distinct) < 2 * FEWEST_A_SIDE:
        raise ValueError(f"two lines need four different abscissas, not {len(distinct)}")
    if np.any(np.diff(x) < 0) or not np.all(error > 0):
        raise ValueError("abscissas must ascend and errors be positive")
    scaled = (x - x.mean()) / np.ptp(x)
    ones = np.ones_like(scaled)
    plain = np.column_stack([ones, scaled])
    straight = np.linalg.qr(plain / error[:, None])[0]
    knots = (distinct[1:-1] - x.mean()) / np.ptp(x)
    hinges = np.maximum(scaled - knots[:, None], 0.0)
    starts = np.searchsorted(x, distinct[FEWEST_A_SIDE : len(distinct) - FEWEST_A_SIDE + 1])
    directions, solvers = [], []
    for start in starts:
        right = np.arange(len(x)) >= start
        step = beyond_lines(np.column_stack([right, right * scaled]), error, straight)
        directions.append(np.linalg.qr(step)[0].T)
        solvers.append(np.stack([_solver(plain * side[:, None], error) for side in (~right, right)]))
    bends = beyond_lines(hinges.T, error, straight)
    curve = beyond_lines(scaled[:, None] ** 2, error, straight)[:, 0]
    return Design(
        x=x,
        error=error,
        scaled=scaled,
        straight=straight,
        straight_solver=_solver(plain, error),
        knots=knots,
        knot_directions=(bends / np.linalg.norm(bends, axis=0)).T,
        knot_solvers=np.stack([_solver(np.column_stack([plain, hinge]), error) for hinge in hinges]),
        splits=starts.astype(np.int64),
        split_directions=np.stack(directions),
        split_solvers=np.stack(solvers),
        curve_direction=curve / np.linalg.norm(curve),
    )


def beyond_lines(columns: Floats, error: Floats, straight: Floats) -> Floats:
    """The part of columns (n, P) over the errors that is orthogonal to all straight lines."""
    white = columns / error[:, None]
    for _ in range(2):  # the second round removes what rounding left
        white = white - straight @ (straight.T @ white)
    return white


def _solver(columns: Floats, error: Floats) -> Floats:
    """Matrix (P, n) that takes values to the coefficients of weighted least squares."""
    solver: Floats = np.linalg.pinv(columns / error[:, None]) / error
    return solver
