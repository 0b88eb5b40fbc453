"""The error that the models of an ensemble share, and which models belong to one."""

import numpy as np
import pytest

from atomstates.potentials.recipe import read_recipe
from atomstates.potentials.shipped import shipped_models
from atomstates.potentials.validation import ensemble
from atomstates.potentials.validation.ensemble import ensemble_tests, further_models, shared_error
from atomstates.potentials.validation.subject import Subject
from atomstates.potentials.workshop import Workshop
from atomstates.resources import workflow_folder


def test_common_part_of_the_errors_is_found_behind_the_chance_of_each():
    random = np.random.default_rng(3)
    common = random.normal(scale=0.04, size=200_000)
    errors = [common + random.normal(scale=0.02, size=common.size) for _ in range(3)]
    assert shared_error(errors) == pytest.approx(0.04, rel=0.01)


def test_same_models_share_all_of_their_error_and_opposite_ones_nothing():
    one = np.array([0.1, -0.3, 0.2])
    assert shared_error([one, one]) == pytest.approx(np.sqrt(np.mean(one**2)))
    assert shared_error([one, -one]) == 0


def test_one_model_shares_its_error_with_no_other():
    with pytest.raises(ValueError, match="1 model shares its error with no other"):
        shared_error([np.zeros(3)])


def test_models_of_a_work_folder_are_found_in_the_order_of_their_numbers(tmp_path):
    for name in ("model-1", "model-2", "model-10", "model-3", "other-4", "model-old"):
        (tmp_path / name).mkdir()
        if name != "model-3":  # not trained yet
            (tmp_path / name / "model.pb").touch()
    found = further_models(tmp_path / "model-2" / "model.pb")
    assert [path.parent.name for path in found] == ["model-1", "model-10"]


def test_models_of_a_shipped_potential_lie_beside_each_other():
    first, *others = shipped_models("li-y-cl-br")
    assert further_models(first) == others


def test_other_files_beside_a_model_are_no_ensemble(tmp_path):
    for name in ("model.pb", "model-compressed.pb", "model-2.pth", "frozen-2.pb"):
        (tmp_path / name).touch()
    assert further_models(tmp_path / "model.pb") == []


def test_numbered_model_for_other_elements_is_of_another_potential(tmp_path, monkeypatch):
    for name in ("model.pb", "model-2.pb"):
        (tmp_path / name).touch()
    recipe = read_recipe(workflow_folder() / "potentials" / "li-y-cl-br.yaml")
    subject = Subject(Workshop(recipe, tmp_path, "unused", 1), tmp_path / "model.pb", tmp_path)
    monkeypatch.setattr(ensemble, "model_elements", lambda path: ["H", "O"])
    assert ensemble_tests(subject, None, []).tests == ()
