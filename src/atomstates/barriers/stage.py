"""The ``barriers`` stages: hops that a run showed; the ordered crystal and distributions of a material."""

from pathlib import Path
from typing import Any

import numpy as np

from atomstates.barriers.batch import minimum_energy_paths
from atomstates.barriers.entries import COLUMNS, failure_entry, failures, outcome_entry, path_text, row
from atomstates.barriers.harvest import Lost
from atomstates.barriers.neb import NebSettings
from atomstates.barriers.profile import Failure
from atomstates.barriers.run_hops import RunHops, paths_to_find, potential_files, run_hops, site_names
from atomstates.barriers.sites import SiteNames
from atomstates.barriers.splitting import Chain
from atomstates.campaign import Campaign, RunFolder
from atomstates.errors import InputError, ProductError
from atomstates.md.plan import plan
from atomstates.minimize.relaxed import read_relaxed
from atomstates.parallel import Communicator
from atomstates.potentials.crystal import Crystal, read_crystal
from atomstates.products import Check, Measured, Summary, write_csv, write_json, written_whole

BARRIERS, HOPS_CSV = "barriers.json", "hops.csv"
PATHS = "paths"

MOST_FAILED = 0.3
"""Share of the hops that were followed; the rest would be a chosen sample."""


def neb_settings(campaign: Campaign) -> NebSettings:
    """How bands are relaxed, as the campaign says."""
    settings = campaign.barriers
    return NebSettings(
        force_tolerance=settings.force_tolerance_eV_per_A,
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
    entries = [_run_entry(place, found, i, outcomes, names) for i in range(len(found.names))]
    if comm.rank == 0:
        for entry in entries:
            outcome = outcomes.get(entry["name"])
            if isinstance(outcome, Chain):
                write_path(folder, entry, outcome, crystal)
        write_json(folder / BARRIERS, _run_content(place, found, entries))
        write_csv(folder / HOPS_CSV, COLUMNS, [row(entry, place.temperature) for entry in entries])
    return _run_summary(found, entries)


def write_path(folder: Path, entry: dict[str, Any], found: Chain, crystal: Crystal) -> None:
    """Write the replicas of a path where its entry says."""
    rows = np.flatnonzero(np.isin(crystal.id, entry["ions"]))
    with written_whole(folder / entry["xyz"]) as unfinished:
        unfinished.write_text(path_text(found, crystal.element, crystal.id, rows), encoding="utf-8")


def _run_entry(
    place: RunFolder, found: RunHops, i: int, outcomes: dict[str, Chain | Failure], names: SiteNames
) -> dict[str, Any]:
    """What is told of one chosen move."""
    name, one = found.names[i], found.found[i]
    entry: dict[str, Any] = {
        "name": name,
        "moved": str(found.sample.stratum[i]),
        "weight": float(found.sample.weight[i]),
    }
    if isinstance(one, Lost):
        return entry | failure_entry("lost", one.reason)
    steps = plan(place.campaign.md)
    rows = np.flatnonzero(names.parts.mobile)[one.ions]
    entry |= {
        "ions": names.crystal.id[rows].tolist(),
        "kind": one.kind,
        "time_ps": [round(frame * steps.frame_every * steps.timestep, 6) for frame in one.frames],
        "n_others": one.n_others,
        "n_relaxed": one.n_relaxed,
    }
    if isinstance(outcomes[name], Chain):
        entry["xyz"] = f"{PATHS}/{name}.xyz"
    return entry | outcome_entry(outcomes[name], rows, names)


def _run_content(place: RunFolder, found: RunHops, entries: list[dict[str, Any]]) -> dict[str, Any]:
    """Content of a run's ``barriers.json``."""
    return {
        "run": place.id,
        "temperature_K": place.temperature,
        "n_pairs": found.n_pairs,
        "n_gaps": found.n_gaps,
        "moves": found.sample.population,
        "failures": failures(entries),
        "hops": entries,
    }


def _run_summary(found: RunHops, entries: list[dict[str, Any]]) -> Summary:
    """How many moves there were, how many hops were followed, and what became of them."""
    failed = failures(entries)
    n_failed = sum(failed.values())
    shown = f" ({', '.join(f'{number} {reason}' for reason, number in failed.items())})" if failed else ""
    n_moves = sum(found.sample.population.values())
    good = [entry["barrier_forward_eV"] for entry in entries if "failure" not in entry]
    note = "forward, of the hops that were followed, unweighted"
    mean = Measured(None, None, "eV", 0, "no hop has a barrier")
    if good:
        error = float(np.std(good, ddof=1) / np.sqrt(len(good))) if len(good) > 1 else None
        mean = Measured(float(np.mean(good)), error, "eV", len(good), note)
    checks = [
        Check(
            "hops",
            "WARN" if n_failed > MOST_FAILED * len(entries) else "PASS",
            f"{n_failed} of {len(entries)} hops have no barrier{shown}; {n_moves} moves in {found.n_pairs} "
            "pairs of snapshots",
        )
    ]
    left_out = found.sample.population.get("other", 0)
    if left_out:
        words = f"{left_out} of {n_moves} moves are from or to a site that is no octahedron or tetrahedron"
        checks.append(Check("moves", "WARN", f"{words}: not followed"))
    return Summary(
        numbers={"barrier": mean},
        checks=tuple(checks),
        facts={
            "n_moves": n_moves,
            "moves": found.sample.population,
            "n_hops": len(entries),
            "failed": failed,
            "n_relaxed": sum(entry.get("n_relaxed", 0) for entry in entries),
        },
    )
