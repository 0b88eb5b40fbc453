"""Figures of transitions between states: one function draws one result on one axes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch

from atomstates.report.curves import Curve, belong, point, tell
from atomstates.report.doas_figures import DensityAtTemperature
from atomstates.report.style import INK, PALE, site_colour
from atomstates.report.tables import Array, kind_label

_WIDEST = 0.36
"""Half the width of a density, in columns."""
_LEAST_WIDTH, _MOST_WIDTH = 0.7, 3.6
"""Points: widths of the arrows of the lowest and of the highest rate."""

_LOOP = 0.05
"""Half the height of a loop, in heights of the density."""


@dataclass(frozen=True)
class Moves:
    """Transitions among K kinds of states at one temperature.

    ``energy`` (K,) is the mean energy (eV) of each kind, ``share`` (K,) its share of the states,
    ``seen`` (K, K) the transitions from each kind (rows) to each, ``rate`` (K, K) their rates in 1/ps
    with the error ``error``.
    """

    temperature: float
    kinds: tuple[str, ...]
    energy: Array
    share: Array
    seen: Array
    rate: Array
    error: Array


@dataclass(frozen=True)
class RateScale:
    """Width of an arrow by its rate: straight in the logarithm, from the lowest to the highest."""

    lowest: float
    highest: float

    def width(self, rate: float) -> float:
        """Points."""
        if self.highest <= self.lowest:
            return (_LEAST_WIDTH + _MOST_WIDTH) / 2
        place = np.log(rate / self.lowest) / np.log(self.highest / self.lowest)
        return float(_LEAST_WIDTH + (_MOST_WIDTH - _LEAST_WIDTH) * np.clip(place, 0.0, 1.0))


def draw_moves(ax: Axes, density: DensityAtTemperature, moves: Moves, scale: RateScale) -> None:
    """Density of each kind in its own column, its mean as a dot, and arrows for the transitions.

    The energy axis is vertical; all densities are as wide as each other. Arrows have the colour of
    the kind that the ions leave; one that returns to its own column is a move to another site of
    the kind.
    """
    for column, kind in enumerate(moves.kinds):
        values, _ = density.parts.get(kind, (np.zeros_like(density.energy), None))
        if moves.share[column] > 0 and values.max() > 0:
            half = _WIDEST * values / values.max()
            for side in (-1, 1):
                ax.stairs(
                    column + side * half, density.edges, baseline=column, orientation="horizontal",
                    fill=True, color=site_colour(kind), alpha=0.25, lw=0,
                )  # fmt: skip
    filled = density.energy[density.total[0] > 0]
    height = _LOOP * float(np.ptp(filled)) if len(filled) else 0.0
    for start, end in zip(*np.nonzero(np.isfinite(moves.rate) & (moves.rate > 0)), strict=True):
        colour, width = site_colour(moves.kinds[start]), scale.width(float(moves.rate[start, end]))
        ax.add_patch(_arrow(start, end, moves.energy, height, colour, width))
    there = np.flatnonzero(moves.share > 0)
    ax.scatter(
        there, moves.energy[there], s=26, zorder=4, lw=0.8, edgecolors="white",
        color=[site_colour(moves.kinds[column]) for column in there],
    )  # fmt: skip
    for column in there.tolist():
        mean, kind = float(moves.energy[column]), moves.kinds[column]
        said = f"mean energy {mean:.3f} eV, {100 * moves.share[column]:.2g} % of the ions"
        name = f"{moves.temperature:g} K, {kind_label(kind)}"
        tell(ax, point(name, site_colour(kind), column, mean, temperature=moves.temperature, said=said))
    ax.set_xlim(-0.95, len(moves.kinds) - 0.4)
    ax.set_xticks([])
    ax.set_title(f"{moves.temperature:g} K", weight="bold")
    ax.spines["bottom"].set_visible(False)


def _arrow(
    start: int, end: int, energy: Array, height: float, colour: str, width: float
) -> FancyArrowPatch:
    """From mean to mean, bent so that there and back lie apart; a loop to the left within a kind."""
    bend, ends = 0.28, ((float(start), float(energy[start])), (float(end), float(energy[end])))
    if start == end:
        bend, ends = 1.9, ((float(start), energy[start] + height), (float(start), energy[start] - height))
    return FancyArrowPatch(
        *ends, connectionstyle=f"arc3,rad={bend}", arrowstyle="-|>", mutation_scale=5 + 1.3 * width,
        lw=width, color=colour, alpha=0.85, shrinkA=4, shrinkB=4 + 0.5 * width, capstyle="butt",
        joinstyle="miter", zorder=3,
    )  # fmt: skip


def draw_rate_matrix(ax: Axes, moves: Moves, labels: Sequence[str]) -> None:
    """Rates with their errors as a table: from the kind of a row to that of a column."""
    positive = moves.rate[np.isfinite(moves.rate) & (moves.rate > 0)]
    logs = np.full(moves.rate.shape, np.nan)
    seen = np.isfinite(moves.rate) & (moves.rate > 0)
    logs[seen] = np.log10(moves.rate[seen])
    if len(positive):
        low, high = logs[seen].min(), logs[seen].max()
        ax.imshow(logs, cmap="Blues", vmin=low - 0.5, vmax=high + 1.2, aspect="auto")
    for row, column in np.ndindex(*moves.rate.shape):
        text, colour = _cell(
            float(moves.rate[row, column]), float(moves.error[row, column]), float(moves.share[row])
        )
        ax.text(column, row, text, ha="center", va="center", fontsize=6, color=colour)
    belong(moves.temperature, ax)
    places = range(len(labels))
    ax.set_xticks(places, labels)
    ax.set_yticks(places, labels)
    ax.set_xlim(-0.5, len(labels) - 0.5)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.tick_params(length=0)
    ax.set_xlabel("to")
    ax.set_title(f"{moves.temperature:g} K", weight="bold")
    for spine in ax.spines.values():
        spine.set_visible(False)


def _cell(rate: float, error: float, share: float) -> tuple[str, str]:
    """Words and colour of one rate."""
    if share == 0 or np.isnan(rate):
        return "", PALE
    if rate == 0:
        return "none\nseen", PALE
    if not np.isfinite(rate):
        return "all\nleft", PALE
    return f"{rate:.2g}\n± {error:.1g}", INK


def draw_residence(
    ax: Axes, series: Mapping[str, tuple[Array, Array, Array]], labels: Sequence[str]
) -> None:
    """Residence time (ps) of each kind against temperature (K): temperature, value, error of each."""
    for (kind, (temperature, value, error)), label in zip(series.items(), labels, strict=True):
        # An error as large as the value would leave a logarithmic axis.
        down = np.minimum(error, 0.9 * value)
        ax.errorbar(
            temperature, value, yerr=np.array([down, error]), marker="o", color=site_colour(kind), lw=1.0,
            elinewidth=0.9, mec="white", mew=0.6, label=label,
        )  # fmt: skip
        tell(ax, Curve(label, site_colour(kind), temperature, value, error))
    ax.set_yscale("log")
    ax.set_xlabel("temperature, K")
    ax.set_ylabel("residence time, ps")
    ax.grid(axis="y")
    ax.set_axisbelow(True)
    ax.margins(x=0.08)
