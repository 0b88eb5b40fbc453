"""The density of states of all materials of a campaign on one axis of energies."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from atomstates.report.contents import MaterialContents
from atomstates.report.curves import belong
from atomstates.report.doas_figures import DensityAtTemperature, draw_total
from atomstates.report.doas_pictures import occupied_range
from atomstates.report.picture import Picture, listed
from atomstates.report.series import densities
from atomstates.report.style import INK, blank_figure, material_colours
from atomstates.report.wording import plain_text
from atomstates.report.zero import zero_in_words, zero_of

Compared = Mapping[float, Mapping[str, DensityAtTemperature]]

_AXES = {
    "lowest": "energy above the lowest state of each material, eV",
    "coldest-mean": "energy from the mean of each material at its coldest temperature, eV",
    "absolute": "energy as the potentials give it, eV",
}
_CAUTION = {"lowest": " A single low state sets the zero, so look at distances between peaks."}


def comparison_picture(material: MaterialContents, materials: Sequence[MaterialContents]) -> Picture | None:
    """Total density of states of every material at each temperature that two of them share."""
    known = {one.name: one for one in materials if one.density is not None and one.doas is not None}
    shown = compared(list(known.values()))
    if not shown:
        return None
    called = labels(list(known.values()))
    zeros = "; ".join(
        f"{called[name]}: {plain_text(one.doas['reference_energy_eV'])} eV"
        for name, one in known.items()
        if one.doas is not None
    )
    zero = zero_of(next(iter(known.values())).doas)
    zeros_in_words = zero_in_words(next(iter(known.values())).doas)
    temperatures = listed(list(shown))
    beyond = occupied_range([one for panel in shown.values() for one in panel.values()])[2]
    return Picture(
        name="comparison",
        material=material.name,
        title="Materials on one axis of energies",
        caption=(
            f"Density of states of all mobile ions of each material at {temperatures}, per ion; bands are "
            f"one standard error. Energies: {zeros_in_words}, for each material on its own (on the scale "
            f"of its potential, {zeros}). Widths and shapes may be compared, places only within a "
            f"material.{_CAUTION.get(zero, '')}"
            + (f" At most {100 * beyond:.2g} % of the states lie beyond the axis." if beyond > 0 else "")
        ),
        alt=(
            f"Histograms of the energies of mobile ions, one line a material and one panel for each of "
            f"{temperatures}. Mean and standard deviation: {_moments_in_words(shown, called)}."
        ),
        data=tuple(f"materials/{name}/doas/density.csv" for name in known),
        figure=comparison_figure(shown, called, zero),
    )


def compared(materials: Sequence[MaterialContents]) -> Compared:
    """Densities by temperature and material, at temperatures that at least two materials have."""
    found: dict[float, dict[str, DensityAtTemperature]] = {}
    for material in materials:
        for density in densities(material.density) if material.density is not None else []:
            found.setdefault(density.temperature, {})[material.name] = density
    return {one: found[one] for one in sorted(found) if len(found[one]) > 1}


def labels(materials: Sequence[MaterialContents]) -> dict[str, str]:
    """What the figure calls each material: its title, or its name where titles do not tell them apart."""
    titles = {one.name: one.title for one in materials}
    return titles if len(set(titles.values())) == len(titles) else {name: name for name in titles}


def comparison_figure(shown: Compared, called: Mapping[str, str], zero: str = "lowest") -> Figure:
    """One panel a temperature, coldest on top, one line a material; ``called``: labels by name."""
    figure = blank_figure(height=0.9 + 0.9 * len(shown))
    axes: list[Axes] = list(figure.subplots(len(shown), 1, sharex=True, squeeze=False)[:, 0])
    colours = material_colours(list(called))
    for ax, (temperature, panel) in zip(axes, shown.items(), strict=True):
        for name, density in panel.items():
            draw_total(ax, density, colours[name], called[name])
        ax.set_ylim(0, None)
        ax.yaxis.set_major_locator(MaxNLocator(3, integer=True, min_n_ticks=2))
        ax.text(
            1.0,
            0.97,
            f"{temperature:g} K",
            ha="right",
            va="top",
            weight="bold",
            fontsize=9,
            transform=ax.transAxes,
        )
        belong(temperature, ax)
    lowest, highest, _ = occupied_range([one for panel in shown.values() for one in panel.values()])
    axes[0].set_xlim(lowest, highest)
    axes[-1].set_xlabel(_AXES[zero])
    figure.supylabel("density of atomistic states per ion, 1/eV", fontsize=8, color=INK)
    handles = {
        label: handle for ax in axes for handle, label in zip(*ax.get_legend_handles_labels(), strict=True)
    }
    figure.legend(handles.values(), handles.keys(), loc="outside upper center", ncols=min(len(handles), 3))
    return figure


def _moments_in_words(shown: Compared, called: Mapping[str, str]) -> str:
    """Mean and width of each line of the coldest and of the hottest panel."""
    words = []
    for temperature in dict.fromkeys((min(shown), max(shown))):
        for name, density in shown[temperature].items():
            share = density.total[0] / density.total[0].sum()
            mean = float(np.sum(share * density.energy))
            width = float(np.sqrt(np.sum(share * (density.energy - mean) ** 2)))
            words.append(f"{called[name]} at {temperature:g} K {mean:.3f} and {width:.3f} eV")
    return "; ".join(words)
