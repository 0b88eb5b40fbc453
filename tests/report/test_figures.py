import subprocess
import sys

import numpy as np
import pytest
from fabricated import fabricated_results
from matplotlib.figure import Figure

from atomstates.report.arrhenius_figures import ArrheniusPlot, Segment, TransitionMark, draw_arrhenius
from atomstates.report.contents import contents
from atomstates.report.doas_figures import DensityAtTemperature, Trend, draw_density, draw_trend
from atomstates.report.estimate_figures import TransitionEstimate, draw_estimates
from atomstates.report.motion_figures import (
    Converging,
    SizeSeries,
    VanHoveAtTemperature,
    draw_convergence,
    draw_size,
    draw_van_hove,
    lag_colours,
)
from atomstates.report.motion_pictures import SIZE, size_picture
from atomstates.report.own_tables import own_table
from atomstates.report.radial_pictures import RadialAtTemperature, draw_radial
from atomstates.report.style import as_svg, site_colour, temperature_colours
from atomstates.report.tables import kind_label, site_kinds
from atomstates.report.transport_figures import (
    SquaredDisplacement,
    draw_squared_displacement,
)


@pytest.fixture
def ax():
    return Figure().subplots()


def two_levels():
    energy = np.array([0.05, 0.15, 0.25])
    low, high = np.array([6.0, 0.0, 0.0]), np.array([0.0, 0.0, 4.0])
    return DensityAtTemperature(
        300.0, energy, (low + high, None), {"octahedral_1": (low, 0.1 * low), "tetrahedral": (high, None)}
    )


def test_figures_need_no_pyplot():
    code = "import sys, atomstates.report.figures; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_shares_of_sites_are_integrals_of_their_densities():
    assert two_levels().shares == pytest.approx({"octahedral_1": 0.6, "tetrahedral": 0.4}, rel=1e-9)


def test_density_is_drawn_as_steps_of_the_bins_themselves(ax):
    draw_density(ax, two_levels())
    values, edges, _ = ax.patches[-1].get_data()
    assert values.tolist() == [6.0, 0.0, 4.0]
    assert edges == pytest.approx([0.0, 0.1, 0.2, 0.3], rel=1e-9, abs=1e-12)


def test_octahedra_are_split_by_edge_sharing_cations_so_that_parts_add_up():
    ones = np.ones(2)
    table = {
        "total_per_eV": 3 * ones,
        "other_per_eV": 0 * ones,
        "octahedral_per_eV": 2 * ones,
        "octahedral_error_per_eV": ones,
        "tetrahedral_per_eV": ones,
        "octahedral_2_edge_sharing_per_eV": 0.5 * ones,
        "octahedral_1_edge_sharing_per_eV": 1.5 * ones,
    }
    kinds = site_kinds(table)
    assert list(kinds) == ["octahedral_1", "octahedral_2", "tetrahedral", "other"]
    assert sum(values for values, _ in kinds.values()) == pytest.approx(table["total_per_eV"], rel=1e-12)


def test_each_site_kind_has_its_own_colour():
    kinds = [
        "octahedral_0",
        "octahedral_1",
        "octahedral_2",
        "octahedral_3",
        "tetrahedral",
        "other",
        "total",
    ]
    assert len({site_colour(kind) for kind in kinds}) == len(kinds)
    assert kind_label("octahedral_1", "Y") == "octahedral, 1 edge-sharing Y"


def test_colour_of_a_temperature_does_not_depend_on_order_or_replicas():
    assert temperature_colours([600, 300, 600]) == temperature_colours([300, 600])


def test_trend_leaves_out_temperatures_without_a_value(ax):
    nan = float("nan")
    draw_trend(ax, Trend("gap", "eV", np.array([300.0, 600.0]), np.array([nan, 0.2]), np.array([0, 0.01])))
    assert ax.get_ylabel() == "eV"
    assert ax.get_title() == "gap"


def test_fitted_part_of_a_displacement_is_drawn_thick(ax):
    lag = np.linspace(1, 10, 10)
    run = SquaredDisplacement("600 K", "#000000", lag, 6 * lag, 0.1 * lag, (4.0, 8.0))
    draw_squared_displacement(ax, [run])
    thick = max(ax.lines, key=lambda line: line.get_linewidth())
    assert thick.get_xdata().tolist() == [4, 5, 6, 7, 8]


def conductivities(bound=float("nan"), segments=(), transition=None):
    return ArrheniusPlot(
        temperature=np.array([500.0, 700.0]),
        value=np.array([8.0, 10.0]),
        error=np.array([0.1, 0.1]),
        colours=("#000000", "#111111"),
        refused=np.array([300.0]),
        bound=np.array([bound]),
        refused_colours=("#222222",),
        segments=segments,
        transition=transition,
        target=300.0,
    )


@pytest.mark.parametrize("bound", [float("nan"), 4.0])
def test_refused_temperature_is_marked(ax, bound):
    draw_arrhenius(ax, conductivities(bound, (Segment(500.0, 700.0, 15.0, -3500.0, np.eye(2) * 0.01),)))
    marks = [line for line in ax.lines if line.get_marker() == "v"]
    assert [float(mark.get_xdata()[0]) for mark in marks] == pytest.approx([1000 / 300], rel=1e-9)


def test_colder_segment_is_the_one_that_is_extrapolated(ax):
    segments = (Segment(400.0, 550.0, 20.0, -6000.0, None), Segment(550.0, 700.0, 14.0, -2700.0, None))
    draw_arrhenius(ax, conductivities(segments=segments, transition=TransitionMark(550.0, (500.0, 600.0))))
    (mark,) = [line for line in ax.lines if line.get_marker() == "D"]
    assert float(mark.get_ydata()[0]) == pytest.approx(20.0 - 6000.0 / 300.0, rel=1e-9)
    assert any(text.get_text() == "Tc = 550 K" for text in ax.texts)


def test_estimate_without_a_transition_is_said_in_its_row(ax):
    found = TransitionMark(425.0, (410.0, 450.0))
    draw_estimates(
        ax,
        [TransitionEstimate("conductivity", found, ""), TransitionEstimate("energy", None, "cannot tell")],
    )
    assert [text.get_text() for text in ax.texts] == ["425 K", "cannot tell"]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["conductivity", "energy"]


def test_same_figure_gives_the_same_bytes():
    def drawn():
        figure = Figure(figsize=(2, 2))
        draw_density(figure.subplots(), two_levels())
        return as_svg(figure)

    assert drawn() == drawn()


def test_refused_part_of_a_run_is_left_out_of_its_convergence(ax):
    nan = float("nan")
    values = [np.array(x) for x in ([10.0, 20, 40], [nan, 2e-5, 1e-5], [nan, 4e-6, 2e-6])]
    draw_convergence(ax, [Converging("600 K", "#000000", *values)])
    assert ax.lines[0].get_xdata().tolist() == [20, 40]
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == pytest.approx((0.8e-5, 1.2e-5))


def test_run_without_any_diffusivity_draws_nothing(ax):
    nothing = np.full(3, np.nan)
    draw_convergence(ax, [Converging("300 K", "#000000", np.arange(1.0, 4.0), nothing, nothing)])
    assert len(ax.lines) == 0


def test_larger_cells_stand_further_left(ax):
    draw_size(ax, [SizeSeries("600 K", "#000000", 1 / np.array([10.0, 20.0]), np.ones(2), np.zeros(2))])
    assert ax.lines[0].get_xdata().tolist() == pytest.approx([50, 100])


def test_distinct_part_is_drawn_as_far_as_it_is_known(ax):
    value = np.array([[1.0, 2.0, np.nan], [3.0, 4.0, np.nan]])
    result = VanHoveAtTemperature(600.0, "#123456", np.array([1.0, 5.0]), np.arange(3.0), value, 0 * value)
    draw_van_hove(ax, result.beyond(0.5), lag_colours(2))
    assert [line.get_xdata().tolist() for line in ax.lines] == [[1], [1]]
    assert ax.get_title(loc="left") == "600 K"


def test_distribution_is_drawn_with_its_band(ax):
    draw_radial(ax, [RadialAtTemperature("#000000", np.arange(3.0), np.ones(3), np.full(3, 0.2))])
    assert ax.collections[0].get_paths()[0].vertices[:, 1].max() == pytest.approx(1.2)


def test_materials_that_differ_by_their_supercell_are_compared(tmp_path):
    found = fabricated_results(
        tmp_path, n_materials=3, temperatures=(500, 600), supercells=((2, 2, 2), (3, 3, 3), (3, 3, 3))
    )
    first, second, third = contents(found)
    picture = size_picture(first, [first, second])
    assert picture.data == (SIZE,)
    assert "500 K" in picture.alt
    assert first.family == second.family
    assert size_picture(second, [second, third]) is None
    _, rows = own_table(SIZE, first, [first, second])
    names, temperatures, n_ions, _, inverse, *_ = zip(*rows, strict=True)
    assert names == (first.name,) * 2 + (second.name,) * 2
    assert temperatures == (500, 600, 500, 600)
    assert n_ions == (72, 72, 243, 243)
    assert inverse[2] == pytest.approx(inverse[0] * 2 / 3)
