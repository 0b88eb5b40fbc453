"""Weighted distributions and rates of hops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atomstates.barriers.distribution import Barriers, histogram, weighted_moments
from atomstates.barriers.rates import mean_rate_of_paths, transition_state_rate
from atomstates.units import BOLTZMANN


def barriers(value, weight=None, hop=None):
    value = np.array(value, dtype=float)
    weight = np.ones(len(value)) if weight is None else np.array(weight, dtype=float)
    return Barriers(value, weight, np.arange(len(value)) if hop is None else np.array(hop))


def test_weights_count_like_so_many_equal_hops():
    heavy = weighted_moments(barriers([0.1, 0.4], [3, 1]), 50, 1)
    equal = weighted_moments(barriers([0.1, 0.1, 0.1, 0.4]), 50, 1)
    for name in ("mean", "deviation", "median"):
        assert getattr(heavy, name)[0] == pytest.approx(getattr(equal, name)[0])
    assert heavy.mean[0] == pytest.approx(0.175)
    assert heavy.deviation[0] == pytest.approx(0.3 * np.sqrt(3) / 4)


def test_error_of_the_mean_is_that_of_independent_hops():
    value = np.random.default_rng(5).normal(0.3, 0.05, 400)
    found = weighted_moments(barriers(value), 2000, 1)
    assert found.mean[1] == pytest.approx(value.std() / 20, rel=0.1)


def test_both_directions_of_a_hop_are_drawn_together():
    """Twice the barriers of the same hops tell no more."""
    value = np.random.default_rng(5).normal(0.3, 0.05, 100)
    once = weighted_moments(barriers(value), 1000, 1)
    both = weighted_moments(barriers(np.repeat(value, 2), hop=np.repeat(np.arange(100), 2)), 1000, 1)
    assert both.mean[1] == pytest.approx(once.mean[1], rel=1e-9)


def test_one_hop_has_no_error():
    found = weighted_moments(barriers([0.2, 0.3], hop=[0, 0]), 100, 1)
    assert found.mean[0] == pytest.approx(0.25)
    assert np.isnan(found.mean[1])


def test_effective_number_of_hops():
    assert barriers([0.1, 0.2, 0.3]).effective_hops == pytest.approx(3)
    assert barriers([0.1, 0.2], [9, 1]).effective_hops == pytest.approx(100 / 82)


@given(
    st.lists(st.tuples(st.floats(0, 2), st.floats(0.1, 50)), min_size=1, max_size=30),
    st.sampled_from([0.01, 0.05, 0.1]),
)
def test_histogram_is_normalised(pairs, width):
    value, weight = zip(*pairs, strict=True)
    left, density, _ = histogram(barriers(value, weight), width, 10, 1)
    assert density.sum() * width == pytest.approx(1)
    assert left[0] <= min(value) + 1e-7
    assert left[-1] + width >= max(value) - 1e-7


def test_barriers_that_are_no_numbers_are_refused():
    with pytest.raises(ValueError, match="finite"):
        barriers([0.1, np.nan])


def test_rate_falls_by_e_for_each_kt():
    temperature = 600.0
    rate = transition_state_rate(np.array([0.2, 0.2 + BOLTZMANN * temperature]), temperature, 5.0)
    assert rate[0] / rate[1] == pytest.approx(np.e)
    assert transition_state_rate(np.array([0.0]), temperature, 5.0)[0] == pytest.approx(5.0)


def test_mean_rate_of_paths_is_found_from_hops_that_prefer_fast_ones():
    """Paths of two barriers, equally many; hops are seen in proportion to their rates."""
    barrier, temperature = np.array([0.1, 0.2]), 500.0
    rate = transition_state_rate(barrier, temperature, 5.0)
    seen = rate / rate.sum()
    assert mean_rate_of_paths(barrier, seen, temperature, 5.0) == pytest.approx(rate.mean())
