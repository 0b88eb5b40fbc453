"""Heat capacity of relaxed cells, against systems whose heat capacity is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atomstates.doas.heat_capacity import difference_heat_capacity, fluctuation_heat_capacity
from atomstates.units import BOLTZMANN

GAP, TEMPERATURE, N_IONS = 0.12, 600.0, 72
"""eV, K: independent ions with two levels."""


def excited(temperature):
    return 1 / (1 + np.exp(GAP / (BOLTZMANN * temperature)))


def two_level_heat_capacity(temperature):
    """C/k = x² e^x/(1 + e^x)² with x = gap/kT, per ion (Schottky)."""
    x = GAP / (BOLTZMANN * temperature)
    return x**2 * np.exp(x) / (1 + np.exp(x)) ** 2


def sampled(n_snapshots, seed):
    return GAP * np.random.default_rng(seed).binomial(N_IONS, excited(TEMPERATURE), n_snapshots)


def test_two_energies_are_worked_by_hand():
    # E = ±1 eV: <E²> - <E>² = 1, times n/(n - 1) = 2; N = 4, kT = 0.1 eV.
    value, error, n_blocks = fluctuation_heat_capacity([np.array([3.0, 5.0])], 0.1 / BOLTZMANN, 4, 1, 50, 1)
    assert value == pytest.approx(2 / (4 * 0.01), rel=1e-12)
    assert error > 0
    assert n_blocks == 2


def test_fluctuations_of_two_levels_give_their_schottky_anomaly():
    value, error, _ = fluctuation_heat_capacity([sampled(4000, 5)], TEMPERATURE, N_IONS, 1, 200, 1)
    exact = two_level_heat_capacity(TEMPERATURE)
    assert abs(value - exact) < 3 * error
    assert error < 0.03 * exact


def test_few_snapshots_give_the_same_heat_capacity_on_average():
    values = [
        fluctuation_heat_capacity([sampled(6, 100 + draw)], TEMPERATURE, N_IONS, 2, 2, 1)[0]
        for draw in range(3000)
    ]
    exact = two_level_heat_capacity(TEMPERATURE)
    assert np.mean(values) == pytest.approx(exact, abs=3 * np.std(values) / np.sqrt(3000), rel=0)


def test_error_is_the_spread_of_independent_runs():
    found = [
        fluctuation_heat_capacity([sampled(100, 300 + draw)], TEMPERATURE, N_IONS, 1, 100, draw)
        for draw in range(200)
    ]
    values, errors, _ = np.array(found).T
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.15)


def test_snapshots_that_repeat_each_other_count_once():
    once = sampled(30, 8)
    single = fluctuation_heat_capacity([once], TEMPERATURE, N_IONS, 1, 50, 3)
    double = fluctuation_heat_capacity([np.repeat(once, 2)], TEMPERATURE, N_IONS, 2, 50, 3)
    assert double == pytest.approx(single, rel=1e-9)


@given(st.floats(-1e4, 1e4), st.integers(1, 4))
def test_zero_of_energies_and_order_of_runs_do_not_matter(shift, block):
    runs = [sampled(20, 1), sampled(12, 2)]
    here = fluctuation_heat_capacity(runs, TEMPERATURE, N_IONS, block, 10, 3)
    shifted = fluctuation_heat_capacity([run + shift for run in runs], TEMPERATURE, N_IONS, block, 10, 3)
    assert shifted == pytest.approx(here, rel=1e-6)
    assert fluctuation_heat_capacity(runs[::-1], TEMPERATURE, N_IONS, block, 10, 3)[0] == pytest.approx(
        here[0], rel=1e-12
    )


def test_cell_that_never_changes_has_no_heat_capacity():
    assert fluctuation_heat_capacity([np.full(9, -930.0)], 300.0, 72, 3, 20, 1) == (0.0, 0.0, 3)


def test_one_block_gives_no_heat_capacity():
    value, error, n_blocks = fluctuation_heat_capacity([np.array([1.0, 2.0])], 300.0, 72, 3, 20, 1)
    assert np.isnan([value, error]).all()
    assert n_blocks == 1


def test_differences_of_means_give_the_schottky_anomaly():
    temperatures = np.array([598.0, 602.0])
    means = N_IONS * GAP * excited(temperatures)
    value, error = difference_heat_capacity(temperatures, means, np.array([0.03, 0.04]), N_IONS)
    assert value[0] == pytest.approx(two_level_heat_capacity(TEMPERATURE), rel=1e-4)
    assert error[0] == pytest.approx(0.05 / (N_IONS * BOLTZMANN * 4), rel=1e-12)
    with pytest.raises(ValueError, match="increase"):
        difference_heat_capacity(temperatures[::-1], means, means, N_IONS)
