"""Several models on one run, in real LAMMPS: the first drives, all are compared."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from several_models import GAUGE, done, laid_out, models

from atomstates.lammps.potential import of_model
from atomstates.lammps.running import run_lammps
from atomstates.md.models import DEVIATION, _forces
from atomstates.md.segments import snapshots
from atomstates.minimize.relaxed import read_relaxed
from atomstates.potentials.ensemble import force_deviation
from atomstates.products import read_marker

MPIEXEC = Path(sys.executable).parent / "mpiexec"
ORDER = ("largest", "smallest", "mean")
BEFORE = (("structures", "material"), ("potentials", "material"), ("md", "run"), ("minimize", "run"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def results(folder):
    """All stages up to the relaxed snapshots, with the shipped model, its other gauge, and another."""
    found = laid_out(folder, models(folder))
    done(found, *BEFORE)
    return found


@pytest.fixture(scope="module")
def run(results):
    return results.runs[0]


def _relaxed(run):
    folder = run.stage_path("minimize")
    return [read_relaxed(folder / of_model("relaxed.h5", number)) for number in range(3)]


def test_models_of_one_gauge_or_another_have_the_same_forces(run):
    frames = snapshots(run.stage_path("md"))
    forces = np.array([_forces(run, frames, number, rank=0) for number in range(3)])
    assert np.abs(forces[0]).max() > 1
    assert force_deviation(forces[:2]).max() < 1e-6
    # the same as the run's own product, which has all three
    with (run.stage_path("md") / DEVIATION).open() as handle:
        rows = list(csv.DictReader(handle))
    largest = force_deviation(forces).max(axis=1)
    assert [float(row["largest_eV_per_A"]) for row in rows] == pytest.approx(largest, rel=1e-3)


def test_deviation_is_that_of_deepmd_itself(run, tmp_path):
    """``pair_style deepmd`` with all models, on the snapshots that it reads back."""
    potentials, md = run.material_folder.stage_path("potentials"), run.stage_path("md")
    (tmp_path / "rerun.in").write_text(
        f"units metal\nboundary p p p\ninclude {potentials}/before.in\n"
        f"read_data {potentials}/structure.data\n"
        f"pair_style deepmd {' '.join(f'{potentials}/model-{k}.pb' for k in range(3))} out_freq 1 "
        f"out_file deviation.out\npair_coeff * * Li Y Cl\nneighbor 1.0 bin\n"
        f"rerun {md}/snapshots.001.lammpstrj dump x y z box yes\n"
    )
    run_lammps(tmp_path / "rerun.in", ["lmp"])
    theirs = np.loadtxt(tmp_path / "deviation.out")[:, 4:]
    with (md / DEVIATION).open() as handle:
        ours = [[float(row[f"{name}_eV_per_A"]) for name in ORDER] for row in csv.DictReader(handle)]
    assert len(ours) == 5
    np.testing.assert_allclose(theirs, ours, rtol=1e-3)


def test_different_model_is_warned_about(run):
    marker = read_marker(run.stage_path("md"))
    check = {check["name"]: check for check in marker["checks"]}["model deviation"]
    assert check["status"] == "WARN"
    assert "beyond 0.2 eV/Å (md.deviation_threshold_eV_per_A)" in check["message"]
    assert marker["numbers"]["force_deviation_worst"]["value"] > 0.2


def test_other_gauge_relaxes_to_the_same_structure_with_shifted_energies(run):
    first, gauge, other = _relaxed(run)
    assert first.positions == pytest.approx(gauge.positions, abs=1e-4)
    shifts = np.array([GAUGE[element] for element in first.element])
    np.testing.assert_allclose(
        gauge.atom_energy - first.atom_energy, np.tile(shifts, (len(first.step), 1)), rtol=1e-4
    )
    assert np.abs(other.positions - first.positions).max() > 0.05
    assert np.array_equal(first.snapshot_positions, other.snapshot_positions)
    assert len({relaxed.potential for relaxed in (first, gauge, other)}) == 3


def test_number_of_ranks_changes_no_deviation(results, run):
    path = run.stage_path("md") / DEVIATION
    before = path.read_text()
    path.unlink()
    script = Path(__file__).with_name("deviation_in_ranks.py")
    command = [str(MPIEXEC), "-n", "2", sys.executable, str(script), str(results.path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    for ours, theirs in zip(
        *(csv.DictReader(text.splitlines()) for text in (before, path.read_text())), strict=True
    ):
        assert {**ours, **theirs}.keys() == ours.keys()
        for name in ("time_ps", *(f"{name}_eV_per_A" for name in ORDER)):
            assert float(theirs[name]) == pytest.approx(float(ours[name]), rel=1e-3)


def test_further_models_leave_the_run_of_the_first_alone(results, folder):
    """Taken out again, nothing of the dynamics is done anew: the same trajectory, to the last digit."""
    run = results.runs[0]
    alone = laid_out(folder, models(folder)[:1])
    assert alone.runs[0].trajectory_fingerprint == run.trajectory_fingerprint
    assert not alone.runs[0].is_done("md")
    before = (run.stage_path("md") / "segments.jsonl").read_bytes()
    done(alone, *BEFORE)
    assert (run.stage_path("md") / "segments.jsonl").read_bytes() == before
    marker = read_marker(run.stage_path("md"))
    assert not any("deviation" in name for name in marker["numbers"])
    assert not any("deviation" in check["name"] for check in marker["checks"])
    laid_out(folder, models(folder))
