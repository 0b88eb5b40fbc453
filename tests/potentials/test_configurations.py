from itertools import combinations, pairwise
from math import comb

import numpy as np
import pytest
from ase.neighborlist import neighbor_list
from ase.spacegroup import Spacegroup

from atomstates.potentials.configurations import closest_distance, replaced, shaken, strained, structure
from atomstates.potentials.host import distinct_orderings
from atomstates.potentials.recipe import Start
from atomstates.potentials.sampling import Replacement


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
def test_structures_are_stoichiometric_and_sorted_by_element(source, filling):
    start = Start(origin="test", cells=((1, 1, 2),), filling=filling, interstitials=(1, 3), strain=0.03)
    atoms = structure(source, start, np.random.default_rng(1))
    symbols = list(atoms.symbols)
    elements = source.unit.elements
    assert [symbols.count(element) for element in elements] == [18, 6, 36]
    assert all(elements.index(a) <= elements.index(b) for a, b in pairwise(symbols))


def test_one_seed_gives_one_structure(source):
    start = Start(origin="test", filling="orderings", hops=(1, 2), strain=0.03, shear=0.01)
    one, other = (structure(source, start, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(one.positions, other.positions)


def test_strain_stays_within_its_bound_and_keeps_fractions(unit):
    atoms = unit.filled(unit.sites[:9])
    start = Start(origin="test", filling="random", strain=0.04)
    bent = strained(atoms, start, np.random.default_rng(3))
    ratio = bent.cell.lengths() / atoms.cell.lengths()
    assert np.all(np.abs(ratio - 1) <= 0.04)
    assert ratio[0] == pytest.approx(ratio[1])
    np.testing.assert_allclose(
        bent.get_scaled_positions(), atoms.get_scaled_positions(), rtol=1e-9, atol=1e-9
    )


def test_strain_in_the_plane_makes_one_axis_longer_by_what_the_other_loses(sources):
    unit = sources["Pnma"].unit
    atoms = unit.filled(unit.sites[:12])
    start = Start(origin="test", filling="random", plane_strain=0.02)
    a, b, c = strained(atoms, start, np.random.default_rng(3)).cell.lengths() / atoms.cell.lengths() - 1
    assert a == pytest.approx(-b)
    assert 0 < abs(a) <= 0.02
    assert c == pytest.approx(0, abs=1e-12)


def test_pnma_has_the_orderings_that_burnside_counts(sources):
    unit = sources["Pnma"].unit
    found = distinct_orderings(unit)
    assert sum(degeneracy for _, degeneracy in found) == comb(16, 12)
    fixed = 0
    for rotation, translation in zip(*Spacegroup(62).get_op(), strict=True):
        gap = (unit.sites @ rotation.T + translation)[:, None] - unit.sites[None]
        image = np.linalg.norm(gap - np.round(gap), axis=2).argmin(axis=1)
        # A filling is fixed when it is a union of the cycles of the operation.
        lengths = cycle_lengths(image)
        fixed += sum(sum(some) == 12 for n in range(17) for some in combinations(lengths, n))
    assert len(found) == fixed / 8


def cycle_lengths(image):
    left, lengths = set(range(len(image))), []
    while left:
        site, length = left.pop(), 1
        while image[site] in left:
            site = image[site]
            left.remove(site)
            length += 1
        lengths.append(length)
    return lengths


def test_composition_is_drawn_between_its_bounds_and_anew_for_each_structure(sources):
    replacement = Replacement(replace="Cl", by="Br", fraction=(0.1, 0.5), expansion=0.06)
    start = Start(origin="test", filling="orderings", replacement=replacement)
    random = np.random.default_rng(4)
    drawn = [structure(sources["P-3m1"], start, random) for _ in range(40)]
    counts = {list(atoms.symbols).count("Br") for atoms in drawn}
    assert counts <= set(range(2, 10))
    assert len(counts) > 4
    for atoms in drawn:
        n_br = list(atoms.symbols).count("Br")
        assert list(atoms.symbols) == ["Li"] * 9 + ["Y"] * 3 + ["Cl"] * (18 - n_br) + ["Br"] * n_br
        assert atoms.cell.lengths()[0] == pytest.approx(11.199 * (1 + 0.06 * n_br / 18))


def test_replaced_atoms_keep_the_places_of_those_that_they_replace(sources):
    unit = sources["P-3m1"].unit
    atoms = unit.filled(unit.sites[:9])
    replacement = Replacement(replace="Cl", by="Br", fraction=(0.5, 0.5))
    mixed = replaced(atoms, replacement, unit.elements, np.random.default_rng(2))
    assert {tuple(row) for row in mixed.positions} == {tuple(row) for row in atoms.positions}


def test_displacements_have_the_asked_standard_deviation(unit):
    atoms = unit.repeated((3, 3, 4)).framework
    moved = shaken(atoms, 0.1, np.random.default_rng(5)).positions - atoms.positions
    assert moved.std() == pytest.approx(0.1, rel=0.05)


def test_closest_distance_is_that_of_the_neighbour_list(unit):
    atoms = unit.filled(unit.sites[:9])
    assert closest_distance(atoms) == pytest.approx(neighbor_list("d", atoms, 4.0).min())
