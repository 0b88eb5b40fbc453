"""The ``barriers`` stages: hops that a run showed; the ordered crystal and distributions of a material."""

from pathlib import Path
from typing import Any

import numpy as np

from atomstates.barriers.batch import minimum_energy_paths
from atomstates.barriers.entries import COLUMNS, path_text, row
from atomstates.barriers.material_outcome import material_content, material_summary
from atomstates.barriers.neb import NebSettings
from atomstates.barriers.ordered_paths import ordered_paths
from atomstates.barriers.run_hops import paths_to_find, potential_files, run_hops, site_names
from atomstates.barriers.run_outcome import PATHS, run_content, run_entry, run_summary
from atomstates.barriers.sides import transition
from atomstates.barriers.splitting import Chain
from atomstates.campaign import Campaign, MaterialFolder, RunFolder
from atomstates.errors import InputError, ProductError
from atomstates.minimize.relaxed import read_relaxed
from atomstates.parallel import Communicator
from atomstates.potentials.crystal import Crystal, read_crystal
from atomstates.products import Summary, read_json, write_csv, write_json, written_whole

BARRIERS, HOPS_CSV = "barriers.json", "hops.csv"


def neb_settings(campaign: Campaign) -> NebSettings:
    """How bands are relaxed, as the campaign says."""
    settings = campaign.barriers
    return NebSettings(
        force_tolerance=settings.force_tolerance_eV_per_A,
        most_steps=min(NebSettings.most_steps, settings.most_steps),
        climbing_steps=settings.most_steps,
        end_force_tolerance=campaign.minimize.force_tolerance_eV_per_A,
        end_steps=campaign.minimize.most_steps,
    )


# ---------------------------------------------------------------- a run


def write_hops(place: RunFolder, comm: Communicator) -> Summary:
    """Follow a sample of the hops of a run: ``barriers.json``, ``hops.csv``, paths in ``paths/``.

    Searches and paths are kept one by one, so that a stage that was killed goes on where it ended.

    Raises
    ------
    InputError
        The mobile element or the anions are not in the crystal.
    ProductError
        No snapshot of the run passed the checks of its relaxation.
    """
    material, folder = place.material, place.stage_path("barriers")
    potentials = place.material_folder.stage_path("potentials")
    crystal = read_crystal(potentials / "structure.data", potentials / "structure.json")
    relaxed = read_relaxed(place.stage_path("minimize") / "relaxed.h5")
    if not relaxed.converged.any():
        raise ProductError(
            f"{place.id}: none of the {len(relaxed.step)} snapshots passed the checks of `minimize`, one "
            "at least is needed. See the checks in minimize/done.json; more steps may help."
        )
    try:
        names = site_names(relaxed, crystal, material.mobile, material.anions)
    except ValueError as error:
        raise InputError(
            f"{material.name}: {error}. Correct `mobile` and `anions` of the material."
        ) from error
    files, cell = potential_files(potentials), relaxed.cell[np.flatnonzero(relaxed.converged)[0]]
    found = run_hops(place, relaxed, names, files, comm)
    paths = paths_to_find(found, names, cell)
    made = minimum_energy_paths(paths, files, neb_settings(place.campaign), folder / PATHS, comm)
    outcomes = {path.name: one for path, one in zip(paths, made, strict=True)}
    entries = [run_entry(place, found, i, outcomes, names) for i in range(len(found.names))]
    if comm.rank == 0:
        for entry in entries:
            outcome = outcomes.get(entry["name"])
            if isinstance(outcome, Chain):
                write_path(folder, entry, outcome, crystal)
        write_json(folder / BARRIERS, run_content(place, found, entries))
        write_csv(folder / HOPS_CSV, COLUMNS, [row(entry, place.temperature) for entry in entries])
    return run_summary(found, entries)


def write_path(folder: Path, entry: dict[str, Any], found: Chain, crystal: Crystal) -> None:
    """Write the replicas of a path where its entry says."""
    rows = np.flatnonzero(np.isin(crystal.id, entry["ions"]))
    with written_whole(folder / entry["xyz"]) as unfinished:
        unfinished.write_text(path_text(found, crystal.element, crystal.id, rows), encoding="utf-8")


# ---------------------------------------------------------------- a material


def write_barriers(place: MaterialFolder, comm: Communicator) -> Summary:
    """Hops of the ordered crystal by name, and distributions of the hops of all runs below and above Tc.

    Writes ``barriers.json``, ``hops.csv``, ``pairs.csv``, ``distributions.csv``, and paths in ``ordered/``.
    What belongs to the ordered crystal is kept, and not done again when other runs are added.
    """
    campaign, folder = place.campaign, place.stage_path("barriers")
    files = potential_files(place.stage_path("potentials"))
    ordered = ordered_paths(place, files, neb_settings(campaign), comm)
    if comm.rank == 0:
        for entry in ordered.entries:
            if (found := ordered.chains.get(entry["name"])) is not None:
                write_path(folder, entry, found, ordered.crystal.names.crystal)
    runs = [read_json(run.stage_path("barriers") / BARRIERS) for run in place.runs]
    doas, transport = place.stage_path("doas"), place.stage_path("transport")
    given = campaign.barriers.transition_temperature_K
    tc = transition(given, read_json(transport / "arrhenius.json"), read_json(doas / "doas.json"))
    transitions = read_json(doas / "transitions.json")
    content, tables = material_content(place.name, ordered, runs, tc, transitions, campaign)
    if comm.rank == 0:
        write_json(folder / BARRIERS, content)
        for name, (header, rows) in tables.items():
            write_csv(folder / name, header, rows)
    comm.barrier()
    return material_summary(content)
