"""Figures of transitions: which panels there are, and what is said about them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from atomstates.doas.transitions import rates
from atomstates.report.contents import MaterialContents
from atomstates.report.curves import belong
from atomstates.report.doas_pictures import occupied_range
from atomstates.report.picture import Picture, listed
from atomstates.report.series import densities
from atomstates.report.style import PALE, blank_figure, site_colour
from atomstates.report.tables import Array, kind_label
from atomstates.report.transition_figures import (
    Moves,
    RateScale,
    draw_moves,
    draw_rate_matrix,
    draw_residence,
)
from atomstates.report.zero import energy_axis

_MOST_PANELS = 3


def transitions_picture(material: MaterialContents) -> Picture | None:
    """Transitions on the density of states, as arrows between the kinds of states."""
    if material.transitions is None or material.density is None:
        return None
    shown = _shown(all_moves(material.transitions))
    if not shown:
        return None
    by_temperature = {one.temperature: one for one in densities(material.density)}
    interval = float(material.transitions["interval_ps"])
    return Picture(
        name="transitions",
        material=material.name,
        title="Transitions among states",
        caption=(
            f"Each column is the density of states of one kind of site, all drawn equally wide; dots are "
            f"mean energies. Arrows are transitions of {material.mobile} from one relaxed snapshot to the "
            f"next, {interval:g} ps later, in the colour of the kind that the ions leave; their width "
            "grows with the logarithm of the rate per ion. A loop is a move to another site of the same "
            "kind. An ion that returns between two snapshots is not seen, and one that passes through a "
            "third site counts as going straight: total rates of leaving are lower bounds."
        ),
        alt="; ".join(_moves_in_words(one, material.cation) for one in shown) + ".",
        data=tuple(f"materials/{material.name}/doas/{name}" for name in ("transitions.csv", "density.csv")),
        figure=transitions_figure(
            shown,
            [by_temperature[one.temperature] for one in shown],
            energy_axis(material.doas, material.mobile),
            material.cation,
        ),
    )


def transitions_figure(
    shown: Sequence[Moves], density: Sequence[Any], energy_label: str, cation: str
) -> Figure:
    """One panel a temperature on a shared energy axis."""
    figure = blank_figure(height=3.6)
    axes: list[Axes] = list(figure.subplots(1, len(shown), sharey=True, squeeze=False)[0])
    found = np.concatenate([one.rate[np.isfinite(one.rate) & (one.rate > 0)] for one in shown])
    scale = RateScale(float(found.min()), float(found.max()))
    for ax, one, states in zip(axes, shown, density, strict=True):
        draw_moves(ax, states, one, scale)
        for column, (kind, share) in enumerate(zip(one.kinds, one.share, strict=True)):
            words, below = f"{100 * share:.2g} %" if share > 0 else "none", ax.get_xaxis_transform()
            colour = site_colour(kind)
            ax.text(column, -0.01, words, ha="center", va="top", fontsize=6, color=colour, transform=below)
        belong(one.temperature, ax)
    lowest, highest, _ = occupied_range(density)
    axes[0].set_ylim(lowest, highest)
    axes[0].set_ylabel(energy_label)
    kinds: list[Patch | Line2D] = [
        Patch(color=site_colour(kind), alpha=0.5, label=kind_label(kind, cation)) for kind in shown[0].kinds
    ]
    samples = sorted({scale.lowest, float(np.sqrt(scale.lowest * scale.highest)), scale.highest})
    widths: list[Patch | Line2D] = [
        Line2D([], [], color=PALE, lw=scale.width(rate), label=f"{rate:.2g} per ps") for rate in samples
    ]
    figure.legend(handles=kinds, loc="outside upper center", ncols=min(len(kinds), 4), fontsize=7)
    figure.legend(handles=widths, loc="outside lower center", ncols=len(widths), fontsize=7)
    return figure


def rates_picture(material: MaterialContents) -> Picture | None:
    """Matrix of rates at some temperatures, and residence times at all."""
    if material.transitions is None:
        return None
    moves = all_moves(material.transitions)
    shown = _shown(moves)
    if not shown:
        return None
    series = residence_series(moves)
    temperatures = listed([one.temperature for one in shown])
    ends = "; ".join(
        f"{kind_label(kind, material.cation)}: {value[-1]:.2g} ps at {temperature[-1]:g} K"
        for kind, (temperature, value, _) in series.items()
    )
    return Picture(
        name="rates",
        material=material.name,
        title="Rates and residence times",
        caption=(
            f"Rate per {material.mobile} from one kind of state (row) to another (column), in 1/ps, at "
            f"{temperatures}; on the diagonal, moves to another site of the kind. Last panel: mean time "
            "for which an ion stays in one site, an upper bound. Errors are those of counting (square root "
            "of the transitions seen); the table has those of the block bootstrap, each run, and upper "
            "bounds (95 %) for what was not seen."
        ),
        alt=f"Tables of rates at {temperatures}, and residence times against temperature. {ends}.",
        data=(f"materials/{material.name}/doas/transitions.csv",),
        figure=rates_figure(shown, series, material.cation),
    )


def rates_figure(
    shown: Sequence[Moves], series: dict[str, tuple[Array, Array, Array]], cation: str
) -> Figure:
    """Matrices side by side, and the residence times."""
    figure = blank_figure(height=2.4)
    axes: list[Axes] = list(figure.subplots(1, len(shown) + 1, squeeze=False)[0])
    for ax, one in zip(axes[:-1], shown, strict=True):
        draw_rate_matrix(ax, one, [_short(kind, cation) for kind in one.kinds])
    for ax in axes[1:-1]:
        ax.set_yticklabels([])
    axes[0].set_ylabel("from")
    draw_residence(axes[-1], series, [_short(kind, cation).replace("\n", ", ") for kind in series])
    figure.legend(*axes[-1].get_legend_handles_labels(), loc="outside lower right", ncols=len(series))
    return figure


def all_moves(transitions: dict[str, Any]) -> list[Moves]:
    """Transitions of every temperature by the kinds that the density of states is drawn in."""
    entries = sorted(transitions["temperatures"], key=lambda entry: float(entry["temperature_K"]))
    kinds = tuple(
        sorted({drawn_kind(name) for entry in entries for name in entry["share"]}, key=_place_of_kind)
    )
    return [_moves(entry, kinds, float(transitions["interval_ps"])) for entry in entries]


def _moves(entry: dict[str, Any], kinds: tuple[str, ...], interval: float) -> Moves:
    """Counts add up over the classes of a kind; rates follow from the sums."""
    n_kinds = len(kinds)
    share, energy, starts = np.zeros(n_kinds), np.zeros(n_kinds), np.zeros(n_kinds, dtype=np.int64)
    seen = np.zeros((n_kinds, n_kinds), dtype=np.int64)
    for name, part in entry["share"].items():
        row = kinds.index(drawn_kind(name))
        share[row] += part
        energy[row] += part * entry["mean_energy_eV"][name]
        starts[row] += entry["ion_intervals"][name]
        for other, number in entry["transitions"][name].items():
            seen[row, kinds.index(drawn_kind(other))] += number
    with np.errstate(invalid="ignore"):
        mean = energy / share
    rate = rates(seen, starts, interval)
    return Moves(
        temperature=float(entry["temperature_K"]),
        kinds=kinds,
        energy=mean,
        share=share,
        seen=seen.astype(np.float64),
        rate=rate,
        error=rate / np.sqrt(np.maximum(seen, 1)),
    )


def residence_series(moves: Sequence[Moves]) -> dict[str, tuple[Array, Array, Array]]:
    """Temperatures, residence times (ps) and errors of counting of each kind, where ions left it."""
    series = {}
    for row, kind in enumerate(moves[0].kinds):
        points = []
        for one in moves:
            leaving, left = one.rate[row].sum(), one.seen[row].sum()
            if left and np.isfinite(leaving):
                points.append((one.temperature, 1 / leaving, 1 / leaving / np.sqrt(left)))
        if points:
            columns = np.array(points, dtype=np.float64).T
            series[kind] = (columns[0], columns[1], columns[2])
    return series


def drawn_kind(name: str) -> str:
    """``octahedral_N`` of a class of octahedra, and the site alone of all others."""
    site, _, rest = name.partition("_")
    return f"{site}_{rest.split('_')[0]}" if site == "octahedral" else site


def _place_of_kind(kind: str) -> tuple[int, str]:
    return {"octahedral": 0, "tetrahedral": 1}.get(kind.split("_")[0], 2), kind


def _shown(moves: Sequence[Moves]) -> list[Moves]:
    """Temperatures with transitions: the coldest, the hottest, and some between."""
    moving = [one for one in moves if np.any(one.rate[np.isfinite(one.rate)] > 0)]
    if not moving:
        return []
    chosen = np.unique(np.linspace(0, len(moving) - 1, _MOST_PANELS).round().astype(int))
    return [moving[index] for index in chosen]


def _moves_in_words(moves: Moves, cation: str) -> str:
    """The most frequent transitions of a temperature."""
    order = np.argsort(moves.seen, axis=None)[::-1][:4]
    words = []
    for start, end in zip(*np.unravel_index(order, moves.seen.shape), strict=True):
        if moves.seen[start, end]:
            names = [kind_label(moves.kinds[index], cation) for index in (start, end)]
            words.append(f"{names[0]} to {names[1]} {moves.rate[start, end]:.2g} per ps")
    return f"Transitions at {moves.temperature:g} K: {', '.join(words)}"


def _short(kind: str, cation: str) -> str:
    if kind.startswith("octahedral_"):
        return f"oct.\n{kind.removeprefix('octahedral_')} {cation}"
    return {"octahedral": "oct.", "tetrahedral": "tet."}.get(kind, kind)
