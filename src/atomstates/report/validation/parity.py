"""Drawing a model's answers against its teacher's: energies, forces, stresses, atomic energies."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from numpy.typing import NDArray

from atomstates.report.style import INK, PALE

FloatArray = NDArray[np.float64]

_FEW = 60
"""Points up to which each is drawn large."""
_FORMS = {
    "fixed cell": "o-",
    "free cell": "s--",
    "fixed cell relaxed": "v",
    "free cell relaxed": "^",
    "band": "D",
}
"""Markers and lines of the origins of frames."""


def sides(table: pd.DataFrame, unit: str, factor: float = 1.0) -> tuple[FloatArray, FloatArray]:
    """Columns of student and teacher, times a factor."""
    own, other = (np.asarray(table[f"{side}_{unit}"], dtype=float) for side in ("student", "teacher"))
    return factor * own, factor * other


def relative(table: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Both sides less the teacher's mean over each material: materials fall on each other."""
    own, other = f"student_{unit}", f"teacher_{unit}"
    zero = table.groupby("material", sort=False)[other].transform("mean")
    return table.assign(**{own: table[own] - zero, other: table[other] - zero})


def _diagonal(ax: Axes, *values: FloatArray) -> None:
    """Equal axes over all values, with the line on which student and teacher agree."""
    low, high = (float(edge([edge(one) for one in values])) for edge in (np.min, np.max))
    margin = 0.05 * (high - low or 1.0)
    ends = (low - margin, high + margin)
    ax.plot(ends, ends, color=PALE, linewidth=0.7, zorder=0)
    ax.set_xlim(*ends)
    ax.set_ylim(*ends)
    ax.set_aspect("equal")


def draw_scatter(
    ax: Axes, table: pd.DataFrame, unit: str, colours: Mapping[str, str], label: str, factor: float = 1.0
) -> None:
    """Every row a point in the colour of its material."""
    own, other = sides(table, unit, factor)
    _diagonal(ax, own, other)
    for name, colour in colours.items():
        mine = np.asarray(table["material"] == name)
        ax.plot(
            *(other[mine], own[mine], "o"),
            color=colour,
            label=name,
            markersize=3 if len(table) > _FEW else 5,
            alpha=0.6 if len(table) > _FEW else 0.9,
            markeredgewidth=0,
        )
    ax.set_xlabel(f"teacher, {label}")
    ax.set_ylabel(f"student, {label}")


def draw_density(ax: Axes, table: pd.DataFrame, unit: str, label: str) -> None:
    """Many rows: how many fall where (dark: more, on a logarithmic scale)."""
    own, other = sides(table, unit)
    _diagonal(ax, own, other)
    low, high = ax.get_xlim()
    counts, edges, _ = np.histogram2d(other, own, bins=120, range=[[low, high], [low, high]])
    shown = np.ma.masked_less(counts.T, 1)
    norm = LogNorm(1, max(counts.max(), 2))
    ax.pcolormesh(edges, edges, shown, cmap="viridis_r", norm=norm, rasterized=True, zorder=1)
    ax.set_xlabel(f"teacher, {label}")
    ax.set_ylabel(f"student, {label}")


def draw_errors(
    ax: Axes, table: pd.DataFrame, column: str, target: float, colours: Mapping[str, str]
) -> None:
    """An error against temperature: own dynamics, and at 0 K what was relaxed and images of bands."""
    for name, colour in colours.items():
        own = table[table["material"] == name].sort_values("temperature_K")
        for origin, form in _FORMS.items():
            mine = own[own["origin"] == origin]
            fill = "full" if "-" in form else "none"
            ax.plot(mine["temperature_K"], mine[column], form, color=colour, markersize=4, fillstyle=fill)
    ax.axhline(target, color=INK, linestyle=":", linewidth=0.9)
    ax.set_ylim(bottom=0)
    ax.set_xlabel("temperature (K); relaxed and bands at 0")
