from pathlib import Path

import pytest
from deepmd.utils.data_system import prob_sys_size_ext

from atomstates.errors import InputError
from atomstates.potentials.training import SYSTEMS, shares, train_model, training_input
from atomstates.products import write_json


def test_made_structures_get_their_share_of_the_steps():
    keywords = shares(0.3, 2, 3)
    drawn = prob_sys_size_ext(keywords, 5, [10, 30, 5, 5, 10])
    assert sum(drawn[:2]) == pytest.approx(0.3)
    assert drawn[1] == pytest.approx(3 * drawn[0])


def test_without_a_share_every_frame_counts_alike():
    assert shares(None, 2, 3) == "prob_sys_size"
    assert shares(0.3, 2, 0) == "prob_sys_size"


def test_input_asks_for_atomic_energies_and_the_recipes_shape(recipe):
    content = training_input(recipe, recipe.final, 1, [Path("made")], [Path("found")], [Path("watching")])
    assert content["loss"]["start_pref_ae"] > 0
    assert content["model"]["type_map"] == ["Li", "Y", "Cl"]
    descriptor = content["model"]["descriptor"]
    assert descriptor["type"] == "se_e2_a"
    assert descriptor["rcut"] == recipe.shape.cutoff_A
    assert descriptor["sel"] == list(recipe.shape.selection)
    assert descriptor["type_one_side"] is recipe.shape.one_sided
    assert "type_embedding" not in content["model"]
    assert content["training"]["training_data"]["systems"] == ["made", "found"]


def test_weights_of_a_model_for_other_elements_are_refused(mixed_recipe, recipe, tmp_path):
    last = tmp_path / "last"
    write_json(last / "input.json", training_input(recipe, recipe.final, 1, [], [], []))
    write_json(tmp_path / "data" / SYSTEMS, {"systems": {"made": [], "found": [], "watching": []}})
    with pytest.raises(InputError, match="type map Li Y Cl, the recipe has Li Y Cl Br"):
        train_model(mixed_recipe, mixed_recipe.final, tmp_path / "data", tmp_path / "model", 1, last)
