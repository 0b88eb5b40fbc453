"""Ways to neighbouring vacant sites, counted by hand in close packings."""

from collections import Counter

import numpy as np
import pytest
from packings import fcc, hcp, li3ycl6

from atomstates.barriers.distinct import distinct_routes, permutations
from atomstates.barriers.routes import Route, between, centres, face_neighbours, routes
from atomstates.doas.polyhedra import anion_polyhedra
from atomstates.doas.sites import ion_sites

LETTERS = "OTX"


def ways(anions, cell, ions, cations=None):
    """All ways and the distinct ones, of ions among anions and framework cations; and those left out."""
    cations = np.empty((0, 3)) if cations is None else cations
    polyhedra = anion_polyhedra(anions, cell)
    of_ions, of_cations = (
        ion_sites(points, anions, cell, polyhedra).polyhedron for points in (ions, cations)
    )
    found, left_out = routes(polyhedra, of_ions, np.concatenate([of_ions, of_cations]), of_cations)
    atoms = np.concatenate([ions, cations, anions])
    element = np.array(["Li"] * len(ions) + ["Y"] * len(cations) + ["Cl"] * len(anions))
    group = permutations(atoms, cell, element, centres(polyhedra))
    return polyhedra, found, distinct_routes(found, group), left_out


def named(polyhedra, nodes):
    return "-".join(LETTERS[polyhedra.kind[polyhedron]] for polyhedron, _ in nodes)


def counted(anions, cell, ions, cations=None):
    polyhedra, found, distinct, left_out = ways(anions, cell, ions, cations)
    return (
        Counter(named(polyhedra, route.nodes) for route in found),
        Counter(named(polyhedra, one.route.nodes) for one in distinct),
        left_out,
    )


@pytest.mark.parametrize("repeats", [(2, 2, 2), (3, 2, 2)])
def test_octahedron_of_fcc_has_eight_tetrahedra_and_two_ways_to_each_of_twelve_octahedra(repeats):
    anions, octahedra, cell = fcc(repeats)
    every, distinct, left_out = counted(anions, cell, octahedra[:1])
    assert every == {"O-T": 8, "O-T-O": 24}
    assert left_out == 0
    # the longer cell makes more ways distinct; the cubic one makes all of a kind equal
    if repeats == (2, 2, 2):
        assert distinct == {"O-T": 1, "O-T-O": 1}


def test_octahedron_of_hcp_shares_faces_with_two_octahedra_and_six_tetrahedra():
    anions, octahedra, cell = hcp((3, 3, 2))
    every, distinct, _ = counted(anions, cell, octahedra[:1])
    assert every == {"O-O": 2, "O-T": 6, "O-T-O": 12}
    assert distinct == {"O-O": 1, "O-T": 1, "O-T-O": 1}


def test_every_octahedron_of_a_filled_crystal_has_ways_to_tetrahedra_only():
    anions, octahedra, cell = fcc((2, 2, 2))
    every, distinct, _ = counted(anions, cell, octahedra)
    assert every == {"O-T": 8 * len(octahedra)}
    assert distinct == {"O-T": 1}


@pytest.mark.parametrize("repeats", [(1, 1, 1), (1, 1, 2), (2, 2, 1)])
def test_lithium_alone_in_li3ycl6_has_the_ways_that_yttrium_leaves_open(repeats):
    """An ion in 6g: the twofold axis through it makes ways equal in pairs.

    Along c two octahedra (6h). In the plane six triangles of octahedra, each with a tetrahedron above or
    below: two of them have Y at a corner and are left out; of the other four each leads to one more
    octahedron for Li and to one between two Y (2d), which is left out.
    """
    parts, cell = li3ycl6(repeats)
    every, distinct, left_out = counted(parts["Cl"], cell, parts["Li"][:1], parts["Y"])
    assert every == {"O-O": 2, "O-T": 4, "O-T-O": 4}
    assert distinct == {"O-O": 1, "O-T": 2, "O-T-O": 2}
    assert left_out == 2 + 2 + 4


def test_degeneracies_add_up_to_all_ways():
    parts, cell = li3ycl6((2, 2, 1))
    _, found, distinct, _ = ways(parts["Cl"], cell, parts["Li"][[0, 7, 14]], parts["Y"])
    assert sum(one.degeneracy for one in distinct) == len(found)


def test_edge_sharing_octahedra_have_two_tetrahedra_between_them_and_face_sharing_ones_none():
    anions, octahedra, cell = hcp((3, 3, 2))
    polyhedra, found, _, _ = ways(anions, cell, octahedra[:1])
    neighbours = face_neighbours(polyhedra)
    numbers = Counter(
        (named(polyhedra, route.nodes), len(between(neighbours, route.start, route.end))) for route in found
    )
    assert numbers[("O-T-O", 2)] == 12
    assert numbers[("O-O", 0)] == 2


def test_simple_cubic_anions_have_no_octahedra_or_tetrahedra_to_hop_into():
    grid = np.stack(np.meshgrid(*[np.arange(3)] * 3, indexing="ij"), axis=-1).reshape(-1, 3) * 3.0
    every, distinct, left_out = counted(grid, 9.0 * np.eye(3), np.array([[1.5, 1.5, 1.5]]))
    assert (every, distinct, left_out) == ({}, {}, 0)


def test_symmetry_that_misses_a_site_is_an_error():
    anions, _, cell = fcc((2, 2, 2))
    points = np.array([[0.3, 0.1, 0.2], [0.25, 0, 0]])
    group = permutations(anions, cell, np.array(["Cl"] * len(anions)), points)
    with pytest.raises(ValueError, match="misses the next site"):
        distinct_routes([Route(((0, (0, 0, 0)), (1, (0, 0, 0))))], group)
