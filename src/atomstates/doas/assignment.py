"""States of one relaxed snapshot: which ion is in which site, next to what, at which energy."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomstates.campaign.schema import Channels
from atomstates.doas.environments import cation_corners, shared_corners
from atomstates.doas.identity import KeyArray, cells_from_place, site_keys
from atomstates.doas.polyhedra import Polyhedra
from atomstates.doas.sites import ion_sites
from atomstates.doas.surroundings import Surroundings, surroundings
from atomstates.minimize.framework import framework_drift
from atomstates.potentials.crystal import Crystal
from atomstates.structures.channels import channel_order

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Roles:
    """Which atoms are mobile ions, anions and immobile cations: masks of shape (N,)."""

    mobile: NDArray[np.bool_]
    anions: NDArray[np.bool_]

    @property
    def cations(self) -> NDArray[np.bool_]:
        return ~(self.mobile | self.anions)

    @property
    def framework(self) -> NDArray[np.bool_]:
        return ~self.mobile


@dataclass(frozen=True)
class SnapshotStates:
    """Sites and environments of the N mobile ions of one snapshot, in order of id."""

    site: NDArray[np.uint8]
    clarity: FloatArray
    edge_sharing: NDArray[np.uint8]
    face_sharing: NDArray[np.uint8]
    site_key: KeyArray
    around: Surroundings
    order_parameter: float


def roles(element: NDArray[np.str_], mobile: str, anions: tuple[str, ...]) -> Roles:
    """Roles of the atoms by element.

    Raises
    ------
    ValueError
        There are no mobile ions or too few anions for a polyhedron.
    """
    found = Roles(np.asarray(element == mobile), np.isin(element, anions))
    if not found.mobile.any():
        raise ValueError(f"no atom is {mobile!r}; there are {sorted(set(element.tolist()))}")
    if not found.anions.any():
        raise ValueError(
            f"no atom is one of the anions {anions}; there are {sorted(set(element.tolist()))}"
        )
    return found


def snapshot_states(
    positions: FloatArray,
    cell: FloatArray,
    parts: Roles,
    crystal: Crystal,
    channels: Channels | None,
    polyhedra: Polyhedra | None = None,
) -> SnapshotStates:
    """Sites, environments and order parameter of one relaxed snapshot.

    Parameters
    ----------
    positions, cell
        Å, shapes (N, 3) and (3, 3) with vectors as rows.
    parts
        Roles of the atoms.
    crystal
        Where the atoms were in the crystal, in the same order.
    channels
        Columns whose filling is the order parameter; None for NaN.
    polyhedra
        Those of the framework; without, they are found from this snapshot alone.
    """
    ions, anions, cations = (positions[chosen] for chosen in (parts.mobile, parts.anions, parts.cations))
    found = ion_sites(ions, anions, cell, polyhedra)
    shared = shared_corners(found, cation_corners(found, cations))
    edge, face = shared.counts(len(ions))
    species = np.unique(crystal.element[parts.anions], return_inverse=True)[1]
    places = crystal.positions @ np.linalg.inv(crystal.cell)
    places += framework_drift((positions @ np.linalg.inv(cell))[parts.framework], places[parts.framework])
    cells = cells_from_place(anions, cell, places[parts.anions])
    order = np.nan
    if channels is not None:
        in_unit_cells = crystal_coordinates(positions, cell, parts, crystal)[parts.mobile]
        n_cells = int(np.prod(crystal.supercell))
        lattice = crystal.cell / np.array(crystal.supercell)[:, None]
        order = float(channel_order(in_unit_cells, channels, n_cells, lattice))
    return SnapshotStates(
        site=found.kind,
        clarity=found.clarity,
        edge_sharing=edge,
        face_sharing=face,
        site_key=site_keys(found, crystal.id[parts.anions], cells),
        around=surroundings(found, ions, species, cations, shared),
        order_parameter=order,
    )


def crystal_coordinates(
    positions: FloatArray, cell: FloatArray, parts: Roles, crystal: Crystal
) -> FloatArray:
    """Positions in unit cells of the crystal, without the drift of its framework, shape (N, 3)."""
    fractional = positions @ np.linalg.inv(cell)
    places = crystal.positions @ np.linalg.inv(crystal.cell)
    drift = framework_drift(fractional[parts.framework], places[parts.framework])
    return np.asarray((fractional - drift) * np.array(crystal.supercell), dtype=np.float64)
