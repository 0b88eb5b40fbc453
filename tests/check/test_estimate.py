"""Estimates: bytes against a finished campaign, hours by hand, times as LAMMPS prints them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from atomstates.campaign.reading import read_campaign, read_material
from atomstates.campaign.schema import Barriers
from atomstates.check.benchmark import Benchmark
from atomstates.check.campaign import examination
from atomstates.check.estimate import disk, time
from atomstates.check.geometry import nearest_site_distance, smallest_supercell, widths
from atomstates.check.hops import ordered_seconds, run_seconds
from atomstates.check.material import examined
from atomstates.lammps.log import list_cutoff, loops
from atomstates.md.plan import plan

LOG = """
  master list distance cutoff = 7.5
Loop time of 0.5 on 1 procs for 46 steps with 240 atoms
99.9% CPU use with 1 MPI tasks x 1 OpenMP threads
Loop time of 6.4 on 2 procs for 200 steps with 240 atoms

Performance: 5.362 ns/day, 4.476 hours/ns, 31.030 timesteps/s, 7.447 katom-step/s
45.6% CPU use with 2 MPI tasks x 1 OpenMP threads
"""

ARGON = """
name: argon
title: Argon and krypton as in CsCl
crystal:
  space_group: 221
  lattice_A: [4, 4, 4]
  sites:
    - {label: Ar, element: Ar, position: [0, 0, 0]}
    - {label: Kr, element: Kr, position: [0.5, 0.5, 0.5]}
mobile: Ar
anions: [Kr]
charges: {Ar: 1, Kr: -1}
supercell: [5, 5, 5]
potential: {lammps: {pair_style: lj/cut 7, pair_coeff: ["* * 0.0104 3.4"]}}
"""


def test_loops_of_a_log():
    first, second = loops(LOG)
    assert (first.steps, first.ranks, first.cpu_use) == (46, 1, pytest.approx(0.999))
    assert (second.n_atoms, second.ranks, second.cpu_use) == (240, 2, pytest.approx(0.456))
    assert second.seconds_a_step == pytest.approx(0.032)
    assert list_cutoff(LOG) == 7.5


def test_hours_by_hand():
    campaign = read_campaign(Path("tutorial"))
    found = examined(*read_material("li3ycl6-p3m1", Path()), campaign)
    speed = Benchmark(240, 2, 200, 0.036, 70, 3.6, 0.5, 6.5, "")
    hours = time(found, campaign, plan(campaign.md), speed)
    # seven runs of 9000 steps and 17 snapshots; 24 orderings of an eighth of the atoms, 30 energies each
    assert hours.md_hours == pytest.approx(7 * 9000 * 0.036 / 3600)
    assert hours.minimize_hours == pytest.approx(7 * 17 * 3.6 / 3600)
    assert hours.potentials_hours == pytest.approx(24 * 30 * 0.036 / 8 / 3600)
    # three classes of one hop a run: five relaxations find it among 20 frames, half a one and 160 energies
    # follow it; the ordered crystal has 20 ends, four separated pairs and six paths
    a_run, ordered = 3 * (5.5 * 3.6 + 160 * 0.036), 24 * 3.6 + 6 * 160 * 0.036
    assert hours.barriers_hours == pytest.approx((7 * a_run + ordered) / 3600)
    # two ranks that had half a core each
    assert hours.core_hours == pytest.approx(hours.hours)
    assert hours.gpu_hours is None
    assert time(
        found, campaign, plan(campaign.md), Benchmark(240, 1, 200, 0.036, 70, 3.6, 0.5, 6.5, "H100")
    ).gpu_hours == pytest.approx(hours.hours)


def test_campaign_without_hops_pays_for_none():
    settings = Barriers(hops_per_class=0, ordered_hops_per_class=0, separated_pairs=0)
    assert run_seconds(settings, 20, 0.036, 3.6) == 0
    assert ordered_seconds(settings, 0.036, 3.6) == 0


def test_snapshots_that_follow_each_other_frame_by_frame_need_no_search():
    # three hops, half a relaxation each
    assert run_seconds(Barriers(hops_per_class=1), 1, 0.0, 2.0) == pytest.approx(3 * 0.5 * 2.0)


def test_bytes_are_those_of_a_finished_campaign(finished):
    folder, _ = finished
    results = folder / "results"
    campaign = read_campaign(folder / "campaign.yaml")
    found = examined(*read_material("small.yaml", folder), campaign)
    estimate = disk(found, campaign, plan(campaign.md))

    def size(*patterns):
        return sum(path.stat().st_size for pattern in patterns for path in results.glob(pattern))

    assert size("runs/*/md/trajectory.*") == estimate.trajectories
    assert size("runs/*/md/snapshots.*") == pytest.approx(estimate.snapshots, rel=0.1)
    assert size("runs/*/md/restart.*") == pytest.approx(estimate.restarts, rel=0.15)
    assert 0.3 * estimate.hops < size("runs/*/barriers/**/*", "materials/*/barriers/**/*") < estimate.hops
    assert size("materials/*/transport/*.cube", "report/data/*.cube") == pytest.approx(
        estimate.maps, rel=0.15
    )
    assert size("materials/*/potentials/model-0.pb") == estimate.model
    whole = sum(path.stat().st_size for path in results.rglob("*") if path.is_file())
    assert whole == pytest.approx(estimate.total, rel=0.5)


def test_opposite_faces_of_a_hexagonal_cell():
    lattice = np.array([[2.0, 0, 0], [-1.0, np.sqrt(3), 0], [0, 0, 5.0]])
    assert widths(lattice) == pytest.approx([np.sqrt(3), np.sqrt(3), 5.0])
    assert smallest_supercell(lattice, 10.0) == (6, 6, 2)
    assert smallest_supercell(lattice, 10.0, (1, 4, 3)) == (6, 8, 3)


def test_split_sites_are_one_site():
    from pymatgen.core import Lattice, Structure

    positions = [[0, 0, 0], [0, 0, 0.1], [0, 0, 0.5]]
    structure = Structure(Lattice.cubic(6.0), ["Li"] * 3, positions)
    # 0.6 Å is a split; 2.4 Å from the upper one of the pair to the third
    assert nearest_site_distance(structure, "Li") == pytest.approx(2.4)
    assert nearest_site_distance(structure, "Na") is None


@pytest.fixture
def argon(tmp_path):
    """File of a campaign of 250 atoms that Lennard-Jones pairs bind."""
    (tmp_path / "argon.yaml").write_text(ARGON)
    (tmp_path / "campaign.yaml").write_text(
        "name: argon\nmaterials: [argon.yaml]\ntemperatures_K: [20, 30, 40]\n"
    )
    return tmp_path / "campaign.yaml"


def test_any_pair_style_is_measured_in_its_own_supercell(argon, bare_lammps, monkeypatch):
    monkeypatch.setenv("ATOMSTATES_LAMMPS", bare_lammps)
    found = examination(argon, argon.parent / "results", timing=True)
    assert not found.failed, found.checks
    (estimate,) = found.estimates
    assert estimate.benchmark.n_atoms == estimate.n_atoms == 250
    assert estimate.benchmark.steps == 200
    assert estimate.benchmark.cutoff == pytest.approx(7.0)
    assert estimate.time.md_hours == pytest.approx(3 * 52500 * estimate.benchmark.seconds_a_step / 3600)
    assert any(
        check.name == "argon: supercell" and "cut-off is 7.00 Å" in check.message for check in found.checks
    )


def test_potential_that_lammps_refuses_is_a_verdict(argon, bare_lammps, monkeypatch):
    monkeypatch.setenv("ATOMSTATES_LAMMPS", bare_lammps)
    file = argon.parent / "argon.yaml"
    file.write_text(file.read_text().replace("lj/cut 7", "lj/cutt 7"))
    found = examination(argon, argon.parent / "results", timing=True)
    (verdict,) = [check for check in found.checks if check.status == "FAIL"]
    assert verdict.name == "argon: potential"
    assert "lj/cutt" in verdict.message


def test_json_of_check_says_verdicts_and_estimates(argon):
    shown = subprocess.run(
        [sys.executable, "-m", "atomstates.cli", "check", str(argon), "--no-timing", "--json"],
        capture_output=True, text=True, check=False, cwd=argon.parent, env={**os.environ},
    )  # fmt: skip
    content = json.loads(shown.stdout)
    assert shown.returncode == 0
    assert set(content) == {"campaign", "results", "verdict", "checks", "estimates"}
    assert content["verdict"] == "PASS"
    assert {"name", "status", "message"} == set(content["checks"][0])
    assert content["estimates"][0]["disk_bytes"]["total"] > 1e6
    file = argon.parent / "argon.yaml"
    file.write_text(file.read_text().replace("mobile: Ar", "mobile: Xe"))
    refused = subprocess.run(
        [sys.executable, "-m", "atomstates.cli", "check", str(argon), "--no-timing", "--json"],
        capture_output=True, text=True, check=False, cwd=argon.parent,
    )  # fmt: skip
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["verdict"] == "FAIL"
