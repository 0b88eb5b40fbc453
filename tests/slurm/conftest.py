import getpass
import os
import shutil
import tempfile
from contextlib import contextmanager

import pytest
import yaml
from cluster import ACCOUNTING_PROGRAMS, PROGRAMS, Cluster, missing_programs
from stand_in_campaign import StandInCampaign


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


class Sweep(StandInCampaign):
    """A campaign whose stages are stand-ins, and the commands that submit it."""

    def __init__(self, folder, slurm):
        super().__init__(folder)
        self.slurm, self.user = slurm, getpass.getuser()
        self.environment["ATOMSTATES_SLURM_PATIENCE"] = "10"
        self.site()

    def site(self, **settings):
        (self.folder / "site.yaml").write_text(yaml.safe_dump({"margin_s": 5, **settings}))

    def submit(self, *arguments):
        return self.run("submit", "small.yaml", *arguments, "--site", "site.yaml")

    def where(self):
        """What the stages saw: (stage, place, devices, ranks) in order of their starts."""
        lines = (self.orders / "where").read_text().splitlines()
        return [tuple(line.split(" ")[:4]) for line in lines]

    def started(self, number):
        """Wait until so many stages have begun."""
        trace = self.orders / "trace"
        self.slurm.wait_until(
            lambda: trace.exists() and len(trace.read_text().splitlines()) >= number, f"{number} stages"
        )


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
