"""The documents: their examples say what they show, and the site is made without a warning."""

import doctest
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import ClassVar

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
WITH_EXAMPLES = sorted(path for path in DOCS.rglob("*.md") if ">>> " in path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda path: path.stem)
def test_worked_numbers_are_what_the_code_gives(page):
    # the fence that ends an example would be taken for what it prints
    text = page.read_text(encoding="utf-8").replace("```", "")
    examples = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)
    said = []
    failed, tried = doctest.DocTestRunner().run(examples, out=said.append)
    assert tried
    assert not failed, "".join(said)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site as ``make docs`` makes it; a warning fails."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", DOCS, folder]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_reference_is_made_from_the_code(site):
    keys = (site / "reference" / "keys.html").read_text(encoding="utf-8")
    assert "md.produce_ps" in keys
    assert "temperatures_K" in keys
    commands = (site / "reference" / "command-line.html").read_text(encoding="utf-8")
    assert 'id="atomstates-submit"' in commands


class Loaded(HTMLParser):
    """What a browser loads by itself with a page."""

    BY_ITSELF: ClassVar = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src"}
    FOLLOWED_ONLY: ClassVar = {"canonical", "next", "prev", "search", "index"}

    def __init__(self, page):
        super().__init__()
        self.addresses = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        address = found.get(self.BY_ITSELF.get(tag, ""))
        if address and found.get("rel") not in self.FOLLOWED_ONLY:
            self.addresses.append(address)


def test_site_needs_no_network(site):
    pages, styles = sorted(site.rglob("*.html")), sorted(site.rglob("*.css"))
    assert len(pages) > 20 and styles
    elsewhere = [
        f"{page.relative_to(site)}: {address}"
        for page in pages
        for address in Loaded(page).addresses
        if "//" in address
    ]
    elsewhere += [
        f"{style.relative_to(site)}: {address}"
        for style in styles
        for address in re.findall(
            r"(?:@import\s+|url\()[\"']?((?:https?:)?//[^\"')\s]+)", style.read_text(encoding="utf-8")
        )
    ]
    assert elsewhere == []


def test_formulas_are_set_by_a_program_of_the_site(site):
    page = site / "science" / "transport.html"
    (program,) = {address for address in Loaded(page).addresses if "mathjax" in address.lower()}
    file = (page.parent / program.partition("?")[0]).resolve()
    assert file.is_file()
    assert any((file.parent / "output" / "chtml" / "fonts").rglob("*.woff"))
