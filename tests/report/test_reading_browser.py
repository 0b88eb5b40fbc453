"""Reading values in the figures of a page, and bringing one temperature to the front, in Chromium."""

import csv
import re

import pytest
from opened import LAPTOP, PHONE, Opened


@pytest.fixture(scope="module")
def opened(results, browser):
    opened = Opened(browser, results.path / "report/index.html", LAPTOP)
    yield opened
    opened.context.close()


@pytest.fixture
def figure(opened):
    """Of mean squared displacements, with nothing read and no temperature in front."""
    opened.page.locator(".in-front button").first.click()
    figure = opened.page.locator("figure[id$='_msd']")
    figure.locator(".reader").scroll_into_view_if_needed()
    figure.locator(".reader").focus()
    opened.page.keyboard.press("Escape")
    return figure


def said(figure):
    return figure.locator(".said").text_content()


def middle(figure, name):
    """Middle of a part of the figure, in pixels of the window."""
    box = figure.locator(name).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_last_point_of_a_curve_is_that_of_its_table(opened, figure, results):
    for key in ("ArrowRight", "End"):
        opened.page.keyboard.press(key)
    found = re.fullmatch(
        r"300 K: mean squared displacement ([\d.]+) ± ([\d.]+) Å²; lag time ([\d.]+) ps", said(figure)
    )
    with (results.runs[0].stage_path("transport") / "msd.csv").open(encoding="utf-8") as handle:
        row = list(csv.DictReader(handle))[-1]
    value, error, lag = map(float, found.groups())
    assert value == pytest.approx(float(row["msd_A2"]), rel=2e-2)
    assert error == pytest.approx(float(row["msd_error_A2"]), rel=0.3)  # its first digit or two
    assert lag == pytest.approx(float(row["lag_ps"]), rel=1e-3)


def test_pointer_reads_the_point_on_which_it_is(opened, figure):
    for key in ("ArrowRight", "ArrowDown", "End"):
        opened.page.keyboard.press(key)
    by_keys = said(figure)
    at = middle(figure, ".dot")
    opened.page.keyboard.press("Escape")
    assert said(figure) == ""
    opened.page.mouse.move(*at)
    assert said(figure) == by_keys
    assert by_keys.replace(": ", "").startswith(figure.locator(".tip b").text_content())


def test_arrows_go_along_a_curve_and_to_the_next_one(opened, figure):
    opened.page.keyboard.press("ArrowRight")
    first = said(figure)
    opened.page.keyboard.press("ArrowRight")
    assert said(figure) != first
    opened.page.keyboard.press("Home")
    assert said(figure) == first
    opened.page.keyboard.press("ArrowDown")
    assert said(figure).startswith("500 K: ")


def test_one_temperature_in_front_fades_the_others_and_is_alone_read(opened, figure):
    image = figure.locator("img")
    whole = image.get_attribute("src")
    button = opened.page.get_by_role("button", name="600 K").first
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    assert image.get_attribute("src").startswith("blob:")
    faded, drawn = image.evaluate(
        """async (image) => {
          await image.decode();
          const text = await (await fetch(image.src)).text();
          const parts = [...text.matchAll(/<g id="T(\\d+)-\\d+"([^>]*)>/g)];
          const pale = parts.filter((part) => part[2].includes("opacity"));
          return [pale.map((part) => part[1]), image.naturalWidth];
        }"""
    )
    assert drawn > 0
    assert set(faded) == {"300", "500", "700"}
    figure.locator(".reader").focus()
    read = set()
    for _ in range(4):
        opened.page.keyboard.press("ArrowDown")
        read.add(said(figure).split(":")[0])
    assert read == {"600 K"}
    opened.page.locator(".in-front button").first.click()
    assert image.get_attribute("src") == whole


def test_figure_without_values_is_a_picture_all_the_same(opened):
    reader = opened.page.locator("figure[id$='_structures'] .reader")
    assert reader.locator("img").evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
    assert reader.get_attribute("tabindex") is None


def test_tap_reads_a_value_on_a_phone(results, browser):
    phone = Opened(browser, results.path / "report/index.html", PHONE, touch=True)
    figure = phone.page.locator("figure[id$='_arrhenius']")
    figure.scroll_into_view_if_needed()
    figure.locator(".reader").tap(position={"x": 200, "y": 200})
    assert re.search(r"\d K.*ln\(σT\)", said(figure)) or "fitted line" in said(figure)
    box = figure.locator(".said").bounding_box()
    assert box["width"] > 200
    assert box["x"] + box["width"] <= PHONE["width"]
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert phone.complaints == []
    phone.context.close()


def test_reading_asks_for_nothing_and_complains_of_nothing(opened):
    assert [url for url in opened.requests if not url.startswith(("file:", "data:", "blob:"))] == []
    assert opened.complaints == []
