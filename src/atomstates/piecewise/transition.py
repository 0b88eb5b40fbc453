"""Transition temperature of a quantity that follows straight lines in T or 1/T, with a break or without."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from atomstates.piecewise.comparison import Broken, Comparison, compared
from atomstates.piecewise.draws import N_DRAWS, Draws, drawn
from atomstates.piecewise.fits import FEWEST_A_SIDE, Design, Fits, design
from atomstates.piecewise.profile import Profile, profile
from atomstates.piecewise.verdict import Verdict, claim, not_located, too_few, without_break

Floats = NDArray[np.float64]
Abscissa = Literal["T", "1/T"]

_CENTRAL_68 = (0.1586552539, 0.8413447461)


@dataclass(frozen=True)
class Segment:
    """y = intercept + slope x with x = T or 1/T, from ``coldest`` to ``hottest`` (K).

    ``covariance`` (2, 2) of intercept and slope is that of the bootstrap.
    """

    coldest: float
    hottest: float
    n_temperatures: int
    intercept: float
    slope: float
    covariance: Floats


@dataclass(frozen=True)
class Transition:
    """What points say of a transition; see :func:`transition`.

    ``temperature``, ``error`` and ``interval`` (95 %) are in K, None where the verdict is ``one
    line`` or ``cannot tell``; ``gap`` is what a jump lies between. ``segments`` are those of the
    best broken line, the colder one first, where one line is refuted; else there are none.
    """

    abscissa: Abscissa
    temperatures: Floats
    verdict: Verdict
    reason: str
    temperature: float | None = None
    error: float | None = None
    interval: tuple[float, float] | None = None
    gap: tuple[float, float] | None = None
    segments: tuple[Segment, ...] = ()
    comparison: Comparison | None = None
    draws: Draws | None = None
    profile: Profile | None = None
    plan: Design | None = None

    def x(self, temperature: float) -> float:
        """The abscissa, T or 1/T."""
        return float(_swapped(self.abscissa, np.float64(temperature)))

    def segment_at(self, temperature: float) -> Segment | None:
        """The segment that holds a temperature, None where there are none."""
        if not self.segments:
            return None
        cold, hot = self.segments
        return cold if temperature < 0.5 * (cold.hottest + hot.coldest) else hot


def transition(
    temperatures: Sequence[float] | Floats,
    values: Sequence[float] | Floats,
    errors: Sequence[float] | Floats,
    *,
    abscissa: Abscissa,
    seed: int,
    n_draws: int = N_DRAWS,
) -> Transition:
    """Transition temperature from a kink or a jump between straight lines in x = T or 1/T.

    - one line: y = a + b x
    - kink: y = a + b x + c max(0, x − x_c)
    - jump: y = a_1 + b_1 x for x < x_c, a_2 + b_2 x for x > x_c

    Weighted least squares, compared by a calibrated AICc (:func:`atomstates.piecewise.compared`).
    The verdict is

    - *kink* or *jump*, the one of lower AICc, if one line would gain as much in AICc in at
      most 5 % of all cases;
    - *one line*, if it has the lowest AICc;
    - *cannot tell*, if there are fewer than six temperatures; if a break gains less than that;
      if a parabola is better than the break by an AICc of 4, so that the bend is smooth; if Tc is at
      an end of its range, from the second lowest to the second highest temperature, which one
      outlier may do; or if its interval fills 80 % of that range.

    Tc is the kink, or the middle in x of the gap that the jump lies in: more is not known of
    a jump. Its interval is that of a parametric bootstrap over kinks and jumps in proportion to
    their Akaike weights, where the gap of a jump counts whole; the error is half of the central 68 %.

    Parameters
    ----------
    temperatures, values, errors
        T in K, y and its standard error, (n,).
    seed
        Of the bootstrap.

    Raises
    ------
    ValueError
        Lengths differ, or temperatures or errors are not positive.
    """
    t, y, s = (np.asarray(part, dtype=np.float64) for part in (temperatures, values, errors))
    if not (len(t) == len(y) == len(s)) or not (np.all(t > 0) and np.all(s > 0) and np.all(np.isfinite(y))):
        raise ValueError("temperatures and errors must be positive, values finite, and all as many")
    if len(np.unique(t)) < 2 * FEWEST_A_SIDE:
        return Transition(abscissa, np.sort(t), "cannot tell", too_few(t))
    x = _swapped(abscissa, t)
    order = np.argsort(x, kind="stable")
    plan, y = design(x[order], s[order]), y[order]
    found = plan.fits(y[None])
    generator = np.random.default_rng(seed)
    comparison = compared(found, plan, generator.standard_normal((n_draws, len(t))))
    draws = drawn(
        found, plan, comparison, generator.standard_normal((n_draws, len(t))), generator.random(n_draws)
    )
    scan = profile(found, plan, comparison, y)
    return _judged(abscissa, plan, found, comparison, draws, scan)


def _judged(
    abscissa: Abscissa, plan: Design, found: Fits, comparison: Comparison, draws: Draws, scan: Profile
) -> Transition:
    """Verdict, and Tc where there is one."""
    t = np.sort(_swapped(abscissa, plan.x))
    verdict, reason = without_break(comparison, t)
    if verdict is not None:
        return Transition(
            abscissa, t, verdict, reason, comparison=comparison, draws=draws, profile=scan, plan=plan
        )
    best = comparison.best
    assert best is not None
    low, high = sorted(float(_swapped(abscissa, np.float64(end))) for end in draws.interval())
    spread = np.quantile(_swapped(abscissa, draws.where[draws.broken]), _CENTRAL_68)
    split = int(found.splits[0])
    around = plan.x[split - 1 : split + 1]
    position = found.kinks[0] if best == "kink" else around.mean()
    tc = float(_swapped(abscissa, position))
    problem = not_located(comparison, np.unique(t), tc, (low, high))
    sure = not problem
    return Transition(
        abscissa,
        t,
        best if sure else "cannot tell",
        problem or claim(comparison, np.unique(t), (low, high)),
        temperature=tc if sure else None,
        error=float(np.ptp(spread) / 2) if sure else None,
        interval=(low, high) if sure else None,
        gap=_gap(abscissa, around) if sure and best == "jump" else None,
        segments=_segments(abscissa, plan, found, best, draws),
        comparison=comparison,
        draws=draws,
        profile=scan,
        plan=plan,
    )


def _segments(
    abscissa: Abscissa, plan: Design, found: Fits, best: Broken, draws: Draws
) -> tuple[Segment, ...]:
    """Both lines of the best fit, the colder one first."""
    x = np.unique(plan.x)
    split = int(np.searchsorted(x, plan.x[found.splits[0]]))
    lines, edges = found.jump_lines[0], (x[:split], x[split:])
    if best == "kink":
        lines, kink = found.kink_lines[0], found.kinks[0]
        edges = (np.append(x[x < kink], kink), np.append(kink, x[x > kink]))
    segments = []
    for side, (line, edge) in enumerate(zip(lines, edges, strict=True)):
        ends = _swapped(abscissa, edge)
        inside = (x >= edge[0]) & (x <= edge[-1])
        covariance = np.cov(draws.lines[draws.broken, side], rowvar=False)
        segments.append(
            Segment(
                float(ends.min()),
                float(ends.max()),
                int(inside.sum()),
                float(line[0]),
                float(line[1]),
                covariance,
            )
        )
    return tuple(sorted(segments, key=lambda one: one.coldest))


def _gap(abscissa: Abscissa, around: Floats) -> tuple[float, float]:
    """The temperatures that a jump lies between."""
    low, high = sorted(float(end) for end in _swapped(abscissa, around))
    return low, high


def _swapped(abscissa: Abscissa, x: Floats | np.float64) -> Floats:
    """From T to the abscissa, and back."""
    swapped: Floats = np.asarray(x) if abscissa == "T" else 1 / np.asarray(x)
    return swapped
