import csv
import json
import re
import shutil
from html.parser import HTMLParser

import pytest
from fabricated import fabricated_results

from atomstates.errors import ProductError
from atomstates.parallel import Serial
from atomstates.report.stage import write_report


class Elements(HTMLParser):
    """Start tags with their attributes, and the stack at the end."""

    VOID = frozenset({"meta", "link", "img", "input", "br", "hr"})

    def __init__(self, text):
        super().__init__()
        self.found, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"{tag} closed out of order at line {self.getpos()[0]}"


@pytest.fixture(scope="module")
def elements(page):
    parser = Elements(page)
    assert parser.open == []
    return parser.found


def test_page_asks_nothing_of_the_network(page, elements):
    for _, attributes in elements:
        for name in ("src", "href", "action", "poster"):
            assert not re.match(r"(?i)\s*(https?:)?//", attributes.get(name) or "")
    assert "@import" not in page
    assert not re.search(r"url\(", page)
    assert not any(tag == "script" and "src" in attributes for tag, attributes in elements)


def test_density_can_be_turned_below_its_figure(page):
    figure = re.search(r'<figure id="[^"]*_map".*?</figure>', page, re.DOTALL).group()
    assert 'data-panel="isosurface"' in figure
    assert '<script type="text/plain" id="viewer-library">' in page
    assert "BSD-3-Clause" in page


def test_panel_of_stale_products_is_left_out(tmp_path):
    results = fabricated_results(tmp_path, temperatures=(500, 600))
    marker = results.materials[0].runs[0].stage_path("transport") / "done.json"
    content = json.loads(marker.read_text(encoding="utf-8"))
    marker.write_text(json.dumps({**content, "fingerprint": "0" * 16}), encoding="utf-8")
    write_report(results, Serial())
    page = (results.path / "report" / "index.html").read_text(encoding="utf-8")
    assert "data-panel" not in page
    assert "viewer-library" not in page


def test_every_figure_has_words_for_who_cannot_see_it(elements):
    images = [attributes for tag, attributes in elements if tag == "img"]
    assert len(images) == 23
    assert all(len(image["alt"]) > 60 for image in images)
    assert all("nan" not in image["alt"] for image in images)


def test_every_link_leads_somewhere_within_the_folder(results, elements):
    identifiers = {attributes["id"] for _, attributes in elements if "id" in attributes}
    for tag, attributes in elements:
        target = attributes.get("href")
        if tag != "a" or target is None:
            continue
        if target.startswith("#"):
            assert target[1:] in identifiers
        else:
            assert not target.startswith(("/", ".."))
            assert (results.path / "report" / target).is_file()


def test_every_figure_names_the_tables_behind_it(page):
    for figure in re.findall(r"<figure.*?</figure>", page, re.DOTALL):
        assert re.search(r'href="data/[^"]+\.csv"', figure)
        assert re.search(r'href="figures/[^"]+\.svg"', figure)
        assert re.search(r'href="figures/[^"]+\.png"', figure)


def test_table_of_environments_has_a_structure_in_each_row(page):
    figure = re.search(r'<figure id="[^"]*_structures".*?</figure>', page, re.DOTALL).group()
    rows = re.findall(r"<tr><td>.*?</tr>", figure, re.DOTALL)
    assert [re.sub(r"<[^>]+>", " ", row).split(",")[0].strip() for row in rows] == [
        "octahedral",
        "octahedral",
        "tetrahedral",
    ]
    for row in rows:
        assert re.search(r'href="data/[^"]+\.cif"', row)
        assert re.search(r'href="data/[^"]+\.xyz"', row)


def test_identifiers_on_the_page_are_unique(elements):
    identifiers = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))


def test_copied_table_is_that_of_the_product(results):
    copied = results.path / "report" / "data" / "li3ycl6-p3m1_density.csv"
    original = results.path / "materials" / "li3ycl6-p3m1" / "doas" / "density.csv"
    assert copied.read_bytes() == original.read_bytes()


def test_answers_come_first_and_carry_their_error(page):
    words = re.sub(r"<[^>]+>", "", page[page.index('id="answers"') : page.index("<figure")])
    assert "0.250 ± 0.013 eV" in words
    assert "(0.426 to 1.11) mS/cm, which is no estimate" in words
    assert "300 to 500 K" in words
    assert "% tetrahedral at 700 K" in words


@pytest.fixture(scope="module")
def transition_page(tmp_path_factory):
    """The answers of a campaign with a transition at 432 K."""
    temperatures = (325, 350, 375, 400, 425, 450, 500, 550, 600)
    results = fabricated_results(
        tmp_path_factory.mktemp("tc"), temperatures=temperatures, refused_below=340, tc=432.0
    )
    summary = write_report(results, Serial())
    page = (results.path / "report" / "index.html").read_text(encoding="utf-8")
    return (
        results,
        summary,
        re.sub(r"<[^>]+>", "", page[page.index('id="answers"') : page.index("<figure")]),
    )


def test_transition_and_both_energies_are_among_the_first_answers(transition_page):
    _, _, words = transition_page
    assert words.index("Transition temperature") < words.index("Activation energy")
    assert re.search(r"432 K\s+95 % interval \d+ to \d+ K", words)
    assert re.search(r"0\.450 ± 0\.\d+ eV below Tc\s+0\.250 ± 0\.\d+ eV above Tc", words)
    assert "read off the Arrhenius line below Tc" in words
    assert "read across" not in words


def test_report_says_whether_the_estimates_of_the_transition_agree(transition_page):
    results, summary, words = transition_page
    assert "Transport (conductivity) and the relaxed states (energy of the ions" in words
    assert [c.status for c in summary.checks if c.name.startswith("estimates of Tc")] == ["PASS"]
    table = (results.path / "report" / "data" / "li3ycl6-p3m1_transitions.csv").read_text(encoding="utf-8")
    assert [line.split(",")[0] for line in table.splitlines()[1:]] == [
        "conductivity",
        "sublattice_energy",
        "cell_energy",
        "order_parameter",
    ]


def test_too_few_temperatures_are_an_answer_in_words(page):
    words = re.sub(r"<[^>]+>", "", page[page.index('id="answers"') : page.index("<figure")])
    assert re.search(r"Transition temperature\s+cannot tell from transport\s+Too few temperatures", words)


def test_words_of_the_user_cannot_break_the_page(page):
    assert "<two>" not in page
    assert "&lt;two&gt; levels &amp; a walk" in page


def test_no_path_of_the_machine_is_on_the_page(results, page):
    assert str(results.path.parent) not in page


def test_extrapolation_across_the_loss_of_order_is_no_answer(page):
    words = re.sub(r"<[^>]+>", "", page[page.index('id="answers"') : page.index("<figure")])
    assert re.search(r"Conductivity at 300 K\s+cannot tell from above Tc\s+Order is lost", words)
    assert re.search(r"read across that, so it is likely too high\. The Arrhenius line gives [\d.]+", words)
    assert "95 % interval" not in words.split("Conductivity at 300 K")[1].split("Where the order")[0]


def test_order_that_was_still_falling_is_said_drawn_and_tabled(results, page):
    words = re.sub(r"<[^>]+>", "", page[page.index('id="answers"') : page.index("<figure")])
    assert re.search(
        r"longer runs can only lower this\. At 500 K it was still falling when runs ended\.", words
    )
    assert "Triangles: second half of a run" in page
    table = (results.path / "report" / "data" / "li3ycl6-p3m1_order.csv").read_text(encoding="utf-8")
    halves = [line for line in table.splitlines() if "half" in line and line.startswith("500")]
    assert [line.split(",")[2] for line in halves] == [
        "site_order first half",
        "site_order second half",
    ]


def test_report_of_the_same_products_is_the_same(results, page):
    write_report(results, Serial())
    assert (results.path / "report" / "index.html").read_text(encoding="utf-8") == page


def test_what_is_missing_is_named_and_the_rest_is_shown(tmp_path):
    results = fabricated_results(tmp_path, n_materials=2, temperatures=(600,))
    second = results.materials[1]
    shutil.rmtree(second.stage_path("transport"))
    for run in second.runs:
        shutil.rmtree(run.stage_path("transport"))
    summary = write_report(results, Serial())
    assert [check.status for check in summary.checks if "not yet done" in check.name] == ["WARN"]
    page = (results.path / "report" / "index.html").read_text(encoding="utf-8")
    assert Elements(page).open == []
    missing = re.sub(r"<[^>]+>", "", page[page.index('id="missing"') : page.index('id="answers"')])
    assert f"transport of {second.name}: not yet done" in missing
    assert f"transport of {second.runs[0].id}: not yet done" in missing
    assert page.count('<img src="data:image/svg+xml;base64,') == 22 + 1 + 16
    assert "the transport stage of this material has not been done" in page


def test_campaign_without_any_product_gives_a_page(tmp_path):
    results = fabricated_results(tmp_path, temperatures=(300,))
    shutil.rmtree(results.path / "runs")
    shutil.rmtree(results.path / "materials")
    summary = write_report(results, Serial())
    assert summary.facts["n_figures"] == 0
    assert (results.path / "report" / "index.html").is_file()


def test_truncated_product_is_an_error_that_names_it(tmp_path):
    results = fabricated_results(tmp_path, temperatures=(300,))
    product = results.materials[0].stage_path("doas") / "doas.json"
    product.write_text(product.read_text(encoding="utf-8")[:100], encoding="utf-8")
    with pytest.raises(ProductError, match=re.escape(str(product))):
        write_report(results, Serial())


def test_stale_product_is_shown_and_said_to_be_stale(tmp_path):
    results = fabricated_results(tmp_path, temperatures=(300,))
    marker = results.materials[0].stage_path("doas") / "done.json"
    content = json.loads(marker.read_text(encoding="utf-8"))
    marker.write_text(json.dumps({**content, "fingerprint": "0" * 16}), encoding="utf-8")
    write_report(results, Serial())
    page = (results.path / "report" / "index.html").read_text(encoding="utf-8")
    assert "done with other settings than today&#39;s" in page


def test_table_of_convergence_holds_every_part_of_every_run(results):
    path = results.path / "report" / "data" / "li3ycl6-p3m1_convergence.csv"
    with path.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == 4 * 4
    assert [row["diffusivity_cm2_per_s"] for row in rows[:4]] == [""] * 4
    assert "4.5 Å² are needed" in rows[0]["note"]
