"""The page of a real campaign in Chromium without a network, its 3-D views drawn in software."""

import re
from dataclasses import replace

import pytest
from analytic_path import rock_salt_path
from opened import LAPTOP, PHONE, Opened

from atomstates.report.interactive.panel import (
    fragment,
    viewer_library,
    viewer_scripts,
    viewer_styles,
)
from atomstates.report.interactive.path import path_panel


@pytest.fixture(scope="module")
def report(finished, browser):
    opened = Opened(browser, finished[0] / "results/report/index.html", LAPTOP)
    yield opened
    opened.context.close()


def said(panel):
    return panel.locator(".said").all_text_contents()


def pixels(scene):
    """How many colours the view has: one for an empty one."""
    return scene.page.evaluate(
        """(scene) => {
          const canvas = scene.querySelector("canvas"), copy = document.createElement("canvas");
          [copy.width, copy.height] = [canvas.width, canvas.height];
          const context = copy.getContext("2d");
          context.drawImage(canvas, 0, 0);
          const data = new Uint32Array(context.getImageData(0, 0, copy.width, copy.height).data.buffer);
          return new Set(data).size;
        }""",
        scene.element_handle(),
    )


def test_views_do_not_start_before_they_are_seen(finished, browser):
    opened = Opened(browser, finished[0] / "results/report/index.html", LAPTOP)
    assert opened.page.locator("section.panel").count() == 3
    assert opened.page.locator(".scene[data-started]").count() == 0
    assert opened.page.evaluate("typeof $3Dmol") == "undefined"
    opened.context.close()


def test_bar_that_is_clicked_shows_an_ion_of_its_energy(report):
    panel = report.panel("explorer")
    bars = panel.locator(".target")
    widths = bars.evaluate_all("bars => bars.map((bar) => Number(bar.getAttribute('width')))")
    assert len(widths) > 3
    assert min(widths) > 0
    highest = panel.locator(".histogram .chosen")
    assert highest.count() == 1
    bars.nth(len(widths) // 3).click(force=True)
    edges = re.match(r"900 K, ([\d.]+) to ([\d.]+) eV: ", said(panel)[0])
    energy = float(panel.locator(".scene").get_attribute("data-energy"))
    if "the nearest" not in said(panel)[1]:
        assert float(edges.group(1)) - 1e-3 <= energy <= float(edges.group(2)) + 1e-3
    assert f"{energy:.3f}"[:-1] in said(panel)[1]
    assert pixels(panel.locator(".scene")) > 100


def test_next_ion_is_another_one_of_the_same_bar(report):
    panel = report.panel("explorer")
    panel.get_by_label("Temperature").select_option(label="300 K")
    first = said(panel)[1]
    panel.get_by_role("button", name="next").click()
    assert said(panel)[1] != first
    low, high = map(float, re.match(r"300 K, ([\d.]+) to ([\d.]+) eV", said(panel)[0]).groups())
    energy = float(panel.locator(".scene").get_attribute("data-energy"))
    assert low - 1e-3 <= energy <= high + 1e-3


def test_environment_chosen_by_keyboard_shows_an_ion_in_it(report):
    panel = report.panel("explorer")
    chooser = panel.get_by_label("Environment")
    words = [re.sub(r" \(.*", "", text) for text in chooser.locator("option").all_text_contents()]
    assert words[0] == "all"
    chooser.focus()
    report.page.keyboard.press("ArrowDown")
    assert said(panel)[1].endswith(f", {words[1]}.")


def test_whole_cell_can_be_shown_and_left(report):
    panel = report.panel("explorer")
    button = panel.get_by_role("button", name="Whole cell")
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    assert pixels(panel.locator(".scene")) > 100
    button.click()
    assert button.get_attribute("aria-pressed") == "false"


def test_surface_encloses_less_the_higher_its_level(report):
    panel = report.panel("isosurface")
    slider = panel.get_by_label("Level of the isosurface")
    shares = []
    for step in ("20", "100", "180"):
        slider.fill(step)
        shares.append([float(x) for x in re.findall(r"([\d.]+) %", said(panel)[0])])
    peak, ions, volume = zip(*shares, strict=True)
    assert peak[0] < peak[1] < peak[2] < 100
    assert ions[0] >= ions[1] >= ions[2]
    assert volume[0] > volume[1] > volume[2]


def test_temperature_and_level_change_the_surface(report):
    panel = report.panel("isosurface")
    scene, counts = panel.locator(".scene"), []
    for temperature, step in (("300 K", "60"), ("900 K", "60"), ("900 K", "160")):
        panel.get_by_label("Temperature").select_option(label=temperature)
        panel.get_by_label("Level of the isosurface").fill(step)
        panel.locator(f'.scene[data-drawn="{temperature} {step}"]').wait_for()
        counts.append(int(float(scene.get_attribute("data-triangles"))))
    assert min(counts) > 0
    assert len(set(counts)) == 3
    assert pixels(scene) > 100


def test_view_turns_by_keys(report):
    scene = report.panel("isosurface").locator(".scene")
    before = scene.screenshot()
    scene.focus()
    report.page.keyboard.press("ArrowLeft")
    assert scene.screenshot() != before


def test_sphere_has_the_area_and_the_volume_of_a_sphere(report):
    report.panel("isosurface")
    area, volume, outwards = report.page.evaluate(
        """() => {
          const n = 40, values = [], middle = 20, radius = 12;
          for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) for (let k = 0; k < n; k++) {
            values.push(100 - Math.hypot(i - middle, j - middle, k - middle));
          }
          const s = atomstates.surface({ shape: [n, n, n], values, first: [0, 0, 0] }, 100 - radius);
          const at = s.fractions.map((fraction) => fraction.map((x) => n * x));
          let area = 0, volume = 0, outwards = 0;
          for (let f = 0; f < s.faces.length; f += 3) {
            const corners = s.faces.slice(f, f + 3).map((v) => at[v].map((x) => x - middle));
            const [a, b, c] = corners;
            const twice = atomstates.cross(atomstates.difference(b, a), atomstates.difference(c, a));
            area += atomstates.length(twice) / 2;
            volume += atomstates.dot(a, twice) / 6;
            outwards += atomstates.dot(twice, s.slopes[s.faces[f]]) < 0 ? 1 : 0;
          }
          return [area / (4 * Math.PI * radius ** 2), volume / (4 / 3 * Math.PI * radius ** 3),
                  outwards / (s.faces.length / 3)];
        }"""
    )
    assert area == pytest.approx(1, rel=0.01)
    assert volume == pytest.approx(1, rel=0.01)
    assert outwards == 1


@pytest.fixture(scope="module")
def film(browser, tmp_path_factory):
    """A page that holds nothing but a player of two paths."""
    (path, _), (shorter, _) = rock_salt_path(), rock_salt_path(n_frames=5)
    colours = {"Li": "#6a4fa0", "Cl": "#7fb069", "Y": "#222222"}
    panel = path_panel("A hop of Li", [path, replace(shorter, name="shorter")], ["Cl"], colours)
    page = tmp_path_factory.mktemp("film") / "film.html"
    page.write_text(
        f"<!doctype html><meta charset=utf-8><style>{viewer_styles()}</style>{fragment(panel, 'film')}"
        f'<script type="text/plain" id="viewer-library">{viewer_library()}</script>'
        f"<script>{viewer_scripts()}</script>",
        encoding="utf-8",
    )
    opened = Opened(browser, page, LAPTOP)
    yield opened
    opened.context.close()


def test_film_is_played_to_its_end_and_stepped_back(film):
    panel = film.panel("path")
    scene = panel.locator(".scene")
    panel.get_by_role("button", name="Play").click()
    panel.locator('.scene[data-frame="8"]').wait_for()
    panel.get_by_role("button", name="Play").wait_for()
    assert said(panel)[0].startswith("Image 9 of 9: 4.")
    panel.get_by_role("button", name="back").click()
    assert scene.get_attribute("data-frame") == "7"
    assert pixels(scene) > 100
    assert film.complaints == []


def test_highest_point_of_the_profile_can_be_clicked(film):
    panel = film.panel("path")
    panel.locator(".profile .target").nth(4).click()
    assert "0.300 eV; highest 0.300 eV" in said(panel)[0]
    panel.get_by_role("combobox").select_option(label="shorter")
    assert said(panel)[0].startswith("Image 1 of 5: 0.00 Å along the way, 0.000 eV")


def test_page_fits_a_phone_and_its_views_start_when_asked(finished, browser):
    opened = Opened(browser, finished[0] / "results/report/index.html", PHONE, touch=True)
    panel = opened.page.locator('section.panel[data-panel="isosurface"]')
    panel.locator(".scene").scroll_into_view_if_needed()
    box = panel.bounding_box()
    assert box["width"] <= PHONE["width"]
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert opened.complaints == []
    opened.context.close()


def test_page_asks_for_nothing_and_complains_of_nothing(report):
    for kind in ("explorer", "isosurface"):
        report.panel(kind)
    assert [url for url in report.requests if not url.startswith(("file:", "data:", "blob:"))] == []
    assert len([url for url in report.requests if url.startswith("file:")]) == 1
    assert report.complaints == []


def test_numbers_are_folded_until_they_are_searched(report):
    fold = report.page.locator("details.all-numbers")
    assert fold.get_attribute("open") is None
    rows = report.page.locator("table.numbers tbody tr:not(.product)")
    assert rows.first.is_hidden()
    report.page.locator("#filter").fill("width of the DOAS")
    assert fold.get_attribute("open") is not None
    seen = report.page.locator("table.numbers tbody tr:not(.product):visible").count()
    assert 0 < seen < rows.count()
    assert report.page.locator("#shown").text_content().split()[0] == str(seen)
    report.page.locator("#filter").fill("")
