"""What figures tell of their curves, and how the page finds it in the picture."""

import json
import re

import numpy as np
import pytest

from atomstates.report.curves import Curve, bars, belong, drawn_at, identified_temperatures, tell
from atomstates.report.doas_figures import Trend, draw_trend
from atomstates.report.readings import MOST_POINTS, quantity_and_unit, readings, temperatures_shown
from atomstates.report.style import as_pdf, as_svg, blank_figure
from atomstates.report.transport_figures import SquaredDisplacement, draw_squared_displacement


def drawn(*curves, **axes):
    """A figure whose only axes tell of these curves, drawn."""
    figure = blank_figure(height=2.0)
    ax = figure.subplots()
    ax.set(xlim=(0, 10), ylim=(0, 1), **axes)
    tell(ax, *curves)
    as_svg(figure)
    return figure


def test_values_are_those_that_were_drawn():
    x, y = np.array([1.0, 2.5, 9.0]), np.array([0.123456, 0.5, 1.0])
    figure = drawn(
        Curve("one", "#123456", x, y, np.array([0.0123, np.nan, 0.2])), xlabel="lag time, ps", ylabel="S"
    )
    found = readings(figure)
    (panel,) = found["panels"]
    (curve,) = panel["curves"]
    assert found["xs"][curve["x"]] == [1, 2.5, 9]
    assert curve["y"] == [0.1235, 0.5, 1]  # to a ten-thousandth of the axis
    assert curve["error"] == [0.012, None, 0.2]
    assert (panel["x"]["quantity"], panel["x"]["unit"]) == ("lag time", "ps")
    assert (panel["y"]["quantity"], panel["y"]["unit"]) == ("S", "")


def test_box_of_a_panel_is_where_its_axes_are_in_the_picture():
    figure = drawn(Curve("one", "k", np.ones(1), np.ones(1)))
    (panel,) = readings(figure)["panels"]
    width, height = 72 * figure.get_size_inches()
    left, top, right, bottom = panel["box"]
    # the lines of the axes in the SVG, whose y goes downwards
    svg = as_svg(figure).decode()
    corners = re.findall(
        r'd="M ([\d.]+) ([\d.]+) \nL ([\d.]+) ([\d.]+) \n"[^>]*stroke-linecap: square', svg
    )
    ends = np.array(corners, dtype=float).reshape(-1, 2)
    assert ends[:, 0].min() == pytest.approx(left * width, rel=1e-3)
    assert ends[:, 0].max() == pytest.approx(right * width, rel=1e-3)
    assert ends[:, 1].min() == pytest.approx(top * height, rel=5e-3)
    assert ends[:, 1].max() == pytest.approx(bottom * height, rel=1e-3)


def test_points_outside_the_axes_are_not_told():
    x = np.array([-1.0, 1.0, np.nan, 3.0, 11.0])
    found = readings(drawn(Curve("one", "k", x, np.full(5, 0.5))))
    assert found["xs"] == [[1, 3]]
    assert readings(drawn(Curve("one", "k", x + 20, x))) is None


def test_curves_share_their_points_on_x():
    x = np.linspace(0, 10, 11)
    found = readings(drawn(Curve("one", "k", x, x / 10), Curve("other", "k", x, x / 20)))
    assert len(found["xs"]) == 1
    assert [curve["x"] for curve in found["panels"][0]["curves"]] == [0, 0]


def test_long_curve_is_told_by_real_points_of_it():
    x = np.linspace(0, 10, 10 * MOST_POINTS + 1)
    y = np.sin(x) ** 2
    found = readings(drawn(Curve("one", "k", x, y)))
    (told,) = found["xs"]
    assert len(told) <= MOST_POINTS + 1
    assert found["panels"][0]["curves"][0]["y"] == pytest.approx(np.sin(told) ** 2, abs=1e-3)


def test_logarithmic_axis_keeps_four_digits_at_any_size():
    figure = blank_figure(height=2.0)
    ax = figure.subplots()
    run = SquaredDisplacement(
        "600 K",
        "#000000",
        np.array([0.0123456, 123.456]),
        np.array([1.23456e-3, 98.7654]),
        np.zeros(2),
        None,
    )
    draw_squared_displacement(ax, [run])
    as_svg(figure)
    found = readings(figure)
    assert found["xs"] == [[0.01235, 123.5]]
    assert found["panels"][0]["curves"][0]["y"] == [0.001235, 98.77]
    assert found["panels"][0]["y"]["unit"] == "Å²"


def test_bars_reach_from_edge_to_edge():
    curve = bars("one", "k", np.array([0.0, 0.5, 1.0]), np.array([0.2, 0.4]), None, 600.0)
    assert curve.x.tolist() == [0.25, 0.75]
    assert curve.half_width == 0.25
    found = readings(drawn(curve))["panels"][0]["curves"][0]
    assert (found["half_width"], found["temperature"]) == (0.25, 600.0)


def test_trend_with_its_name_above_the_axes_has_its_own_unit():
    figure = blank_figure(height=2.0)
    draw_trend(figure.subplots(), Trend("gap", "eV", np.array([300.0]), np.array([0.2]), np.array([0.01])))
    as_svg(figure)
    (panel,) = readings(figure)["panels"]
    assert panel["curves"][0]["unit"] == "eV"
    assert panel["title"] == ""  # it is the name of the curve


@pytest.mark.parametrize(
    ("label", "parts"),
    [
        ("mean squared displacement, Å²", ("mean squared displacement", "Å²")),
        ("4π r² G_s(r, t), 1/Å", ("4π r² G_s(r, t)", "1/Å")),
        ("G_d(r, t) / ρ", ("G_d(r, t) / ρ", "")),
        ("share of the Li ions", ("share of the Li ions", "")),
    ],
)
def test_unit_is_what_follows_the_last_comma(label, parts):
    assert quantity_and_unit(label) == parts


def test_what_is_of_one_temperature_is_a_group_of_the_picture():
    figure = blank_figure(height=2.0)
    left, right = figure.subplots(1, 2)
    for temperature in (600.0, 300.0):
        with drawn_at(left, temperature):
            left.errorbar([1, 2], [1, 2], yerr=0.1)
            left.fill_between([1, 2], [0, 0], [1, 1])
    left.axhline(1)
    right.plot([1, 2], [1, 2])
    right.set_title("900 K")
    belong(900.0, right)
    assert identified_temperatures(figure) == (300.0, 600.0, 900.0)
    groups = re.findall(r'<g id="(T[\d.]+)-\d+"', as_svg(figure).decode())
    assert groups.count("T900") == 2  # line and title, not the scales
    assert groups.count("T300") == groups.count("T600") == 3  # line, bar, band


def test_one_temperature_alone_offers_no_choice():
    assert temperatures_shown([(300.0, 600.0), (900.0,)]) == (300.0, 600.0)


def test_curve_whose_parts_do_not_fit_is_refused():
    with pytest.raises(ValueError, match="one: x"):
        Curve("one", "k", np.ones(2), np.ones(3))
    with pytest.raises(ValueError, match="words of 1 points out of 2"):
        Curve("one", "k", np.ones(2), np.ones(2), words=("a",))


def test_pdf_has_its_fonts_in_it_and_no_date():
    figure = drawn(xlabel="energy, eV")
    content = as_pdf(figure)
    assert content.startswith(b"%PDF")
    assert b"/FontFile2" in content  # TrueType, so letters can be edited and searched
    assert b"/CreationDate" not in content
    assert as_pdf(figure) == content


def test_every_figure_with_curves_tells_their_values(page):
    told = re.findall(r'<figure id="[^"]*_(\w+)">(.*?)</figure>', page, flags=re.DOTALL)
    with_values = {name for name, body in told if '<script type="application/json" class="values">' in body}
    assert {name for name, _ in told} - with_values == {"structures", "map"}
    for _, body in told:
        for text in re.findall(r'class="values">(.*?)</script>', body, flags=re.DOTALL):
            assert json.loads(text)["panels"]
