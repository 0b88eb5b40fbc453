from dataclasses import replace

import numpy as np
import pytest
from fabricated import fabricated_results
from fabricated_sublattice import GAP, KT
from matplotlib.figure import Figure

from atomstates.report.comparison_pictures import compared, comparison_picture
from atomstates.report.contents import contents
from atomstates.report.figures import pictures
from atomstates.report.own_tables import own_table
from atomstates.report.sublattice_figures import (
    HeatCapacities,
    SnapshotEnergies,
    draw_cumulated,
    draw_heat_capacities,
    draw_means,
)
from atomstates.report.sublattice_pictures import HEAT_CAPACITY, heat_capacities, snapshot_energies


@pytest.fixture
def ax():
    return Figure().subplots()


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """Two materials, of which the second was not done at 700 K."""
    first, second = contents(
        fabricated_results(tmp_path_factory.mktemp("two"), n_materials=2, temperatures=(300, 600, 700))
    )
    kept = second.density["temperature_K"] < 650
    return first, replace(second, density={name: one[kept] for name, one in second.density.items()})


def test_every_snapshot_is_a_step_of_the_cumulated_distribution(ax):
    draw_cumulated(ax, [SnapshotEnergies(300.0, "k", np.array([0.3, 0.1, 0.1, 0.2]), 0.01)])
    (line,) = ax.lines
    assert [line.get_xdata().tolist(), line.get_ydata().tolist()] == [
        [0.1, 0.1, 0.1, 0.2, 0.3],
        [0.0, 0.25, 0.5, 0.75, 1.0],
    ]


def test_mean_without_an_error_has_no_bar(ax):
    energy = np.array([0.1, 0.3])
    draw_means(
        ax, [SnapshotEnergies(300.0, "k", energy, np.nan), SnapshotEnergies(600.0, "r", energy, 0.1)]
    )
    bars = [container.has_xerr for container in ax.containers]
    assert bars == [False, True]


def test_difference_is_drawn_over_its_interval(ax):
    one, ends = np.array([0.4]), np.array([[300.0, 500.0]])
    draw_heat_capacities(ax, HeatCapacities(np.array([300.0]), one, 0.1 * one, ends, 2 * one, 0.2 * one))
    difference = ax.containers[0]
    across, along = difference[2]
    assert across.get_segments()[0].tolist() == [[300.0, 0.8], [500.0, 0.8]]
    assert along.get_segments()[0] == pytest.approx(np.array([[400.0, 0.72], [400.0, 0.88]]))


def test_snapshots_count_from_the_lowest_of_all_temperatures(two):
    names = ("sublattice_above_lowest_eV_per_ion", "sublattice_energy")
    found = snapshot_energies(two[0], *names)
    assert [one.temperature for one in found] == [300, 600, 700]
    assert min(one.energy.min() for one in found) == 0
    share = 1 / (1 + np.exp(GAP / (KT * np.array([300, 700]))))
    assert found[2].mean - found[0].mean == pytest.approx(GAP * (share[1] - share[0]), rel=1e-6)
    assert [one.error for one in found] == [0.004] * 3


def test_table_of_the_heat_capacity_holds_both_methods(two):
    found = heat_capacities(two[0].heat_capacity)
    assert found.ends.tolist() == [[300, 600], [600, 700]]
    header, rows = own_table(HEAT_CAPACITY, two[0], two)
    rows = [dict(zip(header, row, strict=True)) for row in rows]
    assert [(row["method"], row["from_K"], row["to_K"]) for row in rows] == [
        *(("fluctuation", temperature, temperature) for temperature in (300, 600, 700)),
        *(("difference", low, high) for low, high in ((300, 600), (600, 700))),
    ]
    values = [row["heat_capacity_k_per_ion"] for row in rows]
    assert values == pytest.approx([*found.value, *found.difference], rel=1e-12)


def test_single_temperature_has_no_differences(two):
    content = {**two[0].heat_capacity, "between": []}
    assert heat_capacities(content).ends.shape == (0, 2)


def test_materials_are_compared_at_temperatures_that_they_share(two):
    shown = compared(two)
    assert list(shown) == [300, 600]
    assert list(shown[300]) == [one.name for one in two]
    assert compared(two[:1]) == {}


def test_comparison_names_the_zero_of_each_material(two):
    picture = comparison_picture(two[0], two)
    for one in two:
        assert f"{one.name}: −4.10 eV" in picture.caption
        assert f"materials/{one.name}/doas/density.csv" in picture.data
    assert len(picture.figure.axes) == 2


def test_materials_are_called_by_titles_that_tell_them_apart(two):
    alpha, beta = (replace(one, title=title) for one, title in zip(two, ("Alpha", "Beta"), strict=True))
    legend = comparison_picture(alpha, [alpha, beta]).figure.legends[0]
    assert [text.get_text() for text in legend.get_texts()] == ["Alpha", "Beta"]
    legend = comparison_picture(alpha, [alpha, replace(beta, title="Alpha")]).figure.legends[0]
    assert [text.get_text() for text in legend.get_texts()] == [one.name for one in two]


def test_comparison_stands_with_the_first_material_that_has_states(two):
    first, second = two[0], replace(two[1], density=two[0].density)
    two = (first, second)
    assert "comparison" in [one.name for one in pictures(first, two)]
    assert "comparison" not in [one.name for one in pictures(second, two)]
    assert comparison_picture(second, [replace(first, density=None), second]) is None
