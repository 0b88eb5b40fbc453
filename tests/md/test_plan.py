"""Lengths in steps: the first recorded frame is a multiple of every interval."""

import pytest

from atomstates.campaign.schema import MolecularDynamics
from atomstates.errors import InputError
from atomstates.md.plan import plan


def test_steps_of_a_run_count_through_to_the_recorded_frames():
    steps = plan(MolecularDynamics(equilibrate_ps=5, produce_ps=100, snapshot_every_ps=2))
    assert steps.produce_step - steps.first_step == 2500
    assert steps.produce_step % steps.snapshot_every == 0
    assert steps.last_step - steps.produce_step == 50_000
    assert (steps.n_frames, steps.n_snapshots) == (1001, 51)
    assert steps.npt_last_step == steps.first_step


def test_npt_comes_before_the_equilibration_and_half_of_it_is_averaged():
    steps = plan(MolecularDynamics(cell="mean-npt", npt_ps=20))
    assert steps.npt_average_step - steps.first_step == 5000
    assert steps.npt_last_step - steps.npt_average_step == 5000
    assert steps.produce_step - steps.npt_last_step == 2500


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"timestep_fs": 3.0}, ["md.frame_every_ps", "found 0.1 ps", "multiple of md.timestep_fs (3 fs)"]),
        (
            {"snapshot_every_ps": 0.25},
            ["md.snapshot_every_ps", "found 0.25 ps", "md.frame_every_ps (0.1 ps)"],
        ),
        ({"produce_ps": 0.05}, ["md.produce_ps", "found 0.05 ps", "md.frame_every_ps"]),
        ({"restart_every_ps": 0.0001}, ["md.restart_every_ps", "as 0.002 ps"]),
        ({"cell": "mean-npt", "npt_ps": 0.03}, ["md.npt_ps", "found 0.03 ps", "multiple of 0.04 ps"]),
    ],
)
def test_lengths_that_do_not_fit_are_refused_with_key_and_need(settings, words):
    with pytest.raises(InputError) as caught:
        plan(MolecularDynamics(**settings))
    assert all(word in str(caught.value) for word in words)
