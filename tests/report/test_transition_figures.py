import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from atomstates.report.doas_figures import DensityAtTemperature
from atomstates.report.style import site_colour
from atomstates.report.transition_figures import Moves, RateScale, draw_moves, draw_rate_matrix
from atomstates.report.transition_pictures import all_moves, drawn_kind, residence_series


def entry(temperature=600.0):
    """Tetrahedra of two classes; one in ten octahedra goes to each, and they come back."""
    octahedral, one, two = ("octahedral_1_edge_sharing", *(f"tetrahedral_{n}_edge_sharing" for n in (1, 2)))
    return {
        "temperature_K": temperature,
        "share": {octahedral: 0.8, one: 0.15, two: 0.05},
        "mean_energy_eV": {octahedral: 0.1, one: 0.3, two: 0.5},
        "ion_intervals": {octahedral: 800, one: 150, two: 50},
        "transitions": {
            octahedral: {octahedral: 0, one: 30, two: 10},
            one: {octahedral: 30, one: 0, two: 5},
            two: {octahedral: 10, one: 5, two: 0},
        },
    }


def test_classes_of_one_kind_are_added_up_before_rates_are_formed():
    (moves,) = all_moves({"interval_ps": 0.5, "temperatures": [entry()]})
    assert moves.kinds == ("octahedral_1", "tetrahedral")
    assert moves.share == pytest.approx([0.8, 0.2], rel=1e-9)
    assert moves.energy == pytest.approx([0.1, (0.15 * 0.3 + 0.05 * 0.5) / 0.2], rel=1e-9)
    assert moves.seen.tolist() == [[0, 40], [40, 10]]
    leaving = -np.log([1 - 40 / 800, 1 - 50 / 200]) / 0.5
    assert moves.rate[0] == pytest.approx([0, leaving[0]], rel=1e-9)
    assert moves.rate[1] == pytest.approx(leaving[1] * np.array([0.8, 0.2]), rel=1e-9)
    assert moves.error[0, 1] == pytest.approx(leaving[0] / np.sqrt(40), rel=1e-9)
    series = residence_series([moves])
    assert series["tetrahedral"][1] == pytest.approx([1 / leaving[1]], rel=1e-9)


def test_arrows_lie_where_ions_go_in_the_colour_of_where_they_come_from():
    (moves,) = all_moves({"interval_ps": 0.5, "temperatures": [entry()]})
    energy = np.array([0.05, 0.15, 0.35])
    density = DensityAtTemperature(
        600.0, energy, (np.ones(3), None), {kind: (np.ones(3), None) for kind in moves.kinds}
    )
    ax = Figure().subplots()
    draw_moves(ax, density, moves, RateScale(0.1, 1.0))
    arrows = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]
    colours = sorted(arrow.get_edgecolor() for arrow in arrows)
    wanted = ["octahedral_1", "tetrahedral", "tetrahedral"]
    expected = [FancyArrowPatch((0, 0), (1, 1), color=site_colour(k), alpha=0.85) for k in wanted]
    assert colours == sorted(arrow.get_edgecolor() for arrow in expected)


def test_width_of_an_arrow_grows_with_the_logarithm_of_the_rate():
    scale = RateScale(0.01, 1.0)
    low, middle, high = (scale.width(rate) for rate in (0.01, 0.1, 1.0))
    assert middle == pytest.approx((low + high) / 2, rel=1e-9)
    assert RateScale(0.1, 0.1).width(0.1) > 0


def test_what_was_not_seen_is_said_in_the_matrix():
    nan = np.nan
    rate = np.array([[0.0, 1.5, nan], [np.inf, 0.0, nan], [nan, nan, nan]])
    moves = Moves(
        300.0, ("octahedral", "tetrahedral", "other"), np.zeros(3), np.array([0.7, 0.3, 0.0]),
        np.array([[0, 9, 0], [3, 0, 0], [0, 0, 0]]), rate, rate / 3,
    )  # fmt: skip
    ax = Figure().subplots()
    draw_rate_matrix(ax, moves, ["o", "t", "?"])
    words = [text.get_text() for text in ax.texts]
    assert words[:4] == ["none\nseen", "1.5\n± 0.5", "", "all\nleft"]
    assert words[6:] == ["", "", ""]


def test_kinds_are_those_of_the_density():
    names = ("octahedral_2_edge_sharing", "tetrahedral_1_edge_sharing", "other")
    assert [drawn_kind(name) for name in names] == ["octahedral_2", "tetrahedral", "other"]
