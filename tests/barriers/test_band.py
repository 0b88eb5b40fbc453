"""First bands: nearest images, replicas, ways around an edge."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atomstates.barriers.band import (
    bumps,
    farthest_moved,
    initial_band,
    minimum_image_path,
    n_replicas_for,
    nearest_image,
    path_length,
    spread_evenly,
)

SKEWED = np.array([[6.0, 0.0, 0.0], [-3.0, 5.2, 0.0], [2.4, 2.1, 4.0]])
VERY_SKEWED = np.array([[3.0, 0.0, 0.0], [7.0, 4.0, 0.0], [-5.0, 9.0, 5.0]])


def nearest_by_brute_force(vector, cell, n=8):
    shifts = np.array(list(product(range(-n, n + 1), repeat=3))) @ cell
    return np.min(np.linalg.norm(vector + shifts, axis=1))


@pytest.mark.parametrize("cell", [SKEWED, VERY_SKEWED])
def test_nearest_image_is_the_shortest_of_all_in_a_skewed_cell(cell):
    vectors = np.random.default_rng(3).uniform(-9, 9, (40, 3))
    found = nearest_image(vectors, cell)
    shifts = (found - vectors) @ np.linalg.inv(cell)
    assert shifts == pytest.approx(np.round(shifts), abs=1e-9)
    shortest = [nearest_by_brute_force(vector, cell) for vector in found]
    assert np.linalg.norm(found, axis=1) == pytest.approx(shortest, rel=1e-9)


def test_rounding_fractions_is_not_enough_in_a_skewed_cell():
    """By hand: half of both vectors of a cell of 120° is longer than a cell vector away from it."""
    cell = np.array([[10.0, 0, 0], [-5.0, 8.660254, 0], [0, 0, 10.0]])
    vector = np.array([0.49, -0.49, 0.0]) @ cell
    folded = vector - np.round(vector @ np.linalg.inv(cell)) @ cell
    assert np.linalg.norm(folded) == pytest.approx(8.487, rel=1e-3)
    assert np.linalg.norm(nearest_image(vector, cell)) == pytest.approx(5.002, rel=1e-3)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(*[st.integers(-3, 3)] * 3), min_size=4, max_size=4))
def test_image_in_which_an_end_is_given_does_not_matter(shifts):
    start = np.random.default_rng(1).uniform(0, 5, (4, 3))
    end = start + np.random.default_rng(2).uniform(-0.8, 0.8, (4, 3))
    moved = minimum_image_path(start, end + np.array(shifts) @ SKEWED, SKEWED)
    assert moved == pytest.approx(end, abs=1e-9)


def test_replicas_are_at_equal_distances_on_a_straight_line():
    start, end = np.zeros((2, 3)), np.array([[4.0, 0, 0], [0, 0, 0]])
    band = initial_band(start, end, np.eye(3) * 20, 5)
    assert band[:, 0, 0] == pytest.approx([0, 1, 2, 3, 4], rel=1e-12)
    assert path_length(band) == pytest.approx(4.0, rel=1e-12)


def test_band_by_way_of_a_point_passes_it_and_keeps_its_ends():
    start, end = np.zeros((1, 3)), np.array([[6.0, 0, 0]])
    band = initial_band(start, end, np.eye(3) * 20, 11, via=np.array([[3.0, 4.0, 0]]))
    assert path_length(band) == pytest.approx(10.0, rel=1e-12)
    assert band[5, 0] == pytest.approx([3.0, 4.0, 0.0], rel=1e-12)
    assert np.array_equal(band[0], start)
    assert np.array_equal(band[-1], end)


def test_path_across_the_boundary_takes_the_short_way():
    cell = np.eye(3) * 10
    band = initial_band(np.array([[0.5, 5, 5]]), np.array([[9.5, 5, 5]]), cell)
    assert path_length(band) == pytest.approx(1.0, rel=1e-12)


def test_long_paths_have_more_replicas():
    numbers = [n_replicas_for(length) for length in (1.0, 2.1, 4.2, 8.0, 50.0)]
    assert numbers == [5, 7, 11, 21, 21]
    assert all(n % 2 for n in numbers)


def test_band_without_a_path_is_refused():
    with pytest.raises(ValueError, match="no path"):
        initial_band(np.ones((3, 3)), np.ones((3, 3)), np.eye(3) * 9, 5)
    with pytest.raises(ValueError, match="3 replicas"):
        spread_evenly(np.zeros((2, 1, 3)), 2)


EDGE = 3.6
"""Å, of two regular octahedra that share the edge along z; their centres lie on x."""


def two_octahedra():
    half = EDGE / 2
    shared = [[0, 0, half], [0, 0, -half]]
    # the tetrahedra at either side of the edge, closed by two corners of each octahedron
    rest = [[x * EDGE / 2, y * EDGE / np.sqrt(2), 0] for x, y in product((-1, 1), repeat=2)]
    far = [[x * EDGE, y, z] for x in (-1, 1) for y, z in ((0, half), (0, -half))]
    return np.array(shared + rest + far) + 20.0


def test_hop_across_an_edge_has_a_way_on_either_side_of_it():
    anions = two_octahedra()
    start = np.concatenate([[[20 - EDGE / 2, 20, 20]], anions])
    end = np.concatenate([[[20 + EDGE / 2, 20, 20]], anions])
    cell = np.eye(3) * 40
    assert farthest_moved(start, end, cell) == 0
    sides = [via[0] - 20.0 for via in bumps(start, end, cell)]
    assert sides[0] == pytest.approx(-sides[1], abs=1e-12)
    # across the hop, across the edge
    assert abs(sides[0][1]) == pytest.approx(0.9, rel=1e-12)
    assert sides[0][[0, 2]] == pytest.approx([0, 0], abs=1e-12)
    assert all(np.array_equal(via[1:], anions) for via in bumps(start, end, cell))


def test_hop_with_room_goes_straight():
    anions = two_octahedra()[2:]
    start = np.concatenate([[[18.2, 20, 20]], anions])
    end = np.concatenate([[[21.8, 20, 20]], anions])
    assert bumps(start, end, np.eye(3) * 40) == []
