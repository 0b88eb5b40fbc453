from pathlib import Path

import pytest
from deepmd.utils.data_system import prob_sys_size_ext

from atomstates.potentials.training import shares, training_input


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
    assert content["model"]["descriptor"]["rcut"] == recipe.shape.cutoff_A
    assert content["training"]["training_data"]["systems"] == ["made", "found"]
