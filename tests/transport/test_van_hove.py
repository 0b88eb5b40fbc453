import numpy as np
import pytest

from atomstates.structures.pairs import half_width
from atomstates.transport import distinct_van_hove, self_van_hove
from atomstates.transport.van_hove import chosen_lags, distinct_edges, origins

EDGES = np.linspace(0, 12, 61)
MIDDLE = (EDGES[1:] + EDGES[:-1]) / 2
SKEWED = np.array([[12.0, 0, 0], [-6.0, 10.4, 0], [3.0, -2.0, 11.0]])


def gaussian_walk(generator, n_frames, n_ions, variance):
    return np.cumsum(generator.normal(0, np.sqrt(variance), size=(n_frames, n_ions, 3)), axis=0)


def test_gaussian_walk_has_the_closed_form():
    # <Δx²> = 2 D t
    walk, lag, variance = gaussian_walk(np.random.default_rng(1), 1200, 200, 0.05), 40, 0.05
    dt4 = 2 * variance * lag
    expected = 4 * np.pi * MIDDLE**2 * (np.pi * dt4) ** -1.5 * np.exp(-(MIDDLE**2) / dt4)
    found = self_van_hove(walk, lag, EDGES)
    np.testing.assert_allclose(found, expected, atol=0.03 * expected.max())
    assert np.sum(found) * 0.2 == pytest.approx(1, rel=1e-4)


def test_hops_are_peaks_at_their_length():
    still = np.zeros((10, 4, 3))
    still[5:, 0] = [3.1, 0, 0]
    found = self_van_hove(still, 1, EDGES) * 0.2
    # one of 9 x 4 displacements
    assert found[15] == pytest.approx(1 / 36)
    assert found[0] == pytest.approx(35 / 36)


def test_distinct_part_at_once_is_the_radial_distribution_of_an_ideal_gas():
    frames = np.random.default_rng(2).uniform(0, 30, size=(80, 60, 3))
    edges = np.linspace(0, half_width(SKEWED), 6)
    found = distinct_van_hove(frames, frames, SKEWED, edges)
    np.testing.assert_allclose(found[1:], 1, atol=0.05)


def test_ion_that_takes_the_place_of_another_gives_a_peak_at_zero():
    places = np.random.default_rng(3).uniform(0, 10, size=(1, 20, 3))
    edges = np.array([0, 0.1, 0.2, 0.3])
    found = distinct_van_hove(places, np.roll(places, 1, axis=1), SKEWED, edges)
    volume = np.linalg.det(SKEWED)
    # each of the 20 ions stands where another one was: 20 of 20 x 19 pairs
    assert found[0] == pytest.approx(volume / (19 * 4 / 3 * np.pi * 0.1**3), rel=1e-9)


def test_whole_cells_that_ions_wandered_do_not_matter_to_the_distinct_part():
    generator = np.random.default_rng(4)
    earlier, later = generator.uniform(0, 10, size=(2, 3, 25, 3))
    edges = distinct_edges(SKEWED)
    wandered = later + generator.integers(-2, 3, size=later.shape) @ SKEWED
    np.testing.assert_array_equal(
        distinct_van_hove(earlier, wandered, SKEWED, edges),
        distinct_van_hove(earlier, later, SKEWED, edges),
    )


def test_lags_reach_from_a_picosecond_to_half_the_run():
    assert chosen_lags(1001, 0.1, 0.5).tolist() == [10, 27, 71, 188, 500]
    assert chosen_lags(11, 2.0, 0.5).tolist() == [1, 2, 3, 5]
    assert chosen_lags(2, 2.0, 0.5).tolist() == []


def test_origins_are_spread_over_the_run():
    assert len(origins(500, 72)) == 64
    assert len(origins(500, 5000)) == 8
    assert origins(500, 5000)[[0, -1]].tolist() == [0, 499]
    assert origins(3, 72).tolist() == [0, 1, 2]
