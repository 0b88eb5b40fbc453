"""Relaxation in real LAMMPS with a built-in potential."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from salt import perfect, salt_run, thermal_snapshots

import atomstates.minimize.stage as stage
from atomstates.errors import ProductError
from atomstates.minimize.framework import distances_from_sites
from atomstates.minimize.relaxation import Relaxation, script_parts, status
from atomstates.minimize.relaxed import (
    CONVERGED,
    FRAMEWORK_CHANGED,
    NOT_CONVERGED,
    STATUSES,
    SUM_MISMATCH,
    read_relaxed,
)
from atomstates.parallel import Serial
from atomstates.potentials.crystal import read_crystal
from atomstates.resources import lammps_inputs_folder

MPIEXEC = Path(sys.executable).parent / "mpiexec"


def _relaxed(monkeypatch, run, frames):
    monkeypatch.setattr(stage, "snapshots", lambda folder: frames)
    summary = stage.relax_snapshots(run, Serial())
    return read_relaxed(run.stage_path("minimize") / stage.RELAXED), summary


@pytest.mark.parametrize("style", ["fire", "cg", "quickmin"])
def test_rattled_crystal_relaxes_to_the_crystal(monkeypatch, tmp_path, style):
    relaxed, summary = _relaxed(monkeypatch, salt_run(tmp_path, style), thermal_snapshots(3))
    assert np.all(relaxed.status == CONVERGED)
    assert np.all(relaxed.largest_force <= 0.005)
    sums = relaxed.atom_energy.sum(axis=1)
    assert sums == pytest.approx(relaxed.potential_energy, rel=1e-10)
    assert relaxed.potential_energy == pytest.approx(np.full(3, relaxed.potential_energy[0]), rel=1e-5)
    # all ions of one kind are equivalent: what is left is first order in the forces that are left
    for element in ("Li", "Cl"):
        energies = relaxed.atom_energy[:, relaxed.element == element]
        assert np.ptp(energies) < 6e-3
    _, positions, cell = perfect()
    for found in relaxed.positions:
        assert distances_from_sites(found, cell, positions, cell).max() < 0.02
    assert all(check.status == "PASS" for check in summary.checks)


def test_relaxed_ions_stay_unwrapped_beside_their_snapshot(monkeypatch, tmp_path):
    frames = thermal_snapshots(2)
    relaxed, _ = _relaxed(monkeypatch, salt_run(tmp_path), frames)
    assert relaxed.step.tolist() == [0, 1000]
    assert np.array_equal(relaxed.snapshot_positions[1], frames[1].positions)
    moved = np.linalg.norm(relaxed.positions - relaxed.snapshot_positions, axis=2)
    assert moved.max() < 1.0


def test_what_fails_is_counted_and_named(monkeypatch, tmp_path):
    relaxed, summary = _relaxed(monkeypatch, salt_run(tmp_path, most_steps=2), thermal_snapshots(3))
    assert np.all(relaxed.status == NOT_CONVERGED)
    check = {check.name: check for check in summary.checks}["snapshots"]
    assert check.status == "FAIL"
    assert "3 of 3" in check.message
    assert "step 2000: not_converged" in check.message
    assert summary.facts["failed"]["not_converged"] == 3


def test_two_anions_that_changed_places_are_seen(monkeypatch, tmp_path):
    frames = thermal_snapshots(6)
    swapped = frames[2].positions.copy()
    first, second = 32, 33
    swapped[[first, second]] = swapped[[second, first]]
    frames[2] = replace(frames[2], positions=swapped)
    relaxed, summary = _relaxed(monkeypatch, salt_run(tmp_path), frames)
    assert np.flatnonzero(relaxed.status == FRAMEWORK_CHANGED).tolist() == [2]
    assert relaxed.converged.sum() == 5
    assert {check.name: check.status for check in summary.checks} == {
        "snapshots": "WARN",
        "energies": "PASS",
        "framework": "WARN",
    }


def test_number_of_ranks_changes_nothing_but_minimiser_noise(monkeypatch, tmp_path):
    command = [str(MPIEXEC), "-n", "2", sys.executable]
    script = Path(__file__).with_name("relax_in_ranks.py")
    subprocess.run([*command, str(script), str(tmp_path)], check=True, capture_output=True, timeout=120)
    run = salt_run(tmp_path / "rank-0")
    two = read_relaxed(run.stage_path("minimize") / stage.RELAXED)
    one, _ = _relaxed(monkeypatch, salt_run(tmp_path / "one"), thermal_snapshots(6))
    assert np.array_equal(two.step, one.step)
    assert np.array_equal(two.status, one.status)
    assert two.potential_energy == pytest.approx(one.potential_energy, rel=1e-8)
    assert two.atom_energy == pytest.approx(one.atom_energy, rel=1e-5)


def test_run_without_snapshots_is_refused(monkeypatch, tmp_path):
    with pytest.raises(ProductError, match="no snapshots"):
        _relaxed(monkeypatch, salt_run(tmp_path), [])


def test_truncated_product_is_named(monkeypatch, tmp_path):
    run = salt_run(tmp_path)
    _relaxed(monkeypatch, run, thermal_snapshots(1))
    path = run.stage_path("minimize") / stage.RELAXED
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(ProductError, match=r"relaxed\.h5"):
        read_relaxed(path)


def test_layout_of_the_product(monkeypatch, tmp_path):
    run = salt_run(tmp_path)
    _relaxed(monkeypatch, run, thermal_snapshots(2))
    with h5py.File(run.stage_path("minimize") / stage.RELAXED) as file:
        assert file["positions"].shape == (2, 64, 3)
        assert file["cell"].shape == (2, 3, 3)
        assert file["atom_energy"].shape == (2, 64)
        assert file["element"].asstr()[0] == "Li"
        assert tuple(file.attrs["statuses"]) == STATUSES
        assert file.attrs["temperature_K"] == 300


def test_script_runs_by_hand_on_one_structure(tmp_path):
    potentials = salt_run(tmp_path).material_folder.stage_path("potentials")
    lmp = Path(sys.executable).parent / "lmp"
    words = [str(lmp), "-in", str(lammps_inputs_folder() / "minimize.in"), "-log", "log.hand"]
    words += ["-var", "structure", str(potentials / "structure.data")]
    words += ["-var", "potential_folder", str(potentials)]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Stopping criterion = force tolerance" in done.stdout


def test_script_without_its_mark_is_refused():
    with pytest.raises(ValueError, match="for each structure"):
        script_parts("minimize 0 0 1 1")


def test_first_fault_counts_and_nan_is_a_fault():
    energies = np.array([-1.0, -2.0])

    def verdict(force=0.001, energy=-3.0, farthest=0.1):
        found = Relaxation(np.zeros((2, 3)), energies, energy, force, 10)
        return status(found, farthest, 0.005, 1e-6, 1.5)

    assert verdict() == CONVERGED
    assert verdict(force=0.006) == NOT_CONVERGED
    assert verdict(force=np.nan) == NOT_CONVERGED
    assert verdict(energy=-3.00001) == SUM_MISMATCH
    assert verdict(energy=np.nan) == SUM_MISMATCH
    assert verdict(farthest=1.6) == FRAMEWORK_CHANGED


def test_drift_and_wrapping_do_not_count_as_a_change_of_the_framework():
    _, positions, cell = perfect()
    wrapped = (positions + np.array([4.0, -1.0, 7.7])) % (2 * 5.14)
    assert distances_from_sites(wrapped, cell, positions, cell).max() < 1e-9


def test_crystal_is_read_back_as_it_was_written(tmp_path):
    potentials = salt_run(tmp_path).material_folder.stage_path("potentials")
    crystal = read_crystal(potentials / "structure.data", potentials / "structure.json")
    element, positions, cell = perfect()
    assert crystal.element.tolist() == element.tolist()
    # the file has them folded into the cell
    assert crystal.positions == pytest.approx(positions % np.diag(cell), abs=1e-9)
    assert crystal.cell == pytest.approx(cell)
    (potentials / "structure.data").write_text("LAMMPS\n\n0 0\n")
    with pytest.raises(ProductError, match=r"structure\.data"):
        read_crystal(potentials / "structure.data", potentials / "structure.json")
