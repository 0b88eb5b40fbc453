"""Figures of molecular dynamics and transport: one function draws one result on one axes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogFormatter

from atomstates.report.style import INK, PALE
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


@dataclass(frozen=True)
class ArrheniusLine:
    """ln(σT / (mS K/cm)) against temperature, and the line intercept + slope/T through it.

    ``temperature``, ``value``, ``error`` have shape (T,); ``refused`` are temperatures (K)
    without a diffusivity and ``bound`` the upper bounds of ln(σT) there, NaN where there is none;
    ``covariance`` (2, 2) is that of intercept and slope (K); ``target``
    is the temperature (K) up to which the line is drawn, dashed where it extrapolates.
    """

    temperature: Array
    value: Array
    error: Array
    colours: tuple[str, ...]
    refused: Array
    bound: Array
    refused_colours: tuple[str, ...]
    line: tuple[float, float] | None
    covariance: Array | None
    target: float | None


@dataclass(frozen=True)
class TimeSeries:
    """One quantity of one run against time: arrays of shape (F,)."""

    label: str
    colour: str
    time: Array
    value: Array


class _PlainNumbers(LogFormatter):
    """Labels where there is room for them, without powers of ten."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return f"{x:g}" if super().__call__(x, pos) else ""


def draw_squared_displacement(ax: Axes, runs: Sequence[SquaredDisplacement]) -> None:
    """Mean squared displacements on logarithmic axes; thick where the slope was fitted."""
    for run in runs:
        shown = (run.lag > 0) & (run.value > 0)
        lag, value, error = run.lag[shown], run.value[shown], np.nan_to_num(run.error[shown])
        ax.fill_between(
            lag, np.maximum(value - error, 0.05 * value), value + error, color=run.colour, alpha=0.18, lw=0
        )
        ax.plot(lag, value, color=run.colour, lw=0.9, label=run.label)
        if run.fitted is not None:
            inside = (lag >= run.fitted[0]) & (lag <= run.fitted[1])
            ax.plot(lag[inside], value[inside], color=run.colour, lw=2.6, solid_capstyle="round")
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


def draw_arrhenius(ax: Axes, result: ArrheniusLine) -> None:
    """Conductivities with errors, refused temperatures on the axis, the fit and its band."""
    if result.line is not None and len(result.temperature) > 0:
        _draw_line(ax, result)
    for temperature, value, error, colour in zip(
        result.temperature, result.value, result.error, result.colours, strict=True
    ):
        ax.errorbar(
            1000 / temperature,
            value,
            yerr=None if np.isnan(error) else error,
            marker="o",
            ms=5.5,
            color=colour,
            mec="white",
            mew=0.6,
            zorder=3,
        )
        ax.annotate(
            f"{temperature:g} K",
            (1000 / temperature, value),
            xytext=(6, 4),
            textcoords="offset points",
            fontsize=7,
            color=INK,
        )
    for temperature, bound, colour in zip(
        result.refused, result.bound, result.refused_colours, strict=True
    ):
        _draw_refused(ax, temperature, bound, colour)
    ax.set_xlabel("1000 / temperature, 1/K")
    ax.set_ylabel("ln(σT),  σT in mS K/cm")
    ax.grid()
    ax.set_axisbelow(True)
    ax.margins(x=0.08, y=0.14)


def _draw_refused(ax: Axes, temperature: float, bound: float, colour: str) -> None:
    """An open triangle at the upper bound, or on the axis where there is none."""
    on_axis = bool(np.isnan(bound))
    at = (1000 / temperature, 0.03 if on_axis else bound)
    frame = ax.get_xaxis_transform() if on_axis else ax.transData
    ax.plot(*([x] for x in at), "v", ms=6.5, mfc="white", mec=colour, mew=1.2, transform=frame, zorder=3)
    ax.annotate(
        f"{temperature:g} K",
        at,
        xycoords=frame,
        xytext=(0, 6) if on_axis else (0, -7),  # below a bound, where no fitted point can be
        textcoords="offset points",
        ha="center",
        va="bottom" if on_axis else "top",
        fontsize=7,
        color=INK,
    )


def _draw_line(ax: Axes, result: ArrheniusLine) -> None:
    """The fit, dashed outside the fitted temperatures, with a band of one standard error."""
    assert result.line is not None
    hottest, coldest = float(result.temperature.max()), float(result.temperature.min())
    inverse = np.linspace(1 / hottest, 1 / min(coldest, result.target or coldest), 120)
    intercept, slope = result.line
    line = intercept + slope * inverse
    inside = inverse <= 1 / coldest * (1 + 1e-9)
    if result.covariance is not None:
        basis = np.vstack([np.ones_like(inverse), inverse])
        spread = np.sqrt(np.clip(np.einsum("ix,ij,jx->x", basis, result.covariance, basis), 0, None))
        ax.fill_between(1000 * inverse, line - spread, line + spread, color=PALE, alpha=0.22, lw=0)
    ax.plot(1000 * inverse[inside], line[inside], color=INK, lw=1.0)
    ax.plot(1000 * inverse[~inside], line[~inside], color=INK, lw=1.0, ls=(0, (4, 3)))
    if result.target is not None and result.target < coldest:
        ax.plot(
            [1000 / result.target], [intercept + slope / result.target], "D", color=INK, mfc="white", ms=5
        )
        ax.annotate(
            f"{result.target:g} K, extrapolated",
            (1000 / result.target, intercept + slope / result.target),
            xytext=(-8, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=7,
            color=INK,
            bbox={"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 1.2},
        )


def draw_time_series(ax: Axes, runs: Sequence[TimeSeries]) -> None:
    """One quantity of every run against time."""
    for run in runs:
        ax.plot(run.time, run.value, color=run.colour, lw=0.5, alpha=0.9, label=run.label)
    ax.set_xlabel("time, ps")
    ax.grid(axis="y")
    ax.set_axisbelow(True)
