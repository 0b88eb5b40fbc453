"""A campaign whose stages are stand-ins: who is called, how often, and what becomes of failures."""

import os
import subprocess
import sys
from pathlib import Path

import yaml

from atomstates.campaign.layout import lay_out, open_results
from atomstates.products import Summary, mark_done
from atomstates.workflow import all_work, left_to_do

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


class StandInCampaign:
    """The campaign ``small.yaml`` in a folder, the commands that work on it, and its stages' orders."""

    def __init__(self, folder):
        self.folder = folder
        self.results = folder / "results" / "small"
        self.orders = folder / "orders"
        self.orders.mkdir()
        paths = os.pathsep.join(filter(None, (str(STAND_INS), os.environ.get("PYTHONPATH"))))
        self.environment = {**os.environ, "PYTHONPATH": paths, "ORDERS": str(self.orders)}
        self.environment.pop("ATOMSTATES_RESULTS", None)
        (folder / "argon.yaml").write_text(MATERIAL)
        self.campaign()

    def campaign(self, temperatures=(20, 40), **settings):
        content = {"name": "small", "materials": ["argon.yaml"], "temperatures_K": list(temperatures)}
        (self.folder / "small.yaml").write_text(yaml.safe_dump(content | settings))

    def command(self, *arguments, module="atomstates.cli"):
        return [sys.executable, "-m", module, *map(str, arguments)]

    def run(self, *arguments, module="atomstates.cli"):
        return subprocess.run(
            self.command(*arguments, module=module),
            cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def order(self, name, content=""):
        """Tell a stand-in what to do: ``fail-STAGE-PLACE`` with an exit code, or ``sleep-STAGE``."""
        (self.orders / name).write_text(str(content))

    def trace(self):
        """What was really done since the last question."""
        file = self.orders / "trace"
        lines = sorted(file.read_text().splitlines()) if file.exists() else []
        file.unlink(missing_ok=True)
        return lines

    def finish(self, *stages):
        """Put the markers of stages (or of all) there, without doing them."""
        for work in all_work(lay_out(self.folder / "small.yaml", self.results), stages):
            name = work.stage.name
            mark_done(work.place.stage_path(name), name, work.place.fingerprint(name), Summary())

    def left(self):
        return [work.name for work in left_to_do(open_results(self.results))]
