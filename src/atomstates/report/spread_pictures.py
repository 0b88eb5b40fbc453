"""How much the choice of the model matters: what is drawn, and what is said about it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from atomstates.products import Measured
from atomstates.report.contents import MaterialContents
from atomstates.report.curves import belong
from atomstates.report.numbers import measured_from
from atomstates.report.picture import Picture, PictureTable, listed
from atomstates.report.spread_figures import BAND, WITH_ERROR, DensityBand, draw_density_band
from atomstates.report.style import INK, blank_figure, material_colours
from atomstates.report.tables import Table, column
from atomstates.report.wording import plain_text

_PANELS = 3
_LEAST_DENSITY = 0.003
"""Part of the highest bin below which a bin is not shown at the ends of the axis."""
_MEASURES = {
    "width": ("width, eV", 1.0),
    "gap": ("tet. − oct. gap, eV", 1.0),
    "overlap": ("overlap", 1.0),
    "effective_levels": ("effective levels", 1.0),
    "tetrahedral_fraction": ("tetrahedral, %", 100.0),
}
"""Words and factor of each measure whose range over the models is in the table."""
_PAIRS = {
    "correlation": ("ions: correlation", 1.0, min),
    "rms_difference": ("ions: rms difference, eV", 1.0, max),
    "same_site": ("ions in the same site, %", 100.0, min),
    "cell_correlation": ("cells: correlation", 1.0, min),
    "cell_rms_difference": ("cells: rms difference, meV/atom", 1000.0, max),
}
"""Words, factor and what the worst of several further models is, for each comparison with the first."""


def spread_picture(material: MaterialContents) -> Picture | None:
    """Density of states as a band over the models, at the coldest, a middle and the hottest temperature."""
    if material.spread is None or material.spread_table is None:
        return None
    names = {str(model["name"]): str(model["file"]) for model in material.spread["models"]}
    shown = _chosen(density_bands(material.spread_table, list(names)))
    figure = blank_figure(height=0.9 + 1.25 * len(shown))
    axes = figure.subplots(len(shown), 1, sharex=True, squeeze=False)[:, 0]
    first, *further = names
    colours = {first: INK, **material_colours(further)}
    for ax, one in zip(axes, shown, strict=True):
        draw_density_band(ax, one, colours)
        ax.yaxis.set_major_locator(MaxNLocator(3, integer=True, min_n_ticks=2))
        ax.text(0.99, 0.93, f"{one.temperature:g} K", ha="right", va="top", weight="bold",
                transform=ax.transAxes)  # fmt: skip
        belong(one.temperature, ax)
    axes[0].set_xlim(*_occupied(shown))
    axes[-1].set_xlabel(f"energy of {material.mobile} above the model's lowest state, eV")
    figure.supylabel("density of atomistic states per ion, 1/eV", fontsize=8, color=INK)
    handles: list[Line2D | Patch] = [
        Line2D([], [], color=colours[name], lw=1.1, label=file + (" (drives)" if name == first else ""))
        for name, file in names.items()
    ]
    handles += [Patch(fc=BAND, label="from model to model"), Patch(fc=WITH_ERROR, label="with one error")]
    figure.legend(handles=handles, loc="outside upper center", ncols=min(len(handles), 5), fontsize=7)
    table = _table(material.spread, list(names))
    folder = f"materials/{material.name}/doas"
    return Picture(
        name="spread",
        material=material.name,
        title="How much the choice of the model matters",
        caption=(
            f"Density of states of the same snapshots under {len(names)} models, each of which relaxed "
            f"them anew, at {listed([one.temperature for one in shown])}; zero is the lowest state of each "
            "model. The dark band goes from the lowest to the highest model, the pale one adds one "
            "standard error. Energies of atoms are not unique: models with the same forces may share a "
            "total energy out differently. Below, measures from the lowest to the highest model, and the "
            "same ions and relaxed cells under further models against the first (the worst of them). "
            "Energies of cells do not depend on how they are shared out: where these agree and those of "
            "ions do not, it is the gauge that differs, not the physics."
        ),
        alt=f"Histograms with bands over {len(names)} models. {_in_words(table)}",
        data=(f"{folder}/spread.csv", f"{folder}/spread_measures.csv"),
        figure=figure,
        table=table,
    )


def density_bands(table: Table, models: Sequence[str]) -> list[DensityBand]:
    """The band of every temperature of ``spread.csv``, coldest first."""
    found = []
    temperatures = column(table, "temperature_K")
    for temperature in np.unique(temperatures):
        rows = {name: values[temperatures == temperature] for name, values in table.items()}
        found.append(
            DensityBand(
                temperature=float(temperature),
                energy=rows["energy_eV"],
                band=np.array([rows["lowest_per_eV"], rows["highest_per_eV"]]),
                with_error=np.array([rows["lowest_less_error_per_eV"], rows["highest_plus_error_per_eV"]]),
                models={name: rows[f"{name}_per_eV"] for name in models},
            )
        )
    return found


def _chosen(bands: Sequence[DensityBand]) -> list[DensityBand]:
    """The coldest, a middle and the hottest of them."""
    indices = np.linspace(0, len(bands) - 1, min(_PANELS, len(bands))).round().astype(int)
    return [bands[index] for index in indices]


def _occupied(bands: Sequence[DensityBand]) -> tuple[float, float]:
    """The energies between which there is something to see."""
    filled = [one.band[1] > _LEAST_DENSITY * one.band[1].max() for one in bands]
    lowest = min(one.edges[:-1][there].min() for one, there in zip(bands, filled, strict=True))
    highest = max(one.edges[1:][there].max() for one, there in zip(bands, filled, strict=True))
    margin = 0.02 * (highest - lowest)
    return float(lowest - margin), float(highest + margin)


def _table(spread: Mapping[str, Any], models: Sequence[str]) -> PictureTable:
    """A row for each temperature."""
    header = ("temperature, K", *(words for words, _ in _MEASURES.values()))
    header += tuple(words for words, *_ in _PAIRS.values())
    rows = []
    for entry in spread["temperatures"]:
        cells = [f"{entry['temperature_K']:g}"]
        for name, (_, factor) in _MEASURES.items():
            values = _values([entry["measures"][name][model] for model in models], factor)
            cells.append(_range(values))
        for name, (_, factor, worst) in _PAIRS.items():
            values = _values([entry["against_first"][model][name] for model in models[1:]], factor)
            cells.append(_rounded(worst(values)) if values else "—")
        rows.append(tuple(cells))
    return PictureTable(header, tuple(rows), tuple(() for _ in rows))


def _values(numbers: Sequence[Any], factor: float) -> list[float]:
    """Values that exist, times a factor."""
    found: list[Measured | None] = [measured_from(number) for number in numbers]
    return [factor * one.value for one in found if one is not None and one.value is not None]


def _range(values: Sequence[float]) -> str:
    """From the lowest to the highest, one number where they are the same."""
    if not values:
        return "—"
    low, high = (_rounded(limit) for limit in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"


def _rounded(value: float) -> str:
    """Three digits; what is nothing but rounding is zero."""
    return "0" if abs(value) < 1e-5 else plain_text(value)


def _in_words(table: PictureTable) -> str:
    """The coldest and the hottest row."""
    ends = (table.rows[0], table.rows[-1])
    said = [
        f"at {row[0]} K " + ", ".join(f"{h} {c}" for h, c in zip(table.header[1:], row[1:], strict=True))
        for row in ends
    ]
    return "; ".join(said) + "."
