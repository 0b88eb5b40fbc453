"""Drawing the rounds of active learning: deviations, shares, errors. One result, one axes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from numpy.typing import NDArray

from atomstates.report.style import INK, PALE, blank_figure

FloatArray = NDArray[np.float64]

_VERDICT_COLOURS = {"accurate": "#009E73", "candidate": "#E69F00", "failed": "#D55E00"}


@dataclass(frozen=True)
class LearningRound:
    """A round: deviation of every frame found (eV/Å), shares by verdict, errors on held-out frames.

    ``force_rmse`` in meV/Å, NaN where nothing was held out.
    """

    number: int
    deviation: FloatArray
    shares: Mapping[str, float]
    force_rmse: float
    n_held_out: int


@dataclass(frozen=True)
class LabelledFrames:
    """Frames labelled in a round: deviation before, and then the error on the worst atom (eV/Å)."""

    number: int
    deviation: FloatArray
    error: FloatArray


def round_colours(rounds: Sequence[LearningRound]) -> list[str]:
    """From the first round to the last."""
    span = max(len(rounds) - 1, 1)
    return [to_hex(colormaps["viridis"](0.9 * (1 - i / span))) for i in range(len(rounds))]


def draw_deviations(ax: Axes, rounds: Sequence[LearningRound], trust: tuple[float, float]) -> None:
    """Distribution of the ensemble's force deviation in each round, with the levels of trust."""
    finite = np.concatenate([one.deviation[np.isfinite(one.deviation)] for one in rounds])
    floor, top = max(finite.min(), 1e-3), max(finite.max(), 1.5 * trust[1])
    edges = np.geomspace(floor, top, 41)
    for one, colour in zip(rounds, round_colours(rounds), strict=True):
        inside = one.deviation[np.isfinite(one.deviation)]
        heights, _ = np.histogram(np.clip(inside, floor, top), edges)
        ax.stairs(heights / len(one.deviation), edges, color=colour, label=f"round {one.number}")
    for level, name in zip(trust, ("low", "high"), strict=True):
        ax.axvline(level, color=PALE, linestyle="--", linewidth=0.8)
        ax.annotate(
            f"trust, {name}", (level, 1), xycoords=("data", "axes fraction"), xytext=(2, -8),
            textcoords="offset points", color=PALE, fontsize="small",
        )  # fmt: skip
    ax.set_xscale("log")
    ax.set_xlabel("largest force deviation in a frame (eV/Å)")
    ax.set_ylabel("share of frames")
    ax.legend(frameon=False)


def draw_shares(ax: Axes, rounds: Sequence[LearningRound], bad_share: float) -> None:
    """Shares of accurate, candidate and failed frames against the round; the bound of the loop."""
    numbers = [one.number for one in rounds]
    bottom = np.zeros(len(rounds))
    for verdict in ("failed", "candidate", "accurate"):
        heights = np.array([one.shares[verdict] for one in rounds])
        ax.bar(numbers, heights, bottom=bottom, color=_VERDICT_COLOURS[verdict], label=verdict, width=0.7)
        bottom += heights
    ax.axhline(bad_share, color=INK, linestyle="--", linewidth=0.8, label="bound of failed and candidate")
    ax.set_xticks(numbers)
    ax.set_xlabel("round")
    ax.set_ylabel("share of frames")
    ax.set_ylim(0, 1)
    ax.legend(frameon=False, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))


def draw_force_errors(ax: Axes, rounds: Sequence[LearningRound]) -> None:
    """Force error on held-out frames of the students' own dynamics against the round."""
    numbers = [one.number for one in rounds]
    values = np.array([one.force_rmse for one in rounds])
    ax.plot(numbers, values, "o-", color=INK)
    ax.set_xticks(numbers)
    ax.set_ylim(0, 1.15 * np.nanmax(values) if np.isfinite(values).any() else 1)
    ax.set_xlabel("round")
    ax.set_ylabel("force RMSE, held out (meV/Å)")


def draw_calibration(ax: Axes, labelled: Sequence[LabelledFrames], trust: tuple[float, float]) -> None:
    """True error on the worst atom against the deviation of the ensemble, with the levels of trust."""
    span = max(len(labelled) - 1, 1)
    for i, one in enumerate(labelled):
        colour = to_hex(colormaps["viridis"](0.9 * (1 - i / span)))
        ax.plot(one.deviation, one.error, ".", color=colour, markersize=3, label=f"round {one.number}")
    ax.set_xscale("log")
    ax.set_yscale("log")
    # What follows leaves the axes to the frames.
    ax.autoscale(False)
    for level in trust:
        ax.axvline(level, color=PALE, linestyle="--", linewidth=0.8)
    ends = (1e-6, 1e3)
    ax.plot(ends, ends, color=PALE, linewidth=0.8, zorder=0)
    ax.set_xlabel("largest force deviation in a frame (eV/Å)")
    ax.set_ylabel("largest force error (eV/Å)")
    ax.legend(frameon=False)


def calibration_figure(labelled: Sequence[LabelledFrames], trust: tuple[float, float]) -> Figure:
    """One panel, as high as half the page is wide."""
    figure = blank_figure(3.0)
    draw_calibration(figure.subplots(), labelled, trust)
    return figure


def deviation_figure(rounds: Sequence[LearningRound], trust: tuple[float, float]) -> Figure:
    """Histograms of all rounds in one panel."""
    figure = blank_figure(3.0)
    draw_deviations(figure.subplots(), rounds, trust)
    return figure


def progress_figure(rounds: Sequence[LearningRound], bad_share: float) -> Figure:
    """Shares, and errors beside them."""
    figure = blank_figure(2.8)
    left, right = figure.subplots(1, 2)
    draw_shares(left, rounds, bad_share)
    draw_force_errors(right, rounds)
    return figure
