"""The documents: their examples say what they show, and the site is made without a warning."""

import doctest
import subprocess
import sys
from pathlib import Path

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


def test_site_is_made_without_a_warning(tmp_path):
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-W",
        "--keep-going",
        "-q",
        "-b",
        "html",
        DOCS,
        tmp_path / "site",
    ]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    site = (tmp_path / "site" / "reference" / "keys.html").read_text(encoding="utf-8")
    assert "md.produce_ps" in site
    assert "temperatures_K" in site
    commands = (tmp_path / "site" / "reference" / "command-line.html").read_text(encoding="utf-8")
    assert 'id="atomstates-submit"' in commands
