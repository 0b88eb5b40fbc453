import pytest
import yaml

from atomstates.errors import InputError
from atomstates.potentials.recipe import read_recipe


def changed(recipe_file, tmp_path, change):
    content = yaml.safe_load(recipe_file.read_text(encoding="utf-8"))
    change(content)
    path = tmp_path / "recipe.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def test_shipped_recipe_has_at_least_two_rounds_of_the_students_own_dynamics(recipe):
    assert len(recipe.rounds) >= 2


def test_recipe_refuses_unknown_keys_and_names_them(recipe_file, tmp_path):
    path = changed(recipe_file, tmp_path, lambda content: content["shape"].update(cutof_A=6.0))
    with pytest.raises(InputError, match=r"shape\.cutof_A"):
        read_recipe(path)


def test_recipe_needs_one_selection_per_element(recipe_file, tmp_path):
    path = changed(recipe_file, tmp_path, lambda content: content["shape"].update(selection=[30, 40]))
    with pytest.raises(InputError, match=r"3 numbers, one for each element, not 2"):
        read_recipe(path)


def test_type_embedding_needs_one_selection_and_layers_with_shortcuts(recipe_file, tmp_path):
    asked = {"type_embedding": [8], "selection": [70], "embedding": [8, 16, 32]}
    shape = read_recipe(
        changed(recipe_file, tmp_path, lambda content: content["shape"].update(asked))
    ).shape
    told = shape.descriptor(5)
    assert told["descriptor"]["type"] == "se_atten_v2"
    assert told["descriptor"]["sel"] == 70
    assert told["type_embedding"]["neuron"] == [8]
    for wrong, words in (
        ({"selection": [30, 40, 50]}, "needs 1 number"),
        ({"embedding": [32, 48]}, "as wide as the last one, or twice"),
    ):
        path = changed(
            recipe_file, tmp_path, lambda content, wrong=wrong: content["shape"].update(asked | wrong)
        )
        with pytest.raises(InputError, match=words):
            read_recipe(path)


def test_first_round_cannot_continue_from_anything(recipe_file, tmp_path):
    def change(content):
        content["rounds"][0]["training"]["continue_last"] = True

    with pytest.raises(InputError, match="nothing to continue from"):
        read_recipe(changed(recipe_file, tmp_path, change))


def test_missing_recipe_is_named(tmp_path):
    with pytest.raises(InputError, match="no-such"):
        read_recipe(tmp_path / "no-such.yaml")


def test_crystal_that_is_not_in_the_recipe_is_named(recipe_file, tmp_path):
    path = changed(recipe_file, tmp_path, lambda content: content["families"][0].update(crystals=["R-3m"]))
    with pytest.raises(InputError, match=r"'orderings': no crystal R-3m among \['P-3m1'\]"):
        read_recipe(path)


def test_channels_cannot_be_filled_where_none_are_given(recipe_file, tmp_path):
    path = changed(recipe_file, tmp_path, lambda content: content["crystals"]["P-3m1"].pop("channels"))
    with pytest.raises(InputError, match="P-3m1 has no channels"):
        read_recipe(path)


def test_element_that_replaces_must_be_one_of_the_recipes(recipe_file, tmp_path):
    iodine = {"replace": "Cl", "by": "I", "fraction": [0, 1]}
    path = changed(recipe_file, tmp_path, lambda content: content["families"][0].update(replacement=iodine))
    with pytest.raises(InputError, match="I is not one of the elements"):
        read_recipe(path)


def test_trust_levels_must_be_in_order(recipe_file, tmp_path):
    learning = {
        "trust_low_eV_per_A": 0.3,
        "trust_high_eV_per_A": 0.1,
        "most_frames": 10,
        "bad_share": 0.1,
        "most_rounds": 3,
    }
    path = changed(recipe_file, tmp_path, lambda content: content.update(active_learning=learning))
    with pytest.raises(InputError, match="trust_low_eV_per_A must be below"):
        read_recipe(path)
