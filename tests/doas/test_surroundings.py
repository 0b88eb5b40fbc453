"""Surroundings and identity of sites in crystals where they are known by construction."""

import numpy as np
import pytest
from crystals import A_HCP, C_HCP, hcp_holes, li3ycl6
from hypothesis import given, settings
from hypothesis import strategies as st

from atomstates.doas.environments import cation_corners, shared_corners
from atomstates.doas.identity import NO_SITE, cells_from_place, site_keys
from atomstates.doas.sites import ion_sites
from atomstates.doas.surroundings import NAMES, class_sums, described, nearest_distances, surroundings

SEEDS = st.integers(0, 2**32 - 1)
NONE = np.empty((0, 3))


def around(ions, anions, cell, cations=NONE, species=None):
    sites = ion_sites(ions, anions, cell)
    species = np.zeros(len(anions), dtype=np.int64) if species is None else species
    return surroundings(
        sites, ions, species, cations, shared_corners(sites, cation_corners(sites, cations))
    )


def counts(found):
    """The distinct (edge-sharing ions, face-sharing ions, vacant octahedra, vacant tetrahedra)."""
    rows = np.column_stack([getattr(found, name) for name in NAMES[1:5]])
    return np.unique(rows, axis=0).tolist()


def fcc(n):
    """Anions, octahedra and tetrahedra in the oblique primitive cell of fcc (edge 5.2 Å)."""
    primitive = 5.2 / 2 * np.array([[0.0, 1, 1], [1, 0, 1], [1, 1, 0]])
    anions = np.stack(np.meshgrid(*[np.arange(n)] * 3, indexing="ij"), axis=-1).reshape(-1, 3) @ primitive
    diagonal = primitive.sum(axis=0)
    tetrahedra = np.concatenate([anions + 0.25 * diagonal, anions + 0.75 * diagonal])
    return anions, anions + 0.5 * diagonal, tetrahedra, n * primitive


def test_octahedron_of_rock_salt_shares_twelve_edges_and_has_eight_vacant_tetrahedra():
    anions, octahedra, _, cell = fcc(4)
    found = around(octahedra, anions, cell)
    assert counts(found) == [[12, 0, 0, 8]]
    assert found.anion_distance == pytest.approx(5.2 / 2, rel=1e-9)
    assert found.ion_distance == pytest.approx(5.2 / np.sqrt(2), rel=1e-9)
    assert np.all(np.isnan(found.cation_distance))


def test_tetrahedron_of_antifluorite_shares_six_edges_and_has_four_vacant_octahedra():
    anions, _, tetrahedra, cell = fcc(4)
    found = around(tetrahedra, anions, cell)
    assert counts(found) == [[6, 0, 4, 0]]
    assert found.anion_distance == pytest.approx(5.2 * np.sqrt(3) / 4, rel=1e-9)


def test_octahedra_of_hcp_share_faces_along_the_axis():
    anions, octahedra, _, cell = hcp_holes((4, 4, 2))
    assert counts(around(octahedra, anions, cell)) == [[6, 2, 0, 6]]
    lower = octahedra[np.isclose(octahedra[:, 2] % C_HCP, 0)]
    found = around(lower, anions, cell)
    # every second layer empty: the octahedra above and below are vacant
    assert counts(found) == [[6, 0, 2, 6]]
    assert found.ion_distance == pytest.approx(A_HCP, rel=1e-9)


def test_tetrahedron_of_hcp_has_three_vacant_octahedra_and_one_vacant_tetrahedron():
    anions, _, tetrahedra, cell = hcp_holes((4, 4, 2))
    assert counts(around(tetrahedra[:1], anions, cell)) == [[0, 0, 3, 1]]


def test_cation_beyond_a_face_leaves_no_vacant_site_there():
    crystal = li3ycl6((2, 2, 2))
    above = crystal["Y"][:1] + crystal["cell"][2] / 4
    found = around(above, crystal["Cl"], crystal["cell"], crystal["Y"])
    # two octahedra of Y above and below; of its six tetrahedra none holds an atom
    assert counts(found) == [[0, 0, 0, 6]]
    assert found.cation_distance == pytest.approx(C_HCP / 2, rel=1e-9)


def test_anions_are_counted_by_species():
    anions, octahedra, tetrahedra, cell = hcp_holes((4, 4, 2))
    layer = np.isclose(anions[:, 2] % C_HCP, 0.25 * C_HCP)
    ions = np.concatenate([octahedra, tetrahedra])
    found = around(ions, anions, cell, species=layer.astype(np.int64))
    # an octahedron is between two layers; a tetrahedron has its apex in one and its base in the other
    assert np.all(found.anion_numbers[: len(octahedra)] == 3)
    assert {tuple(row) for row in found.anion_numbers[len(octahedra) :].tolist()} == {(1, 3), (3, 1)}


def test_vacant_neighbours_are_empty_holes_at_the_distance_of_a_shared_face():
    """Independent definition: holes of the perfect crystal, occupied or not, by their distances."""
    random = np.random.default_rng(11)
    anions, octahedra, tetrahedra, cell = hcp_holes((4, 4, 3))
    holes = np.concatenate([octahedra, tetrahedra])
    filled = np.zeros(len(holes), dtype=bool)
    filled[random.permutation(len(octahedra))[: len(octahedra) // 2]] = True
    found = around(
        holes[filled] + random.normal(0, 0.1, (filled.sum(), 3)),
        anions + random.normal(0, 0.06, anions.shape),
        cell,
    )
    apart = holes[None, ~filled] - holes[filled][:, None]
    apart -= np.round(apart @ np.linalg.inv(cell)) @ cell
    distance = np.linalg.norm(apart, axis=2)
    n_empty = (~filled[: len(octahedra)]).sum()
    assert np.array_equal(found.vacant_octahedra, (distance[:, :n_empty] < 3.1).sum(axis=1))
    # 2.29 Å from the centre of an octahedron; the next tetrahedra are at 3.8 Å
    assert np.array_equal(found.vacant_tetrahedra, (distance[:, n_empty:] < 3.0).sum(axis=1))


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_order_of_atoms_choice_of_cell_and_images_leave_surroundings_and_names(seed):
    random = np.random.default_rng(seed)
    crystal = li3ycl6((2, 2, 1))
    cell, places = crystal["cell"], crystal["Cl"]
    ions = np.concatenate([crystal["poor"], crystal["rich"]])
    ions = ions[random.permutation(len(ions))[:36]] + random.normal(0, 0.15, (36, 3))
    anions = places + random.normal(0, 0.08, places.shape)
    ids = np.arange(101, 101 + len(anions))

    def described(ions, anions, places, ids, cations, cell):
        found = around(ions, anions, cell, cations)
        cells = cells_from_place(anions, cell, places @ np.linalg.inv(cell))
        keys = site_keys(ion_sites(ions, anions, cell), ids, cells)
        return found, keys

    found, keys = described(ions, anions, places, ids, crystal["Y"], cell)
    other = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 1]]) @ cell
    order, reorder = random.permutation(len(ions)), random.permutation(len(anions))
    wandered = (ions + random.integers(-3, 4, ions.shape) @ cell)[order]
    again, _ = described(wandered, anions[reorder], places[reorder], ids[reorder], crystal["Y"], other)
    _, same_cell = described(
        wandered, (anions + random.integers(-2, 3, anions.shape) @ cell)[reorder], places[reorder],
        ids[reorder], crystal["Y"], cell,
    )  # fmt: skip
    for name in NAMES:
        assert getattr(again, name) == pytest.approx(getattr(found, name)[order], rel=1e-6), name
    assert np.array_equal(same_cell, keys[order])
    assert len(set(keys.tolist())) == len(keys)


def test_sites_above_each_other_in_one_unit_cell_have_different_names():
    """Both have the same six anions, in different images."""
    anions, octahedra, _, cell = hcp_holes((3, 3, 1))
    upper = np.isclose(octahedra[:, 2], C_HCP / 2)
    sites = ion_sites(octahedra, anions, cell)
    sets = [frozenset(row) for row in sites.images.index[sites.anions].tolist()]
    assert set(sets) == {one for one, up in zip(sets, upper, strict=True) if up}
    keys = site_keys(sites, np.arange(len(anions)), np.zeros_like(anions, dtype=np.int64))
    assert len(set(keys.tolist())) == len(octahedra)


def test_anion_that_crosses_the_boundary_of_the_cell_leaves_the_name():
    anions, octahedra, _, cell = hcp_holes((3, 3, 1))
    names = []
    for moved in (-0.1, 0.1):
        everywhere = np.array([moved, moved, moved])
        shifted = anions - anions[0] + everywhere
        cells = cells_from_place(shifted, cell, (anions - anions[0]) @ np.linalg.inv(cell))
        sites = ion_sites(octahedra - anions[0] + everywhere, shifted, cell)
        names.append(site_keys(sites, np.arange(len(anions)), cells))
    assert np.array_equal(*names)


def test_ion_in_no_polyhedron_has_no_name():
    anions, cell = np.array([[0.0, 0, 0], [6.0, 0, 0]]), np.diag([12.0, 14.0, 16.0])
    sites = ion_sites(np.array([[3.0, 0, 0]]), anions, cell)
    assert site_keys(sites, np.arange(2), np.zeros((2, 3), dtype=np.int64)).tolist() == [NO_SITE]


def test_nearest_atom_is_found_across_a_wide_empty_space():
    cell = np.diag([4.0, 4.0, 90.0])
    assert nearest_distances(np.array([[0, 0, 40.0]]), np.zeros((1, 3)), cell) == pytest.approx([40.0])
    alone = np.array([[1.0, 2.0, 3.0]])
    assert nearest_distances(alone, alone, cell, paired=True) == pytest.approx([4.0])


def test_mean_and_deviation_by_class_leave_out_what_does_not_exist():
    anions, octahedra, _, cell = hcp_holes((3, 3, 2))
    lower = octahedra[np.isclose(octahedra[:, 2] % C_HCP, 0)]
    found = around(lower, anions, cell)
    sums = class_sums(found, np.arange(len(lower)) % 2, 3)
    for own in sums[:2]:
        said = described(own)
        assert said["edge_sharing_ions"] == {"mean": 6.0, "deviation": 0.0}
        assert said["ion_distance_A"]["mean"] == pytest.approx(A_HCP, rel=1e-9)
        # there are no cations
        assert "cation_distance_A" not in said
    assert described(sums[2]) == {}
    values = np.array([1.0, 2.0, 4.0])
    one = np.array([[3, values.sum(), (values**2).sum()]] * len(NAMES[1:]))
    assert described(one)["anion_distance_A"] == pytest.approx(
        {"mean": values.mean(), "deviation": values.std()}, rel=1e-12
    )
