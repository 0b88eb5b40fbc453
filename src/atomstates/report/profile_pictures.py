"""Figure of the energy along hops: which panels there are, and what is said about them."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from atomstates.barriers.paths import CONCERTED
from atomstates.report.barrier_figures import HopProfile, draw_profiles
from atomstates.report.contents import MaterialContents
from atomstates.report.picture import Picture, PictureTable
from atomstates.report.style import INK, blank_figure, site_colour, temperature_colours
from atomstates.report.tables import kind_label

MOST_CLASSES = 4
_MOST_LISTED = 12
_SHOWN = ("barrier_forward_eV", "barrier_backward_eV", "energy_difference_eV")


class FollowedHop(NamedTuple):
    """A hop with a path."""

    folder: str
    """Of its products, relative to the results folder."""
    temperature: float | None
    """K; None in the ordered crystal."""
    entry: dict[str, Any]


def profiles_picture(material: MaterialContents) -> Picture | None:
    """Energies along the paths of hops, those of the ordered crystal and those that the dynamics showed."""
    found = followed_hops(material)
    if not found:
        return None
    classes = classes_shown([entry for _, _, entry in found])
    folder = f"materials/{material.name}/barriers"
    return Picture(
        name="profiles",
        material=material.name,
        title="Energy along the hops",
        caption=(
            "Minimum-energy paths (nudged elastic bands with a climbing replica) of hops of one class "
            "in each column: of the ordered crystal in black, of those that the dynamics showed in the "
            "colour of their temperature. Above, the energy of the whole cell from the start of the "
            f"hop; below, the atomistic energy of the {material.mobile} that hops. Dots are replicas, in "
            "the colour of the site in which the ion is."
        ),
        alt=_profiles_in_words(found, classes),
        data=(
            f"{folder}/profiles.csv",
            f"{folder}/hops.csv",
            f"{folder}/ordered.csv",
            *_files(material, found),
        ),
        figure=_profiles_figure(found, classes, material),
        table=_paths_table(material, found),
    )


def followed_hops(material: MaterialContents) -> list[FollowedHop]:
    """Folder of its products, temperature (K; None: ordered crystal) and entry of every hop with a path."""
    if material.barriers is None:
        return []
    found: list[FollowedHop] = [
        FollowedHop(f"materials/{material.name}/barriers", None, hop)
        for hop in material.barriers["ordered"]["hops"]
    ]
    for run in material.runs:
        hops = (run.barriers or {}).get("hops", [])
        found += [FollowedHop(f"runs/{run.id}/barriers", run.temperature, hop) for hop in hops]
    return [one for one in found if "failure" not in one[2]]


def classes_shown(entries: Sequence[dict[str, Any]]) -> list[str]:
    """The classes with most hops, at most four, in order of their names."""
    names = [str(entry["class"]) for entry in entries]
    most = sorted(set(names), key=lambda name: (-names.count(name), name))[:MOST_CLASSES]
    return sorted(most, key=lambda name: (name == CONCERTED, name))


def _profile(
    temperature: float | None, entry: dict[str, Any], colours: dict[float, str], name: str
) -> HopProfile:
    """One hop, in the direction in which its class is named."""
    profile = entry["profile"]
    coordinate, energy, own = (
        np.array(profile[key], dtype=np.float64)
        for key in ("reaction_coordinate", "energy_eV", "ion_energy_eV")
    )
    sites = tuple(profile["ion_site"])
    if entry["class"] != CONCERTED and entry["path"] != name:
        coordinate, energy, own, sites = 1 - coordinate[::-1], energy[::-1], own[::-1], sites[::-1]
    label = "ordered crystal" if temperature is None else f"{temperature:g} K"
    colour = INK if temperature is None else colours[temperature]
    return HopProfile(label, colour, coordinate, energy - energy[0], own - own[0], sites, temperature)


def _profiles_figure(
    found: Sequence[FollowedHop], classes: Sequence[str], material: MaterialContents
) -> Figure:
    """Two rows, a column a class."""
    figure = blank_figure(height=4.0)
    axes = figure.subplots(2, len(classes), sharex=True, sharey="row", squeeze=False)
    temperatures = sorted({temperature for _, temperature, _ in found if temperature is not None})
    colours = temperature_colours(temperatures)
    kinds: set[str] = set()
    for column, name in enumerate(classes):
        shown = [_profile(t, entry, colours, name) for _, t, entry in found if entry["class"] == name]
        kinds |= {site for one in shown for site in one.sites}
        for row in (0, 1):
            draw_profiles(axes[row][column], shown, of_ion=bool(row))
        axes[0][column].set_title(dashed(name), fontsize=8)
    axes[0][0].set_ylabel("energy of the cell, eV")
    axes[1][0].set_ylabel(f"energy of the {material.mobile}, eV")
    figure.supxlabel("reaction coordinate", fontsize=8)
    lines = [Line2D([], [], color=colours[t], label=f"{t:g} K") for t in temperatures]
    if any(temperature is None for _, temperature, _ in found):
        lines.insert(0, Line2D([], [], color=INK, label="ordered crystal"))
    dots = [
        Line2D([], [], ls="none", marker="o", color=site_colour(kind), label=kind_label(kind))
        for kind in ("octahedral", "tetrahedral", "other")
        if kind in kinds
    ]
    handles = [*lines, *dots]
    figure.legend(handles=handles, loc="outside upper center", ncols=min(len(handles), 5), fontsize=7)
    return figure


def _files(material: MaterialContents, found: Sequence[FollowedHop]) -> Iterator[str]:
    """Paths of hops that the table lists."""
    for folder, _, entry in listed_hops(found):
        yield f"{folder}/{entry['xyz']}"


def listed_hops(found: Sequence[FollowedHop]) -> list[FollowedHop]:
    """Hops of the table: of each class and temperature the one of most weight, at most twelve."""
    first: dict[tuple[float | None, str], FollowedHop] = {}
    for one in sorted(found, key=lambda one: (-one[2].get("weight", 0.0), one[2]["barrier_forward_eV"])):
        first.setdefault((one[1], one[2]["class"]), one)
    chosen = sorted(first.values(), key=lambda one: (one[2]["class"], one[1] or 0.0, one[2]["name"]))
    if len(chosen) <= _MOST_LISTED:
        return chosen
    places = np.unique(np.linspace(0, len(chosen) - 1, _MOST_LISTED).round().astype(int))
    return [chosen[place] for place in places]


def _paths_table(material: MaterialContents, found: Sequence[FollowedHop]) -> PictureTable:
    """Hops with their paths as files."""
    listed = listed_hops(found)
    rows = [
        (
            dashed(entry["path"]) if entry["class"] != CONCERTED else CONCERTED,
            "ordered crystal" if temperature is None else f"{temperature:g} K",
            " to ".join(str(n) for n in entry["edge_sharing"]),
            *(f"{entry[key]:.3f}".replace("-", "−") for key in _SHOWN),
        )
        for _, temperature, entry in listed
    ]
    header = (
        "Path", "From", f"Edge-sharing {material.cation}", "Barrier, eV", "Back, eV", "End − start, eV",
    )  # fmt: skip
    links = tuple(((("XYZ", f"{folder}/{entry['xyz']}"),)) for folder, _, entry in listed)
    return PictureTable(header, tuple(rows), links)


def _profiles_in_words(found: Sequence[FollowedHop], classes: Sequence[str]) -> str:
    parts = []
    for name in classes:
        own = [entry["barrier_forward_eV"] for _, _, entry in found if entry["class"] == name]
        parts.append(f"{dashed(name)}: {len(own)} hops, barriers {min(own):.2f} to {max(own):.2f} eV")
    return f"Energy along the paths of hops by class. {'; '.join(parts)}."


def dashed(name: str) -> str:
    """A path with true dashes."""
    return name.replace("-", "–")
