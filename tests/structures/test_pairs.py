import itertools

import numpy as np
import pytest

from atomstates.structures.pairs import half_width, ideal_counts, pair_counts

CUBE = 10.0 * np.eye(3)
SKEWED = np.array([[12.0, 0, 0], [-6.0, 10.4, 0], [3.0, -2.0, 11.0]])
CELLS = (CUBE, SKEWED, SKEWED @ np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0])


def by_brute_force(first, second, cell, edges, paired):
    """Nearest of all images up to two cells away, pair by pair."""
    shifts = np.array(list(itertools.product(range(-2, 3), repeat=3))) @ cell
    inverse = np.linalg.inv(cell)
    distances = []
    for i, j in itertools.product(range(len(first)), range(len(second))):
        if paired and i == j:
            continue
        fractional = (second[j] - first[i]) @ inverse
        apart = (fractional - np.round(fractional)) @ cell
        distances.append(np.linalg.norm(apart + shifts, axis=1).min())
    return np.histogram(distances, edges)[0]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("paired", [True, False])
def test_pairs_are_those_found_image_by_image(cell, paired):
    generator = np.random.default_rng(3)
    first, second = generator.uniform(-30, 30, size=(2, 40, 3))
    edges = np.linspace(0, half_width(cell), 12)
    found = pair_counts(first, second, cell, edges, paired=paired)
    np.testing.assert_array_equal(found, by_brute_force(first, second, cell, edges, paired))


def test_half_width_is_that_between_the_closest_faces():
    assert half_width(CUBE) == pytest.approx(5)
    # a hexagonal cell is as wide as the height of its triangle
    hexagonal = np.array([[8.0, 0, 0], [-4.0, 8 * np.sqrt(3) / 2, 0], [0, 0, 30]])
    assert half_width(hexagonal) == pytest.approx(8 * np.sqrt(3) / 4)


def test_shells_beyond_half_the_cell_are_refused():
    with pytest.raises(ValueError, match="shells to 6 Å in a cell of half width 5 Å"):
        pair_counts(np.zeros((2, 3)), np.zeros((2, 3)), CUBE, np.linspace(0, 6, 7), paired=True)


def test_simple_cubic_lattice_has_its_coordination_shells():
    sites = 2.5 * np.array(list(itertools.product(range(4), repeat=3)), dtype=float)
    edges = np.linspace(0, 4.8, 5)
    found = pair_counts(sites, sites, CUBE, edges, paired=True) / len(sites)
    # 6 neighbours at 2.5 Å, 12 at 3.54 Å, 8 at 4.33 Å; shells of 1.2 Å
    assert found.tolist() == [0, 0, 6 + 12, 8]


def test_atoms_anywhere_have_the_pairs_of_an_ideal_gas():
    generator, edges = np.random.default_rng(5), np.linspace(0, 5, 6)
    frames = generator.uniform(0, 10, size=(60, 50, 3))
    found = np.sum([pair_counts(f, f, CUBE, edges, paired=True) for f in frames], axis=0)
    expected = ideal_counts(60 * 50 * 49, 1000.0, edges)
    # ordered pairs come in twos
    assert np.all(np.abs(found - expected) < 4 * np.sqrt(2 * expected))
