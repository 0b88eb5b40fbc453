"""Figures of barriers: which panels there are, and what is said about them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from atomstates.barriers.paths import CONCERTED, reverse_name
from atomstates.barriers.summary import SeenHop, by_path
from atomstates.report.barrier_figures import (
    RatePoints,
    SideBarriers,
    draw_against_difference,
    draw_barriers,
    draw_bounds,
    draw_rates,
)
from atomstates.report.contents import MaterialContents
from atomstates.report.picture import Picture, PictureTable
from atomstates.report.profile_pictures import MOST_CLASSES, dashed
from atomstates.report.style import INK, blank_figure, temperature_colours

_MARKERS = "osD^vP"
_RATE_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#7A7A7A")


def barriers_picture(material: MaterialContents) -> Picture | None:
    """Distributions of barriers below and above Tc, with those of the ordered crystal."""
    barriers = material.barriers
    if barriers is None or not any(barriers["distributions"].values()):
        return None
    seen = [SeenHop(hop["run"], hop["temperature_K"], hop) for hop in barriers["hops"]]
    tc = barriers["transition_temperature"]["value"]
    folder = f"materials/{material.name}/barriers"
    paths = _paths_shown(barriers)
    return Picture(
        name="barriers",
        material=material.name,
        title="Barriers below and above the transition",
        caption=(
            "Barriers of the hops that the dynamics showed, in both directions, by path; each dot is as "
            "large as the share of the moves that its hop stands for, bars are weighted means with "
            f"their errors (bootstrap over hops). Tc is {tc:.0f} K, by {barriers['transition_source']}. "
            "Diamonds: hops of the ordered crystal."
        ),
        alt=_barriers_in_words(barriers),
        data=tuple(
            f"{folder}/{name}" for name in ("distributions.csv", "hops.csv", "ordered.csv", "pairs.csv")
        ),
        figure=_barriers_figure(barriers, seen, paths),
        table=_distributions_table(barriers),
    )


def differences_picture(material: MaterialContents) -> Picture | None:
    """Barrier against the difference of the ends, and rates from barriers beside those seen."""
    barriers = material.barriers
    if barriers is None or not barriers["hops"]:
        return None
    folder = f"materials/{material.name}/barriers"
    return Picture(
        name="differences",
        material=material.name,
        title="Barriers, differences of states, and rates",
        caption=(
            "Left: barrier of each hop, in both directions, against the energy of its end above its "
            "start, in the colour of the temperature (black: ordered crystal); no barrier lies below "
            "the grey line. Right: rates between kinds of sites. Filled: per ion, as seen in successive "
            "snapshots (lower bounds). Open: of one path, from the barriers, with an attempt frequency "
            f"of {barriers['prefactor_per_ps']:g}/ps (harmonic transition state theory; mean over "
            "paths). An ion has several paths before it, and vibrations of its own: the ratio of both "
            "is not one."
        ),
        alt=_differences_in_words(barriers),
        data=(
            f"{folder}/hops.csv",
            f"{folder}/ordered.csv",
            f"materials/{material.name}/doas/transitions.csv",
        ),
        figure=_differences_figure(barriers),
    )


# ---------------------------------------------------------------- distributions


def _paths_shown(barriers: dict[str, Any]) -> list[str]:
    """Paths with most moves, at most four."""
    numbers: dict[str, int] = {}
    for of_side in barriers["distributions"].values():
        for path, entry in of_side.items():
            numbers[path] = numbers.get(path, 0) + entry["n_hops"]
    most = sorted(numbers, key=lambda path: (-numbers[path], path))[:MOST_CLASSES]
    return sorted(most, key=lambda path: (path == CONCERTED, path))


def _barriers_figure(barriers: dict[str, Any], seen: Sequence[SeenHop], paths: Sequence[str]) -> Figure:
    """A panel a path on a shared axis of energies."""
    figure = blank_figure(height=0.6 + 1.05 * len(paths))
    axes: list[Axes] = list(figure.subplots(len(paths), 1, sharex=True, squeeze=False)[:, 0])
    names = {"below": "below Tc", "above": "above Tc", "ordered": "ordered"}
    for ax, path in zip(axes, paths, strict=True):
        sides = []
        for side, of_side in barriers["distributions"].items():
            if path not in of_side:
                continue
            own = by_path([hop for hop in seen if hop.entry["side"] == side])[path]
            mean = of_side[path]["barrier"]
            error = np.nan if mean["error"] is None else mean["error"]
            sides.append(SideBarriers(side, own.value, own.weight, mean["value"], error))
        draw_barriers(ax, sides, _ordered_barriers(barriers, path), names)
        ax.set_title(dashed(path), fontsize=8, loc="left")
    axes[-1].set_xlim(left=0)  # when all is drawn: it ends the scaling of the shared axis
    axes[-1].set_xlabel("barrier, eV")
    return figure


def _ordered_barriers(barriers: dict[str, Any], path: str) -> list[float]:
    """Barriers of a path in the ordered crystal, out of it and back into it."""
    hops = [hop for hop in barriers["ordered"]["hops"] if "failure" not in hop]
    found = [hop["barrier_forward_eV"] for hop in hops if hop["path"] == path]
    found += [
        hop["barrier_backward_eV"]
        for hop in hops
        if reverse_name(hop["path"]) == path and hop["path"] != path
    ]
    return found


def _distributions_table(barriers: dict[str, Any]) -> PictureTable:
    """Means by path and side."""
    rows = []
    for side, of_side in barriers["distributions"].items():
        for path, entry in of_side.items():
            mean, width = entry["barrier"], entry["barrier_width"]
            rows.append(
                (
                    dashed(path),
                    f"{side} Tc",
                    _with_error(mean),
                    _with_error(width),
                    f"{entry['lowest_eV']:.3f} to {entry['highest_eV']:.3f}",
                    str(entry["n_hops"]),
                )
            )
    for name, lowest in barriers["ordered"]["lowest"].items():
        path, _, ends = name.partition(", ")
        span = f"{lowest['value']:.3f} (lowest)"
        rows.append((dashed(path), f"ordered crystal, {ends}", span, "—", "—", str(lowest["sample"])))
    header = ("Path", "Where", "Barrier, eV", "Width, eV", "Lowest to highest, eV", "Hops")
    return PictureTable(header, tuple(sorted(rows)), ((),) * len(rows))


def _with_error(number: dict[str, Any]) -> str:
    value = f"{number['value']:.3f}"
    return value if number["error"] is None else f"{value} ± {number['error']:.3f}"


def _barriers_in_words(barriers: dict[str, Any]) -> str:
    parts = [
        f"{dashed(path)} {side} Tc: mean {entry['barrier']['value']:.2f} eV of {entry['n_hops']} hops"
        for side, of_side in barriers["distributions"].items()
        for path, entry in of_side.items()
    ]
    return f"Barriers by path on either side of the transition. {'; '.join(parts)}."


# ---------------------------------------------------------------- differences and rates


def _differences_figure(barriers: dict[str, Any]) -> Figure:
    """Barrier against difference, and rates against temperature."""
    figure = blank_figure(height=3.4)
    left, right = figure.subplots(1, 2)
    temperatures = sorted({hop["temperature_K"] for hop in barriers["hops"]})
    colours = temperature_colours(temperatures)
    hops: list[tuple[float | None, dict[str, Any]]] = [
        (hop["temperature_K"], hop) for hop in barriers["hops"]
    ]
    hops += [(None, hop) for hop in barriers["ordered"]["hops"] if "failure" not in hop]
    classes = sorted({hop["class"] for _, hop in hops})
    for name, marker in zip(classes, _MARKERS * len(classes), strict=False):
        for temperature in (*temperatures, None):
            own = [hop for at, hop in hops if at == temperature and hop["class"] == name]
            if not own:
                continue
            difference = np.array([hop["energy_difference_eV"] for hop in own])
            values = [hop[f"barrier_{way}_eV"] for way in ("forward", "backward") for hop in own]
            draw_against_difference(
                left,
                np.concatenate([difference, -difference]),
                np.array(values),
                INK if temperature is None else colours[temperature],
                marker=marker,
                label=dashed(name),
                temperature=temperature,
            )
    draw_bounds(left)
    left.set_xlabel("energy of the end above the start, eV")
    left.set_ylabel("barrier, eV")
    marks = [
        Line2D([], [], ls="none", marker=marker, color=INK, label=dashed(name))
        for name, marker in zip(classes, _MARKERS * len(classes), strict=False)
    ]
    marks += [
        Line2D([], [], ls="none", marker="o", color=colours[t], label=f"{t:g} K") for t in temperatures
    ]
    figure.legend(handles=marks, loc="outside upper center", ncols=6, fontsize=7)
    draw_rates(right, _rate_points(barriers))
    right.legend(fontsize=6)
    return figure


def _rate_points(barriers: dict[str, Any]) -> list[RatePoints]:
    """Rates between two kinds of sites, those with barriers at some temperature."""
    names = sorted({name for entry in barriers["rates"] for name in entry["between"]})
    found = []
    for name, colour in zip(names, _RATE_COLOURS * len(names), strict=False):
        entries = [
            (entry["temperature_K"], entry["between"][name])
            for entry in barriers["rates"]
            if name in entry["between"]
        ]
        columns = [
            [
                temperature,
                one["rate_of_a_path"]["value"],
                _or_nan(one["rate_seen"]["value"]) or np.nan,
                _or_nan(one["rate_seen"]["error"]),
            ]
            for temperature, one in entries
        ]
        found.append(RatePoints(name, colour, *np.array(columns, dtype=np.float64).T))
    return found


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _differences_in_words(barriers: dict[str, Any]) -> str:
    differences = [abs(hop["energy_difference_eV"]) for hop in barriers["hops"]]
    parts = [
        f"{one.name}: {one.of_path[-1]:.2g} per ps for a path at {one.temperature[-1]:g} K"
        for one in _rate_points(barriers)
    ]
    return (
        f"Barriers of {len(differences)} hops against differences of up to {max(differences):.2f} eV "
        f"between their ends; rates between kinds of sites. {'; '.join(parts)}."
    )
