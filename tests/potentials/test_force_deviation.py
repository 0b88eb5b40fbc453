import numpy as np
import pytest
from ase import Atoms

from atomstates.errors import InputError
from atomstates.potentials.deviation import chosen, verdicts
from atomstates.potentials.ensemble import force_deviation
from atomstates.potentials.shipped import shipped_model
from atomstates.potentials.student import answers


def test_two_models_that_differ_by_d_on_one_atom_deviate_by_half_of_it():
    forces = np.zeros((2, 3, 3))
    forces[0, 1] = [3.0, 0.0, 4.0]
    assert force_deviation(forces).max() == pytest.approx(2.5)


def test_deviation_is_that_of_the_worst_atom_and_of_no_direction():
    forces = np.random.default_rng(1).normal(size=(4, 10, 3))
    by_atom = [np.sqrt(np.var(forces[:, i], axis=0).sum()) for i in range(10)]
    assert force_deviation(forces).max() == pytest.approx(max(by_atom))
    turn, _ = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))
    assert force_deviation(forces @ turn) == pytest.approx(force_deviation(forces))


def test_what_is_no_number_has_failed():
    deviation = np.array([0.1, 0.2, 0.3, np.inf, np.nan])
    assert verdicts(deviation, 0.1, 0.25) == ["accurate", "candidate", "failed", "failed", "failed"]


def test_trips_take_turns_and_give_frames_far_from_each_other():
    # Trip 0 has five neighbours in time, all worse than the two of trip 1.
    deviation = np.array([0.50, 0.52, 0.51, 0.50, 0.49, 0.20, 0.19])
    trip = np.array([0, 0, 0, 0, 0, 1, 1])
    time = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 1.0, 9.0])
    order = chosen(deviation, np.arange(7), trip, time, 4)
    # First the worst of each trip; then the farthest in time from it.
    assert order.tolist() == [1, 5, 4, 6]


def test_no_more_are_chosen_than_are_asked_for_and_none_twice():
    random = np.random.default_rng(3)
    deviation, trip, time = random.random(60), random.integers(0, 4, 60), random.random(60)
    candidates = np.flatnonzero(deviation > 0.3)
    for most in (1, 10, 100):
        order = chosen(deviation, candidates, trip, time, most)
        assert len(order) == min(most, len(candidates)) == len(set(order.tolist()))
        assert set(order.tolist()) <= set(candidates.tolist())


def test_nothing_is_chosen_where_there_is_no_candidate():
    assert len(chosen(np.array([0.1]), np.array([], dtype=int), np.array([0]), np.array([1.0]), 5)) == 0


def test_model_of_another_type_map_is_refused_and_the_elements_are_named():
    frame = Atoms("LiI", [[0, 0, 0], [2.5, 0, 0]], cell=[9, 9, 9], pbc=True)
    with pytest.raises(InputError, match="knows Li Y Cl Br, the frames have I as well"):
        answers(shipped_model("li-y-cl-br"), [frame])
