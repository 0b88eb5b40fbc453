"""Figures of the transition temperature: its likelihood, and estimates of it side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from atomstates.report.arrhenius_figures import TransitionMark
from atomstates.report.curves import Curve, point, tell
from atomstates.report.style import INK, PALE
from atomstates.report.tables import Array

MOST_SHOWN = 25.0
"""−2 ln L up to which a profile is drawn."""
INTERVAL_95 = 3.84
"""−2 ln L above its minimum at the ends of a 95 % interval of one parameter."""
_JUMP = "#0072B2"


@dataclass(frozen=True)
class TransitionProfile:
    """−2 ln L above its minimum against the transition temperature (K), arrays of shape (M,)."""

    temperature: Array
    kink: Array
    jump: Array
    line: float


@dataclass(frozen=True)
class TransitionEstimate:
    """One estimate of the transition temperature, or in ``absent`` that there is none."""

    label: str
    mark: TransitionMark | None
    absent: str
    colour: str = INK


def draw_profile(ax: Axes, profile: TransitionProfile) -> None:
    """How much worse each place of a kink or a jump is than the best."""
    ax.axhline(INTERVAL_95, color=PALE, lw=0.8, ls=(0, (1, 2)))
    ax.annotate(
        "95 %",
        (1.0, INTERVAL_95),
        xycoords=ax.get_yaxis_transform(),
        xytext=(3, 0),
        textcoords="offset points",
        va="center",
        fontsize=7,
        color=PALE,
    )
    tell(
        ax,
        Curve("kink", INK, profile.temperature, profile.kink),
        Curve("jump", _JUMP, profile.temperature, profile.jump),
    )
    if np.isfinite(profile.kink).any():
        ax.plot(profile.temperature, profile.kink, color=INK, lw=1.2, label="kink")
    if np.isfinite(profile.jump).any():
        ax.plot(
            profile.temperature, profile.jump, color=_JUMP, lw=1.2, label="jump", drawstyle="steps-post"
        )
    highest = max(float(np.nanmax([*profile.kink, *profile.jump, profile.line])), 2 * INTERVAL_95)
    ax.set_ylim(-0.03 * min(highest, MOST_SHOWN), 1.05 * min(highest, MOST_SHOWN))
    if profile.line <= MOST_SHOWN:
        ax.axhline(profile.line, color=INK, lw=1.0, ls=(0, (4, 3)), label="one line")
    ax.set_ylabel("−2 ln L\nabove its minimum")
    ax.grid(axis="x")
    ax.set_axisbelow(True)


def draw_estimates(ax: Axes, estimates: Sequence[TransitionEstimate]) -> None:
    """Transition temperatures with their 95 % intervals, one row for each estimate."""
    for row, estimate in enumerate(estimates):
        if estimate.mark is None:
            ax.annotate(
                estimate.absent,
                (0.5, row),
                xycoords=ax.get_yaxis_transform(),
                ha="center",
                va="center",
                fontsize=7,
                color=PALE,
            ).set_in_layout(False)  # a long reason would leave no room for the axes
            continue
        low, high = estimate.mark.interval
        ax.plot([low, high], [row, row], color=estimate.colour, lw=1.6, solid_capstyle="butt")
        ax.plot([estimate.mark.value], [row], "o", color=estimate.colour, ms=5.5, mec="white", mew=0.6)
        said = f"{estimate.mark.value:.0f} K, 95 % interval {low:.0f} to {high:.0f} K"
        tell(ax, point(estimate.label, estimate.colour, estimate.mark.value, row, said=said))
        ax.annotate(
            f"{estimate.mark.value:.0f} K",
            (estimate.mark.value, row),
            xytext=(0, 5),
            textcoords="offset points",
            ha="center",
            fontsize=7,
            color=INK,
        )
    ax.set_yticks(range(len(estimates)), [estimate.label for estimate in estimates])
    ax.set_ylim(len(estimates) - 0.5, -0.7)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x")
    ax.set_axisbelow(True)
    ax.set_xlabel("transition temperature, K")
