"""The ``doas`` stages: states of a run, density of states and disorder of a material."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atomstates.campaign import MaterialFolder, RunFolder
from atomstates.doas.assignment import Roles, roles
from atomstates.doas.broadening import (
    RADIAL_COLUMNS,
    radial_content,
    radial_rows,
    temperature_radial,
)
from atomstates.doas.classes import occurring_classes
from atomstates.doas.collection import collected_states
from atomstates.doas.density import Bins, block_sums, common_bins, joined
from atomstates.doas.outcome import TemperatureDoas, bootstrapped, temperature_content
from atomstates.doas.radial import (
    RadialCounts,
    pairs_at_any_distance,
    radial_counts,
    read_radial_file,
    shells,
    write_radial_file,
)
from atomstates.doas.representatives import write_representatives
from atomstates.doas.states import States, read_states_file, write_states_file
from atomstates.doas.summaries import density_summary, states_summary
from atomstates.doas.transition_products import write_transitions
from atomstates.errors import InputError, ProductError
from atomstates.minimize.crystal import Crystal, read_crystal
from atomstates.minimize.relaxed import Relaxed, read_relaxed
from atomstates.parallel import Communicator, share
from atomstates.products import (
    Summary,
    fingerprint,
    provenance,
    write_csv,
    write_json,
)

STATES = "states.h5"
DOAS = "doas.json"
DENSITY = "density.csv"
RADIAL = "radial.h5"
RADIAL_JSON, RADIAL_CSV = "radial.json", "radial.csv"

IntArray = NDArray[np.int64]


# ---------------------------------------------------------------- a run


def write_states(place: RunFolder, comm: Communicator) -> Summary:
    """Site, environment and energy of every mobile ion in every relaxed snapshot: ``states.h5``.

    Beside it ``radial.h5`` has the distances to their neighbours, before and after relaxation.
    Snapshots are dealt out over ranks; the result does not depend on their number.

    Raises
    ------
    InputError
        The mobile element or the anions are not in the crystal.
    ProductError
        No snapshot passed the checks of its relaxation.
    """
    material = place.material
    relaxed = read_relaxed(place.stage_path("minimize") / "relaxed.h5")
    potentials = place.material_folder.stage_path("potentials")
    crystal = read_crystal(potentials / "structure.data", potentials / "structure.json")
    _refuse_other_atoms(place, relaxed, crystal)
    try:
        parts = roles(relaxed.element, material.mobile, material.anions)
    except ValueError as error:
        raise InputError(
            f"{material.name}: {error}. Correct `mobile` and `anions` of the material."
        ) from error
    good = np.flatnonzero(relaxed.converged)
    if len(good) == 0:
        raise ProductError(
            f"{place.id}: none of the {len(relaxed.step)} snapshots passed the checks of `minimize`, one "
            "at least is needed. See the checks in minimize/done.json; more steps may help."
        )
    states = collected_states(relaxed, parts, crystal, material.channels, comm)
    distances = _distances(relaxed, good, parts, comm)
    if comm.rank == 0:
        write_radial_file(place.stage_path("doas") / RADIAL, distances)
        write_states_file(place.stage_path("doas") / STATES, states)
    return states_summary(states)


def _refuse_other_atoms(place: RunFolder, relaxed: Relaxed, crystal: Crystal) -> None:
    """Relaxed snapshots and crystal must hold the same atoms."""
    if np.array_equal(relaxed.id, crystal.id) and np.array_equal(relaxed.element, crystal.element):
        return
    raise ProductError(
        f"{place.id}: relaxed.h5 and structure.data hold different atoms ({len(relaxed.id)} and "
        f"{len(crystal.id)}). One of them is of another campaign: run `potentials` and all after it again."
    )


def _distances(relaxed: Relaxed, good: IntArray, parts: Roles, comm: Communicator) -> RadialCounts:
    """Pairs by distance in all good snapshots, before and after relaxation."""
    edges = shells(relaxed.cell[good])
    own = {
        int(s): np.array(
            [
                radial_counts(positions[s], relaxed.cell[s], parts, edges)
                for positions in (relaxed.snapshot_positions, relaxed.positions)
            ]
        )
        for s in share(list(good), comm)
    }
    found = {s: counts for ranks in comm.gathered(own) for s, counts in ranks.items()}
    return RadialCounts(
        counts=np.array([found[int(s)] for s in good]),
        volume=np.abs(np.linalg.det(relaxed.cell[good])),
        edges=edges,
        n_ions=int(parts.mobile.sum()),
        n_pairs=pairs_at_any_distance(parts),
    )


# ---------------------------------------------------------------- a material


def write_density(place: MaterialFolder, comm: Communicator) -> Summary:
    """Density of states and disorder of a material: ``doas.json`` and ``density.csv``.

    Radial distributions by temperature are in ``radial.json`` and ``radial.csv``.

    Runs are read and bootstrap samples drawn in shares; the result does not depend on the number
    of ranks.
    """
    settings = place.campaign.doas
    own = {run.id: read_states_file(run.stage_path("doas") / STATES) for run in share(place.runs, comm)}
    bins, classes = _common(own, settings.bin_width_eV, comm)
    sums = {
        name: block_sums(states, classes, bins, settings.block_snapshots) for name, states in own.items()
    }
    rejected = {name: states.n_rejected for name, states in own.items()}
    all_sums = {name: part for ranks in comm.gathered(sums) for name, part in ranks.items()}
    all_rejected = {name: number for ranks in comm.gathered(rejected) for name, number in ranks.items()}
    found = []
    for temperature in sorted(place.campaign.temperatures_K):
        runs = [run.id for run in place.runs if run.temperature == temperature]
        blocks = joined([all_sums[name] for name in runs])
        seed = int(fingerprint(place.campaign.seed, place.name, f"{temperature:g}", "doas"), 16)
        n_rejected = sum(all_rejected[name] for name in runs)
        found.append(
            bootstrapped(temperature, blocks, len(runs), n_rejected, settings.bootstrap_samples, seed, comm)
        )
    if comm.rank == 0:
        folder = place.stage_path("doas")
        write_json(folder / DOAS, _content(place, bins, found))
        _write_density_table(folder / DENSITY, bins, found)
        _write_radial(place)
    write_representatives(place, own, joined(list(all_sums.values())), found, comm)
    return density_summary(bins, found, write_transitions(place, own, bins.reference, comm))


def _common(own: dict[str, States], width: float, comm: Communicator) -> tuple[Bins, IntArray]:
    """Bins from the lowest state of all runs up, and all classes that occur in any."""
    energies = [(states.energy.min(), states.energy.max()) for states in own.values()]
    kinds = [occurring_classes(states) for states in own.values()]
    all_energies = np.array([pair for ranks in comm.gathered(energies) for pair in ranks])
    classes = np.unique(np.concatenate([rows for ranks in comm.gathered(kinds) for rows in ranks]), axis=0)
    bins = common_bins(float(all_energies[:, 0].min()), float(all_energies[:, 1].max()), width)
    return bins, np.asarray(classes, dtype=np.int64)


def _content(place: MaterialFolder, bins: Bins, found: Sequence[TemperatureDoas]) -> dict[str, object]:
    """Content of ``doas.json``."""
    return {
        "material": place.name,
        "reference_energy_eV": bins.reference,
        "bin_width_eV": bins.width,
        "temperatures": [temperature_content(entry) for entry in found],
        "provenance": provenance(),
    }


def _write_radial(place: MaterialFolder) -> None:
    """``radial.json`` and ``radial.csv`` from the distances counted in all runs."""
    settings, found = place.campaign.doas, []
    for temperature in sorted(place.campaign.temperatures_K):
        runs = [
            read_radial_file(run.stage_path("doas") / RADIAL)
            for run in place.runs
            if run.temperature == temperature
        ]
        seed = int(fingerprint(place.campaign.seed, place.name, f"{temperature:g}", "radial"), 16)
        found.append(
            temperature_radial(
                temperature, runs, settings.block_snapshots, settings.bootstrap_samples, seed
            )
        )
    folder = place.stage_path("doas")
    write_json(folder / RADIAL_JSON, radial_content(place.name, found))
    write_csv(folder / RADIAL_CSV, RADIAL_COLUMNS, radial_rows(found))


def _write_density_table(path: Path, bins: Bins, found: Sequence[TemperatureDoas]) -> None:
    """``density.csv``: per temperature and bin, total and partial densities with errors."""
    columns = ["total", *found[0].columns]
    header = ["temperature_K", "energy_eV"]
    header += [f"{name}{end}" for name in columns for end in ("_per_eV", "_error_per_eV")]
    write_csv(path, header, _density_rows(bins, found))


def _density_rows(bins: Bins, found: Sequence[TemperatureDoas]) -> Iterator[list[str]]:
    """Rows of ``density.csv``; an error that does not exist is an empty cell."""
    for entry in found:
        for b, centre in enumerate(bins.centres):
            row = [f"{entry.temperature:g}", f"{centre:.10g}"]
            for value, error in zip(entry.density[:, b], entry.density_error[:, b], strict=True):
                row += [repr(float(value)), repr(float(error)) if np.isfinite(error) else ""]
            yield row
