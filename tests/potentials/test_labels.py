import json
import os
import sys
from pathlib import Path

import ase.io
import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.lj import LennardJones

from atomstates.errors import InputError, ProgramError
from atomstates.potentials.dataset import write_dataset
from atomstates.potentials.label import labelled, main, relaxed, taken
from atomstates.potentials.labelling import all_labels, kept_labels, label_folder, label_frames, write_given
from atomstates.potentials.recipe import Teacher
from atomstates.potentials.sampling import Limits

SETTINGS = {"sigma": 2.2, "epsilon": 0.1, "rc": 6.0, "smooth": True}


def crystal(seed=0, displacement=0.05):
    atoms = bulk("Cl", "fcc", a=4.2, cubic=True) * (2, 2, 2)
    atoms.rattle(displacement, seed=seed)
    return atoms


@pytest.fixture
def teacher():
    return Teacher(
        title="Lennard-Jones",
        licence="none",
        calculator="ase.calculators.lj.LennardJones",
        arguments=SETTINGS,
        processes=2,
    )


def test_virial_of_the_dataset_is_minus_the_derivative_of_the_energy_by_strain(tmp_path):
    calculator = LennardJones(**SETTINGS)
    atoms = crystal()
    (system,) = write_dataset([labelled(atoms, calculator)], tmp_path, ("Cl",))
    virial = np.load(system / "set.000" / "virial.npy").reshape(3, 3)
    step = 1e-5
    for row, column in [(0, 0), (2, 2), (0, 1)]:
        energies = []
        for sign in (1, -1):
            strain = np.eye(3)
            strain[row, column] += sign * step / 2
            strain[column, row] += sign * step / 2
            bent = atoms.copy()
            bent.set_cell(atoms.cell[:] @ strain, scale_atoms=True)
            bent.calc = calculator
            energies.append(bent.get_potential_energy())
        assert virial[row, column] == pytest.approx(-(energies[0] - energies[1]) / (2 * step), rel=1e-4)


def test_atomic_energies_of_the_dataset_sum_to_the_energy(tmp_path):
    (system,) = write_dataset([labelled(crystal(), LennardJones(**SETTINGS))], tmp_path, ("Cl",))
    parts = np.load(system / "set.000" / "atom_ener.npy")
    np.testing.assert_allclose(
        parts.sum(axis=1), np.load(system / "set.000" / "energy.npy")[:, 0], rtol=1e-10
    )


def test_labels_are_those_of_the_teacher_in_the_order_of_the_frames(tmp_path, teacher):
    frames = [crystal(seed) for seed in range(3)]
    label_frames(frames, tmp_path, teacher, sys.executable)
    for given, found in zip(frames, all_labels(tmp_path), strict=True):
        given.calc = LennardJones(**SETTINGS)
        assert found.get_potential_energy() == pytest.approx(given.get_potential_energy(), rel=1e-6)


def test_labels_that_exist_are_not_made_again(tmp_path, teacher):
    label_frames([crystal()], tmp_path, teacher, sys.executable)
    before = (tmp_path / "labels-000.xyz").stat().st_mtime_ns
    label_frames([crystal()], tmp_path, teacher, sys.executable)
    assert (tmp_path / "labels-000.xyz").stat().st_mtime_ns == before


def test_missing_teacher_is_an_error_that_quotes_its_log(tmp_path, teacher):
    absent = teacher.model_copy(update={"calculator": "no_such_teacher.Calculator"})
    with pytest.raises(ProgramError, match="No module named 'no_such_teacher'"):
        label_frames([crystal()], tmp_path, absent, sys.executable)


def test_frames_with_too_large_forces_are_dropped_and_counted(tmp_path):
    calculator = LennardJones(**SETTINGS)
    frames = [labelled(crystal(), calculator), labelled(crystal(displacement=0.6), calculator)]
    ase.io.write(tmp_path / "labels-000.xyz", frames, format="extxyz")
    kept, n_dropped = kept_labels(tmp_path, Limits(largest_force_eV_per_A=15.0))
    assert (len(kept), n_dropped) == (1, 1)


def test_relaxation_of_the_worker_leaves_no_force_and_no_stress():
    found = relaxed(crystal(), LennardJones(**SETTINGS))
    assert found.info["converged"]
    assert np.abs(found.get_forces()).max() < 0.01
    assert np.abs(found.get_stress() * found.get_volume()).max() < 0.02


def test_interpreter_that_does_not_exist_is_named(tmp_path, teacher):
    with pytest.raises(InputError, match="no-such-python: no such interpreter"):
        label_frames([crystal()], tmp_path, teacher, "no-such-python")


def test_teacher_that_gives_no_finite_energy_is_an_error_that_names_the_frame(
    tmp_path, teacher, monkeypatch
):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    diverging = teacher.model_copy(update={"calculator": "morse_teacher.Diverging", "arguments": {}})
    with pytest.raises(ProgramError, match=r"energy of Cl32: not finite\n.*frames-000.xyz: frame 0"):
        label_frames([crystal()], tmp_path, diverging, sys.executable)
    assert not (tmp_path / "labels-000.xyz").exists()


def test_label_that_is_no_finite_number_is_named_by_file_and_frame(tmp_path):
    frames = [labelled(crystal(seed), LennardJones(**SETTINGS)) for seed in range(2)]
    frames[1].calc.results["energy"] = float("nan")
    ase.io.write(tmp_path / "labels-000.xyz", frames, format="extxyz")
    with pytest.raises(InputError, match=r"labels-000.xyz: frame 1 \(Cl32\) has an energy of nan"):
        all_labels(tmp_path)


def test_labels_with_other_elements_are_refused_and_named(tmp_path):
    frame = labelled(crystal(), LennardJones(**SETTINGS))
    with pytest.raises(
        InputError, match=r"Cl32 has Cl, which is not one of the recipe's elements \(Li, Y\)"
    ):
        write_dataset([frame], tmp_path, ("Li", "Y"))


def test_frames_of_one_size_and_two_compositions_are_two_systems(tmp_path):
    calculator = LennardJones(**SETTINGS)
    mixed = crystal()
    mixed.symbols[20:] = "Br"
    systems = write_dataset(
        [labelled(atoms, calculator) for atoms in (crystal(), mixed, crystal(1))], tmp_path, ("Cl", "Br")
    )
    assert [system.name for system in systems] == ["Cl20Br12", "Cl32"]
    assert [len(np.load(system / "set.000" / "energy.npy")) for system in systems] == [1, 2]


def test_teacher_without_stress_and_atomic_energies_gives_what_it_has(tmp_path):
    class Plain(LennardJones):
        implemented_properties = ("energy", "forces")

    (system,) = write_dataset([labelled(crystal(), Plain(**SETTINGS))], tmp_path, ("Cl",))
    assert sorted(path.name for path in (system / "set.000").iterdir()) == [
        "box.npy",
        "coord.npy",
        "energy.npy",
        "force.npy",
    ]


def test_labels_that_another_process_is_making_are_left_to_it(tmp_path, teacher):
    write_given([crystal(seed) for seed in range(2)], tmp_path, per_file=1)
    first = tmp_path / "labels-000.xyz"
    lock = taken(first)
    main(
        ["label", teacher.calculator, json.dumps(SETTINGS)]
        + [str(tmp_path / f"{kind}-{i:03d}.xyz") for i in range(2) for kind in ("frames", "labels")]
    )
    os.close(lock)
    assert not first.exists()
    assert (tmp_path / "labels-001.xyz").is_file()


def test_files_of_two_teachers_at_work_do_not_meet(tmp_path, teacher, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    writing = teacher.model_copy(update={"calculator": "morse_teacher.Writing", "arguments": {}})
    write_given([crystal(seed) for seed in range(4)], tmp_path, per_file=1)
    label_folder(tmp_path, writing, sys.executable, 2)
    assert len(all_labels(tmp_path)) == 4
    assert not list(tmp_path.glob("at-work-*"))
