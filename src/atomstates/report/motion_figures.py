"""Figures of how ions move: convergence with the run, size of the cell, van Hove functions."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from atomstates.report.curves import Curve, belong, drawn_at, tell
from atomstates.report.tables import Array

MOST_SHOWN = 1.15
"""Largest 4π r² G_s in 1/Å that a panel shows: the ions that stay are a peak far higher than all else."""


@dataclass(frozen=True)
class Converging:
    """D (cm²/s) of the first parts of one run: arrays (P,), NaN where it was refused."""

    label: str
    colour: str
    length: Array
    value: Array
    error: Array
    temperature: float | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class SizeSeries:
    """D (cm²/s) at one temperature in cells of several sizes: arrays (M,) with 1/L in 1/Å."""

    label: str
    colour: str
    inverse_length: Array
    value: Array
    error: Array
    temperature: float | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class VanHoveAtTemperature:
    """One part of the van Hove function at one temperature: lags (L,) ps, distances (R,) Å, rest (L, R)."""

    temperature: float
    colour: str
    lags: Array
    distance: Array
    value: Array
    error: Array

    def beyond(self, nearest: float) -> "VanHoveAtTemperature":
        """The same from a distance (Å) on."""
        kept = self.distance > nearest
        return replace(
            self,
            distance=self.distance[kept],
            value=self.value[:, kept],
            error=self.error[:, kept],
        )


def draw_convergence(ax: Axes, runs: Sequence[Converging]) -> None:
    """D with its error against the length of the run that is used; the band is that of the whole."""
    for run in runs:
        there = np.isfinite(run.value)
        if not there.any():
            continue
        with drawn_at(ax, run.temperature):
            if there[-1]:
                low, high = run.value[-1] - run.error[-1], run.value[-1] + run.error[-1]
                low = max(low, 0.05 * run.value[-1])
                ax.fill_between([0, run.length[-1]], low, high, color=run.colour, alpha=0.13, lw=0)
            ax.errorbar(
                run.length[there],
                run.value[there],
                yerr=_below_kept_positive(run.value[there], run.error[there]),
                marker="o",
                ms=4,
                lw=0.9,
                elinewidth=0.9,
                color=run.colour,
                mec="white",
                mew=0.5,
                label=run.label,
            )
        tell(
            ax, Curve(run.label, run.colour, run.length, run.value, run.error, temperature=run.temperature)
        )
    ax.set_yscale("log")
    ax.set_xlim(left=0)
    ax.set_xlabel("length of the run that is used, ps")
    ax.set_ylabel("diffusivity, cm²/s")
    ax.grid(which="major")
    ax.set_axisbelow(True)


def draw_size(ax: Axes, series: Sequence[SizeSeries]) -> None:
    """D with its error against the inverse length of the cell."""
    for one in series:
        order = np.argsort(one.inverse_length)
        inverse, value, error = 1000 * one.inverse_length[order], one.value[order], one.error[order]
        with drawn_at(ax, one.temperature):
            ax.errorbar(
                inverse,
                value,
                yerr=_below_kept_positive(value, error),
                marker="o",
                lw=0.9,
                elinewidth=0.9,
                color=one.colour,
                mec="white",
                mew=0.5,
                label=one.label,
            )
        tell(ax, Curve(one.label, one.colour, inverse, value, error, temperature=one.temperature))
    ax.set_yscale("log")
    ax.set_xlim(left=0)
    ax.set_xlabel("1000 / length of the cell, 1/Å")
    ax.set_ylabel("diffusivity, cm²/s")
    ax.grid(which="major")
    ax.set_axisbelow(True)


def draw_van_hove(ax: Axes, result: VanHoveAtTemperature, colours: Sequence[str]) -> None:
    """One part of the van Hove function, one line a lag with its error band."""
    for lag, value, error, colour in zip(result.lags, result.value, result.error, colours, strict=True):
        there = np.isfinite(value)
        r, spread = result.distance[there], np.nan_to_num(error[there])
        ax.fill_between(r, value[there] - spread, value[there] + spread, color=colour, alpha=0.25, lw=0)
        ax.plot(r, value[there], color=colour, lw=1.0)
        name = f"{result.temperature:g} K, after {lag:.3g} ps"
        tell(ax, Curve(name, colour, r, value[there], spread, temperature=result.temperature))
    belong(result.temperature, ax)
    ax.set_title(f"{result.temperature:g} K", color=result.colour, weight="bold", loc="left")
    ax.grid()
    ax.set_axisbelow(True)


def lag_colours(n_lags: int) -> list[str]:
    """Colours of lags, from short to long."""
    span = max(n_lags - 1, 1)
    return [to_hex(colormaps["viridis"](0.88 * index / span)) for index in range(n_lags)]


def _below_kept_positive(value: Array, error: Array) -> Array:
    """Errors (2, n) below and above; below, no further than a logarithmic axis can show."""
    return np.array([np.minimum(error, 0.9 * value), error])
