"""States of all relaxed snapshots of one run, dealt out over ranks."""

import numpy as np

from atomstates.campaign.schema import Channels
from atomstates.doas.assignment import Roles, snapshot_states
from atomstates.doas.identity import KeyArray
from atomstates.doas.polyhedra import Polyhedra, framework_polyhedra
from atomstates.doas.states import States
from atomstates.doas.sublattices import Sublattices, site_order
from atomstates.doas.surroundings import joined
from atomstates.minimize.relaxed import Relaxed
from atomstates.parallel import Communicator, share
from atomstates.potentials.crystal import Crystal


def run_polyhedra(relaxed: Relaxed, parts: Roles) -> Polyhedra:
    """Polyhedra of the anions' middle places over the snapshots of a run that passed their checks."""
    good = np.flatnonzero(relaxed.converged)
    return framework_polyhedra(relaxed.positions[good][:, parts.anions], relaxed.cell[good])


def collected_states(
    relaxed: Relaxed,
    parts: Roles,
    crystal: Crystal,
    channels: Channels | None,
    comm: Communicator,
    sublattices: Sublattices | None = None,
) -> States:
    """States of all snapshots that passed their checks, ion-major within each snapshot.

    The polyhedra are those of the whole run, so that it does not matter which rank does which snapshot.

    Parameters
    ----------
    relaxed
        At least one snapshot must have converged.
    parts, crystal, channels
        As for ``snapshot_states``.
    sublattices
        Of the ordered crystal; None for frames whose order is not known.
    """
    good = np.flatnonzero(relaxed.converged)
    framework = run_polyhedra(relaxed, parts)
    own = {
        int(s): snapshot_states(relaxed.positions[s], relaxed.cell[s], parts, crystal, channels, framework)
        for s in share(list(good), comm)
    }
    by_snapshot = {s: part for ranks in comm.gathered(own) for s, part in ranks.items()}
    found = [by_snapshot[int(s)] for s in good]
    mobile = np.flatnonzero(parts.mobile)
    energy = relaxed.atom_energy[good][:, mobile]
    order = np.array([_site_order(part.site_key, sublattices) for part in found])
    return States(
        energy=energy.ravel(),
        site=np.concatenate([part.site for part in found]),
        edge_sharing=np.concatenate([part.edge_sharing for part in found]),
        face_sharing=np.concatenate([part.face_sharing for part in found]),
        snapshot=np.repeat(np.arange(len(good)), len(mobile)),
        ion=np.tile(relaxed.id[mobile], len(good)),
        clarity=np.concatenate([part.clarity for part in found]),
        site_key=np.concatenate([part.site_key for part in found]),
        around=joined([part.around for part in found]),
        anion_species=tuple(np.unique(relaxed.element[parts.anions]).tolist()),
        snapshot_step=relaxed.step[good],
        sublattice_energy=energy.sum(axis=1),
        cell_energy=relaxed.potential_energy[good],
        order_parameter=np.array([part.order_parameter for part in found]),
        site_order=order[:, 0],
        initial_site_fraction=order[:, 1],
        n_atoms=len(relaxed.id),
        n_rejected=len(relaxed.step) - len(good),
        temperature=relaxed.temperature,
        potential=relaxed.potential,
    )


def _site_order(keys: KeyArray, sublattices: Sublattices | None) -> tuple[float, float]:
    """Order and share of the initial sites; NaN where the ordered crystal is not known."""
    return (np.nan, np.nan) if sublattices is None else site_order(keys, sublattices)
