"""Figures of the distances between ions and their neighbours, thermal and relaxed."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from atomstates.report.contents import MaterialContents
from atomstates.report.curves import Curve, drawn_at, tell
from atomstates.report.doas_figures import Trend, draw_trends
from atomstates.report.numbers import measured_from
from atomstates.report.picture import Picture
from atomstates.report.style import INK, PALE, blank_figure, temperature_colours
from atomstates.report.tables import Array

BROADENING = "broadening.csv"
BROADENING_COLUMNS = (
    "temperature_K",
    "frames",
    "pair",
    "quantity",
    "value",
    "error",
    "unit",
    "sample",
    "note",
)
_FRAMES = ("thermal", "relaxed")
_COLOURS = {"thermal": PALE, "relaxed": INK}
_PAIRS = ("ion_ion", "ion_anion", "ion_cation")
_MEASURES = {"width": "width of the first peak", "height": "height of the first peak"}


@dataclass(frozen=True)
class RadialAtTemperature:
    """g(r) of one kind of pair at one temperature: arrays (R,)."""

    colour: str
    distance: Array
    value: Array
    error: Array
    temperature: float | None = field(default=None, kw_only=True)


def draw_radial(ax: Axes, results: Sequence[RadialAtTemperature]) -> None:
    """Radial distributions with their error bands, one line a temperature."""
    for one in results:
        spread = np.nan_to_num(one.error)
        low, high = one.value - spread, one.value + spread
        with drawn_at(ax, one.temperature):
            ax.fill_between(one.distance, low, high, color=one.colour, alpha=0.25, lw=0)
            ax.plot(one.distance, one.value, color=one.colour, lw=0.9)
        if one.temperature is not None:
            name = f"{one.temperature:g} K"
            tell(ax, Curve(name, one.colour, one.distance, one.value, spread, temperature=one.temperature))
    ax.axhline(1, color="#bbbbbb", lw=0.6, zorder=0)
    ax.set_ylim(bottom=0)


def radial_picture(material: MaterialContents) -> Picture | None:
    """Radial distributions of thermal and of relaxed snapshots at every temperature."""
    pairs = _pairs(material)
    if material.radial_table is None or not pairs:
        return None
    colours = temperature_colours([run.temperature for run in material.runs])
    figure = blank_figure(height=0.7 + 1.5 * len(pairs))
    axes = figure.subplots(len(pairs), 2, sharex=True, squeeze=False)
    for row, pair in enumerate(pairs):
        for place, frames in enumerate(_FRAMES):
            draw_radial(axes[row, place], radial_series(material, f"{pair}_{frames}", colours))
            axes[row, place].set_xlim(_contact(material, pairs), None)
        axes[row, 0].set_ylabel(f"g(r) of {_pair_words(pair, material)}")
    for place, frames in enumerate(_FRAMES):
        axes[0, place].set_title(f"{frames} snapshots")
        axes[-1, place].set_xlabel("distance r, Å")
    temperatures = np.unique(material.radial_table["temperature_K"])
    handles = [
        Line2D([], [], color=colours.get(float(t), INK), lw=1.6, label=f"{t:g} K") for t in temperatures
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=min(len(handles), 8))
    return Picture(
        name="radial",
        material=material.name,
        title="Radial distribution functions",
        caption=(
            f"Distances from {material.mobile} to the other ions of the same snapshots before (left) and "
            "after relaxation (right), to half the width of the cell: what is broad on the left and sharp "
            "on the right is thermal motion, what stays broad on the right is disorder. Bands are one "
            "standard error (block bootstrap over snapshots and runs)."
        ),
        alt=(
            "Radial distribution functions, one row of panels for each kind of pair and one line a "
            f"temperature. {_ends_in_words(material, pairs)}"
        ),
        data=(f"materials/{material.name}/doas/radial.csv",),
        figure=figure,
    )


def broadening_picture(material: MaterialContents) -> Picture | None:
    """Width and height of the first peaks against temperature."""
    pairs = _pairs(material)
    if material.radial is None or not pairs:
        return None
    figure = blank_figure(height=3.3)
    axes = figure.subplots(2, len(pairs), sharex=True, squeeze=False)
    for column, pair in enumerate(pairs):
        for row, (measure, words) in enumerate(_MEASURES.items()):
            draw_trends(axes[row, column], _trends(material, pair, measure))
            axes[row, column].set_ylabel(f"{words}{', Å' if measure == 'width' else ''}")
            axes[row, column].yaxis.label.set_visible(column == 0)
        axes[0, column].set_title(_pair_words(pair, material))
        axes[0, column].set_xlabel("")
    axes[0, -1].legend(fontsize=7)
    return Picture(
        name="broadening",
        material=material.name,
        title="Broadening of the first peaks",
        caption=(
            "Standard deviation of the distances in the first shell of each kind of pair, and the height "
            "of g(r) in it, in the same snapshots before (grey) and after relaxation (black). Thermal "
            "width grows smoothly with temperature; a step of the relaxed one is a transition of the "
            "structure. The shells are the same at all temperatures: "
            + ", ".join(
                f"{_pair_words(pair, material)} to {material.radial['first_shell_to_A'][pair]:.3g} Å"
                for pair in pairs
            )
            + ". Bars are one standard error."
        ),
        alt=f"Widths and heights against temperature. {_ends_in_words(material, pairs)}",
        data=(BROADENING,),
        figure=figure,
    )


def radial_series(
    material: MaterialContents, name: str, colours: dict[float, str]
) -> list[RadialAtTemperature]:
    """g(r) of every temperature from the column of that name of ``radial.csv``."""
    table = material.radial_table
    assert table is not None
    found = []
    for temperature in np.unique(table["temperature_K"]):
        own = table["temperature_K"] == temperature
        columns = (table[key][own] for key in ("r_A", name, f"{name}_error"))
        colour = colours.get(float(temperature), INK)
        found.append(RadialAtTemperature(colour, *columns, temperature=float(temperature)))
    return found


def broadening_rows(material: MaterialContents) -> list[Sequence[object]]:
    """Rows of the table behind the figure of broadening."""
    rows: list[Sequence[object]] = []
    for entry in (material.radial or {}).get("temperatures", []):
        for frames in _FRAMES:
            for pair, measures in entry[frames].items():
                for quantity, content in measures.items():
                    if (number := measured_from(content)) is not None:
                        cells = (number.value, number.error, number.unit, number.sample, number.note)
                        rows.append((entry["temperature_K"], frames, pair, quantity, *cells))
    return rows


def _trends(material: MaterialContents, pair: str, measure: str) -> list[Trend]:
    """One measure of one kind of pair against temperature, thermal and relaxed."""
    rows = [row for row in broadening_rows(material) if row[2:4] == (pair, measure)]
    found = []
    for frames in _FRAMES:
        own = np.array([(row[0], row[4], row[5]) for row in rows if row[1] == frames], dtype=np.float64)
        error = np.nan_to_num(own[:, 2])
        found.append(Trend(frames, "", own[:, 0], own[:, 1], error, _COLOURS[frames]))
    return found


def _pairs(material: MaterialContents) -> list[str]:
    """The kinds of pairs that this material has."""
    ends = (material.radial or {}).get("first_shell_to_A", {})
    return [pair for pair in _PAIRS if ends.get(pair) is not None]


def _pair_words(pair: str, material: MaterialContents) -> str:
    """A kind of pair in the words of the material."""
    other = {"ion_ion": material.mobile, "ion_anion": "anion", "ion_cation": material.cation}[pair]
    return f"{material.mobile}–{other}"


def _contact(material: MaterialContents, pairs: Sequence[str]) -> float:
    """Where distances begin: half an ångström before the first one that was seen."""
    table = material.radial_table
    assert table is not None
    seen = np.any([table[f"{pair}_{frames}"] > 0.02 for pair in pairs for frames in _FRAMES], axis=0)
    return max(0.0, float(table["r_A"][seen].min()) - 0.5)


def _ends_in_words(material: MaterialContents, pairs: Sequence[str]) -> str:
    """Widths of the first shells at the coldest and at the hottest temperature."""
    words = []
    for pair in pairs:
        for trend in _trends(material, pair, "width"):
            there = np.flatnonzero(np.isfinite(trend.value))
            if len(there):
                ends = " and ".join(
                    f"{trend.value[i]:.3g} Å at {trend.temperature[i]:g} K"
                    for i in dict.fromkeys((there[0], there[-1]))
                )
                words.append(f"{_pair_words(pair, material)}, {trend.label}: {ends}")
    return f"Widths of the first shells: {'; '.join(words)}."
