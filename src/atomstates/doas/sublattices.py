"""Sublattices of sites from the crystal that a run began as: which polyhedra were filled, which are alike.

Nothing is named by hand: the sites are the anion polyhedra (``sites``), the names that tell them
apart in every snapshot are those of ``identity``, and alike are sites that the symmetry of the framework
(all atoms but the mobile ions, averaged over the unit cells) maps onto each other. Elements that share
places of that mean cell (Br and Cl, mixed at random) are one for it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from atomstates.doas.assignment import Roles
from atomstates.doas.identity import KeyArray, cells_from_place, site_keys
from atomstates.doas.polyhedra import OTHER, Polyhedra, anion_polyhedra
from atomstates.doas.sites import ion_sites
from atomstates.potentials.crystal import Crystal
from atomstates.structures.symmetry import symmetry

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SYMMETRY_TOLERANCE = 0.5
"""Å: displacements of the framework that an ordering of the ions brings about and its symmetry ignores.

In Li3YCl6 anions move by up to 0.3 Å when the ions around them order; sites are 1.5 Å apart and more."""
_SAME_SITE = 0.7
"""Å: middles of polyhedra nearer than this, in units of one cell, are those of one site."""


@dataclass(frozen=True)
class Sublattices:
    """P sites (octahedra and tetrahedra) of a crystal in O orbits of the framework's symmetry."""

    key: KeyArray
    """(P,) name of each site, ascending."""
    orbit: IntArray
    """(P,) which sites are alike."""
    kind: NDArray[np.uint8]
    """(P,) index into ``SITES``."""
    ions: IntArray
    """(P,) mobile ions in it in the crystal."""
    space_group: str
    """Of the framework."""
    n_outside: int
    """Mobile ions of the crystal that are in no octahedron or tetrahedron."""

    def __post_init__(self) -> None:
        if not (len(self.key) == len(self.orbit) == len(self.kind) == len(self.ions)):
            raise ValueError("keys, orbits, kinds and ions of sites are not as many")
        if np.any(np.diff(self.key.astype(object)) <= 0):
            raise ValueError("names of sites are not ascending and distinct")

    @property
    def filled(self) -> NDArray[np.bool_]:
        """Which sites hold an ion in the crystal, (P,)."""
        return np.asarray(self.ions > 0)

    @property
    def random_share(self) -> FloatArray:
        """Share of the sites of each orbit that are filled in the crystal, (O,)."""
        return np.asarray(np.bincount(self.orbit, self.filled) / np.bincount(self.orbit))

    @property
    def occupied(self) -> list[int]:
        """Orbits that hold ions in the crystal, those of the most sites first."""
        n_ions, n_sites = np.bincount(self.orbit, self.ions), np.bincount(self.orbit)
        held = np.flatnonzero(n_ions > 0)
        return [int(orbit) for orbit in held[np.lexsort((held, -n_ions[held], -n_sites[held]))]]

    def places(self, keys: KeyArray) -> IntArray:
        """Row of each named site, -1 for what is none of these."""
        if not len(self.key):
            return np.full(len(keys), -1)
        rows = np.minimum(np.searchsorted(self.key, keys), len(self.key) - 1)
        return np.where(self.key[rows] == keys, rows, -1)


def site_sublattices(crystal: Crystal, parts: Roles) -> Sublattices:
    """Sites of a crystal, grouped by symmetry.

    Parameters
    ----------
    crystal
        Where the run began: mobile ions in their places, in a supercell of unit cells.
    parts
        Roles of its atoms.
    """
    anions = crystal.positions[parts.anions]
    polyhedra = anion_polyhedra(anions, crystal.cell)
    centres, kind = _middles(polyhedra)
    fractional = crystal.positions @ np.linalg.inv(crystal.cell)
    cells = cells_from_place(anions, crystal.cell, fractional[parts.anions])
    ids = crystal.id[parts.anions]
    keys, of_ions = (
        site_keys(ion_sites(points, anions, crystal.cell, polyhedra), ids, cells)
        for points in (centres, crystal.positions[parts.mobile])
    )
    # a polyhedron that does not hold its own middle (never seen in a real framework) has no name of its own
    key, first = np.unique(keys, return_index=True)
    here, n_ions = np.unique(of_ions, return_counts=True)
    counted = dict(zip(here.tolist(), n_ions.tolist(), strict=True))
    repeats = np.array(crystal.supercell)
    orbit, group = _orbits(centres[first], kind[first], crystal, parts, repeats)
    return Sublattices(
        key=key,
        orbit=orbit,
        kind=kind[first],
        ions=np.array([counted.get(name, 0) for name in key.tolist()], dtype=np.int64),
        space_group=group,
        n_outside=int(np.isin(of_ions, key, invert=True).sum()),
    )


def site_order(keys: KeyArray, sublattices: Sublattices) -> tuple[float, float]:
    """Order of the ions over sites that are alike, and the share that is where ions were at the start.

    In an orbit o of M_o sites, F_o were filled at the start, by N_o ions. Of the n_o ions that are in
    it now, f_o are in these; n_o F_o/M_o would be, if they were spread over it at random. Then

        S = sum_o (f_o − n_o F_o/M_o) / sum_o N_o (1 − F_o/M_o).

    S = 1 in the ordered crystal; S = 0 on average where the ions of each orbit are spread over its
    sites at random, however many have gone elsewhere. Ions in other sites (tetrahedra between octahedra)
    add nothing to the numerator, so that leaving the sublattice is loss of order too. Orbits
    that are full or empty at the start say nothing; without any other S is NaN, and only the share
    (f over all ions) tells how many have left.

    **What it measures is the memory of one ordered arrangement**, that of the start. It cannot tell
    disorder from an equally ordered arrangement that is shifted or turned: in another translational
    domain S is negative or near zero, and in a crystal with domains it is their mean. So S is a
    lower bound of the order, a fall of S is a loss of the *initial* order (also by slow coarsening), and
    S after cooling from above Tc is no measure of reordering. Ions that change places with each other
    leave it as it is. Where the ground state is degenerate (Li3YCl6: either site of a half-full
    channel at almost no cost), S falls with hops among these states long before the order of the channels
    is lost, which phi (``structures.channels``) sees and S does not.

    Parameters
    ----------
    keys
        Names of the sites of the N ions of a snapshot (``identity.site_keys``), shape (N,).
    sublattices
        Of the crystal.

    Returns
    -------
    tuple
        S (NaN where no orbit is partly filled) and the share.
    """
    place = sublattices.places(keys)
    place = place[place >= 0]
    filled, orbit, random = sublattices.filled, sublattices.orbit, sublattices.random_share
    kept = filled[place]
    above = kept.astype(np.float64) - random[orbit[place]]
    most = float(np.sum(sublattices.ions * (1 - random[orbit])))
    partly = (random > 0) & (random < 1)
    share = float(kept.sum() / len(keys))
    if not partly.any():
        return np.nan, share
    # full and empty orbits cancel: their ions are all, or none, where ions were
    return float(np.sum(above) / most), share


def occupations(keys: KeyArray, sublattices: Sublattices) -> FloatArray:
    """Ions per site of each occupied orbit, in its sites that were filled and in its others, shape (2 O,).

    The columns alternate; NaN where an orbit has no vacant site. ``keys`` as for :func:`site_order`.
    """
    place = sublattices.places(keys)
    now = np.bincount(place[place >= 0], minlength=len(sublattices.key))
    found = []
    for orbit in sublattices.occupied:
        for filled in (True, False):
            own = (sublattices.orbit == orbit) & (sublattices.filled == filled)
            found.append(float(now[own].mean()) if own.any() else np.nan)
    return np.array(found)


def _middles(polyhedra: Polyhedra) -> tuple[FloatArray, NDArray[np.uint8]]:
    """Middle (Å, unfolded) and kind of every octahedron and tetrahedron."""
    own = polyhedra.kind != OTHER
    index, shift = polyhedra.corners.atom[own], polyhedra.corners.shift[own]
    there = (index >= 0)[..., None]
    corners = np.where(there, polyhedra.places[index] + shift, 0.0)
    return (corners.sum(axis=1) / there.sum(axis=1)) @ polyhedra.cell, polyhedra.kind[own]


def _orbits(
    centres: FloatArray, kind: NDArray[np.uint8], crystal: Crystal, parts: Roles, repeats: IntArray
) -> tuple[IntArray, str]:
    """Orbit of each site, and the space group of the framework."""
    lattice = crystal.cell / repeats[:, None]
    into_cells = np.linalg.inv(lattice)
    framework = parts.framework
    element = np.unique(crystal.element[framework], return_inverse=True)[1]
    of_atom, atoms = _folded(crystal.positions[framework] @ into_cells, element, lattice)
    numbers = np.bincount(of_atom)
    if np.any(numbers != np.prod(repeats)):
        # not periodic with the unit cell: an ordering of the framework in a larger one
        lattice, into_cells = crystal.cell, np.linalg.inv(crystal.cell)
        of_atom, atoms = _folded(crystal.positions[framework] @ into_cells, element, lattice)
    alike = _mixed(of_atom, element)
    kinds = [int(alike[of_atom == row][0]) for row in range(len(atoms))]
    group = symmetry(lattice, atoms, kinds, SYMMETRY_TOLERANCE)
    if not len(centres):
        return np.empty(0, dtype=np.int64), group.symbol
    of_site, sites = _folded(centres @ into_cells, kind.astype(np.int64), lattice)
    kind_of = np.zeros(len(sites), dtype=np.int64)
    kind_of[of_site] = kind
    links = [np.column_stack([np.arange(len(sites))] * 2)]
    for rotation, translation in zip(group.rotations, group.translations, strict=True):
        moved = sites @ rotation.T + translation
        apart = _distances(moved, sites, lattice)
        apart[kind_of[:, None] != kind_of] = np.inf
        nearest = apart.argmin(axis=1)
        links.append(
            np.column_stack([np.arange(len(sites)), nearest])[apart.min(axis=1) < SYMMETRY_TOLERANCE]
        )
    pairs = np.concatenate(links)
    shape = (len(sites), len(sites))
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=shape)
    orbit = np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)
    return orbit[of_site], group.symbol


def _mixed(of_atom: IntArray, element: IntArray) -> IntArray:
    """Element of each atom, those that share a place of the folded cell as one."""
    n_elements = int(element.max()) + 1
    there = coo_array((np.ones(len(element)), (of_atom, element)), shape=(of_atom.max() + 1, n_elements))
    of_element = connected_components(there.T @ there, directed=False)[1]
    return np.asarray(of_element[element], dtype=np.int64)


def _folded(points: FloatArray, kind: IntArray, lattice: FloatArray) -> tuple[IntArray, FloatArray]:
    """Points of all cells as those of one: which each is, (P,), and their mean places, (U, 3)."""
    of_point = np.full(len(points), -1)
    found: list[FloatArray] = []
    while np.any(left := of_point < 0):
        first = points[np.flatnonzero(left)[0]]
        apart = points - first
        apart -= np.round(apart)
        near = left & (np.linalg.norm(apart @ lattice, axis=1) < _SAME_SITE)
        of_point[near] = len(found)
        found.append(first + apart[near].mean(axis=0))
    return of_point, np.array(found)


def _distances(some: FloatArray, others: FloatArray, lattice: FloatArray) -> FloatArray:
    """Distances (Å) between fractional points over images, exact where they are short."""
    apart = some[:, None] - others
    apart -= np.round(apart)
    return np.asarray(np.linalg.norm(apart @ lattice, axis=2))
