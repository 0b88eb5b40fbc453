"""Figures of the states of a material: which panels there are, and what is said about them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from atomstates.report.contents import MaterialContents
from atomstates.report.curves import belong
from atomstates.report.doas_figures import (
    SMOOTH_LINE,
    DensityAtTemperature,
    Trend,
    draw_density,
    draw_trend,
    draw_trends,
)
from atomstates.report.picture import Picture, listed
from atomstates.report.series import DISORDER, densities, environments, site_trends, trend
from atomstates.report.style import INK, TOTAL, blank_figure, site_colour
from atomstates.report.tables import kind_label
from atomstates.report.zero import energy_axis, zero_in_words

LEAST_SHARE = 0.0005
"""A smaller share of the ions is not written beside a panel."""


def density_picture(material: MaterialContents) -> Picture | None:
    """Density of states at every temperature."""
    if material.density is None:
        return None
    shown = densities(material.density)
    temperatures = listed([density.temperature for density in shown])
    first, last = shown[0], shown[-1]
    beyond = occupied_range(shown)[2]
    return Picture(
        name="density",
        material=material.name,
        title="Density of atomistic states",
        caption=(
            f"Energies of every {material.mobile} in relaxed snapshots at {temperatures}, per ion, "
            f"{zero_in_words(material.doas)}; each panel has its own scale. Filled steps are "
            "the parts by site, which add up to the black steps; bands are one standard error (block "
            f"bootstrap over snapshots and runs).{_smoothing_in_words(material)} Atomistic energies "
            "are those of this potential: the split of a total energy into atoms is not unique, so compare "
            f"with the energy of the whole cell below. {_other_models(material)}"
            + (f" At most {100 * beyond:.2g} % of the states lie beyond the axis." if beyond > 0 else "")
        ),
        alt=(
            f"Stacked histograms of {material.mobile} energies, one panel for each of {temperatures}. "
            f"At {first.temperature:g} K: {_shares_in_words(first, material.cation)}. At "
            f"{last.temperature:g} K: {_shares_in_words(last, material.cation)}."
        ),
        data=(f"materials/{material.name}/doas/density.csv",),
        figure=density_figure(
            shown, material.mobile, material.cation, energy_axis(material.doas, material.mobile)
        ),
    )


def _other_models(material: MaterialContents) -> str:
    """Whether there are other models to compare with."""
    if material.n_models == 1:
        return "One model gives no spread over models: name several in the material to see it."
    return f"The next figure shows how far {material.n_models} models differ in this."


def density_figure(
    shown: Sequence[DensityAtTemperature], mobile: str, cation: str, energy_label: str
) -> Figure:
    """One panel a temperature on a shared energy axis, coldest on top."""
    figure = blank_figure(height=0.75 + 1.0 * len(shown))
    axes: list[Axes] = list(figure.subplots(len(shown), 1, sharex=True, squeeze=False)[:, 0])
    for ax, density in zip(axes, shown, strict=True):
        draw_density(ax, density, cation)
        ax.yaxis.set_major_locator(MaxNLocator(3, integer=True, min_n_ticks=2))
        _write_shares(ax, density, cation)
        belong(density.temperature, ax)
    lowest, highest, _ = occupied_range(shown)
    axes[0].set_xlim(lowest, highest)
    axes[-1].set_xlabel(energy_label)
    figure.supylabel("density of atomistic states per ion, 1/eV", fontsize=8, color=INK)
    present = {kind for one in shown for kind, share in one.shares.items() if share > LEAST_SHARE}
    kinds = [kind for kind in shown[0].parts if kind in present]
    handles: list[Patch | Line2D] = [
        Patch(fc=to_rgba(site_colour(kind), 0.30), ec=site_colour(kind), label=kind_label(kind, cation))
        for kind in kinds
    ]
    handles.append(Line2D([], [], color=site_colour(TOTAL), lw=0.8, label=f"all {mobile}"))
    if shown[0].smooth is not None:
        handles.append(Line2D([], [], color=site_colour(TOTAL), label="smoothed", **SMOOTH_LINE))
    figure.legend(
        handles=handles,
        loc="outside upper center",
        ncols=len(handles) if len(handles) < 6 else 4,
        fontsize=7,
        columnspacing=1.4,
    )
    return figure


def _write_shares(ax: Axes, density: DensityAtTemperature, cation: str) -> None:
    """The temperature and the share of each site kind, to the right of a panel."""
    ax.text(
        1.015,
        1.0,
        f"{density.temperature:g} K",
        va="top",
        weight="bold",
        fontsize=9,
        transform=ax.transAxes,
    )
    most = sorted(density.shares.values())[-5:][0]
    present = [(kind, share) for kind, share in density.shares.items() if share >= max(most, LEAST_SHARE)]
    for line, (kind, share) in enumerate(present):
        ax.text(
            1.015,
            0.74 - 0.17 * line,
            f"{100 * share:.1f} % {_kind_short(kind, cation)}",
            va="top",
            fontsize=6.5,
            color=site_colour(kind),
            transform=ax.transAxes,
        )


def disorder_picture(material: MaterialContents) -> Picture | None:
    """Measures of disorder against temperature."""
    if material.doas is None:
        return None
    trends = [found for key, label in DISORDER if (found := trend(material.doas, key, label)) is not None]
    sites = site_trends(material.doas)
    names = ", ".join(["share of each site", *(found.label for found in trends)])
    return Picture(
        name="disorder",
        material=material.name,
        title="Disorder against temperature",
        caption=(
            f"{names[0].upper()}{names[1:]}. Channel order is 1 where every second column of sites "
            "along the third axis is full, and near 0 where all columns are filled alike; the "
            "effective number of levels is exp(S)/bin width with S the entropy of the DOAS. Bars are "
            "one standard error. Of the energies, only that of the whole relaxed cell does not depend "
            "on how the potential splits it into atoms."
        ),
        alt=f"Panels against temperature: {names}. {_ends_in_words(trends)}",
        data=("disorder.csv",),
        figure=disorder_figure(sites, trends),
    )


def disorder_figure(sites: Sequence[Trend], trends: Sequence[Trend]) -> Figure:
    """One panel for the sites and one for each measure."""
    n_panels = 1 + len(trends)
    n_columns = 4 if n_panels <= 8 else 3
    n_rows = -(-n_panels // n_columns)
    figure = blank_figure(height=0.2 + 1.45 * n_rows)
    axes = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
    draw_trends(axes[0], sites)
    axes[0].set_title("share of each site")
    axes[0].set_ylim(-0.03, 1.03)
    axes[0].legend(loc="center left", fontsize=6)
    for ax, one in zip(axes[1:], trends, strict=False):
        draw_trend(ax, one)
    for index, ax in enumerate(axes):
        ax.set_visible(index < n_panels)
        if index + n_columns < n_panels:
            ax.xaxis.label.set_visible(False)
    return figure


def environments_picture(material: MaterialContents) -> Picture | None:
    """Occupation of the environments against temperature."""
    if material.doas is None:
        return None
    trends = environments(material.doas, material.cation)
    if not trends:
        return None
    figure = blank_figure(height=2.6)
    ax = figure.subplots()
    draw_trends(ax, trends)
    ax.set_ylabel(f"share of the {material.mobile} ions")
    ax.set_ylim(bottom=0)
    figure.legend(loc="outside right upper")
    return Picture(
        name="environments",
        material=material.name,
        title="Occupation of environments",
        caption=(
            f"Share of the {material.mobile} ions in each environment: the site, and for octahedra the "
            f"number of {material.cation} with which it shares an edge. Bars are one standard error."
        ),
        alt="Shares against temperature. " + _ends_in_words(trends),
        data=("environments.csv",),
        figure=figure,
    )


def occupied_range(shown: Sequence[DensityAtTemperature]) -> tuple[float, float, float]:
    """Energies that hold all but a few in 10 000 states of each temperature, and the share beyond."""
    lowest, highest, beyond = np.inf, -np.inf, 0.0
    for one in shown:
        cumulated = np.cumsum(np.diff(one.edges) * one.total[0])
        cumulated /= cumulated[-1]
        inside = np.flatnonzero(
            (cumulated > 0.0003) & (cumulated - np.diff(one.edges) * one.total[0] < 0.9997)
        )
        lowest = min(lowest, float(one.edges[inside[0]]))
        highest = max(highest, float(one.edges[inside[-1] + 1]))
    for one in shown:
        outside = (one.edges[:-1] < lowest - 1e-9) | (one.edges[1:] > highest + 1e-9)
        share = float(np.sum((np.diff(one.edges) * one.total[0])[outside]))
        beyond = max(beyond, share)
    margin = 0.02 * (highest - lowest)
    return lowest - margin, highest + margin, beyond


def _smoothing_in_words(material: MaterialContents) -> str:
    """What the smooth line is, where there is one."""
    deviation = float((material.doas or {}).get("smoothing_eV") or 0)
    if not deviation:
        return ""
    return (
        f" The dashed line is the sum smoothed by a Gaussian (standard deviation {deviation:g} eV) to "
        "guide the eye: it has the same integral, is broader than the states, and no number comes from it."
    )


def _shares_in_words(density: DensityAtTemperature, cation: str) -> str:
    return ", ".join(
        f"{kind_label(kind, cation)} {100 * share:.1f} %" for kind, share in density.shares.items()
    )


def _ends_in_words(trends: Sequence[Trend]) -> str:
    """Each quantity at the coldest and at the hottest temperature that has a value."""
    words = []
    for one in trends:
        there = np.flatnonzero(np.isfinite(one.value))
        ends = [
            f"{one.value[index]:.3g} {one.unit}".strip() + f" at {one.temperature[index]:g} K"
            for index in (there[0], there[-1])
        ]
        words.append(f"{one.label}: {', '.join(ends)}")
    return "; ".join(words)


def _kind_short(kind: str, cation: str) -> str:
    if kind.startswith("octahedral_"):
        return f"oct., {kind.removeprefix('octahedral_')} {cation}"
    return {"octahedral": "oct.", "tetrahedral": "tet."}.get(kind, kind)
