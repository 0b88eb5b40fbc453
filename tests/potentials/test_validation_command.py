"""``atomstates potentials validate`` in the small: the shipped model, a Morse potential as its teacher."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import ase.io
import numpy as np
import pandas as pd
import pytest
import yaml
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator

from atomstates.errors import InputError
from atomstates.potentials.labelling import labels_of
from atomstates.potentials.recipe import read_recipe
from atomstates.potentials.shipped import shipped_model
from atomstates.potentials.validation.subject import subject
from atomstates.potentials.workshop import Workshop

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
NAME = "li-y-cl-br"
SMALL = {
    "own_dynamics": {
        "temperatures_K": [300],
        "free_cell_temperatures_K": [300],
        "run_ps": 0.2,
        "frames": 3,
        "relaxed_frames": 1,
    },
    "orderings": 2,
    "volumes": {"points": 3},
    "hops": 1,
    "drift": {"temperatures_K": [300], "run_ps": 0.2},
    "long_run": {"run_ps": 0.1},
    "speed_steps": 20,
}


def small_recipe(path, **changes):
    """The recipe of the chloride with a Morse potential as its teacher, one small cell and short runs."""
    content = yaml.safe_load((HERE / "chloride.yaml").read_text())
    miniature = yaml.safe_load((HERE / "miniature.yaml").read_text())
    # bonds between ions and anions only: the crystal stays one when it is relaxed
    content["teacher"] = miniature["teacher"] | {
        "arguments": {"epsilon": 0.2, "r0": 2.65, "rho0": 4.0, "rcut1": 1.05, "rcut2": 1.15}
    }
    (material,) = content["validation"]["materials"].values()
    material |= {"cell": [1, 1, 1], "large_cell": [1, 1, 2]}
    content["validation"] = {"materials": {"a": material}, **SMALL} | changes
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def validate(recipe, folder, *more):
    """The command's output."""
    environment = os.environ | {"PYTHONPATH": str(HERE), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "atomstates.cli", "potentials", "validate", f"shipped:{NAME}"]
    return subprocess.run(
        [*command, "--recipe", str(recipe), "--folder", str(folder), "--processes", "2", *more],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """Recipe, folder of the tests, and what was said."""
    home = tmp_path_factory.mktemp("validated")
    recipe = small_recipe(home / "recipe.yaml")
    said = validate(recipe, home / "work", "--stays", "leave", "--against", f"shipped:{NAME}")
    folders = list((home / "work" / "validation").glob("*"))
    assert len(folders) == 1, said.stderr
    return recipe, folders[0], said


def test_model_that_knows_nothing_of_its_teacher_fails_and_the_command_says_so(done):
    _, folder, said = done
    assert said.returncode == 1, said.stderr
    assert re.search(r"^FAIL force RMSE: .* meV/Å \(target <= 40\)", said.stdout, re.MULTILINE)
    assert str(folder / "index.html") in said.stdout
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    assert not card["all_passed"]
    assert {"PASS", "FAIL"} <= {test["status"] for test in card["tests"]}
    assert f"{sum(test['status'] == 'FAIL' for test in card['tests'])} FAIL" in page(folder)


def page(folder):
    return (folder / "index.html").read_text(encoding="utf-8")


def test_page_needs_nothing_from_elsewhere_and_its_links_lead_to_files(done):
    text = page(done[1])
    assert not re.search(r'(?:src|href)="(?:https?:)?//', text)
    links = {link for link in re.findall(r'href="([^"#:]+)"', text) if not link.startswith("data:")}
    assert {"card.json", "MODEL_CARD.md", "data/energies.csv", "figures/parity.svg"} <= links
    assert [link for link in links if not (done[1] / link).is_file()] == []


def test_errors_of_the_card_are_those_of_the_tables(done):
    folder = done[1]
    tests = {test["name"]: test for test in json.loads((folder / "card.json").read_text())["tests"]}
    forces, energies = (pd.read_csv(folder / "data" / f"{name}.csv") for name in ("forces", "energies"))
    force = 1e3 * np.sqrt(np.mean((forces["student_eV_per_A"] - forces["teacher_eV_per_A"]) ** 2))
    energy = 1e3 * np.sqrt(
        np.mean((energies["student_eV_per_atom"] - energies["teacher_eV_per_atom"]) ** 2)
    )
    assert tests["force RMSE"]["value"] == pytest.approx(force, rel=1e-6)
    assert tests["energy RMSE"]["value"] == pytest.approx(energy, rel=1e-6)
    assert len(forces) == 3 * energies["n_atoms"].sum()


def test_further_models_of_the_ensemble_answer_the_same_frames(done):
    folder = done[1]
    table = pd.read_csv(folder / "data" / "ensemble.csv").set_index("model")
    assert table.index.tolist() == ["model", "model-2", "model-3", "shared"]
    tests = {test["name"]: test for test in json.loads((folder / "card.json").read_text())["tests"]}
    forces = table["force_rmse_meV_per_A"]
    assert forces["model"] == pytest.approx(tests["force RMSE"]["value"], rel=1e-6)
    # none of them knows the Morse potential: they are wrong alike
    assert forces["shared"] == pytest.approx(forces["model"], rel=0.1)
    assert tests["force error that the models share"]["target"] is None
    assert "Models of the ensemble on the same frames" in page(folder)


def test_model_against_itself_is_as_fast(done):
    table = pd.read_csv(done[1] / "data" / "speed.csv")
    assert table["model"].tolist() == ["model"] * 3 + ["against"] * 3
    assert (table["ns_per_day"] > 0).all()


def test_what_is_done_is_not_done_again_and_long_runs_come_beside(done):
    recipe, folder, _ = done
    names = ("exit-code", "labels-*.xyz", "path.xyz", "against-*.json")
    before = {path: path.stat().st_mtime_ns for name in names for path in folder.rglob(name)}
    long = validate(recipe, folder.parents[1], "--stays", "only")
    assert long.stdout.count("framework after") == 1, long.stderr
    assert "force RMSE" not in long.stdout
    again = validate(recipe, folder.parents[1], "--stays", "leave", "--against", f"shipped:{NAME}")
    assert again.stdout.count("framework after") == 1, again.stderr
    after = {path: path.stat().st_mtime_ns for name in names for path in folder.rglob(name)}
    assert before == {path: after[path] for path in before}
    assert "figures/stays.svg" in page(folder)


def test_other_settings_in_the_same_folder_are_refused_and_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    first, other = (
        read_recipe(small_recipe(tmp_path / f"{count}.yaml", orderings=count)) for count in (2, 3)
    )
    for _ in range(2):
        subject(Workshop(first, tmp_path, sys.executable), shipped_model(NAME))
    with pytest.raises(InputError, match=r"other settings of the recipe \(orderings\)"):
        subject(Workshop(other, tmp_path, sys.executable), shipped_model(NAME))


def test_labels_of_other_frames_are_refused(tmp_path):
    frames = [Atoms("LiCl", [[0, 0, 0], [0, 0, 2]], cell=[5, 5, 5], pbc=True) for _ in range(3)]
    for atoms in frames:
        atoms.calc = SinglePointCalculator(atoms, energy=-1.0, forces=np.zeros((2, 3)))
    ase.io.write(tmp_path / "labels-000.xyz", frames, format="extxyz")
    assert len(labels_of(frames, tmp_path)) == 3
    with pytest.raises(InputError, match="files of another recipe"):
        labels_of(frames[1:], tmp_path)
    frames[2].symbols[0] = "Na"
    with pytest.raises(InputError, match=r"frame 2 is ClLi, what was given is ClNa"):
        labels_of(frames, tmp_path)


def test_teacher_that_is_not_installed_is_found_out_at_once(tmp_path):
    recipe = read_recipe(small_recipe(tmp_path / "recipe.yaml"))
    with pytest.raises(InputError, match=r"morse_teacher.Teacher is not installed for .*No module named"):
        subject(Workshop(recipe, tmp_path, sys.executable), shipped_model(NAME))
    with pytest.raises(InputError, match="no such interpreter"):
        subject(Workshop(recipe, tmp_path, "no-such-python"), shipped_model(NAME))
    assert not (tmp_path / "validation").exists()


def test_model_of_another_type_map_is_refused(tmp_path):
    recipe = read_recipe(HERE / "miniature.yaml")
    recipe = recipe.model_copy(update={"elements": (*recipe.elements, "I")})
    with pytest.raises(InputError, match="type map is Li Y Cl Br; the recipe miniature needs I"):
        subject(Workshop(recipe, tmp_path, sys.executable), shipped_model(NAME))
