"""Energy of the whole sublattice and heat capacity: what is drawn, and what is said about it."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from atomstates.report.contents import MaterialContents
from atomstates.report.numbers import measured_from
from atomstates.report.picture import Picture, listed
from atomstates.report.style import blank_figure, temperature_colours
from atomstates.report.sublattice_figures import (
    HeatCapacities,
    SnapshotEnergies,
    draw_cumulated,
    draw_heat_capacities,
    draw_means,
)
from atomstates.report.tables import column
from atomstates.report.wording import measured_text

HEAT_CAPACITY = "heat_capacity.csv"
HEAT_CAPACITY_COLUMNS = (
    "method",
    "from_K",
    "to_K",
    "heat_capacity_k_per_ion",
    "heat_capacity_error_k_per_ion",
    "n_snapshots",
    "note",
)
FLUCTUATIONS, DIFFERENCE = "heat_capacity_of_fluctuations", "heat_capacity_of_difference"
_ENERGIES = (
    ("sublattice_above_lowest_eV_per_ion", "sublattice_energy"),
    ("cell_above_lowest_eV_per_atom", "cell_energy"),
)


def sublattice_picture(material: MaterialContents) -> Picture | None:
    """Distribution of the sublattice's energy over snapshots, and of the whole cell's."""
    if material.sublattice is None or material.doas is None:
        return None
    ions, cells = (snapshot_energies(material, *names) for names in _ENERGIES)
    figure = blank_figure(height=3.7)
    axes = figure.subplots(2, 2, sharex="col", sharey="row", height_ratios=(3, 2))
    for (above, below), shown in zip(axes.T, (ions, cells), strict=True):
        draw_cumulated(above, shown)
        draw_means(below, shown)
    axes[0, 0].set_title(f"all {material.mobile}")
    axes[0, 1].set_title("whole cell")
    axes[0, 0].set_ylabel("share of the snapshots\nup to this energy")
    axes[1, 0].set_ylabel("temperature, K")
    axes[1, 0].set_xlabel(f"energy per {material.mobile} above the lowest, eV")
    axes[1, 1].set_xlabel("energy per atom above the lowest, eV")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside right upper")
    temperatures = listed([one.temperature for one in ions])
    numbers = sorted({len(one.energy) for one in ions})
    most = f"{numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else f"{numbers[0]}"
    return Picture(
        name="sublattice",
        material=material.name,
        title="Energy of the sublattice",
        caption=(
            f"Above: energy of all {material.mobile} of a relaxed snapshot, over their number (left), and "
            f"of the whole relaxed cell per atom (right), at {temperatures}, {most} snapshots each: the "
            "share of the snapshots that have at most this energy, each a step. Zero is the lowest "
            "snapshot of all temperatures. Below: the means with one standard error (block bootstrap). How "
            "a potential splits an energy into atoms is not unique, so the left side depends on the "
            "potential's split and the right side does not: where they go apart, the split moves energy "
            "between the ions and the framework."
        ),
        alt=(
            "Cumulated distributions of energies over snapshots, and their means, one colour a "
            f"temperature. Means of all {material.mobile}, per ion: {_means_in_words(ions)}. Means of the "
            f"cell, per atom: {_means_in_words(cells)}."
        ),
        data=(f"materials/{material.name}/doas/sublattice.csv",),
        figure=figure,
    )


def snapshot_energies(material: MaterialContents, name: str, measure: str) -> list[SnapshotEnergies]:
    """One energy of all snapshots at each temperature, with the error of the mean as in ``doas.json``."""
    assert material.sublattice is not None and material.doas is not None
    numbers = {
        float(entry["temperature_K"]): measured_from(entry.get(measure))
        for entry in material.doas["temperatures"]
    }
    errors = {
        temperature: number.error
        for temperature, number in numbers.items()
        if number is not None and number.error is not None
    }
    temperatures = column(material.sublattice, "temperature_K")
    energies = column(material.sublattice, name)
    colours = temperature_colours(temperatures.tolist())
    return [
        SnapshotEnergies(one, colour, energies[temperatures == one], errors.get(one, np.nan))
        for one, colour in colours.items()
    ]


def heat_capacity_picture(material: MaterialContents) -> Picture | None:
    """Heat capacity of the relaxed cell from fluctuations and from differences."""
    if material.heat_capacity is None:
        return None
    found = heat_capacities(material.heat_capacity)
    if not np.isfinite(np.append(found.value, found.difference)).any():
        return None
    figure = blank_figure(height=2.6, width=5.0)
    ax = figure.subplots()
    draw_heat_capacities(ax, found)
    handles, labels = ax.get_legend_handles_labels()
    figure.legend(handles[::-1], labels[::-1], loc="outside right upper")
    return Picture(
        name="heat_capacity",
        material=material.name,
        title="Configurational heat capacity",
        caption=(
            f"Heat capacity of the relaxed cell in units of k per {material.mobile}, which is free of how "
            "energies are split into atoms and has no vibrations in it. Points: (⟨E²⟩ − ⟨E⟩²)/kT² over the "
            "snapshots of one temperature; bars: (⟨E₂⟩ − ⟨E₁⟩)/(T₂ − T₁) over the interval. Errors are one "
            "standard error (block bootstrap), too small where snapshots are few or change slowly. Both "
            "are the same where basins are visited as often as Boltzmann has it and vibrations in them "
            "are harmonic. The fluctuation is that of the basins "
            "which a run of this length visited: a point below the bars beside it says that the run saw "
            "too few of them, or that a transition lies between the temperatures."
        ),
        alt=f"Heat capacity in k per {material.mobile}. {_capacities_in_words(material.heat_capacity)}.",
        data=(HEAT_CAPACITY,),
        figure=figure,
    )


def heat_capacities(content: dict[str, Any]) -> HeatCapacities:
    """The numbers of ``heat_capacity.json`` as arrays."""
    at = np.array([row[1:5] for row in _rows(content, "temperatures")], dtype=np.float64).reshape(-1, 4)
    between = np.array([row[1:5] for row in _rows(content, "between")], dtype=np.float64).reshape(-1, 4)
    return HeatCapacities(at[:, 0], at[:, 2], at[:, 3], between[:, :2], between[:, 2], between[:, 3])


def heat_capacity_rows(material: MaterialContents) -> Iterator[Sequence[object]]:
    """Rows of the table behind the figure: both methods."""
    for part in ("temperatures", "between"):
        yield from _rows(material.heat_capacity or {}, part)


def _rows(content: dict[str, Any], part: str) -> Iterator[Sequence[object]]:
    for entry in content.get(part, []):
        key, method = (
            (FLUCTUATIONS, "fluctuation") if part == "temperatures" else (DIFFERENCE, "difference")
        )
        number = measured_from(entry[key])
        assert number is not None
        low, high = entry.get("from_K", entry["temperature_K"]), entry.get("to_K", entry["temperature_K"])
        yield method, low, high, number.value, number.error, number.sample, number.note


def _means_in_words(shown: Sequence[SnapshotEnergies]) -> str:
    return ", ".join(f"{one.mean:.4f} eV at {one.temperature:g} K" for one in shown)


def _capacities_in_words(content: dict[str, Any]) -> str:
    """Every number with its error."""
    at, between = [], []
    for entry in content["temperatures"]:
        if (number := measured_from(entry[FLUCTUATIONS])) is not None and number.value is not None:
            at.append(f"{measured_text(number)} at {entry['temperature_K']:g} K")
    for entry in content["between"]:
        if (number := measured_from(entry[DIFFERENCE])) is not None and number.value is not None:
            between.append(f"{measured_text(number)} from {entry['from_K']:g} to {entry['to_K']:g} K")
    words = [("From fluctuations", at), ("From differences", between)]
    return ". ".join(f"{method}: {', '.join(parts)}" for method, parts in words if parts)
