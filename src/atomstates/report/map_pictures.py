"""The density map of a material: the coldest and the hottest temperature, and what is said of its paths."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

from atomstates.report.contents import MaterialContents
from atomstates.report.map_figures import (
    COLOURS,
    MARGIN,
    SideView,
    draw_scale_bar,
    draw_side_view,
    side_view,
)
from atomstates.report.picture import Picture, listed
from atomstates.report.style import FULL_WIDTH, INK, blank_figure
from atomstates.report.tables import Array, Table

_TALLEST_ROW = 2.4
"""Inches."""
_BESIDE = 1.0
"""Inches for the colour bar and the space between panels."""


def density_map_picture(material: MaterialContents) -> Picture | None:
    """Density of the mobile ions in the unit cell, from three sides."""
    document, table = material.density_map, material.projections
    if document is None or table is None:
        return None
    entries = sorted(document["temperatures"], key=lambda entry: float(entry["temperature_K"]))
    shown = entries if len(entries) < 2 else [entries[0], entries[-1]]
    rows = [[_view(document, entry, table, axis) for axis in range(3)] for entry in shown]
    which = listed([float(entry["temperature_K"]) for entry in shown])
    said = " ".join(_said_of(entry) for entry in shown)
    extent = "" if len(entries) <= len(shown) else ", the coldest and the hottest temperature"
    folder = f"materials/{material.name}/transport"
    return Picture(
        name="map",
        material=material.name,
        title=f"Where the {material.mobile} are",
        caption=(
            f"Density of {material.mobile} during molecular dynamics at {which}{extent}, folded into the "
            "unit cell and integrated along each of its vectors. Colours are the same in all panels and go "
            "with the square root of the density, so that rare places show; marks are sites of the "
            f"framework. The density percolates along an axis if there is {document['criterion']}. {said} "
            "In parentheses are barriers: −kT ln of the density over its peak at the rarest block of the "
            "easiest path, and where that was visited too seldom what it is above (95 %, if visits are "
            "independent). "
            "The cube files hold the density itself for an isosurface in VESTA, OVITO or VMD."
        ),
        alt=(
            f"Maps of the density of {material.mobile} in the unit cell as seen along a, b and c "
            f"at {which}. {said}"
        ),
        data=(
            f"{folder}/density_projections.csv",
            f"{folder}/density_map.json",
            *(f"{folder}/{entry['cube']}" for entry in entries),
        ),
        figure=density_map_figure(rows, [_row_title(entry) for entry in shown], material.mobile),
    )


def density_map_figure(rows: Sequence[Sequence[SideView]], titles: Sequence[str], ion: str) -> Figure:
    """A row a temperature, a column a side, all at one scale."""
    sizes = np.array([view.size for view in rows[0]]) + 2 * MARGIN
    scale = min((FULL_WIDTH - _BESIDE) / sizes[:, 0].sum(), _TALLEST_ROW / sizes[:, 1].max())
    height = len(rows) * (sizes[:, 1].max() * scale + 0.36) + 0.4
    figure = blank_figure(height=height, width=float(sizes[:, 0].sum() * scale + _BESIDE))
    axes = figure.subplots(len(rows), 3, squeeze=False, width_ratios=sizes[:, 0].tolist())
    norm = PowerNorm(0.5, vmin=0, vmax=max(float(view.density.max()) for row in rows for view in row))
    for line, row, title in zip(axes, rows, titles, strict=True):
        for ax, view in zip(line, row, strict=True):
            draw_side_view(ax, view, norm)
        line[0].set_title(title, loc="left")
    for ax, view in zip(axes[-1], rows[-1], strict=True):
        _say_side(ax, view)
    draw_scale_bar(axes[0][1], rows[0][1], _round_length(max(rows[0][0].size)))
    bar = figure.colorbar(
        ScalarMappable(norm, COLOURS),
        ax=axes,
        panchor=False,
        fraction=0.04,
        pad=0.02,
        shrink=0.85,
        aspect=28,
    )
    bar.set_label(f"{ion} along the line of sight, 1/Å²", color=INK)
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=len(labels), columnspacing=1.2)
    return figure


def _view(document: dict[str, Any], entry: dict[str, Any], table: Table, axis: int) -> SideView:
    """One side of one temperature."""
    chosen = (table["temperature_K"] == float(entry["temperature_K"])) & (table["along_axis"] == axis + 1)
    shape = [n for other, n in enumerate(document["voxels"]) if other != axis]
    density: Array = table["density_per_A2"][chosen].reshape(shape)
    framework = [(str(site["element"]), np.array(site["fraction"])) for site in document["framework"]]
    return side_view(np.array(entry["unit_cell_A"]), axis, density, framework)


def _row_title(entry: dict[str, Any]) -> str:
    axes = entry["percolates_along"]
    words = f"paths along {', '.join(axes)}" if axes else "no path visited often enough"
    return f"{float(entry['temperature_K']):g} K: {words}"


def _said_of(entry: dict[str, Any]) -> str:
    """Whether and how a temperature percolates, in a sentence."""
    axes = entry["percolates_along"]
    barriers = {axis: entry[f"percolation_barrier_along_{axis}"] for axis in "abc"}
    temperature = f"{float(entry['temperature_K']):g} K"
    if not axes:
        bounds = [f"{entry['rarest_blocks'][axis]['barrier_above_eV']:.2g}" for axis in "abc"]
        return (
            f"At {temperature} there is no such path (barriers above {', '.join(bounds)} eV along a, b, c)."
        )
    values = [f"{axis} ({barriers[axis]['value']:.3f} ± {barriers[axis]['error']:.3f} eV)" for axis in axes]
    others = [axis for axis in "abc" if axis not in axes]
    words = f"; along {', '.join(others)} no path was visited often enough" if others else ""
    dimensions = ("", "one dimension", "two dimensions", "three dimensions")[int(entry["dimensions"])]
    return f"At {temperature} it percolates along {', '.join(values)}, in {dimensions}{words}."


def _say_side(ax: Axes, view: SideView) -> None:
    ax.annotate(
        f"seen along {'abc'[view.axis]}",
        (0.5, 0),
        xycoords="axes fraction",
        xytext=(0, -14),
        textcoords="offset points",
        ha="center",
        va="top",
        fontsize=7,
        color=INK,
        annotation_clip=False,
    )


def _round_length(extent: float) -> float:
    """About a quarter of the extent, 1, 2, 5, 10 ... Å."""
    return max(length for length in (1.0, 2.0, 5.0, 10.0) if length <= max(extent / 3, 1.0))
