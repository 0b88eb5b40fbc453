"""The main job with real LAMMPS and the shipped DeePMD potential, from crystal to report."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from atomstates.campaign.layout import open_results
from atomstates.products import MARKER
from atomstates.workflow import all_work

BESIDE = Path(sys.executable).parent
FORCE_TOLERANCE_EV_PER_A = 0.005
SAME_MINIMUM_EV = 2e-3
"""Energy of an atom at two ends of minimisations that stop at the force tolerance."""


def atomstates(*words, results=None, ranks=1):
    command = [BESIDE / "atomstates", *words, *(["--results", results] if results else [])]
    launcher = [BESIDE / "mpiexec", "-n", str(ranks)] if ranks > 1 else []
    environment = {name: value for name, value in os.environ.items() if name != "ATOMSTATES_RESULTS"}
    return subprocess.run(
        [str(word) for word in (*launcher, *command)], capture_output=True, text=True, env=environment
    )


def test_crystal_becomes_a_report(finished):
    folder, said = finished
    assert said.stdout.splitlines()[-1] == f"report: {folder / 'results/report/index.html'}"
    assert all(work.place.is_done(work.stage.name) for work in all_work(open_results(folder / "results")))
    assert "Density of atomistic states" in (folder / "results/report/index.html").read_text()


def test_users_see_no_noise_of_the_plugins(finished):
    _, said = finished
    for noise in ("libcudart", "oneDNN", "tensorflow", "DeePMD-kit", "implib"):
        assert noise not in said.stdout + said.stderr


def test_finished_campaign_has_nothing_to_do(finished):
    folder, _ = finished
    again = atomstates("run", folder / "campaign.yaml", results=folder / "results")
    assert again.returncode == 0
    assert again.stdout.startswith("nothing to do")


def test_every_number_of_the_report_stands_in_its_product(finished):
    folder, _ = finished
    with (folder / "results/report/numbers.csv").open(newline="") as handle:
        products = {row["product"] for row in csv.DictReader(handle)}
    assert products
    assert all((folder / "results" / product).is_file() for product in products)


def test_cold_crystal_keeps_its_order_and_its_sites(finished):
    folder, _ = finished
    content = json.loads((folder / "results/materials/small/doas/doas.json").read_text())
    cold = content["temperatures"][0]
    assert cold["temperature_K"] == 300
    assert cold["octahedral_fraction"]["value"] > 0.95
    assert cold["order_parameter"]["value"] == pytest.approx(1, abs=0.05)


def test_sites_of_the_relaxed_crystal_are_alike_by_the_symmetry_of_its_framework(finished):
    """Two layers of six octahedra hold nine Li a cell; relaxation does not hide that they are alike."""
    folder, _ = finished
    content = json.loads((folder / "results/materials/small/doas/order.json").read_text())
    assert content["space_group"] == "P-3m1"
    assert [one["sites_per_unit_cell"] for one in content["sublattices"]] == [6, 6]
    assert sum(one["filled_per_unit_cell"] for one in content["sublattices"]) == 9
    cold, hot = content["runs"]
    assert cold["site_order"]["value"] > 0.8
    assert hot["site_order"]["value"] < cold["site_order"]["value"]


def datasets(path):
    with h5py.File(path) as file:
        return {name: file[name][()] for name in file}


def repeated(finished, tmp_path, *stages, ranks):
    """The results once more, with some stages done again by ``ranks`` processes."""
    folder = tmp_path / "results"
    shutil.copytree(finished[0] / "results", folder)
    for stage, level in stages:
        for work in all_work(open_results(folder)):
            if (work.stage.name, work.stage.level) == (stage, level):
                (work.marker.parent / MARKER).unlink()
    for stage, level in stages:
        for work in all_work(open_results(folder)):
            if (work.stage.name, work.stage.level) == (stage, level):
                where = ("--run", work.place.id) if level == "run" else ("--material", work.place.name)
                done = atomstates(stage, *where, results=folder, ranks=ranks)
                assert done.returncode == 0, done.stderr
    return folder


def test_two_ranks_relax_as_one_does(finished, tmp_path):
    folder = repeated(finished, tmp_path, ("minimize", "run"), ranks=2)
    for run in open_results(folder).runs:
        name = f"runs/{run.id}/minimize/relaxed.h5"
        one, two = datasets(finished[0] / "results" / name), datasets(folder / name)
        np.testing.assert_array_equal(one["step"], two["step"])
        np.testing.assert_allclose(two["atom_energy"], one["atom_energy"], rtol=0, atol=SAME_MINIMUM_EV)
        assert two["largest_force"].max() <= FORCE_TOLERANCE_EV_PER_A


def test_number_of_ranks_leaves_no_trace_in_states_and_transport(finished, tmp_path):
    stages = [("doas", "run"), ("doas", "material"), ("transport", "run"), ("transport", "material")]
    folder = repeated(finished, tmp_path, *stages, ranks=2)
    compared = 0
    for path in sorted(folder.glob("*/*/doas/**/*")) + sorted(folder.glob("*/*/transport/*")):
        before = finished[0] / "results" / path.relative_to(folder)
        if path.suffix == ".h5":
            one, two = datasets(before), datasets(path)
            assert one.keys() == two.keys()
            for name in one:
                np.testing.assert_array_equal(one[name], two[name])
        elif path.suffix in (".json", ".csv", ".cube", ".cif", ".xyz"):
            assert path.read_bytes() == before.read_bytes(), path
        compared += 1
    assert compared >= 10
