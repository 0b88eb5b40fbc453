"""Transitions between snapshots, on walks among states whose rates are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from atomstates.doas.sites import OCTAHEDRAL, OTHER, TETRAHEDRAL
from atomstates.doas.transition_outcome import measured_rate, transition_checks, transition_rates
from atomstates.doas.transitions import (
    balance,
    joined,
    rates,
    residence_times,
    transition_classes,
    transition_counts,
)

SEEDS = st.integers(0, 2**32 - 1)
INTERVAL = 0.1  # ps
CLASSES = np.array([[OCTAHEDRAL, 1], [TETRAHEDRAL, 0]])


def counted(rows, keys=None, steps=None, ion=None, interval=50, block=5, classes=CLASSES):
    """Counts of states given as arrays of shape (snapshots, ions); each class is one site by default."""
    rows = np.asarray(rows)
    keys = rows + 1 if keys is None else np.asarray(keys)
    ion = np.tile(np.arange(1, rows.shape[1] + 1), len(rows)) if ion is None else np.asarray(ion)
    steps = 50 * np.arange(len(rows)) if steps is None else np.asarray(steps)
    energy = -4.0 + 0.25 * rows
    return transition_counts(
        rows.ravel(), keys.ravel().astype(np.uint64), ion.ravel(), energy.ravel(), steps, interval,
        classes, block,
    )  # fmt: skip


def markov_chain(probability, n_snapshots, n_ions, seed):
    """Classes of independent ions whose class at the next snapshot has these probabilities."""
    random = np.random.default_rng(seed)
    row = np.zeros(n_ions, dtype=int)
    found = []
    for _ in range(n_snapshots + 50):
        row = (random.random(n_ions)[:, None] > probability.cumsum(axis=1)[row]).sum(axis=1)
        found.append(row)
    return np.array(found[50:])


def test_transitions_by_hand():
    #        ion 1 goes to the tetrahedron and back, ion 2 to another octahedron, ion 3 stays
    rows = [[0, 0, 1], [1, 0, 1], [0, 0, 1]]
    keys = [[10, 20, 30], [11, 20, 30], [10, 21, 30]]
    found = counted(rows, keys)
    assert found.changes.sum(axis=0).tolist() == [[1, 1], [1, 0]]
    assert found.starts.sum(axis=0).tolist() == [3, 3]
    assert (found.n_pairs, found.n_gaps) == (2, 0)
    changes, starts = found.changes.sum(axis=0), found.starts.sum(axis=0)
    leaving = -np.log(1 - 2 / 3) / INTERVAL
    assert rates(changes, starts, INTERVAL)[0] == pytest.approx([leaving / 2, leaving / 2], rel=1e-12)
    times = residence_times(changes, starts, INTERVAL)
    assert times == pytest.approx([1 / leaving, -INTERVAL / np.log(2 / 3)], rel=1e-12)


def test_two_state_markov_chain_gives_its_rates_and_residence_times():
    out, back = 0.20, 0.60  # 1/ps: three quarters of the ions in the first class
    generator = np.array([[-out, out], [back, -back]])
    rows = markov_chain(expm(generator * INTERVAL), 1200, 40, 3)
    found = transition_rates(counted(rows, block=20), INTERVAL, 200, 1)
    (value, error), (stay, stay_error) = found.rate, found.residence
    # too low by half of the chance to come back within the interval: 3 % and 1 %
    assert abs(value[0, 1] - out) < 3 * error[0, 1] + 0.5 * back * INTERVAL * out
    assert abs(value[1, 0] - back) < 3 * error[1, 0] + 0.5 * out * INTERVAL * back
    assert error[0, 1] < 0.05 * out
    assert stay == pytest.approx([1 / out, 1 / back], rel=0.08)
    # independent ions: the bootstrap finds the error of counting
    counts = found.changes
    assert error[0, 1] / value[0, 1] == pytest.approx(1 / np.sqrt(counts[0, 1]), rel=0.3)
    assert stay_error / stay == pytest.approx(
        [1 / np.sqrt(counts[0, 1]), 1 / np.sqrt(counts[1, 0])], rel=0.3
    )
    assert value[0, 0] == value[1, 1] == 0
    assert abs(balance(counts)[0, 1]) < 2


@pytest.mark.parametrize("interval", [0.1, 1.0, 10.0])
def test_rates_of_leaving_are_lower_bounds_however_far_apart_snapshots_are(interval):
    """Exact probabilities of a chain of three classes in place of counts."""
    generator = np.array([[-0.7, 0.5, 0.2], [0.9, -1.0, 0.1], [0.3, 0.3, -0.6]])
    probability = expm(generator * interval)
    n = 10**9
    changes = np.round(n * (probability - np.diag(np.diag(probability)))).astype(np.int64)
    starts = np.full(3, n)
    leaving = rates(changes, starts, interval).sum(axis=1)
    assert np.all(leaving <= -np.diag(generator) * (1 + 1e-6))
    assert np.all(residence_times(changes, starts, interval) >= -1 / np.diag(generator) * (1 - 1e-6))
    if interval == 0.1:
        assert leaving == pytest.approx(-np.diag(generator), rel=0.06)


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_order_of_ions_leaves_no_trace(seed):
    random = np.random.default_rng(seed)
    rows, keys = random.integers(0, 2, (7, 9)), random.integers(1, 5, (7, 9))
    ion = np.tile(np.arange(1, 10), (7, 1))
    order = np.array([random.permutation(9) for _ in range(7)])
    moved = [np.take_along_axis(values, order, axis=1) for values in (rows, keys, ion)]
    one, other = counted(rows, keys), counted(moved[0], moved[1], ion=moved[2])
    assert np.array_equal(one.changes, other.changes)
    assert np.array_equal(one.starts, other.starts)


def test_nothing_is_counted_across_a_rejected_snapshot():
    rows = [[0, 0], [1, 0], [0, 1], [0, 1]]
    found = counted(rows, steps=[0, 50, 150, 200])
    assert found.changes.sum(axis=0).tolist() == [[0, 1], [0, 0]]
    assert (found.n_pairs, found.n_gaps) == (2, 1)
    alone = counted(rows, steps=[0, 100, 200, 300])
    assert (alone.n_pairs, alone.n_gaps, len(alone.starts)) == (0, 3, 0)
    checks = transition_checks({300.0: transition_rates(alone, INTERVAL, 10, 1)})
    assert [check.status for check in checks] == ["WARN"]


def test_runs_together_are_the_sum_of_each():
    random = np.random.default_rng(2)
    runs = [counted(random.integers(0, 2, (n, 6))) for n in (5, 8)]
    together = joined(runs)
    assert np.array_equal(together.changes.sum(axis=0), sum(run.changes.sum(axis=0) for run in runs))
    # the last snapshot of one run is not followed by the first of the next
    assert together.n_pairs == 4 + 7


def test_ions_in_no_polyhedron_are_one_class_that_does_not_change():
    kinds = transition_classes(
        np.array([OTHER, OTHER, 0], dtype=np.uint8), np.array([3, 1, 2], dtype=np.uint8)
    )
    assert kinds.tolist() == [[OTHER, 0], [OTHER, 0], [0, 2]]


def test_what_was_not_seen_is_bounded_from_above():
    found = transition_rates(counted(np.zeros((11, 30), dtype=int)), INTERVAL, 10, 1)
    number = measured_rate(found, 0, 1)
    assert (number.value, number.error) == (0.0, None)
    # three expected transitions in 300 ion intervals of 0.1 ps
    assert number.interval == pytest.approx((0, 3 / 30.0))
    assert measured_rate(found, 1, 0).value is None


def test_snapshots_too_far_apart_are_warned_about_with_a_better_interval():
    rows = np.random.default_rng(4).integers(0, 2, (20, 30))
    checks = transition_checks({600.0: transition_rates(counted(rows), 2.0, 10, 1)})
    assert [check.name for check in checks] == ["transitions", "detailed balance"]
    assert checks[0].status == "WARN"
    assert "Set md.snapshot_every_ps to 0.8 or less" in checks[0].message
    assert checks[1].status == "PASS"


def test_run_that_only_goes_one_way_is_not_in_equilibrium():
    rows = (np.arange(21)[:, None] > np.arange(40) % 20).astype(int)
    found = transition_rates(counted(rows), INTERVAL, 10, 1)
    assert found.changes.tolist() == [[0, 40], [0, 0]]
    check = transition_checks({300.0: found})[1]
    assert check.status == "WARN"
    assert (
        "40 transitions from octahedral_1_edge_sharing to tetrahedral_0_edge_sharing and 0 back"
        in check.message
    )
    assert f"{np.sqrt(40):.1f} Poisson errors" in check.message
