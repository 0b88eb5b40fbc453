"""Sublattices of sites by symmetry, and the order of the ions over them, on crystals that are known."""

from dataclasses import replace

import numpy as np
import pytest
from crystals import A_HCP, C_HCP, li3ycl6, repeated
from frameworks import ARGYRODITE, wyckoff
from hypothesis import given, settings
from hypothesis import strategies as st

from atomstates.doas.assignment import roles, snapshot_states
from atomstates.doas.polyhedra import OCTAHEDRAL, TETRAHEDRAL
from atomstates.doas.sublattices import occupations, site_order, site_sublattices
from atomstates.potentials.crystal import Crystal

SEEDS = st.integers(0, 2**32 - 1)
LYC = (2, 2, 2)


def crystal_of(ions, cations, anions, cell, repeats, names=("Li", "Y", "Cl"), noise=0.0):
    """A crystal from positions (Å), its atoms pushed from their places by some noise."""
    positions = np.concatenate([ions, cations, anions])
    element = np.repeat(names, [len(ions), len(cations), len(anions)])
    positions = positions + np.random.default_rng(3).normal(0, noise, positions.shape)
    return Crystal(np.arange(1, len(positions) + 1), element, positions, cell, repeats)


def keys_of(crystal, ions, anions=("Cl",), moved=0.0):
    """Names of the sites of ions at other places in the same crystal, moved as a whole."""
    parts = roles(crystal.element, "Li", anions)
    positions = crystal.positions.copy()
    positions[parts.mobile] = ions
    return snapshot_states(positions + moved, crystal.cell, parts, crystal, None).site_key


def lyc(noise=0.0):
    """Li3YCl6 with all Y-rich sites full and every second Y-poor one; and all its octahedra."""
    parts = li3ycl6(LYC)
    half = parts["poor"][np.arange(len(parts["poor"])) % 2 == 0]
    ions = np.concatenate([parts["rich"], half])
    crystal = crystal_of(ions, parts["Y"], parts["Cl"], parts["cell"], LYC, noise=noise)
    return crystal, parts, ions


@pytest.fixture(scope="module")
def ordered():
    crystal, parts, ions = lyc()
    return crystal, parts, ions, site_sublattices(crystal, roles(crystal.element, "Li", ("Cl",)))


def test_sites_of_li3ycl6_fall_into_the_orbits_of_its_space_group(ordered):
    """Octahedra: 6g and 6h for ions, 1a, 1b and 2d twice for yttrium; tetrahedra: six times 6i."""
    found = ordered[3]
    assert found.space_group == "P-3m1"
    assert found.n_outside == 0
    n_cells = np.prod(LYC)
    for kind, sizes in ((OCTAHEDRAL, [1, 1, 2, 2, 6, 6]), (TETRAHEDRAL, [6] * 6)):
        numbers = np.bincount(found.orbit[found.kind == kind])
        assert sorted(numbers[numbers > 0] // n_cells) == sizes


@pytest.mark.parametrize("noise", [0.05, 0.1])
def test_displacements_of_the_framework_do_not_split_sublattices(noise):
    crystal, _, _ = lyc(noise)
    found = site_sublattices(crystal, roles(crystal.element, "Li", ("Cl",)))
    assert found.space_group == "P-3m1"
    assert [int(np.sum(found.orbit == orbit)) for orbit in found.occupied] == [48, 48]


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_random_mixture_of_anions_does_not_split_sublattices(ordered, share):
    """Bromine on chlorine's places lowers the symmetry of one drawing, not that of the mixture."""
    crystal, _, _, pure = ordered
    element = crystal.element.copy()
    anions = np.flatnonzero(element == "Cl")
    element[np.random.default_rng(4).permutation(anions)[: int(share * len(anions))]] = "Br"
    mixed = replace(crystal, element=element)
    found = site_sublattices(mixed, roles(element, "Li", ("Cl", "Br")))
    assert found.space_group == "P-3m1"
    assert np.array_equal(found.orbit, pure.orbit)


def test_ordered_anions_are_told_apart(ordered):
    """All chlorine of one 6i places bromine: these places differ from the others, whatever the cell."""
    crystal, _, _, pure = ordered
    fractional = crystal.positions @ np.linalg.inv(crystal.cell) * LYC
    element = crystal.element.copy()
    anions = np.flatnonzero(element == "Cl")
    first = fractional[anions] - fractional[anions[0]]
    element[anions[np.all(np.abs(first - np.round(first)) < 0.01, axis=1)]] = "Br"
    found = site_sublattices(replace(crystal, element=element), roles(element, "Li", ("Cl", "Br")))
    assert len(np.unique(found.orbit)) > len(np.unique(pure.orbit))


def test_order_is_one_in_the_crystal_itself(ordered):
    crystal, _, ions, found = ordered
    assert site_order(keys_of(crystal, ions), found) == (1.0, 1.0)
    full, none, half, other = occupations(keys_of(crystal, ions), found)
    assert (full, half, other) == (1, 1, 0)
    assert np.isnan(none)


@given(n_moved=st.integers(0, 24), seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_planted_order_is_found(ordered, n_moved, seed):
    """24 of 48 alike sites are full: each ion that goes to a vacant one lowers S by 1/(24 · ½)."""
    crystal, parts, ions, found = ordered
    random = np.random.default_rng(seed)
    moved = ions.copy()
    vacant = parts["poor"][np.arange(len(parts["poor"])) % 2 == 1]
    moved[48 + random.permutation(24)[:n_moved]] = random.permutation(vacant)[:n_moved]
    order, share = site_order(keys_of(crystal, random.permutation(moved)), found)
    assert order == pytest.approx(1 - n_moved / 12, rel=1e-9, abs=1e-12)
    assert share == pytest.approx(1 - n_moved / 72, rel=1e-9)


def test_order_vanishes_where_ions_are_at_random_over_alike_sites(ordered):
    crystal, parts, ions, found = ordered
    random = np.random.default_rng(1)
    orders = []
    for _ in range(40):
        poor = random.permutation(parts["poor"])[:24]
        orders.append(site_order(keys_of(crystal, np.concatenate([ions[:48], poor])), found)[0])
    # hypergeometric: 24 of 48 sites, variance of the number kept 24/4 · 24/47, and S = kept/12 − 1
    deviation = np.sqrt(6 * 24 / 47) / 12
    assert np.mean(orders) == pytest.approx(0, abs=4 * deviation / np.sqrt(40))
    assert np.std(orders) == pytest.approx(deviation, rel=0.4)


def test_other_translational_domain_is_not_taken_for_order(ordered):
    """As well ordered, but all ions where the vacancies were: S = −1, which the docstring warns of."""
    crystal, parts, ions, found = ordered
    vacant = parts["poor"][np.arange(len(parts["poor"])) % 2 == 1]
    assert site_order(keys_of(crystal, np.concatenate([ions[:48], vacant])), found)[0] == pytest.approx(-1)


def test_ions_that_leave_for_tetrahedra_are_lost_order(ordered):
    """Six of 24 ions of the half-full sublattice in tetrahedra above chlorine: S = 18/24."""
    crystal, parts, ions, found = ordered
    moved = ions.copy()
    for_tetrahedra = parts["Cl"][:6]
    up = np.where((for_tetrahedra @ np.linalg.inv(parts["cell"]) * LYC)[:, 2:] % 1 < 0.5, 1, -1)
    moved[48:54] = for_tetrahedra - up * 0.375 * parts["cell"][2] / LYC[2]
    order, share = site_order(keys_of(crystal, moved), found)
    assert order == pytest.approx(18 / 24)
    assert share == pytest.approx(66 / 72)


@given(seed=SEEDS)
@settings(max_examples=15, deadline=None)
def test_order_does_not_depend_on_names_of_ions_drift_noise_and_images(ordered, seed):
    crystal, _, ions, found = ordered
    random = np.random.default_rng(seed)
    shuffled = random.permutation(ions) + random.normal(0, 0.05, ions.shape)
    shuffled = shuffled + random.integers(-1, 2, ions.shape) @ crystal.cell
    keys = keys_of(crystal, shuffled, moved=random.uniform(-5, 5, 3))
    assert site_order(keys, found) == (1.0, 1.0)


def test_full_sublattices_have_no_order_to_lose():
    """Ions in all octahedra of either layer: only how many stay there can be told."""
    parts = li3ycl6(LYC)
    crystal = crystal_of(parts["rich"], parts["Y"], parts["Cl"], parts["cell"], LYC)
    found = site_sublattices(crystal, roles(crystal.element, "Li", ("Cl",)))
    moved = parts["rich"].copy()
    moved[:12] = parts["poor"][:12]
    order, share = site_order(keys_of(crystal, moved), found)
    assert np.isnan(order)
    assert share == pytest.approx(36 / 48)


def pnma():
    """Ideal hcp chloride with the yttrium of Pnma Li3YCl6: 8d sites for lithium, once and once again.

    Y 4c (1/8, 1/4, 0), Li 8d (1/8, 11/12, 0) and (1/8, 11/12, 1/2), Cl 4c and 8d; a = 2√3 a_h, b = 3 a_h.
    """
    cell = np.diag([2 * np.sqrt(3) * A_HCP, 3 * A_HCP, C_HCP])
    chlorine = wyckoff(
        "Pnma",
        (7 / 24, 1 / 4, 1 / 4),
        (23 / 24, 1 / 4, 3 / 4),
        (7 / 24, 11 / 12, 1 / 4),
        (23 / 24, 11 / 12, 3 / 4),
    )
    sites = [wyckoff("Pnma", (1 / 8, 11 / 12, z)) for z in (0, 1 / 2)]
    return cell, chlorine, wyckoff("Pnma", (1 / 8, 1 / 4, 0)), sites


def test_half_filled_site_of_pnma_chloride_has_an_order():
    """Eight of eight and four of eight sites a cell; noise as of relaxation."""
    cell, chlorine, yttrium, (first, second) = pnma()
    assert (len(chlorine), len(yttrium), len(first), len(second)) == (24, 4, 8, 8)
    ions = np.concatenate([first, second[:4]])
    parts = [repeated(part, cell, (1, 1, 2))[0] for part in (ions, yttrium, chlorine)]
    supercell = cell * np.array([1, 1, 2])[:, None]
    crystal = crystal_of(*parts, supercell, (1, 1, 2), noise=0.05)
    found = site_sublattices(crystal, roles(crystal.element, "Li", ("Cl",)))
    assert found.space_group == "Pnma"
    filled = [(np.sum(found.orbit == o), found.ions[found.orbit == o].sum()) for o in found.occupied]
    assert filled == [(16, 16), (16, 8)]
    moved = parts[0].copy()
    other = repeated(second[4:], cell, (1, 1, 2))[0]
    is_second = np.isin(np.arange(24) % 12, [8, 9, 10, 11])
    # a quarter of the eight ions of the half-full sublattice in its other sites: kept 6, at random 4
    moved[np.flatnonzero(is_second)[:2]] = other[:2]
    assert site_order(keys_of(crystal, moved), found)[0] == pytest.approx((6 - 4) / (8 - 4))


def test_argyrodite_has_its_ions_in_one_half_filled_sublattice_of_tetrahedra():
    """Li6PS5Cl: 24 of the 48 sites 48h a cell are full; two of them make a pair that shares a face."""
    cell = ARGYRODITE * np.eye(3)
    chlorine, sulfur = (
        wyckoff("F-43m", (0, 0, 0)),
        wyckoff("F-43m", (0.25, 0.25, 0.75), (0.119, -0.119, 0.619)),
    )
    phosphorus, lithium = wyckoff("F-43m", (0, 0, 0.5)), wyckoff("F-43m", (0.309, 0.025, 0.691))
    apart = lithium[:, None] - lithium
    apart -= np.round(apart)
    distance = np.linalg.norm(apart @ cell, axis=2) + 9 * np.eye(48)
    partner = distance.argmin(axis=1)
    chosen = np.flatnonzero(np.arange(48) < partner)
    assert len(chosen) == 24
    element = np.repeat(["Li", "P", "S", "Cl"], [24, len(phosphorus), len(sulfur), len(chlorine)])
    positions = np.concatenate([lithium[chosen], phosphorus, sulfur, chlorine]) @ cell
    crystal = Crystal(np.arange(1, len(element) + 1), element, positions, cell, (1, 1, 1))
    found = site_sublattices(crystal, roles(element, "Li", ("S", "Cl")))
    assert found.space_group == "F-43m"
    assert found.n_outside == 0
    (orbit,) = found.occupied
    own = found.orbit == orbit
    assert (own.sum(), found.ions[own].sum(), set(found.kind[own])) == (48, 24, {TETRAHEDRAL})
    moved = lithium[np.where(np.arange(24) < 6, partner[chosen], chosen)] @ cell
    order, _ = site_order(keys_of(crystal, moved, ("S", "Cl")), found)
    assert order == pytest.approx(1 - 6 / 12)


def test_number_of_unit_cells_is_no_matter(ordered):
    """The same crystal described as one large cell has the same sublattices."""
    crystal, _, _, found = ordered
    whole = Crystal(crystal.id, crystal.element, crystal.positions, crystal.cell, (1, 1, 1))
    again = site_sublattices(whole, roles(crystal.element, "Li", ("Cl",)))
    assert np.array_equal(again.key, found.key)
    assert sorted(np.bincount(again.orbit)) == sorted(np.bincount(found.orbit))
