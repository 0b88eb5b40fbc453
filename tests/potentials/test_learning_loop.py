"""The loop in the small: killed in its middle, and brought to its end by two processes at once."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import ase.io
import dpdata
import numpy as np
import pandas as pd
import pytest

from atomstates.lammps.deepmd_model import model_elements
from atomstates.potentials.deviation import deviations
from atomstates.potentials.exploration import run_lammps, write_start
from atomstates.potentials.labelling import all_labels
from atomstates.potentials.recipe import read_recipe
from atomstates.potentials.student import answers
from atomstates.products import file_hash, read_json

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
RECIPE = HERE / "miniature.yaml"
PATIENCE = 1200
"""s: for a machine that is busy with other things."""


def started(folder, log):
    environment = os.environ | {"PYTHONPATH": str(HERE), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "atomstates.cli", "potentials", "train", str(RECIPE)]
    with log.open("w") as handle:
        return subprocess.Popen(
            [*command, "--folder", str(folder), "--processes", "1"],
            stdout=handle,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )


def products(folder):
    names = ("model.pb", "exit-code", "labels-*.xyz", "systems.json", "given.json")
    return {path: path.stat().st_mtime_ns for name in names for path in folder.rglob(name)}


@pytest.fixture(scope="module")
def killed_and_finished(tmp_path_factory):
    """Work folder of the finished loop, and the products that the kill found there."""
    home = tmp_path_factory.mktemp("loop")
    folder = home / "work"
    process, deadline = started(folder, home / "killed.log"), time.monotonic() + PATIENCE
    while not (folder / "round-1" / "model-1" / "model.pb").is_file():
        assert process.poll() is None, (home / "killed.log").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    before = products(folder)
    logs = [home / f"worker-{i}.log" for i in range(2)]
    workers = [started(folder, log) for log in logs]
    for worker, log in zip(workers, logs, strict=True):
        assert worker.wait(timeout=PATIENCE) == 0, log.read_text()
        assert "NOT learned" in log.read_text()
    return folder, before


@pytest.fixture
def folder(killed_and_finished):
    return killed_and_finished[0]


def test_what_was_done_before_the_kill_is_not_done_again(killed_and_finished):
    folder, before = killed_and_finished
    after = products(folder)
    assert len(before) >= 4
    assert before == {path: after[path] for path in before}


def test_loop_ends_at_the_most_rounds_and_says_that_it_has_not_learned(folder):
    said = read_json(folder / "loop.json")
    assert said["rounds"] == 2
    assert said["verdict"].startswith("NOT learned: the share of badly known frames is 1 after 2 rounds")
    assert not (folder / "round-3").exists()


def test_log_of_a_round_counts_every_frame_once(folder):
    for number in (1, 2):
        home = folder / f"round-{number}"
        said, table = read_json(home / "round.json"), pd.read_csv(home / "frames.csv")
        assert len(table) == said["frames"]
        assert sum(said["counts"].values()) == said["frames"] + said["frames_missing"]
        assert sum(said["shares"].values()) == pytest.approx(1)
        assert (table["use"] == "labelled").sum() == said["chosen"] <= 7
        assert said["errors"]["chosen"]["frames"] == said["chosen"]


def test_relaxed_frames_are_labelled_whatever_their_deviation(folder):
    for number in (1, 2):
        labels = all_labels(folder / f"round-{number}" / "labels")
        assert any(atoms.info["relaxed"] for atoms in labels)
        assert len({tuple(atoms.positions.ravel()) for atoms in labels}) == len(labels)


def test_frames_that_are_held_out_are_never_trained_on(folder):
    taught = [np.load(path) for path in (folder / "final" / "data").rglob("coord.npy")]
    rows = {tuple(np.round(row, 6)) for array in taught for row in array}
    assert len(rows) == 24 + sum(
        read_json(folder / f"round-{number}" / "round.json")["chosen"] for number in (1, 2)
    )
    for number in (1, 2):
        held = all_labels(folder / f"round-{number}" / "held-out")
        assert len(held) == 3
        assert not {tuple(np.round(atoms.positions.ravel(), 6)) for atoms in held} & rows


def test_members_of_the_ensemble_are_different_models_of_the_same_elements(folder):
    models = [folder / "final" / f"model-{which}" / "model.pb" for which in (1, 2)]
    assert {model_elements(model) for model in models} == {("Li", "Y", "Cl", "Br")}
    assert file_hash(models[0]) != file_hash(models[1])


def test_compressed_model_says_what_the_trained_one_says(folder):
    """The miniature's embedding has shortcuts everywhere; DeePMD 3.2 alone loses some of them."""
    frames = all_labels(folder / "seed")[:2]
    home = folder / "final" / "model-1"
    for one, other in zip(
        answers(home / "model.pb", frames), answers(home / "uncompressed.pb", frames), strict=True
    ):
        np.testing.assert_allclose(one.forces, other.forces, atol=1e-4 * np.abs(other.forces).max())
        np.testing.assert_allclose(one.atomic_energies, other.atomic_energies, rtol=1e-5)


def test_dpdata_reads_the_training_data(folder):
    labels = [atoms for atoms in all_labels(folder / "seed") if "Br" in atoms.symbols]
    systems = [
        dpdata.LabeledSystem(str(folder / "final" / "data" / part / "Li9Y3Cl9Br9"), fmt="deepmd/npy")
        for part in ("made", "watching")
        if (folder / "final" / "data" / part / "Li9Y3Cl9Br9").is_dir()
    ]
    energies = np.concatenate([system.data["energies"] for system in systems])
    assert systems[0].get_atom_names() == ["Li", "Y", "Cl", "Br"]
    assert systems[0].get_atom_numbs() == [9, 3, 9, 9]
    np.testing.assert_allclose(
        np.sort(energies), np.sort([atoms.get_potential_energy() for atoms in labels]), rtol=1e-6
    )
    forces = np.concatenate([system.data["forces"] for system in systems])
    i = int(np.argmin(np.abs(energies - labels[0].get_potential_energy())))
    np.testing.assert_allclose(forces[i], labels[0].get_forces(), rtol=1e-5, atol=1e-6)


def test_teacher_without_atomic_energies_leaves_none_in_the_data(folder):
    assert list((folder / "final" / "data").rglob("virial.npy"))
    assert not list((folder / "final" / "data").rglob("atom_ener.npy"))


def test_deviation_is_that_of_pair_style_deepmd_with_several_models(folder, tmp_path):
    models = [folder / "final" / f"model-{which}" / "model.pb" for which in (1, 2)]
    atoms = all_labels(folder / "seed")[0]
    write_start(atoms, tmp_path, models[0], read_recipe(RECIPE).elements)
    both = " ".join(str(model) for model in models)
    (tmp_path / "potential.in").write_text(
        f"pair_style deepmd {both} out_file deviation.out out_freq 1\npair_coeff * * Li Y Cl Br\n"
    )
    done = run_lammps(tmp_path, "explore.in", {"elements": "Li Y Cl Br", "steps": "0", "frame_every": "1"})
    assert done.returncode == 0, done.stdout[-2000:]
    lines = (tmp_path / "deviation.out").read_text().splitlines()
    columns = lines[0].lstrip("# ").split()
    value = float(lines[1].split()[columns.index("max_devi_f")])
    assert deviations(models, [atoms])[0] == pytest.approx(value, rel=1e-3)


def test_figures_of_the_rounds_are_drawn(folder):
    names = {path.name for path in (folder / "figures").iterdir()}
    drawn = ("calibration", "deviation", "progress")
    assert names == {f"{name}.{suffix}" for name in drawn for suffix in ("png", "svg")}


def test_chosen_frames_carry_where_they_come_from(folder):
    for atoms in ase.io.read(folder / "round-1" / "labels" / "labels-000.xyz", index=":"):
        assert atoms.info["verdict"] == "candidate"
        assert atoms.info["crystal"] == "P-3m1"
        assert {"origin", "temperature", "trip", "time_ps", "deviation"} <= set(atoms.info)
