"""The tutorial is executed: every command of the page, in its order, and what it is said to print."""

import doctest
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
BESIDE = Path(sys.executable).parent


def commands(page):
    """Commands of a page's console blocks, each with the output that is shown."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.S):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, shown = part.partition("\n")
            found.append((command, shown))
    return found


def test_every_command_of_the_tutorial_does_what_the_page_says(tmp_path):
    shutil.copy(DOCS / "li3ycl6.cif", tmp_path)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ATOMSTATES")}
    environment = kept | {"PATH": f"{BESIDE}:{os.environ['PATH']}", "COLUMNS": "250"}
    steps = commands(DOCS / "tutorial.md")
    assert len(steps) > 8
    for command, shown in steps:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        if shown:
            same = doctest.OutputChecker().check_output(shown, done.stdout, doctest.ELLIPSIS)
            assert same, f"{command}\nsays\n{done.stdout}\nnot\n{shown}"
    assert (tmp_path / "results/first/report/index.html").is_file()
