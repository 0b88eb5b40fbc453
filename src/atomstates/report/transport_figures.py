"""Figures of molecular dynamics and transport: one function draws one result on one axes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogFormatter

from atomstates.report.curves import Curve, drawn_at, tell
from atomstates.report.tables import Array


@dataclass(frozen=True)
class SquaredDisplacement:
    """Mean squared displacement of one run: lag (L,) in ps, value and error (L,) in Å²."""

    label: str
    colour: str
    lag: Array
    value: Array
    error: Array
    fitted: tuple[float, float] | None
    """First and last lag (ps) of the fit; None where the diffusivity was refused."""
    temperature: float | None = None
    """K, of all of the run."""


@dataclass(frozen=True)
class TimeSeries:
    """One quantity of one run against time: arrays of shape (F,)."""

    label: str
    colour: str
    time: Array
    value: Array
    temperature: float | None = None
    """K, that the run was set to."""


class _PlainNumbers(LogFormatter):
    """Labels where there is room for them, without powers of ten."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return f"{x:g}" if super().__call__(x, pos) else ""


def draw_squared_displacement(ax: Axes, runs: Sequence[SquaredDisplacement]) -> None:
    """Mean squared displacements on logarithmic axes; thick where the slope was fitted."""
    for run in runs:
        shown = (run.lag > 0) & (run.value > 0)
        lag, value, error = run.lag[shown], run.value[shown], np.nan_to_num(run.error[shown])
        with drawn_at(ax, run.temperature):
            low = np.maximum(value - error, 0.05 * value)
            ax.fill_between(lag, low, value + error, color=run.colour, alpha=0.18, lw=0)
            ax.plot(lag, value, color=run.colour, lw=0.9, label=run.label)
            if run.fitted is not None:
                inside = (lag >= run.fitted[0]) & (lag <= run.fitted[1])
                ax.plot(lag[inside], value[inside], color=run.colour, lw=2.6, solid_capstyle="round")
        tell(ax, Curve(run.label, run.colour, lag, value, error, temperature=run.temperature))
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.xaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_major_formatter("{x:g}")
    for axis in (ax.xaxis, ax.yaxis):  # within one decade the ticks between have labels too
        axis.set_minor_formatter(_PlainNumbers())
    ax.set_xlabel("lag time, ps")
    ax.set_ylabel("mean squared displacement, Å²")
    ax.grid(which="major")
    ax.set_axisbelow(True)


def draw_time_series(ax: Axes, runs: Sequence[TimeSeries]) -> None:
    """One quantity of every run against time."""
    for run in runs:
        with drawn_at(ax, run.temperature):
            ax.plot(run.time, run.value, color=run.colour, lw=0.5, alpha=0.9, label=run.label)
        tell(ax, Curve(run.label, run.colour, run.time, run.value, temperature=run.temperature))
    ax.set_xlabel("time, ps")
    ax.grid(axis="y")
    ax.set_axisbelow(True)
