"""Zeros of energies on request, and the smooth line over the histogram."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_density import WIDTH, random_states, values

from atomstates.doas.classes import occurring_classes
from atomstates.doas.density import block_sums
from atomstates.doas.outcome import bootstrapped
from atomstates.doas.products import common_ground, doas_content, write_density_table
from atomstates.doas.smoothing import smoothed
from atomstates.doas.zero import zero
from atomstates.parallel import Serial
from atomstates.report.tables import read_table
from atomstates.report.zero import energy_axis, zero_in_words

SEEDS = st.integers(0, 2**32 - 1)
DENSITIES = st.lists(st.floats(0, 1e3), min_size=1, max_size=60).map(np.array)


def two_runs(seed=1, shift=0.0):
    """A run at 300 K and one at 600 K, a quarter of an eV higher."""
    cold, hot = random_states(seed, shift=shift), random_states(seed + 1, n_snapshots=5, shift=0.25 + shift)
    return {"a_300K_1": cold, "a_600K_1": replace(hot, temperature=600.0)}


def hot_mean(runs, reference):
    bins, _ = common_ground(runs, WIDTH, Serial(), reference)
    hot = runs["a_600K_1"]
    found = values(block_sums(hot, occurring_classes(hot), bins, 2))
    return found["mean"], found["sublattice_energy"], bins


def test_zero_is_the_lowest_state_unless_another_is_asked_for():
    runs = two_runs()
    lowest = min(states.energy.min() for states in runs.values())
    mean, _, bins = hot_mean(runs, "lowest")
    assert bins.told.energy == lowest
    assert mean == pytest.approx(runs["a_600K_1"].energy.mean() - lowest, rel=1e-12)


def test_mean_of_the_coldest_states_may_be_the_zero():
    runs = two_runs()
    mean, sublattice, bins = hot_mean(runs, "coldest-mean")
    expected = runs["a_600K_1"].energy.mean() - runs["a_300K_1"].energy.mean()
    assert mean == pytest.approx(expected, rel=1e-9)
    assert sublattice == pytest.approx(expected, rel=1e-9)
    assert bins.centres[0] == pytest.approx(bins.reference - runs["a_300K_1"].energy.mean() + WIDTH / 2)


def test_energies_may_be_those_of_the_potential():
    runs = two_runs()
    mean, _, bins = hot_mean(runs, "absolute")
    assert mean == pytest.approx(runs["a_600K_1"].energy.mean(), rel=1e-12)
    assert bins.told.energy == 0


@given(seed=st.integers(0, 1000), reference=st.sampled_from(["lowest", "coldest-mean"]))
@settings(max_examples=25, deadline=None)
def test_shift_of_all_energies_changes_nothing_but_absolute_ones(seed, reference):
    here, there = hot_mean(two_runs(seed), reference), hot_mean(two_runs(seed, shift=-2.0), reference)
    assert there[:2] == pytest.approx(here[:2], rel=1e-9)
    absolute = [hot_mean(two_runs(seed, shift=shift), "absolute")[0] for shift in (0.0, -2.0)]
    assert absolute[1] == pytest.approx(absolute[0] - 2.0, rel=1e-9)


@given(seed=st.integers(0, 1000), reference=st.sampled_from(["lowest", "coldest-mean", "absolute"]))
@settings(max_examples=15, deadline=None)
def test_zero_moves_places_and_leaves_widths_gaps_and_entropy(seed, reference):
    hot = two_runs(seed)["a_600K_1"]
    found = []
    for asked in ("lowest", reference):
        bins, _ = common_ground(two_runs(seed), WIDTH, Serial(), asked)
        found.append(values(block_sums(hot, occurring_classes(hot), bins, 2)))
    for name in ("width", "gap", "overlap", "entropy", "effective_levels", "cell_energy"):
        assert found[1][name] == found[0][name]


def test_order_of_runs_does_not_move_the_zero():
    runs = two_runs() | {"b_300K_2": random_states(7)}
    turned = dict(reversed(runs.items()))
    assert zero("coldest-mean", runs, -2.0, Serial()) == zero("coldest-mean", turned, -2.0, Serial())


def test_products_say_what_the_zero_is(tmp_path):
    runs = two_runs()
    bins, classes = common_ground(runs, WIDTH, Serial(), "coldest-mean")
    blocks = block_sums(runs["a_300K_1"], classes, bins, 2)
    found = [bootstrapped(300.0, blocks, 1, 0, 10, 1, Serial())]
    content = doas_content("a", bins, found, 1)
    assert content["zero"] == "coldest-mean"
    assert content["reference_energy_eV"] == pytest.approx(runs["a_300K_1"].energy.mean(), rel=1e-12)
    assert "coldest" in found[0].measures["mean"].note
    assert "coldest" in energy_axis(content, "Li")
    assert "coldest" in zero_in_words(content)
    write_density_table(tmp_path / "density.csv", bins, found)
    table = read_table(tmp_path / "density.csv")
    mean = np.sum(table["energy_eV"] * table["total_per_eV"]) * WIDTH
    assert mean == pytest.approx(0.0, abs=WIDTH)


def test_smooth_line_stands_in_the_table_beside_the_bars_and_integrates_to_one(tmp_path):
    runs = two_runs()
    bins, classes = common_ground(runs, WIDTH, Serial())
    found = [bootstrapped(300.0, block_sums(runs["a_300K_1"], classes, bins, 2), 1, 0, 10, 1, Serial())]
    tables = []
    for smoothing in (None, 0.1, 0.0):
        write_density_table(tmp_path / "density.csv", bins, found, smoothing)
        tables.append(read_table(tmp_path / "density.csv"))
    for table in tables[:2]:
        assert table["total_smoothed_per_eV"].sum() * WIDTH == pytest.approx(1, rel=1e-12)
        assert np.array_equal(table["total_per_eV"], tables[2]["total_per_eV"])
    assert np.ptp(tables[1]["total_smoothed_per_eV"]) < np.ptp(tables[0]["total_smoothed_per_eV"])
    assert "total_smoothed_per_eV" not in tables[2]


@given(density=DENSITIES, deviation=st.floats(0.001, 0.5))
@settings(max_examples=60, deadline=None)
def test_smoothing_keeps_the_integral_and_is_nowhere_negative(density, deviation):
    found = smoothed(density, 0.01, deviation)
    assert found.min() >= 0
    assert found.sum() == pytest.approx(density.sum(), rel=1e-9)


def test_single_level_becomes_the_gaussian():
    """g(E) = exp(−E²/2s²)/(s √2π), on bins that are a fifth of s."""
    width, deviation = 0.002, 0.01
    energy = (np.arange(201) - 100) * width
    density = np.where(np.arange(201) == 100, 1 / width, 0.0)
    gauss = np.exp(-(energy**2) / (2 * deviation**2)) / (deviation * np.sqrt(2 * np.pi))
    assert smoothed(density, width, deviation) == pytest.approx(gauss, rel=1e-3, abs=0.01)


def test_peaks_that_are_farther_apart_than_the_kernel_stay_two():
    energy = np.arange(60) * 0.01
    two = np.where(np.isin(np.arange(60), (20, 40)), 50.0, 0.0)
    found = smoothed(two, 0.01, 0.01)
    assert energy[np.flatnonzero((found[1:-1] > found[:-2]) & (found[1:-1] > found[2:])) + 1] == (
        pytest.approx([0.2, 0.4])
    )


def test_line_of_no_width_is_the_bars():
    density = np.array([1.0, 4.0, 2.0])
    assert np.array_equal(smoothed(density, 0.01, 0.0), density)
