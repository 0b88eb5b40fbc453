"""Figures of the density of atomistic states: one function draws one result on one axes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from atomstates.report.curves import Curve, bars, tell
from atomstates.report.style import INK, TOTAL, site_colour
from atomstates.report.tables import Array, kind_label

SMOOTH_LINE: dict[str, Any] = {"ls": (0, (2.5, 1.2)), "lw": 0.9}


@dataclass(frozen=True)
class DensityAtTemperature:
    """Density of states of one temperature.

    ``energy`` (B,) are centres of bins of equal width (eV), ``total`` and every part (B,) are
    densities per ion (1/eV), each with its error or None.
    """

    temperature: float
    energy: Array
    total: tuple[Array, Array | None]
    parts: Mapping[str, tuple[Array, Array | None]]
    smooth: Array | None = None
    """The total, smoothed, (B,) 1/eV."""

    @property
    def edges(self) -> Array:
        """Edges of the bins, shape (B + 1,)."""
        width = float(np.median(np.diff(self.energy))) if len(self.energy) > 1 else 0.02
        return np.append(self.energy - width / 2, self.energy[-1] + width / 2)

    @property
    def shares(self) -> dict[str, float]:
        """Share of the ions in each part: the integral of its density."""
        width = np.diff(self.edges)
        return {kind: float(np.nansum(values * width)) for kind, (values, _) in self.parts.items()}


@dataclass(frozen=True)
class Trend:
    """One quantity against temperature: arrays of shape (T,), NaN where there is no value."""

    label: str
    unit: str
    temperature: Array
    value: Array
    error: Array
    colour: str = INK


def draw_density(ax: Axes, density: DensityAtTemperature, cation: str = "cation") -> None:
    """Partial densities as filled steps with error bands, the total as a line, and as a smooth one."""
    for kind, (values, errors) in density.parts.items():
        colour = site_colour(kind)
        if not np.any(values > 0):
            continue
        ax.stairs(values, density.edges, fill=True, color=colour, alpha=0.30, lw=0)
        ax.stairs(values, density.edges, color=colour, lw=1.1)
        _draw_band(ax, density.edges, values, errors, colour)
        name = f"{density.temperature:g} K, {kind_label(kind, cation)}"
        tell(ax, bars(name, colour, density.edges, values, errors, density.temperature))
    values, errors = density.total
    _draw_band(ax, density.edges, values, errors, site_colour(TOTAL), alpha=0.13)
    ax.stairs(values, density.edges, color=site_colour(TOTAL), lw=0.7)
    name = f"{density.temperature:g} K, all"
    tell(ax, bars(name, site_colour(TOTAL), density.edges, values, errors, density.temperature))
    if density.smooth is not None:
        ax.plot(density.energy, density.smooth, color=site_colour(TOTAL), **SMOOTH_LINE)
    ax.set_ylim(0, None)
    ax.set_xlim(float(density.edges[0]), float(density.edges[-1]))


def draw_total(ax: Axes, density: DensityAtTemperature, colour: str, label: str) -> None:
    """The total density alone, as steps with its error band."""
    values, errors = density.total
    _draw_band(ax, density.edges, values, errors, colour, alpha=0.25)
    ax.stairs(values, density.edges, color=colour, lw=1.1, label=label)
    name = f"{density.temperature:g} K, {label}"
    tell(ax, bars(name, colour, density.edges, values, errors, density.temperature))


def _draw_band(
    ax: Axes, edges: Array, values: Array, errors: Array | None, colour: str, alpha: float = 0.35
) -> None:
    """One standard error on either side of a histogram."""
    if errors is None:
        return
    spread = np.nan_to_num(errors)
    ax.stairs(
        values + spread,
        edges,
        baseline=np.maximum(values - spread, 0),
        fill=True,
        color=colour,
        alpha=alpha,
        lw=0,
    )


def draw_trend(ax: Axes, trend: Trend) -> None:
    """One quantity with its errors against temperature, named above the axes."""
    draw_trends(ax, [trend])
    ax.set_title(trend.label)
    ax.set_ylabel(trend.unit)


def draw_trends(ax: Axes, trends: Sequence[Trend]) -> None:
    """Several quantities of one unit against temperature; each has its name in the legend."""
    for trend in trends:
        ax.errorbar(
            trend.temperature,
            trend.value,
            yerr=trend.error,
            marker="o",
            color=trend.colour,
            ecolor=trend.colour,
            elinewidth=0.9,
            lw=1.0,
            mec="white",
            mew=0.6,
            label=trend.label,
        )
        points = trend.temperature, trend.value, trend.error
        tell(ax, Curve(trend.label, trend.colour, *points, unit=trend.unit or None))
    ax.set_xlabel("temperature, K")
    ax.grid(axis="y")
    ax.set_axisbelow(True)
    ax.margins(x=0.08)
    ax.ticklabel_format(axis="y", useOffset=False)
