"""The shipped potential in LAMMPS: one short process, whose printed numbers the tests compare."""

import os
import subprocess
import sys
from pathlib import Path

import ase.io
import numpy as np
import pytest

from atomstates.lammps.deepmd_model import model_elements
from atomstates.potentials.configurations import shaken
from atomstates.potentials.exploration import ONE_CORE, read_frames, write_start
from atomstates.potentials.label import RELAXED_FORCE
from atomstates.potentials.labelling import all_labels, label_frames
from atomstates.potentials.shipped import model_card, shipped_model, shipped_models
from atomstates.potentials.validation.orderings import ordered_cell
from atomstates.potentials.validation.subject import student_as_teacher
from atomstates.products import file_hash
from atomstates.units import BAR_PER_GPA, EV_PER_A3_TO_GPA

NAME = "li-y-cl-br"
ELEMENTS = ("Li", "Y", "Cl", "Br")
STEP = 0.02
STRAIN = 0.004

SCRIPT = f"""
units metal
atom_style atomic
atom_modify map yes
box tilt large
read_data structure.data
include potential.in
neighbor 1.0 bin
compute parts all pe/atom
compute sum all reduce sum c_parts
compute virial all pressure NULL virial
variable fx equal fx[1]
variable fz equal fz[20]
thermo_style custom step pe c_sum c_virial[1] c_virial[3] vol
thermo_modify norm no format float %.10g
dump all all custom 1 parts.lammpstrj id element x y z c_parts
dump_modify all element Li Y Cl sort id
run 0
undump all
print "FORCE $(v_fx:%.10g) $(v_fz:%.10g)"
group one id 1
group two id 20
displace_atoms one move {STEP} 0 0
run 0
displace_atoms one move -{2 * STEP} 0 0
run 0
displace_atoms one move {STEP} 0 0
displace_atoms two move 0 0 {STEP}
run 0
displace_atoms two move 0 0 -{2 * STEP}
run 0
displace_atoms two move 0 0 {STEP}
change_box all z scale {1 + STRAIN} remap
run 0
change_box all z scale {(1 - STRAIN) / (1 + STRAIN)} remap
run 0
"""


@pytest.fixture(scope="module")
def start(unit, ordered):
    still = ordered_cell(unit, ordered, (1, 1, 2))
    return shaken(still, 0.05, np.random.default_rng(1))


@pytest.fixture(scope="module")
def said(start, tmp_path_factory):
    """Rows (step, pe, sum of parts, virial xx and zz, volume) of each geometry, forces, folder."""
    folder = tmp_path_factory.mktemp("lammps")
    write_start(start, folder, shipped_model(NAME), ("Li", "Y", "Cl"))
    (folder / "in.test").write_text(SCRIPT, encoding="utf-8")
    program = Path(sys.executable).parent / "lmp"
    done = subprocess.run(
        [str(program), "-in", "in.test"],
        cwd=folder,
        env=os.environ | ONE_CORE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    lines = (folder / "log.lammps").read_text(encoding="utf-8").splitlines()
    rows = [lines[i + 1].split() for i, line in enumerate(lines) if line.split()[:2] == ["Step", "PotEng"]]
    forces = next(line.split()[1:] for line in lines if line.startswith("FORCE"))
    return np.array(rows, dtype=float), np.array(forces, dtype=float), folder


def test_atomic_energies_sum_to_the_potential_energy(said, start):
    rows, _, folder = said
    assert rows[0, 2] == pytest.approx(rows[0, 1], abs=1e-6 * len(start))
    (frame,) = read_frames(folder / "parts.lammpstrj", start)
    assert len(frame) == len(start)


def test_forces_are_the_slopes_of_the_energy(said):
    rows, forces, _ = said
    energy = rows[:, 1]
    slopes = np.array([energy[1] - energy[2], energy[3] - energy[4]]) / (2 * STEP)
    # Single precision: the energy of 60 atoms is known to some 1e-5 eV.
    np.testing.assert_allclose(forces, -slopes, rtol=0.02, atol=5e-3)


def test_virial_is_the_slope_of_the_energy_by_strain(said):
    rows, _, _ = said
    slope = (rows[5, 1] - rows[6, 1]) / (2 * STRAIN)
    pressure = -slope / rows[0, 5] * EV_PER_A3_TO_GPA * BAR_PER_GPA
    assert rows[0, 4] == pytest.approx(pressure, rel=0.03, abs=100.0)


def test_file_is_the_one_of_the_card():
    assert file_hash(shipped_model(NAME)) == model_card(NAME)["sha256"]


def test_elements_are_read_from_the_file_and_agree_with_the_card():
    assert {model_elements(model) for model in shipped_models(NAME)} == {ELEMENTS}
    assert model_card(NAME)["elements"] == [*ELEMENTS]


def test_ensemble_is_three_different_models_of_at_most_ten_megabytes():
    models = shipped_models(NAME)
    assert len({file_hash(model) for model in models}) == 3
    assert max(model.stat().st_size for model in models) < 10e6


def test_card_gives_each_missed_target_away():
    card = model_card(NAME)
    assert card["all_passed"] == all(test["passed"] is not False for test in card["tests"])
    text = (shipped_model(NAME).parent / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert text.count("**no**") == sum(test["passed"] is False for test in card["tests"])
    assert card["sha256"] in text


def test_relaxed_lattice_of_the_ordered_crystal_is_that_of_the_card(unit, ordered, tmp_path):
    model = shipped_model(NAME)
    student = student_as_teacher(model)
    start = ordered_cell(unit, ordered, (1, 1, 1))
    label_frames([start], tmp_path, student, sys.executable, relax=True)
    (found,) = all_labels(tmp_path)
    assert np.abs(found.get_forces()).max() < RELAXED_FORCE
    of_card = {
        row["quantity"]: row["student"]
        for row in model_card(NAME)["tables"]["lattice"]
        if row["material"] == "Li3YCl6 P-3m1"
    }
    assert found.cell.lengths()[0] == pytest.approx(of_card["a"], rel=1e-3)
    assert found.cell.lengths()[2] == pytest.approx(of_card["c"], rel=1e-3)
    assert ase.io.read(tmp_path / "labels-000.xyz").info["converged"]
