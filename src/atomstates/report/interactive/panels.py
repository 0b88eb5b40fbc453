"""The edge: which panels a material has, from its products.

A panel joins products of several stages and runs, so it is made only of those that were done with today's
settings; what is stale or missing is named on the page.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from atomstates.campaign import MaterialFolder, RunFolder
from atomstates.doas.assignment import roles
from atomstates.doas.classes import IntArray, occurring_classes
from atomstates.doas.sites import SITES
from atomstates.doas.states import States, read_states_file
from atomstates.minimize.relaxed import read_relaxed
from atomstates.report.contents import MaterialContents, product_path
from atomstates.report.doas_figures import DensityAtTemperature
from atomstates.report.doas_pictures import occupied_range
from atomstates.report.environment_figures import ANIONS
from atomstates.report.environment_pictures import environment_text
from atomstates.report.interactive.explorer import (
    MOST_ATOMS,
    evenly_spaced,
    snapshots,
    snapshots_data,
)
from atomstates.report.interactive.hops import hops_panel
from atomstates.report.interactive.isosurface import isosurface_data
from atomstates.report.interactive.panel import Panel
from atomstates.report.series import densities, environment_kind
from atomstates.report.style import INK, site_colour
from atomstates.report.tables import Array, kind_label
from atomstates.transport.maps.density_map import merged_maps
from atomstates.transport.maps.products import read_visits

_CATIONS = (INK, "#7d6b91", "#4f7a8a")
ION = "#6a4fa0"
"""Colour of the mobile ions where none is said of their energy."""


def panels(folder: MaterialFolder, material: MaterialContents) -> dict[str, Panel]:
    """The panels of a material by the name of the picture below which they stand."""
    found = {
        "density": explorer_panel(folder, material),
        "map": isosurface_panel(folder, material),
        "profiles": hops_panel(folder, material, element_colours(folder)),
    }
    return {name: panel for name, panel in found.items() if panel is not None}


def isosurface_panel(folder: MaterialFolder, material: MaterialContents) -> Panel | None:
    """The density of the mobile ions in the unit cell at every temperature; None while a run has none."""
    if material.density_map is None or not folder.is_done("transport"):
        return None
    entries = sorted(material.density_map["temperatures"], key=lambda entry: float(entry["temperature_K"]))
    maps, thresholds = [], []
    for entry in entries:
        temperature = float(entry["temperature_K"])
        paths = _of_runs(folder, temperature, "transport", "density_map.h5")
        if paths is None:
            return None
        maps.append((temperature, merged_maps([read_visits(path).map for _, path in paths])))
        blocks = entry["rarest_blocks"]
        thresholds.append({axis: blocks[axis]["density_per_A3"] for axis in entry["percolates_along"]})
    sites = [(site["element"], tuple(site["fraction"])) for site in material.density_map["framework"]]
    anions = set(folder.material.anions)
    data = isosurface_data(material.mobile, sites, maps, thresholds, element_colours(folder))
    return Panel(
        "isosurface",
        f"Isosurface of the density of {material.mobile} in the unit cell, to be turned: choose the "
        "temperature and the level",
        {**data, "anions": sorted(anions)},
    )


def explorer_panel(folder: MaterialFolder, material: MaterialContents) -> Panel | None:
    """Density of states, and ions of the energy that is chosen; None while a run has no states."""
    if material.density is None or material.doas is None or material.radial is None:
        return None
    if not (folder.is_done("doas") and all(run.is_done("minimize") for run in folder.runs)):
        return None
    shown = densities(material.density)
    runs = [_of_runs(folder, one.temperature, "doas", "states.h5") for one in shown]
    there = [run for of_one in runs for run in (of_one or [])]
    relaxed = [product_path(run, "minimize", "relaxed.h5") for run, _ in there]
    if not all(runs) or not all(relaxed):
        return None
    states = {run.id: read_states_file(path) for run, path in there}
    classes = np.unique(np.concatenate([occurring_classes(one) for one in states.values()]), axis=0)
    n_atoms = next(iter(states.values())).n_atoms
    wanted = MOST_ATOMS // (n_atoms * len(shown))
    entries = [
        {**_density(one, material.cation), **_snapshots(folder, of_one or [], states, classes, wanted)}
        for one, of_one in zip(shown, runs, strict=True)
    ]
    return Panel(
        "explorer",
        f"Explorer of the states of {material.mobile}: choose a temperature and an energy, and see an ion "
        "of that energy among its neighbours in three dimensions",
        {
            "ion": material.mobile,
            "cation": material.cation,
            "range": [round(float(energy), 4) for energy in occupied_range(shown)[:2]],
            "reference": float(material.doas["reference_energy_eV"]),
            "shells": material.radial["first_shell_to_A"],
            "colours": element_colours(folder),
            "kinds": [
                {"label": kind_label(kind, material.cation), "colour": site_colour(kind)}
                for kind in shown[0].parts
                if any(np.any(one.parts[kind][0] > 0) for one in shown)
            ],
            "environments": [_environment(row, states, material.cation) for row in classes],
            "temperatures": entries,
            **_atoms(folder, relaxed[0]),
        },
    )


def element_colours(folder: MaterialFolder) -> dict[str, str]:
    """One colour for each element, as in the drawings of environments."""
    material = folder.material
    anions = sorted(material.anions)
    cations = sorted(set(material.charges) - {material.mobile} - set(anions))
    colours = {name: ANIONS[index % len(ANIONS)] for index, name in enumerate(anions)}
    colours |= {name: _CATIONS[index % len(_CATIONS)] for index, name in enumerate(cations)}
    return {**colours, material.mobile: ION}


def _of_runs(
    folder: MaterialFolder, temperature: float, stage: str, name: str
) -> list[tuple[RunFolder, Path]] | None:
    """That product of every run of a temperature, or None where one has none."""
    found = []
    for run in folder.runs:
        if run.temperature == temperature:
            path = product_path(run, stage, name)
            if path is None or not run.is_done(stage):
                return None
            found.append((run, path))
    return found or None


def _density(shown: DensityAtTemperature, cation: str) -> dict[str, Any]:
    """The histogram of a temperature."""
    total, error = shown.total
    return {
        "temperature": shown.temperature,
        "edges": [round(float(edge), 6) for edge in shown.edges],
        "total": _rounded(total),
        "error": None if error is None else _rounded(np.nan_to_num(error)),
        "parts": [
            {"label": kind_label(kind, cation), "colour": site_colour(kind), "values": _rounded(values)}
            for kind, (values, _) in shown.parts.items()
            if np.any(values > 0)
        ],
    }


def _snapshots(
    folder: MaterialFolder,
    runs: Sequence[tuple[RunFolder, Path]],
    states: Mapping[str, States],
    classes: IntArray,
    wanted: int,
) -> dict[str, Any]:
    """Snapshots of the runs of a temperature, evenly spaced over all of them."""
    ends = np.cumsum([states[run.id].n_snapshots for run, _ in runs])
    chosen = evenly_spaced(int(ends[-1]), wanted)
    found = []
    for (run, _), end in zip(runs, ends, strict=True):
        n_own = states[run.id].n_snapshots
        own = chosen[(chosen < end) & (chosen >= end - n_own)] - (end - n_own)
        if len(own):
            relaxed = read_relaxed(run.stage_path("minimize") / "relaxed.h5")
            parts = roles(relaxed.element, folder.material.mobile, folder.material.anions)
            found.append(
                snapshots_data(snapshots(relaxed, states[run.id], parts, classes, own.tolist()), run.id)
            )
    return {
        "n_states": int(sum(len(states[run.id].energy) for run, _ in runs)),
        "n_snapshots": int(ends[-1]),
        "n_shown": len(chosen),
        "runs": found,
    }


def _environment(row: IntArray, states: Mapping[str, States], cation: str) -> dict[str, Any]:
    """An environment in words, with its colour."""
    species = next(iter(states.values())).anion_species
    kind, edge, face, *numbers = (int(number) for number in row)
    entry = {
        "site": SITES[kind],
        "edge_sharing": edge,
        "face_sharing": face,
        "anions": dict(zip(species, numbers, strict=True)) if numbers else {},
    }
    return {"text": environment_text(entry, cation), "colour": site_colour(environment_kind(entry))}


def _atoms(folder: MaterialFolder, path: Path | None) -> dict[str, Any]:
    """Elements of all atoms, and which are ions, cations and anions."""
    assert path is not None
    relaxed = read_relaxed(path)
    parts = roles(relaxed.element, folder.material.mobile, folder.material.anions)
    return {
        "elements": relaxed.element.tolist(),
        "ids": relaxed.id.tolist(),
        "ions": np.flatnonzero(parts.mobile).tolist(),
        "cations": np.flatnonzero(parts.cations).tolist(),
    }


def _rounded(values: Array) -> list[float]:
    """Four digits are enough for what is drawn."""
    return [float(f"{value:.4g}") for value in values]
