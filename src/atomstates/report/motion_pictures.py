"""Figures of how ions move: which panels there are, and what is said about them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from atomstates.report.contents import MaterialContents
from atomstates.report.motion_figures import (
    MOST_SHOWN,
    VanHoveAtTemperature,
    draw_convergence,
    draw_size,
    draw_van_hove,
    lag_colours,
)
from atomstates.report.motion_series import converging, sizes, van_hove
from atomstates.report.picture import Picture, listed
from atomstates.report.style import blank_figure

CONVERGENCE, SIZE = "convergence.csv", "finite_size.csv"
_NEAREST = 0.3
"""Å: nearer to r = 0 a shell holds next to no volume, and one pair is a high peak."""


def convergence_picture(material: MaterialContents) -> Picture | None:
    """D against the length of the run that is used."""
    runs = converging(material)
    if not runs:
        return None
    figure = blank_figure(height=2.9)
    ax = figure.subplots()
    draw_convergence(ax, runs)
    handles = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
    figure.legend(handles.values(), handles.keys(), loc="outside right upper")
    ends = []
    for run in runs:
        first, last = np.flatnonzero(np.isfinite(run.value))[[0, -1]]
        shown = " and ".join(
            f"{run.value[index]:.3g} ± {run.error[index]:.1g} cm²/s from {run.length[index]:.4g} ps"
            for index in dict.fromkeys((first, last))
        )
        ends.append(f"{run.label}: {shown}")
    return Picture(
        name="convergence",
        material=material.name,
        title="Convergence of the diffusivity",
        caption=(
            f"Diffusivity of {material.mobile} from the first part of each run, fitted as if the run had "
            "ended there; bars are one standard error, the band is that of the whole run. Missing points: "
            "too little diffusion for a slope. Points of one run share its beginning, so neighbours differ "
            "by less than their bars."
        ),
        alt="Diffusivity against the length of the run that is used. " + "; ".join(ends) + ".",
        data=(CONVERGENCE,),
        figure=figure,
    )


def size_picture(material: MaterialContents, family: Sequence[MaterialContents]) -> Picture | None:
    """D against the size of the cell, of all materials that differ by their supercell only."""
    series = sizes(family)
    if not series:
        return None
    figure = blank_figure(height=2.9, width=5.0)
    ax = figure.subplots()
    draw_size(ax, series)
    figure.legend(loc="outside right upper")
    words = "; ".join(
        f"{one.label}: "
        + ", ".join(
            f"{value:.3g} ± {error:.1g} cm²/s at {1 / inverse:.3g} Å"
            for inverse, value, error in zip(one.inverse_length, one.value, one.error, strict=True)
        )
        for one in series
    )
    return Picture(
        name="finite_size",
        material=material.name,
        title="Diffusivity and the size of the cell",
        caption=(
            f"Diffusivity of {material.mobile} in cells of the same crystal and potential, "
            f"{', '.join(one.name for one in family)}, against one over the cube root of the volume; bars "
            "are one standard error. An endless cell would be at the left edge: a line that is not level "
            "says that the cells are too small."
        ),
        alt=f"Diffusivity against the inverse length of the cell. {words}.",
        data=(SIZE,),
        figure=figure,
    )


def self_van_hove_picture(material: MaterialContents) -> Picture | None:
    """How far ions come in several lags, at each temperature."""
    shown = van_hove(material, "self")
    if not shown:
        return None
    figure, axes = _panels(shown)
    for ax, one in zip(axes, shown, strict=False):
        draw_van_hove(ax, one, lag_colours(len(one.lags)))
    axes[0].set_xlim(0, _reach(shown))
    axes[0].set_ylim(0, min(1.05 * max(float(np.nanmax(one.value)) for one in shown), MOST_SHOWN))
    figure.supxlabel("displacement r, Å", fontsize=8)
    figure.supylabel("4π r² G$_s$(r, t), 1/Å", fontsize=8)
    return Picture(
        name="van_hove_self",
        material=material.name,
        title="Van Hove function, self part",
        caption=(
            f"How far a {material.mobile} has come in the time t (colours), relative to the framework, "
            "over all time origins: ions that stay are the first peak (cut off where it is too high), ions "
            f"that hopped the next ones, about {material.mobile}–{material.mobile} site distances apart. "
            "Bands are one standard error from blocks of ions."
        ),
        alt="Densities of displacements, one panel a temperature. " + _moved_in_words(shown),
        data=_tables(material),
        figure=figure,
    )


def distinct_van_hove_picture(material: MaterialContents) -> Picture | None:
    """Where other ions are after several lags, at each temperature."""
    shown = van_hove(material, "distinct")
    if not shown:
        return None
    shown = [one.beyond(_NEAREST) for one in shown]
    figure, axes = _panels(shown)
    for ax, one in zip(axes, shown, strict=False):
        draw_van_hove(ax, one, lag_colours(len(one.lags)))
        ax.axhline(1, color="#bbbbbb", lw=0.6, zorder=0)
    reach = max(float(one.distance[np.isfinite(one.value).any(axis=0)][-1]) for one in shown)
    axes[0].set_xlim(0, reach)
    axes[0].set_ylim(0, 1.05 * max(float(np.nanmax(one.value[:, one.distance > 0.6])) for one in shown))
    figure.supxlabel("distance r, Å", fontsize=8)
    figure.supylabel("G$_d$(r, t) / ρ", fontsize=8)
    return Picture(
        name="van_hove_distinct",
        material=material.name,
        title="Van Hove function, distinct part",
        caption=(
            f"Where the other {material.mobile} are the time t (colours) after one was at r = 0, over "
            "their mean density, to half the width of the cell. What fills up at r = 0 as time passes are "
            "ions that went to where another one had been. Bands are one standard error from "
            "stretches of time."
        ),
        alt=(
            "Distances to other ions after several times, one panel a temperature. Value nearest to "
            "r = 0.5 Å at the longest time: "
            + "; ".join(
                f"{one.temperature:g} K: {one.value[-1, np.argmin(abs(one.distance - 0.5))]:.2g}"
                for one in shown
            )
            + "."
        ),
        data=_tables(material),
        figure=figure,
    )


def _panels(shown: Sequence[VanHoveAtTemperature]) -> tuple[Figure, list[Axes]]:
    """One panel a temperature, and a legend of the lags."""
    n_columns = 2 if len(shown) in (2, 4) else min(3, len(shown))
    n_rows = -(-len(shown) // n_columns)
    figure = blank_figure(height=0.75 + 1.45 * n_rows)
    axes = list(figure.subplots(n_rows, n_columns, sharex=True, sharey=True, squeeze=False).ravel())
    for index, ax in enumerate(axes):
        ax.set_visible(index < len(shown))
        ax.tick_params(labelbottom=index + n_columns >= len(shown))
    lags = shown[-1].lags
    handles = [
        Line2D([], [], color=colour, lw=1.6, label=f"{lag:.3g} ps")
        for lag, colour in zip(lags, lag_colours(len(lags)), strict=True)
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles), title="time t")
    return figure, axes


def _reach(shown: Sequence[VanHoveAtTemperature]) -> float:
    """The distance (Å) within which 99 in 100 displacements of the longest time lie."""
    farthest = 2.0
    for one in shown:
        width = one.distance[1] - one.distance[0]
        inside = np.flatnonzero(np.cumsum(one.value[-1]) * width >= 0.99)
        farthest = max(farthest, float(one.distance[inside[0]] if len(inside) else one.distance[-1]))
    return farthest


def _moved_in_words(shown: Sequence[VanHoveAtTemperature]) -> str:
    """Share of the ions that came farther than 2 Å in the longest time."""
    words = []
    for one in shown:
        near = one.distance < 2
        share = 1 - float(np.sum(one.value[-1][near]) * (one.distance[1] - one.distance[0]))
        words.append(f"{100 * max(share, 0):.0f} % at {one.temperature:g} K")
    temperatures = listed([one.temperature for one in shown])
    return (
        f"Share that came farther than 2 Å in {shown[-1].lags[-1]:.3g} ps, of {temperatures}: "
        f"{', '.join(words)}."
    )


def _tables(material: MaterialContents) -> tuple[str, ...]:
    """The tables of all runs that have one."""
    return tuple(
        f"runs/{run.id}/transport/van_hove.csv" for run in material.runs if run.van_hove is not None
    )
