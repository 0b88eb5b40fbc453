"""The ordered crystal by geometry alone: where its ions can go, and what stays where it is."""

from itertools import pairwise

import numpy as np
import pytest
from packings import hcp, li3ycl6

from atomstates.barriers.ordered import OrderedCrystal, ordered_hops, separated_pairs, separation
from atomstates.barriers.paths import Passage, class_of, passage, reverse_name
from atomstates.barriers.sites import SiteNames
from atomstates.doas.assignment import roles
from atomstates.doas.polyhedra import OCTAHEDRAL, TETRAHEDRAL, anion_polyhedra
from atomstates.potentials.crystal import Crystal

OCT, TET = OCTAHEDRAL, TETRAHEDRAL


@pytest.fixture(scope="module")
def crystal():
    """Li3YCl6 with the Y-poor layer full and half of the Y-rich one: 9 Li in each of two cells."""
    parts, cell = li3ycl6((1, 1, 2))
    filled = np.array([n for n in range(24) if n % 12 < 9])
    positions = np.concatenate([parts["Li"][filled], parts["Y"], parts["Cl"]])
    element = np.array(["Li"] * 18 + ["Y"] * 6 + ["Cl"] * 36)
    # ions off the middle of their octahedra, as in any relaxed crystal
    positions[:18] += 0.05 * np.random.default_rng(1).normal(size=(18, 3))
    described = Crystal(np.arange(1, 61), element, positions, cell, (1, 1, 2))
    found = roles(element, "Li", ("Cl",))
    names = SiteNames(described, found, anion_polyhedra(positions[24:], cell))
    return OrderedCrystal(positions, cell, names)


def test_every_hop_moves_its_ion_alone_into_the_vacant_site_at_its_end(crystal):
    found = ordered_hops(crystal)
    before = crystal.names.keys(crystal.positions, crystal.cell)
    assert len(found.hops) > 5
    for one in found.hops:
        moved = crystal.moved_to(one.route.start, one.route.end)
        keys = crystal.names.keys(moved, crystal.cell)
        ion = crystal.ion_in(one.route.start)
        assert np.flatnonzero(keys != before).tolist() == [ion]
        assert keys[ion] not in before
        assert np.flatnonzero(np.any(moved != crystal.positions, axis=1)).tolist() == [ion]
        assert crystal.id_in(one.route.start) == ion + 1


def test_hops_are_as_long_as_the_distances_of_their_sites(crystal):
    lengths = {"Oct-Oct": 6.0552 / 2, "Oct-Tet": 2.29, "Oct-Tet-Oct": 3.7406}
    for one in ordered_hops(crystal).hops:
        name = crystal.path_name(one.route.nodes)
        assert separation(crystal, one.route) == pytest.approx(lengths[name], rel=0.01)


def test_pairs_are_the_farthest_apart_first_and_in_turn_of_both_kinds(crystal):
    pairs = separated_pairs(crystal, 6)
    assert len(pairs) == 6
    kinds = [int(crystal.names.polyhedra.kind[one.route.end[0]]) for one in pairs]
    assert kinds == [OCT, TET] * 3
    for kind in (OCT, TET):
        apart = [separation(crystal, one.route) for one, k in zip(pairs, kinds, strict=True) if k == kind]
        assert apart == sorted(apart, reverse=True)
        assert min(apart) > 3.8
    cations = set(crystal.cations.polyhedron.tolist())
    assert all(one.route.end[0] not in cations for one in pairs)


# ---------------------------------------------------------------- sites along a path


def straight(points, number=7):
    """Replicas of an ion alone on straight lines through points."""
    legs = [np.linspace(a, b, number, endpoint=False) for a, b in pairwise(points)]
    return np.concatenate([*legs, [points[-1]]])


def test_ion_between_edge_sharing_octahedra_passes_the_tetrahedron_through_which_it_is_led():
    anions, octahedra, cell = hcp((3, 3, 2))
    start = octahedra[0] + cell.sum(axis=0) / 3
    start = octahedra[np.linalg.norm(octahedra - start, axis=1).argmin()]
    apart = np.linalg.norm(octahedra - start, axis=1)
    end = octahedra[np.flatnonzero(np.isclose(apart, 3.7406, atol=0.01))[0]]
    # of the six anions around each the two at the shared edge; the tetrahedron is beyond its middle
    near = anions[np.argsort(np.linalg.norm(anions - (start + end) / 2, axis=1))[:2]]
    aside = np.cross(end - start, near[0] - near[1])
    via = (start + end) / 2 + 1.3 * aside / np.linalg.norm(aside)
    ways = [straight([start, point, end]) for point in (via, start + end - via)]
    shown = set()
    for way in ways:
        positions = np.concatenate([way[:, None], np.repeat(anions[None], len(way), axis=0)], axis=1)
        found = passage(positions, 0, 1 + np.arange(len(anions)), cell, None)
        shown.add(found.name)
        assert found.kind[0] == found.kind[-1] == OCT
        assert found.visited[0] == found.visited[-1] == OCT
    assert shown == {"Oct-Tet-Oct"}


def test_ion_along_c_goes_from_octahedron_to_octahedron_through_their_face():
    anions, octahedra, cell = hcp((3, 3, 2))
    start, end = octahedra[0], octahedra[0] + [0, 0, 6.0552 / 2]
    way = straight([start, end])
    positions = np.concatenate([way[:, None], np.repeat(anions[None], len(way), axis=0)], axis=1)
    found = passage(positions, 0, 1 + np.arange(len(anions)), cell, None)
    assert found.name == "Oct-Oct"
    assert found.kind.tolist() == [OCT] * len(way)


def test_class_of_a_path_has_no_direction_and_that_of_several_ions_no_path():
    forth, back = (Passage(np.array([]), kinds) for kinds in ((OCT, TET), (TET, OCT)))
    assert class_of([forth]) == class_of([back]) == "Oct-Tet"
    assert reverse_name(forth.name) == back.name == "Tet-Oct"
    assert class_of([forth, back]) == "concerted"
