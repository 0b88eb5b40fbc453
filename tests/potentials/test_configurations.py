from itertools import pairwise

import numpy as np
import pytest
from ase.neighborlist import neighbor_list

from atomstates.potentials.configurations import closest_distance, shaken, strained, structure
from atomstates.potentials.recipe import Start


def test_220_orderings_of_the_unit_cell_are_24_distinct_ones(orderings):
    assert len(orderings) == 24
    assert sum(degeneracy for _, degeneracy in orderings) == 220


def test_cell_has_12_octahedral_sites_and_18_tetrahedra_that_share_no_face_with_yttrium(unit):
    assert len(unit.sites) == 12
    assert len(unit.interstices) == 18


def test_repeated_host_has_the_same_sites_in_space(unit):
    large = unit.repeated((1, 1, 2))
    assert large.n_mobile == 2 * unit.n_mobile
    own = large.sites[: len(unit.sites)] @ large.framework.cell[:]
    np.testing.assert_allclose(own, unit.sites @ unit.framework.cell[:], rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("filling", ["orderings", "random"])
def test_structures_are_stoichiometric_and_sorted_by_element(unit, orderings, filling):
    start = Start(origin="test", cells=((1, 1, 2),), filling=filling, interstitials=(1, 3), strain=0.03)
    atoms = structure(unit, start, [chosen for chosen, _ in orderings], np.random.default_rng(1))
    symbols = list(atoms.symbols)
    assert [symbols.count(element) for element in unit.elements] == [18, 6, 36]
    assert all(unit.elements.index(a) <= unit.elements.index(b) for a, b in pairwise(symbols))


def test_one_seed_gives_one_structure(unit, orderings):
    start = Start(origin="test", filling="orderings", hops=(1, 2), strain=0.03, shear=0.01)
    fillings = [chosen for chosen, _ in orderings]
    one, other = (structure(unit, start, fillings, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(one.positions, other.positions)


def test_strain_stays_within_its_bound_and_keeps_fractions(unit):
    atoms = unit.filled(unit.sites[:9])
    bent = strained(atoms, 0.04, 0.0, np.random.default_rng(3))
    ratio = bent.cell.lengths() / atoms.cell.lengths()
    assert np.all(np.abs(ratio - 1) <= 0.04)
    assert ratio[0] == pytest.approx(ratio[1])
    np.testing.assert_allclose(
        bent.get_scaled_positions(), atoms.get_scaled_positions(), rtol=1e-9, atol=1e-9
    )


def test_displacements_have_the_asked_standard_deviation(unit):
    atoms = unit.repeated((3, 3, 4)).framework
    moved = shaken(atoms, 0.1, np.random.default_rng(5)).positions - atoms.positions
    assert moved.std() == pytest.approx(0.1, rel=0.05)


def test_closest_distance_is_that_of_the_neighbour_list(unit):
    atoms = unit.filled(unit.sites[:9])
    assert closest_distance(atoms) == pytest.approx(neighbor_list("d", atoms, 4.0).min())
