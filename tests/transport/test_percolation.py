"""Percolation of planted landscapes, by hand and by brute force."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atomstates.transport.maps.passage import FEWEST_VISITS, passages
from atomstates.transport.maps.percolation import Percolation, percolation
from atomstates.units import BOLTZMANN


def channel_along(axis, visits=20, shape=(5, 6, 7)):
    counts = np.zeros(shape, dtype=np.int64)
    place = [2, 3, 4]
    place[axis] = slice(None)
    counts[tuple(place)] = visits
    return counts


@pytest.mark.parametrize("axis", range(3))
def test_straight_channel_percolates_along_its_axis_only(axis):
    found = percolation(channel_along(axis))
    assert found.along.tolist() == [20 if i == axis else 0 for i in range(3)]
    assert found.dimensions.tolist() == [20, 0, 0]


def test_isolated_blob_that_lies_across_the_border_percolates_nowhere():
    counts = np.zeros((6, 6, 6), dtype=np.int64)
    counts[np.ix_([-2, -1, 0, 1], [-1, 0], [-2, -1, 0, 1])] = 9
    found = percolation(counts)
    assert found.along.tolist() == found.dimensions.tolist() == [0, 0, 0]
    assert found.peak == 9


def test_channel_with_a_gap_does_not_percolate():
    counts = channel_along(2)
    counts[2, 3, 5] = 0
    assert not percolation(counts).along.any()


def test_rarest_voxel_of_the_best_way_is_what_counts():
    """Two channels along c: one with voxels 9, 8, 3, one with 5, 4, 6: the second one is the better."""
    counts = np.zeros((4, 4, 3), dtype=np.int64)
    counts[0, 0], counts[2, 2] = (9, 8, 3), (5, 4, 6)
    found = percolation(counts)
    assert found.along.tolist() == [0, 0, 4]
    assert found.peak == 9


def test_way_around_a_rare_voxel_is_taken():
    counts = np.zeros((4, 4, 4), dtype=np.int64)
    counts[0, 0] = (9, 9, 1, 9)
    counts[1, 0, 1:4] = 7
    assert percolation(counts).along.tolist() == [0, 0, 7]


def test_diagonal_channel_winds_around_two_axes_in_one_dimension():
    counts = np.zeros((4, 4, 4), dtype=np.int64)
    for step in range(4):
        counts[step, step, 1] = counts[(step + 1) % 4, step, 1] = 5
    found = percolation(counts)
    assert found.along.tolist() == [5, 5, 0]
    assert found.dimensions.tolist() == [5, 0, 0]


def test_staircase_winds_around_both_axes():
    """A staircase of slope 1/2: closed after eight steps along a and four along b."""
    counts = np.zeros((8, 4, 3), dtype=np.int64)
    for step in range(8):
        counts[step, step // 2, 0] = counts[step, (step + 1) // 2 % 4, 0] = 6
    assert percolation(counts).along.tolist() == [6, 6, 0]


def test_crossing_channels_are_two_dimensional_only_where_they_meet():
    apart = channel_along(0) + np.roll(channel_along(1), 2, axis=2)
    found = percolation(apart)
    assert found.along.tolist() == [20, 20, 0]
    assert found.dimensions.tolist() == [20, 0, 0]
    joined = apart.copy()
    joined[2, 3, 4:7] = np.maximum(joined[2, 3, 4:7], 8)
    assert percolation(joined).dimensions.tolist() == [20, 8, 0]


def test_sheet_and_full_cell_percolate_in_two_and_three_dimensions():
    sheet = np.zeros((4, 5, 6), dtype=np.int64)
    sheet[:, 2, :] = 3
    assert percolation(sheet).dimensions.tolist() == [3, 3, 0]
    assert percolation(sheet).along.tolist() == [3, 0, 3]
    assert percolation(np.full((3, 3, 3), 2)).dimensions.tolist() == [2, 2, 2]


def wound_axes(counts, threshold):
    """By definition: walk over the region in the infinite crystal; a voxel met in two images winds."""
    shape, axes = np.array(counts.shape), set()
    for start in np.argwhere(counts >= threshold):
        images, queue = {tuple(start): np.zeros(3, int)}, [tuple(start)]
        while queue:
            here = queue.pop()
            for axis, way in product(range(3), (-1, 1)):
                there = np.array(here)
                there[axis] += way
                image = images[here] + there // shape
                key = tuple(there % shape)
                if counts[key] < threshold:
                    continue
                if key not in images:
                    images[key] = image
                    queue.append(key)
                else:
                    axes |= set(np.flatnonzero(images[key] != image).tolist())
    return axes


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.2, 0.7))
def test_thresholds_are_those_of_a_walk_through_the_crystal(seed, filling):
    generator = np.random.default_rng(seed)
    counts = generator.integers(1, 5, (4, 3, 5)) * (generator.random((4, 3, 5)) < filling)
    if not counts.any():
        return
    found = percolation(counts)
    for axis in range(3):
        thresholds = [level for level in range(1, 6) if axis in wound_axes(counts, level)]
        assert found.along[axis] == max(thresholds, default=0)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.permutations(range(3)), st.tuples(*[st.integers(-9, 9)] * 3))
def test_origin_order_of_axes_and_repeated_cell_change_nothing(seed, order, shift):
    counts = np.random.default_rng(seed).poisson(1.2, (4, 5, 6))
    before = percolation(counts)
    moved = percolation(np.roll(counts, shift, axis=(0, 1, 2)).transpose(order))
    assert moved.along.tolist() == before.along[list(order)].tolist()
    assert moved.dimensions.tolist() == before.dimensions.tolist()
    doubled = percolation(np.tile(counts, (2, 1, 1)))
    assert doubled.along.tolist() == before.along.tolist()
    assert doubled.dimensions.tolist() == before.dimensions.tolist()


def test_dimensions_do_not_depend_on_the_choice_of_the_cell():
    """A channel along a of the cell (a, b, c) is one along a' − b' of the cell (a, a + b, c)."""
    n, counts = 6, np.zeros((6, 6, 4), dtype=np.int64)
    counts[:, 2:4, 1] = 7  # along a, two voxels wide: still joined through faces in the other cell
    sheared = np.zeros_like(counts)
    for i, j, k in np.ndindex(counts.shape):  # i a + j b = (i − j) a' + j (a + b)
        sheared[(i - j) % n, j, k] = counts[i, j, k]
    assert percolation(sheared).along.tolist() == percolation(counts).along.tolist() == [7, 0, 0]
    counts = np.transpose(counts, (1, 0, 2))  # along b: in the other cell along a' and b'
    for i, j, k in np.ndindex(counts.shape):
        sheared[(i - j) % n, j, k] = counts[i, j, k]
    assert percolation(sheared).along.tolist() == [7, 7, 0]
    assert percolation(sheared).dimensions.tolist() == percolation(counts).dimensions.tolist() == [7, 0, 0]


def landscape(barrier, temperature, shape=(8, 8, 16)):
    """exp(−U/kT) of a channel along c in a harmonic well: U = ΔF/2 (1 − cos 2πz) + k r²/2."""
    x, y, z = np.meshgrid(*[np.arange(n) / n for n in shape], indexing="ij")
    away = 40 * ((x - 0.5) ** 2 + (y - 0.5) ** 2)
    return np.exp(-barrier / 2 * (1 - np.cos(2 * np.pi * z)) / (BOLTZMANN * temperature) - away)


def test_barrier_of_a_known_landscape_is_found_within_its_error():
    temperature, barrier = 600.0, 0.2
    rho = landscape(barrier, temperature)
    generator = np.random.default_rng(4)
    deviations = []
    for _ in range(12):
        found = passages(generator.poisson(1500 * np.stack([rho] * 4)), temperature)
        assert found.axes == "c"
        deviations.append((found.along[2].barrier - barrier) / found.along[2].error)
        assert 0.002 < found.along[2].error < 0.02
    # the best of several ways through noise is a little too easy
    assert abs(np.mean(deviations)) < 1.5
    assert np.max(np.abs(deviations)) < 4


def test_barrier_without_noise_is_exact():
    found = passages(np.round(1e9 * np.stack([landscape(0.2, 600.0)] * 2)).astype(int), 600.0)
    assert found.along[2].barrier == pytest.approx(0.2, rel=1e-6)


def test_path_that_was_seldom_visited_gives_a_bound_in_place_of_a_barrier():
    counts = channel_along(2, visits=1000)
    counts[2, 3, 0] = FEWEST_VISITS - 2
    found = passages(np.stack([counts // 2, counts - counts // 2]), 500.0)
    assert (found.axes, found.dimensions) == ("", 0)
    assert found.along[2].visits == FEWEST_VISITS - 2
    assert found.along[2].barrier is None
    # 3 visits or fewer come with 5 % from a mean of 7.754 (tables of the Poisson distribution)
    assert found.along[2].bound == pytest.approx(BOLTZMANN * 500 * np.log(1000 / 7.754), rel=1e-4)


def test_ways_of_ions_that_passed_in_one_group_only_are_uncertain():
    steady = channel_along(0, visits=100)
    seldom = np.where(np.arange(5)[:, None, None] == 0, 0, steady)
    even = passages(np.stack([steady] * 4), 500.0)
    uneven = passages(np.stack([seldom, seldom, seldom, steady]), 500.0)
    assert uneven.along[0].error > 5 * even.along[0].error


def test_difference_to_finer_voxels_is_part_of_the_error():
    counts = channel_along(0, visits=400)
    counts[0, 3, 4] = 100
    groups = np.stack([counts // 4] * 4)
    finer = Percolation(along=np.array([10, 0, 0]), dimensions=np.array([10, 0, 0]), peak=55)
    kt = BOLTZMANN * 500
    alone, compared = passages(groups, 500.0).along[0], passages(groups, 500.0, finer).along[0]
    assert alone.error == pytest.approx(kt / np.sqrt(100), rel=1e-12)
    difference = kt * (np.log(55 / 10) - np.log(400 / 100))
    assert compared.error == pytest.approx(np.hypot(alone.error, difference), rel=1e-12)
    assert compared.barrier == alone.barrier


def test_map_without_a_visit_is_refused():
    with pytest.raises(ValueError, match="visited"):
        percolation(np.zeros((3, 3, 3), dtype=np.int64))
