"""The ordered crystal: its distinct hops to vacant neighbouring sites, and vacancy-interstitial pairs."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomstates.barriers.band import nearest_image
from atomstates.barriers.distinct import DistinctRoute, Permutations, distinct_routes, permutations
from atomstates.barriers.paths import LETTERS
from atomstates.barriers.routes import Node, Route, Shift, centres, routes
from atomstates.barriers.sites import SiteNames
from atomstates.doas.polyhedra import OTHER
from atomstates.doas.sites import Sites, ion_sites

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class OrderedCrystal:
    """The relaxed crystal of N atoms with the sites of its ions and all polyhedra, filled or vacant."""

    positions: FloatArray
    """(N, 3) Å"""
    cell: FloatArray
    """Å, vectors as rows."""
    names: SiteNames

    @cached_property
    def ions(self) -> Sites:
        """The polyhedra in which the ions are."""
        return self._sites(self.names.parts.mobile)

    @cached_property
    def cations(self) -> Sites:
        """The polyhedra in which the framework's cations are."""
        return self._sites(self.names.parts.cations)

    @cached_property
    def centres(self) -> FloatArray:
        """Middle of each polyhedron, as fractions of the cell, (P, 3)."""
        return centres(self.names.polyhedra)

    @cached_property
    def group(self) -> Permutations:
        """Symmetry of the crystal, with its ions where they are."""
        return permutations(self.positions, self.cell, self.names.crystal.element, self.centres)

    @cached_property
    def full(self) -> IntArray:
        """Polyhedra with an atom in them."""
        return np.concatenate([self.ions.polyhedron, self.cations.polyhedron])

    def path_name(self, nodes: tuple[Node, ...]) -> str:
        """``Oct-Tet-Oct`` and the like."""
        return "-".join(LETTERS[int(self.names.polyhedra.kind[polyhedron])] for polyhedron, _ in nodes)

    def moved_to(self, start: int, node: Node) -> FloatArray:
        """All atoms, with the ion of the polyhedron ``start`` in the middle of another one, (N, 3) Å."""
        ion = self.ion_in(start)
        here = self.ions.points[ion] - self.ions.moved[ion] @ self.cell
        positions = self.positions.copy()
        row = np.flatnonzero(self.names.parts.mobile)[ion]
        positions[row] += (self.centres[node[0]] + node[1]) @ self.cell - here
        return positions

    def ion_in(self, polyhedron: int) -> int:
        """Place among the ions of the one in a polyhedron."""
        return int(np.flatnonzero(self.ions.polyhedron == polyhedron)[0])

    def id_in(self, polyhedron: int) -> int:
        """Id of the ion in a polyhedron."""
        return int(self.names.crystal.id[self.names.parts.mobile][self.ion_in(polyhedron)])

    def _sites(self, which: NDArray[np.bool_]) -> Sites:
        anions = self.positions[self.names.parts.anions]
        return ion_sites(self.positions[which], anions, self.cell, self.names.polyhedra)


@dataclass(frozen=True)
class OrderedHops:
    """Distinct hops of a crystal."""

    hops: tuple[DistinctRoute, ...]
    n_hops: int
    """All of the cell, equal ones counted."""
    n_left_out: int
    """Ways beside a cation of the framework."""


def ordered_hops(crystal: OrderedCrystal) -> OrderedHops:
    """All hops of the ions to vacant neighbouring sites that no symmetry makes equal."""
    found, left_out = routes(
        crystal.names.polyhedra, crystal.ions.polyhedron, crystal.full, crystal.cations.polyhedron
    )
    return OrderedHops(tuple(distinct_routes(found, crystal.group)), len(found), left_out)


def separated_pairs(crystal: OrderedCrystal, number: int) -> list[DistinctRoute]:
    """Distinct vacancy-interstitial pairs, those that are farthest apart first, as ways without stations.

    Kinds of interstitial sites (octahedral, tetrahedral) take turns. Sites beside a cation of the framework
    are left out, as for hops.

    Parameters
    ----------
    crystal
        The crystal.
    number
        Of pairs, at most.
    """
    polyhedra, group = crystal.names.polyhedra, crystal.group
    vacant = np.setdiff1d(np.arange(len(polyhedra.kind)), crystal.full)
    vacant = np.setdiff1d(vacant[polyhedra.kind[vacant] != OTHER], _beside_cations(crystal))
    # one ion of each set that symmetry makes equal
    starts = np.unique(group.image[:, crystal.ions.polyhedron].min(axis=0))
    found = []
    for start in starts.tolist():
        apart = (crystal.centres[vacant] - crystal.centres[start]) @ crystal.cell
        near = nearest_image(apart, crystal.cell)
        shifts = np.rint((near - apart) @ np.linalg.inv(crystal.cell)).astype(np.int64)
        for polyhedron, (a, b, c) in zip(vacant.tolist(), shifts.tolist(), strict=True):
            shift: Shift = (a, b, c)
            found.append(Route(((start, (0, 0, 0)), (polyhedron, shift))))
    distinct = distinct_routes(found, group)
    distinct.sort(key=lambda one: (-round(separation(crystal, one.route), 3), one.route.nodes))
    by_kind = [
        [one for one in distinct if polyhedra.kind[one.route.end[0]] == kind]
        for kind in np.unique(polyhedra.kind[vacant]).tolist()
    ]
    in_turn = [one for rank in range(number) for pairs in by_kind for one in pairs[rank : rank + 1]]
    return in_turn[:number]


def separation(crystal: OrderedCrystal, route: Route) -> float:
    """Distance from the middle of the first to that of the last polyhedron of a way, Å."""
    node, shift = route.end
    apart = crystal.centres[node] + np.array(shift) - crystal.centres[route.start]
    return float(np.linalg.norm(apart @ crystal.cell))


def _beside_cations(crystal: OrderedCrystal) -> IntArray:
    """Polyhedra that share a face with one that holds a cation of the framework."""
    from_cations, _ = routes(
        crystal.names.polyhedra,
        crystal.cations.polyhedron,
        crystal.full,
        np.empty(0, dtype=np.int64),
    )
    return np.array([route.nodes[1][0] for route in from_cations], dtype=np.int64)
