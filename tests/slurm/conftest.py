import getpass
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from cluster import ACCOUNTING_PROGRAMS, PROGRAMS, Cluster, missing_programs

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


@contextmanager
def running_cluster(packages, programs, **options):
    """A private one-node SLURM, whose environment this process gets."""
    if missing := missing_programs(programs):
        reason = f"no SLURM here: {', '.join(missing)} missing (apt install {packages})"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    # a short path: the names of sockets have a limit
    cluster = Cluster(tempfile.mkdtemp(prefix="slurm-"), **options)
    before = dict(os.environ)
    try:
        cluster.start()
        os.environ.update(cluster.environment)
        yield cluster
    finally:
        cluster.stop()
        os.environ.clear()
        os.environ.update(before)
        shutil.rmtree(cluster.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def slurm():
    with running_cluster("slurm-wlm munge", PROGRAMS) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def accounted():
    """A SLURM with accounting, beside the other one."""
    programs = (*PROGRAMS, *ACCOUNTING_PROGRAMS)
    packages = "slurm-wlm munge slurmdbd mariadb-server"
    with running_cluster(packages, programs, accounting=True) as cluster:
        yield cluster


class Sweep:
    """A campaign whose stages are stand-ins, and the commands that submit it."""

    def __init__(self, folder, slurm):
        self.folder, self.slurm, self.user = folder, slurm, getpass.getuser()
        self.results = folder / "results" / "small"
        paths = os.pathsep.join(filter(None, (str(STAND_INS), os.environ.get("PYTHONPATH"))))
        self.environment = {**os.environ, "PYTHONPATH": paths, "ORDERS": str(folder / "orders")}
        self.environment["ATOMSTATES_SLURM_PATIENCE"] = "10"
        (folder / "orders").mkdir()
        (folder / "argon.yaml").write_text(MATERIAL)
        self.campaign(temperatures=(20, 40))
        self.site()

    def campaign(self, temperatures):
        content = {"name": "small", "materials": ["argon.yaml"], "temperatures_K": list(temperatures)}
        (self.folder / "small.yaml").write_text(yaml.safe_dump(content))

    def site(self, **settings):
        (self.folder / "site.yaml").write_text(yaml.safe_dump({"margin_s": 5, **settings}))

    def command(self, *arguments):
        return [sys.executable, "-m", "atomstates.cli", *map(str, arguments)]

    def run(self, *arguments):
        return subprocess.run(
            self.command(*arguments), cwd=self.folder, env=self.environment,
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def submit(self, *arguments):
        return self.run("submit", "small.yaml", *arguments, "--site", "site.yaml")

    def order(self, name, content=""):
        """Tell a stand-in what to do: ``fail-STAGE-PLACE`` with an exit code, or ``sleep-STAGE``."""
        (self.folder / "orders" / name).write_text(str(content))

    def trace(self):
        """What was really done since the last question."""
        file = self.folder / "orders" / "trace"
        lines = sorted(file.read_text().splitlines()) if file.exists() else []
        file.unlink(missing_ok=True)
        return lines

    def finish(self, *stages):
        """Put the markers of stages there, without doing them."""
        for work in all_work(lay_out(self.folder / "small.yaml", self.results), stages):
            name = work.stage.name
            mark_done(work.place.stage_path(name), name, work.place.fingerprint(name), Summary())

    def where(self):
        """What the stages saw: (stage, place, devices, ranks) in order of their starts."""
        lines = (self.folder / "orders" / "where").read_text().splitlines()
        return [tuple(line.split(" ")[:4]) for line in lines]

    def started(self, number):
        """Wait until so many stages have begun."""
        trace = self.folder / "orders" / "trace"
        self.slurm.wait_until(
            lambda: trace.exists() and len(trace.read_text().splitlines()) >= number, f"{number} stages"
        )

    def left(self):
        return [work.name for work in left_to_do(open_results(self.results))]


@contextmanager
def sweep_on(cluster, folder):
    yield Sweep(folder, cluster)
    cluster.call("scancel", "--user", getpass.getuser())
    cluster.wait_until(lambda: not cluster.call("squeue", "-h"), "an empty queue")


@pytest.fixture
def sweep(tmp_path, slurm):
    with sweep_on(slurm, tmp_path) as small:
        yield small


@pytest.fixture
def accounted_sweep(tmp_path, accounted):
    with sweep_on(accounted, tmp_path) as small:
        yield small
