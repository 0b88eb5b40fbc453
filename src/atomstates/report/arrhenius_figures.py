"""Figures of the conductivity against temperature and of its transition."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from atomstates.report.curves import Curve, drawn_at, point, tell
from atomstates.report.style import INK, PALE
from atomstates.report.tables import Array

CLOSEST_NAMES = 0.08
"""Share of the axis that must lie between two points for both to be named."""


@dataclass(frozen=True)
class Segment:
    """ln(σT) = intercept + slope/T from ``coldest`` to ``hottest`` (K), covariance (2, 2) or None."""

    coldest: float
    hottest: float
    intercept: float
    slope: float
    covariance: Array | None


@dataclass(frozen=True)
class TransitionMark:
    """A transition temperature and its 95 % interval, K."""

    value: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class ArrheniusPlot:
    """ln(σT / (mS K/cm)) against temperature, and the segments through it, the coldest first.

    ``temperature``, ``value``, ``error`` have shape (T,); ``refused`` are temperatures (K)
    without a diffusivity and ``bound`` the upper bounds of ln(σT) there, NaN where there is none;
    ``target`` is the temperature (K) up to which lines are drawn, dashed where they extrapolate.
    """

    temperature: Array
    value: Array
    error: Array
    colours: tuple[str, ...]
    refused: Array
    bound: Array
    refused_colours: tuple[str, ...]
    segments: tuple[Segment, ...]
    transition: TransitionMark | None
    target: float | None
    label: str = "ln(σT),  σT in mS K/cm"


def draw_arrhenius(ax: Axes, result: ArrheniusPlot) -> None:
    """Conductivities with errors, refused temperatures, segments with bands, Tc with its interval."""
    if result.transition is not None:
        _draw_transition(ax, result.transition)
    for index, segment in enumerate(result.segments):
        _draw_segment(ax, segment, result.target if index == 0 else None)
    _draw_points(ax, result)
    for temperature, bound, colour in zip(
        result.refused, result.bound, result.refused_colours, strict=True
    ):
        _draw_refused(ax, temperature, bound, colour)
    ax.set_xlabel("1000 / temperature, 1/K")
    ax.set_ylabel(result.label)
    ax.grid()
    ax.set_axisbelow(True)
    ax.margins(x=0.08, y=0.14)


def _draw_points(ax: Axes, result: ArrheniusPlot) -> None:
    """Points with errors; named by their temperatures where they are not too close for that."""
    shown = np.append(result.temperature, result.target or result.temperature[-1:])
    apart = CLOSEST_NAMES * float(np.ptp(1000 / shown)) if len(result.temperature) else 0.0
    last = np.inf
    for temperature, value, error, colour in zip(
        result.temperature, result.value, result.error, result.colours, strict=True
    ):
        at = (1000 / temperature, value)
        bar = None if np.isnan(error) else error
        with drawn_at(ax, temperature):
            ax.errorbar(*at, yerr=bar, marker="o", ms=5.5, color=colour, mec="white", mew=0.6, zorder=3)
        name = f"{temperature:g} K, σ = {np.exp(value) / temperature:.3g} mS/cm"
        tell(ax, point(name, colour, *at, error, temperature=temperature))
        if abs(at[0] - last) < apart:
            continue
        last = at[0]
        ax.annotate(
            f"{temperature:g} K",
            at,
            xytext=(6, 4),
            textcoords="offset points",
            fontsize=7,
            color=INK,
            bbox={"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 0.4},
        )


def _draw_transition(ax: Axes, mark: TransitionMark) -> None:
    """A line at Tc and a band over its interval, named at the top."""
    low, high = mark.interval
    ax.axvspan(1000 / high, 1000 / low, color=PALE, alpha=0.14, lw=0)
    ax.axvline(1000 / mark.value, color=PALE, lw=0.9, ls=(0, (5, 2)))
    ax.annotate(
        f"Tc = {mark.value:.0f} K",
        (1000 / mark.value, 1.0),
        xycoords=ax.get_xaxis_transform(),
        xytext=(0, 2),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=7,
        color=INK,
    )


def _draw_refused(ax: Axes, temperature: float, bound: float, colour: str) -> None:
    """An open triangle at the upper bound, or on the axis where there is none."""
    on_axis = bool(np.isnan(bound))
    at = (1000 / temperature, 0.03 if on_axis else bound)
    frame = ax.get_xaxis_transform() if on_axis else ax.transData
    ax.plot(*([x] for x in at), "v", ms=6.5, mfc="white", mec=colour, mew=1.2, transform=frame, zorder=3)
    if not on_axis:
        said = f"σ at most {np.exp(bound) / temperature:.2g} mS/cm: too little diffusion for a slope"
        tell(ax, point(f"{temperature:g} K", colour, *at, temperature=temperature, said=said))
    ax.annotate(
        f"{temperature:g} K",
        at,
        xycoords=frame,
        xytext=(0, 6),  # above: the lines are below a bound
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=7,
        color=INK,
    )


def _draw_segment(ax: Axes, segment: Segment, target: float | None) -> None:
    """A segment, dashed outside its temperatures, with a band of one standard error."""
    coldest = min(segment.coldest, target or segment.coldest)
    inverse = np.linspace(1 / segment.hottest, 1 / coldest, 120)
    line = segment.intercept + segment.slope * inverse
    inside = inverse <= 1 / segment.coldest * (1 + 1e-9)
    spread = None
    if segment.covariance is not None:
        basis = np.vstack([np.ones_like(inverse), inverse])
        spread = np.sqrt(np.clip(np.einsum("ix,ij,jx->x", basis, segment.covariance, basis), 0, None))
        ax.fill_between(1000 * inverse, line - spread, line + spread, color=PALE, alpha=0.22, lw=0)
    ax.plot(1000 * inverse[inside], line[inside], color=INK, lw=1.0)
    ax.plot(1000 * inverse[~inside], line[~inside], color=INK, lw=1.0, ls=(0, (4, 3)))
    tell(ax, Curve("fitted line", INK, 1000 * inverse, line, spread))
    if target is None or target >= segment.coldest:
        return
    at = (1000 / target, segment.intercept + segment.slope / target)
    ax.plot([at[0]], [at[1]], "D", color=INK, mfc="white", ms=5)
    ax.annotate(
        f"{target:g} K, extrapolated",
        at,
        xytext=(-8, 0),
        textcoords="offset points",
        ha="right",
        va="center",
        fontsize=7,
        color=INK,
        bbox={"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 1.2},
    )
