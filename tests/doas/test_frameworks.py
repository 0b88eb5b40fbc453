"""Sites in frameworks of every kind, against crystals where they are known and against other methods."""

import numpy as np
import pytest
from frameworks import FRAMEWORKS, argyrodite, bcc, fcc, garnet, hcp
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.spatial import ConvexHull, Delaunay

from atomstates.doas.polyhedra import anion_polyhedra, framework_polyhedra
from atomstates.doas.sites import OCTAHEDRAL, OTHER, TETRAHEDRAL, ion_sites, sites_in_frames

SEEDS = st.integers(0, 2**32 - 1)
known = pytest.mark.parametrize("make", FRAMEWORKS, ids=lambda make: make.__name__)


def moved(positions, size, random):
    """Every atom by the same distance in a direction of its own."""
    direction = random.normal(size=positions.shape)
    return positions + size * direction / np.linalg.norm(direction, axis=1)[:, None]


def kinds(framework, sites):
    return np.array_equal(sites.kind == OCTAHEDRAL, framework.is_octahedral) and np.array_equal(
        sites.kind == TETRAHEDRAL, ~framework.is_octahedral
    )


@known
def test_known_sites_of_a_crystal_are_found(make):
    framework = make()
    sites = ion_sites(framework.sites, framework.anions, framework.cell)
    assert kinds(framework, sites)
    assert sites.clarity.min() > 0.5


@known
def test_pieces_fill_the_cell_without_gap_or_overlap(make):
    """Face to face, none inside out, and their volumes add up to the cell's."""
    framework = make()
    found = anion_polyhedra(framework.anions, framework.cell)
    corners = (found.places[found.pieces.atom] + found.pieces.shift) @ framework.cell
    volumes = np.linalg.det(corners[:, 1:] - corners[:, :1]) / 6
    assert volumes.min() > -1e-9
    assert volumes.sum() == pytest.approx(np.linalg.det(framework.cell), rel=1e-9)


@pytest.mark.parametrize(
    ("make", "octahedra", "tetrahedra"),
    [
        (hcp, 96, 192),
        (fcc, 108, 216),
        (bcc, 0, 12 * 27),
        # 16a around Zr, 16b empty, 48g; 24d and the 96 tetrahedra between; dodecahedra around La
        (garnet, 80, 120),
        # a Laves framework: 17 tetrahedra for every three anions
        (argyrodite, 0, 136 * 8),
    ],
)
def test_polyhedra_of_a_crystal_are_as_many_as_known(make, octahedra, tetrahedra):
    framework = make()
    found = anion_polyhedra(framework.anions, framework.cell)
    assert np.sum(found.kind == OCTAHEDRAL) == octahedra
    assert np.sum(found.kind == TETRAHEDRAL) == tetrahedra


@known
def test_thermal_displacements_leave_the_sites(make):
    """0.2 Å and 0.3 Å in random directions, with the polyhedra of the crystal: nothing changes. From
    each frame alone, nearly nothing in close packings; the narrow octahedra of a garnet (2.7 Å
    between anions) need the crystal's."""
    framework, random = make(), np.random.default_rng(1)
    crystal = anion_polyhedra(framework.anions, framework.cell)
    for size in (0.2, 0.3):
        anions, ions = (moved(part, size, random) for part in (framework.anions, framework.sites))
        with_crystal = ion_sites(ions, anions, framework.cell, crystal)
        assert kinds(framework, with_crystal)
        if make is not garnet:
            alone = ion_sites(ions, anions, framework.cell)
            right = (alone.kind == OCTAHEDRAL) == framework.is_octahedral
            assert np.mean(right | (alone.kind == OTHER)) >= 0.99


@known
def test_sites_are_found_with_polyhedra_of_thermal_frames_alone(make):
    framework, random = make(), np.random.default_rng(2)
    cell = framework.cell
    frames = np.array([moved(framework.anions, 0.25, random) for _ in range(40)])
    # a drift of all, and atoms wandered by whole cells
    frames += random.uniform(-5, 5, (40, 1, 3)) + random.integers(-2, 3, frames.shape) @ cell
    found = framework_polyhedra(frames, np.repeat(cell[None], 40, axis=0))
    drift = (frames[0] - framework.anions) @ np.linalg.inv(cell)
    shift = np.median(drift - np.round(drift - drift[:1]), axis=0) @ cell
    assert kinds(framework, ion_sites(framework.sites + shift, frames[0], cell, found))


@known
def test_sites_agree_with_containment_in_convex_hulls(make):
    """Second method: the corners of every ion's polyhedron are those of the crystal, and it is inside
    where the hull of these corners, as they are now, holds it."""
    framework, random = make(), np.random.default_rng(3)
    cell = framework.cell
    crystal = anion_polyhedra(framework.anions, cell)
    ideal = ion_sites(framework.sites, framework.anions, cell, crystal)
    anions, ions = moved(framework.anions, 0.1, random), moved(framework.sites, 0.6, random)
    found = ion_sites(ions, anions, cell, crystal)
    corners = anions[ideal.corners.atom] + ideal.corners.shift @ cell
    points = ideal.points + ions - framework.sites
    chosen = random.permutation(len(points))[:120]
    inside = [Delaunay(corners[n][ideal.corners.atom[n] >= 0]).find_simplex(points[n]) >= 0 for n in chosen]
    assert np.mean(inside) > 0.5
    assert np.mean((found.polyhedron == ideal.polyhedron)[chosen] == inside) >= 0.99


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.integers(3, 30))
def test_anions_in_any_disorder_fill_space(seed, n_anions):
    """No framework at all: the pieces still add up to the cell, octahedra put together or not."""
    random = np.random.default_rng(seed)
    cell = np.diag(random.uniform(0.8, 1.2, 3)) * (40 * n_anions) ** (1 / 3)
    cell += np.triu(random.uniform(-2, 2, (3, 3)), 1)
    fractional = random.random((n_anions, 3))
    apart = fractional[:, None] - fractional
    assume(
        np.linalg.norm((apart - np.round(apart)) @ cell, axis=2)[~np.eye(n_anions, dtype=bool)].min() > 0.5
    )
    found = anion_polyhedra(fractional @ cell, cell)
    corners = (found.places[found.pieces.atom] + found.pieces.shift) @ cell
    assert np.linalg.det(corners[:, 1:] - corners[:, :1]).sum() / 6 == pytest.approx(np.linalg.det(cell))


def test_bromide_among_chloride_changes_no_site():
    framework, random = hcp(), np.random.default_rng(4)
    bromide = random.random(len(framework.anions)) < 0.5
    mixed = moved(framework.anions, 0.05, random)
    mixed[bromide] = moved(mixed[bromide], 0.15, random)
    order = np.concatenate([np.flatnonzero(~bromide), np.flatnonzero(bromide)])
    assert kinds(framework, ion_sites(framework.sites, mixed[order], framework.cell))


@settings(max_examples=8, deadline=None)
@given(SEEDS, st.sampled_from(FRAMEWORKS))
def test_any_cell_of_the_lattice_and_any_strain_give_the_same_sites(seed, make):
    framework, random = make(), np.random.default_rng(seed)
    skew = np.array([[1, 0, 0], [1, 1, 0], [-1, 1, 1]])
    strain = np.eye(3) + random.uniform(-0.03, 0.03, (3, 3))
    order = random.permutation(len(framework.anions))
    wandered = framework.anions[order] + random.integers(-2, 3, framework.anions.shape) @ framework.cell
    found = ion_sites(framework.sites @ strain, wandered @ strain, skew @ framework.cell @ strain)
    assert kinds(framework, found)


def test_anion_that_left_its_place_is_seen_in_its_own_frame():
    """The polyhedra of the crystal no longer fit: the sites are those from the frame alone."""
    framework = fcc()
    crystal = anion_polyhedra(framework.anions, framework.cell)
    anions = framework.anions.copy()
    anions[[0, 1]] = anions[[1, 0]]
    found = ion_sites(framework.sites, anions, framework.cell, crystal)
    assert found.polyhedra is not crystal
    assert kinds(framework, found)


@known
def test_frames_at_once_have_the_sites_of_frames_one_by_one(make):
    """Drifting, breathing, wrapped at random, more than fit into one piece of work; in one of them two
    anions have changed places, so that the polyhedra of the crystal do not fit."""
    framework, random = make(), np.random.default_rng(4)
    crystal = anion_polyhedra(framework.anions, framework.cell)
    strain = np.eye(3) + random.normal(0, 0.003, (12, 3, 3))
    cells = framework.cell @ strain
    drift = random.uniform(-5, 5, (12, 1, 3))
    ions, anions = (
        np.array([moved(part, size, random) for _ in range(12)]) @ strain
        + drift
        + random.integers(-2, 3, (12, len(part), 3)) @ cells
        for part, size in ((np.repeat(framework.sites, 4, axis=0), 0.7), (framework.anions, 0.15))
    )
    anions[5, [0, 1]] = anions[5, [1, 0]]
    together = sites_in_frames(ions, anions, cells, crystal)
    for f, found in enumerate(together):
        alone = ion_sites(ions[f], anions[f], cells[f], crystal)
        assert (found.polyhedra is crystal) == (f != 5)
        for name in ("polyhedron", "moved", "kind", "clarity", "points"):
            assert np.array_equal(getattr(found, name), getattr(alone, name)), (f, name)
        assert all(np.array_equal(*pair) for pair in zip(found.corners, alone.corners, strict=True))


def test_centre_of_a_cube_of_anions_is_neither():
    """As in CsCl: eight anions around, which the tessellation cuts into tetrahedra."""
    anions = np.stack(np.meshgrid(*[np.arange(3)] * 3, indexing="ij"), axis=-1).reshape(-1, 3) * 4.1
    found = ion_sites(anions + 2.05, anions, 12.3 * np.eye(3))
    assert np.all(found.kind == OTHER)


def test_corners_of_a_polyhedron_hold_the_ion():
    framework = argyrodite()
    found = ion_sites(framework.sites, framework.anions, framework.cell)
    corners = found.images.positions[found.anions[:, :4]]
    for four, point in zip(corners[::100], found.points[::100], strict=True):
        volume = ConvexHull(four).volume
        assert ConvexHull(np.vstack([four, point])).volume == pytest.approx(volume, rel=1e-9)


def test_two_anions_in_one_place_are_refused():
    with pytest.raises(ValueError, match="two anions are in one place"):
        anion_polyhedra(np.zeros((4, 3)), 8 * np.eye(3))
