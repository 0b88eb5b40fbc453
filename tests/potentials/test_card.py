"""What a model card says of the training."""

from atomstates.potentials.recipe import Training
from atomstates.potentials.validation.card import own_trainings


def _trainings(*continued: bool) -> list[Training]:
    return [Training(steps=10 + place, continue_last=goes_on) for place, goes_on in enumerate(continued)]


def test_steps_of_a_model_are_those_that_its_weights_came_through():
    all_go_on = _trainings(False, True, True)
    assert own_trainings(all_go_on) == all_go_on
    assert [one.steps for one in own_trainings(_trainings(False, True, False, True))] == [12, 13]
    assert [one.steps for one in own_trainings(_trainings(False, True, False))] == [12]


def test_a_final_training_without_rounds_has_nothing_to_go_on_from():
    assert [one.steps for one in own_trainings(_trainings(True))] == [10]
