"""The ``doas`` stages: states of a run, density of states and disorder of a material."""

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
from atomstates.doas.collection import collected_states
from atomstates.doas.density import block_sums, joined
from atomstates.doas.order_products import write_order
from atomstates.doas.outcome import bootstrapped
from atomstates.doas.products import common_ground, doas_content, write_density_table
from atomstates.doas.radial import (
    RadialCounts,
    pairs_at_any_distance,
    radial_counts,
    read_radial_file,
    shells,
    write_radial_file,
)
from atomstates.doas.representatives import write_representatives
from atomstates.doas.spread_products import write_spread
from atomstates.doas.states import read_states_file, write_states_file
from atomstates.doas.sublattice import write_sublattice
from atomstates.doas.sublattices import site_sublattices
from atomstates.doas.summaries import density_summary, states_summary
from atomstates.doas.transition_products import write_transitions
from atomstates.errors import InputError, ProductError
from atomstates.lammps.potential import of_model
from atomstates.minimize.outcome import of_all_models
from atomstates.minimize.relaxed import Relaxed, read_relaxed
from atomstates.parallel import Communicator, share
from atomstates.potentials.crystal import Crystal, read_crystal
from atomstates.products import (
    Summary,
    fingerprint,
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

    Under further models of the material ``states.model-1.h5``, ...
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
    folder, potentials = place.stage_path("doas"), place.material_folder.stage_path("potentials")
    crystal = read_crystal(potentials / "structure.data", potentials / "structure.json")
    found = []
    for number in range(material.potential.n_models):
        relaxed = read_relaxed(place.stage_path("minimize") / of_model("relaxed.h5", number))
        parts = _checked_roles(place, relaxed, crystal, number)
        sublattices = site_sublattices(crystal, parts)
        states = collected_states(relaxed, parts, crystal, material.channels, comm, sublattices)
        # distances are those of the crystal that was simulated
        distances = None if number else _distances(relaxed, np.flatnonzero(relaxed.converged), parts, comm)
        if comm.rank == 0:
            write_states_file(folder / of_model(STATES, number), states)
            if distances is not None:
                write_radial_file(folder / RADIAL, distances)
        found.append(states_summary(states))
    return of_all_models(found)


def _checked_roles(place: RunFolder, relaxed: Relaxed, crystal: Crystal, number: int) -> Roles:
    """Roles of the atoms of a model's relaxed snapshots: of this crystal, and some of them good."""
    material = place.material
    _refuse_other_atoms(place, relaxed, crystal)
    try:
        parts = roles(relaxed.element, material.mobile, material.anions)
    except ValueError as error:
        raise InputError(
            f"{material.name}: {error}. Correct `mobile` and `anions` of the material."
        ) from error
    if not relaxed.converged.any():
        model = f" of model-{number}" if number else ""
        raise ProductError(
            f"{place.id}: none of the {len(relaxed.step)} snapshots{model} passed the checks of "
            "`minimize`, one at least is needed. See the checks in minimize/done.json; more steps may help."
        )
    return parts


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

    Radial distributions by temperature are in ``radial.json`` and ``radial.csv``, energies of the
    sublattice in ``sublattice.csv``, the heat capacity in ``heat_capacity.json``, the order over sites in
    ``order.json``.

    Where the material has several models, ``spread.json`` says how much the choice of the model matters.

    Runs are read and bootstrap samples drawn in shares; the result does not depend on the number
    of ranks.
    """
    settings = place.campaign.doas
    own = {run.id: read_states_file(run.stage_path("doas") / STATES) for run in share(place.runs, comm)}
    bins, classes = common_ground(own, settings.bin_width_eV, comm, settings.zero)
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
        write_json(
            folder / DOAS, doas_content(place.name, bins, found, place.campaign.seed, settings.smoothing_eV)
        )
        write_density_table(folder / DENSITY, bins, found, settings.smoothing_eV)
        _write_radial(place)
    spread = write_spread(place, own, comm)
    write_sublattice(place, own, found, comm)
    write_representatives(place, own, joined([all_sums[run.id] for run in place.runs]), found, comm)
    checks = write_order(place, own, comm) + write_transitions(place, own, bins.told.energy, comm)
    return density_summary(bins, found, checks + spread)


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
