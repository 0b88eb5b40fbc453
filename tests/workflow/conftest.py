import os
import subprocess
import sys
from pathlib import Path

import pytest

from atomstates.campaign.layout import lay_out
from atomstates.products import Summary, mark_done
from atomstates.workflow import all_work

STAND_INS = Path(__file__).parent / "stand_ins"

MATERIAL = """
name: argon
title: Argon
crystal:
  space_group: 225
  lattice_A: [5.3, 5.3, 5.3]
  sites: [{label: Ar, element: Ar, position: [0, 0, 0]}]
mobile: Ar
anions: [Ar]
charges: {Ar: 0}
supercell: [3, 3, 3]
potential: {lammps: {pair_style: lj/cut 8, pair_coeff: ["* * 0.0104 3.4"]}}
"""

CAMPAIGN = """
name: small
materials: [argon.yaml]
temperatures_K: [20, 40]
"""


class Small:
    """A campaign whose stages are stand-ins, and the commands that work on it."""

    def __init__(self, folder):
        self.folder = folder
        self.results = folder / "results" / "small"
        self.environment = {**os.environ, "PYTHONPATH": str(STAND_INS)}
        self.environment.pop("ATOMSTATES_RESULTS", None)
        (folder / "argon.yaml").write_text(MATERIAL)
        self.write()

    def write(self, extra=""):
        (self.folder / "small.yaml").write_text(CAMPAIGN + extra)

    def command(self, *arguments, module="atomstates.cli"):
        return [sys.executable, "-m", module, *map(str, arguments)]

    def run(self, *arguments, module="atomstates.cli"):
        return subprocess.run(
            self.command(*arguments, module=module),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def finish(self, *stages):
        """Put the markers of stages (or of all) there, without doing them."""
        for work in all_work(lay_out(self.folder / "small.yaml", self.results), stages):
            name = work.stage.name
            mark_done(work.place.stage_path(name), name, work.place.fingerprint(name), Summary())

    def order(self, name, content=""):
        self.results.mkdir(parents=True, exist_ok=True)
        (self.results / name).write_text(content)

    def trace(self):
        """What was really done since the last question."""
        file = self.results / "trace.txt"
        lines = sorted(file.read_text().splitlines()) if file.exists() else []
        file.unlink(missing_ok=True)
        return lines


@pytest.fixture
def small(tmp_path):
    return Small(tmp_path)


@pytest.fixture
def finished(small):
    small.finish()
    return small
