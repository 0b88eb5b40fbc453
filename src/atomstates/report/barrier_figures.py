"""Figures of barriers: one function draws one result on one axes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from atomstates.products import Measured
from atomstates.report.curves import Curve, drawn_at, point, tell
from atomstates.report.style import INK, PALE, site_colour
from atomstates.report.tables import Array
from atomstates.report.wording import measured_text

SIDE_COLOURS = {"below": "#0072B2", "above": "#D55E00"}
"""Below and above the transition."""


@dataclass(frozen=True)
class HopProfile:
    """Energy along one hop, R replicas.

    ``coordinate`` (R,) from 0 to 1, ``energy`` (R,) eV above the start, ``ion_energy`` (R,) eV of the ion
    alone above that at the start, ``sites`` the site kind at each replica.
    """

    label: str
    colour: str
    coordinate: Array
    energy: Array
    ion_energy: Array
    sites: tuple[str, ...]
    temperature: float | None = None
    """K; None in the ordered crystal."""


@dataclass(frozen=True)
class SideBarriers:
    """Barriers of one path on one side of Tc: ``value`` (n,) eV with ``weight`` (n,), and their mean."""

    side: str
    value: Array
    weight: Array
    mean: float
    error: float
    """Of the mean, or NaN."""


@dataclass(frozen=True)
class RatePoints:
    """Rates between two kinds of sites at T temperatures, 1/ps: of a path, and seen of an ion (or NaN)."""

    name: str
    colour: str
    temperature: Array
    of_path: Array
    seen: Array
    seen_error: Array


def draw_profiles(ax: Axes, shown: Sequence[HopProfile], *, of_ion: bool) -> None:
    """Energy of the cell, or of the ion alone, along each path; a dot a replica, coloured by its site."""
    ax.axhline(0, color="#bbbbbb", lw=0.6, zorder=0)
    for one in shown:
        energy = one.ion_energy if of_ion else one.energy
        colours = [site_colour(site) for site in one.sites]
        with drawn_at(ax, one.temperature):
            ax.plot(one.coordinate, energy, color=one.colour, lw=1.1, zorder=2, label=one.label)
            ax.scatter(
                one.coordinate, energy, c=colours, s=11, zorder=3, edgecolors="white", linewidths=0.4
            )
        said = [
            f"{value:.3f} eV at {part:.2f} of the way, {site}"
            for part, value, site in zip(one.coordinate, energy, one.sites, strict=True)
        ]
        tell(
            ax,
            Curve(one.label, one.colour, one.coordinate, energy, temperature=one.temperature, words=said),
        )
    ax.set_xlim(-0.04, 1.04)
    ax.grid(axis="y")
    ax.set_axisbelow(True)


def draw_barriers(
    ax: Axes, sides: Sequence[SideBarriers], ordered: Sequence[float], row_names: Mapping[str, str]
) -> None:
    """Every barrier as a dot as large as its share, its mean as a bar, a row a side; those of the ordered
    crystal as marks in a row of their own."""
    rows = ["above", "below", "ordered"]
    for one in sides:
        height = rows.index(one.side)
        share = one.weight / one.weight.sum()
        spread = _spread(len(one.value))
        colour = SIDE_COLOURS[one.side]
        ax.scatter(one.value, height + spread, s=8 + 60 * share, color=colour, alpha=0.55, linewidths=0)
        error = one.error if np.isfinite(one.error) else None
        ax.errorbar(one.mean, height, xerr=error, marker="|", ms=14, color=INK, elinewidth=1.1, capsize=2)
        said = [
            f"{value:.3f} eV, {100 * part:.2g} % of the moves"
            for value, part in zip(one.value, share, strict=True)
        ]
        mean = f"{measured_text(Measured(one.mean, error, 'eV', len(one.value)))} eV"
        tell(
            ax,
            Curve(f"hop, {row_names[one.side]}", colour, one.value, height + spread, words=said),
            point(f"mean, {row_names[one.side]}", INK, one.mean, height, said=mean),
        )
    if len(ordered):
        values, heights = np.array(ordered), np.full(len(ordered), float(rows.index("ordered")))
        said = [f"{value:.3f} eV" for value in ordered]
        tell(ax, Curve(f"hop, {row_names['ordered']}", INK, values, heights, words=said))
        ax.scatter(ordered, np.full(len(ordered), rows.index("ordered")), marker="D", s=18, color=INK)
    ax.set_yticks(range(len(rows)), [row_names[name] for name in rows])
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.grid(axis="x")
    ax.set_axisbelow(True)


def draw_against_difference(
    ax: Axes,
    difference: Array,
    barrier: Array,
    colour: str,
    *,
    marker: str,
    label: str,
    temperature: float | None = None,
) -> None:
    """Barrier against the energy of the end above the start, both directions of each hop of a class."""
    with drawn_at(ax, temperature):
        ax.scatter(
            difference, barrier, c=colour, marker=marker, s=20, edgecolors="white", linewidths=0.4,
            label=label, zorder=3,
        )  # fmt: skip
    where = "ordered crystal" if temperature is None else f"{temperature:g} K"
    tell(ax, Curve(f"{where}, {label}", colour, difference, barrier, temperature=temperature))


def draw_bounds(ax: Axes) -> None:
    """A barrier is not below zero, nor below the difference of the ends."""
    low, high = ax.get_xlim()
    line = np.array([min(low, 0.0), 0.0, max(high, 0.0)])
    ax.plot(line, np.maximum(line, 0.0), color=PALE, lw=0.9, zorder=1)
    ax.set_xlim(low, high)
    ax.set_ylim(bottom=0)
    ax.locator_params(axis="x", nbins=5)
    ax.grid()
    ax.set_axisbelow(True)


def draw_rates(ax: Axes, shown: Sequence[RatePoints]) -> None:
    """Rates against 1000/T: those seen with errors as filled dots, those of paths as open ones."""
    for one in shown:
        inverse = 1000 / one.temperature
        ax.plot(inverse, one.of_path, ls="--", lw=0.8, marker="o", mfc="white", color=one.colour, zorder=2)
        tell(
            ax,
            Curve(f"{one.name}, seen", one.colour, inverse, one.seen, one.seen_error),
            Curve(f"{one.name}, of a path", one.colour, inverse, one.of_path),
        )
        error = np.nan_to_num(np.minimum(one.seen_error, 0.95 * one.seen))
        ax.errorbar(
            inverse, one.seen, yerr=error, ls="none", marker="o", color=one.colour, elinewidth=0.9,
            mec="white", mew=0.5, label=one.name, zorder=3,
        )  # fmt: skip
    ax.set_yscale("log")
    ax.set_xlabel("1000 K / temperature")
    ax.set_ylabel("rate, 1/ps")
    ax.grid()
    ax.set_axisbelow(True)


def _spread(number: int) -> Array:
    """Small offsets so that equal barriers do not hide each other."""
    turns = np.mod(np.arange(number) * 0.618034, 1.0) - 0.5
    return np.asarray(0.11 * turns * min(number - 1, 4))
