"""What is concluded from a comparison of the models, in words with numbers."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from atomstates.piecewise.comparison import PARAMETERS, SIGNIFICANCE, Comparison

Floats = NDArray[np.float64]
Verdict = Literal["one line", "kink", "jump", "cannot tell"]

CLEARLY_SMOOTHER = 4.0
"""By how much a parabola's AICc must be the lower for a break not to be claimed."""
_ROUNDING = 1e-9
TOO_WIDE = 0.8
"""Share of the range of Tc that an interval must not fill."""


def without_break(comparison: Comparison, t: Floats) -> tuple[Verdict | None, str]:
    """The verdict and its words where one line is not refuted."""
    if comparison.best is None:
        return "cannot tell", too_few(t)
    if comparison.supports_break:
        return None, ""
    n, p = len(np.unique(t)), _p(comparison)
    if comparison.gain <= 0:
        words = f"one line through {n} temperatures has the lowest AICc, by {-comparison.gain:.1f}"
        return "one line", f"{words} below a {comparison.best} ({p})"
    return "cannot tell", (
        f"a {comparison.best} lowers AICc by {comparison.gain:.1f}, {comparison.threshold:.1f} are needed: "
        f"one line through {n} temperatures gives as much too often ({p}; {SIGNIFICANCE:g} is the limit)"
    )


def not_located(
    comparison: Comparison, distinct: Floats, temperature: float, interval: tuple[float, float]
) -> str:
    """Why there is no Tc although one line is refuted; empty where there is."""
    best = comparison.best
    assert best is not None
    smooth, broken = comparison.models["curve"].aicc, comparison.models[best].aicc
    assert smooth is not None and broken is not None
    if broken - smooth > CLEARLY_SMOOTHER:
        return (
            f"the points bend ({_p(comparison)}), but smoothly: a parabola is better than a {best} by an "
            f"AICc of {broken - smooth:.1f}"
        )
    lowest, highest = _range(distinct)
    if not lowest < temperature < highest:
        outermost = distinct[0] if temperature <= lowest else distinct[-1]
        return (
            f"two lines are better than one ({_p(comparison)}), but only because of one temperature, "
            f"{outermost:g} K, the outermost: add temperatures beyond it"
        )
    if interval[1] - interval[0] >= TOO_WIDE * (highest - lowest):
        return (
            f"two lines are better than one ({_p(comparison)}), but the break may be anywhere from "
            f"{interval[0]:.0f} to {interval[1]:.0f} K"
        )
    return ""


def claim(comparison: Comparison, distinct: Floats, interval: tuple[float, float]) -> str:
    """What supports the break."""
    best, other = comparison.best, "jump" if comparison.best == "kink" else "kink"
    assert best is not None
    models = comparison.models
    words = f"a {best} lowers AICc by {comparison.gain:.1f} below one line ({_p(comparison)})"
    if models[other].aicc is None:
        words += f"; a {other} is out of reach: {models[other].out_of_reach}"
    elif models[other].weight > SIGNIFICANCE:
        words += f"; a {other} has {models[other].weight:.0%} of the weight"
    smooth, broken = models["curve"].aicc, models[best].aicc
    assert smooth is not None and broken is not None
    if smooth - broken < CLEARLY_SMOOTHER:
        words += f"; a parabola does about as well (AICc {smooth - broken:+.1f}), so the bend may be smooth"
    lowest, highest = _range(distinct)
    if interval[0] <= lowest:
        words += f"; it may also lie below {distinct[1]:g} K, where only one temperature is left"
    if interval[1] >= highest:
        words += f"; it may also lie above {distinct[-2]:g} K, where only one temperature is left"
    if comparison.inflation > 1:
        words += (
            f"; errors times {np.sqrt(comparison.inflation):.2g}, because the points scatter about it too"
        )
    return words


def too_few(t: Floats) -> str:
    """How many temperatures there are, and how many are needed."""
    n, kink, jump = len(np.unique(t)), PARAMETERS["kink"] + 2, PARAMETERS["jump"] + 2
    return f"too few temperatures for a transition to be seen: {n}; a kink needs {kink}, a jump {jump}"


def _range(distinct: Floats) -> tuple[float, float]:
    """Second lowest and second highest temperature, moved in by what 1/(1/T) rounds off."""
    return float(distinct[1]) * (1 + _ROUNDING), float(distinct[-2]) * (1 - _ROUNDING)


def _p(comparison: Comparison) -> str:
    """The p-value in words, bounded by the number of draws."""
    return f"p = {comparison.p_value:.2g}" if comparison.p_value >= 0.001 else "p < 0.001"
