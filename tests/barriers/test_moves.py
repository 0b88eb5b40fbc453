"""Hops planted in frames that were made by hand, and how they are found."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atomstates.barriers.moves import Moves, SiteFrame, groups_within_reach, moves
from atomstates.barriers.sampling import sample, strata
from atomstates.barriers.search import ALONE, CONCERTED, TAKEN_APART, LostHop, end_positions, pair_of_hop

CELL = np.array([[12.0, 0, 0], [-6.0, 10.4, 0], [0, 0, 9.0]])
A, B, C, D, E, F = range(1, 7)
PLACES = {
    A: np.array([0.5, 0.5, 0.5]),
    B: np.array([0.5, 0.5, 3.5]),
    # far from A and B
    C: np.array([4.0, 5.5, 4.0]),
    D: np.array([4.0, 5.5, 7.0]),
    # above B, and its way on is through the boundary
    E: np.array([0.5, 0.5, 6.5]),
    F: np.array([0.5, 0.5, 9.5]),
}
FRAMEWORK = np.array([[2.0, 2.0, 2.0], [8.0, 4.0, 5.0]])
MOBILE = np.array([0, 1])


def frame(index, sites, drift=0.0):
    """Two ions in these sites (None: in no polyhedron), then two atoms of the framework."""
    ions = [PLACES[A] + 1.0 if site is None else PLACES[site] for site in sites]
    return SiteFrame(
        index=index,
        positions=np.concatenate([ions, FRAMEWORK]) + drift,
        site_key=np.array([site or 0 for site in sites], dtype=np.uint64),
        kind=np.zeros(2, dtype=np.uint8),
        edge_sharing=np.ones(2, dtype=np.uint8),
    )


class Trajectory:
    """Frames by the sites of both ions; counts what is relaxed, and fails where it is told to."""

    def __init__(self, first, second, failing=()):
        self.sites, self.failing, self.relaxed = list(zip(first, second, strict=True)), failing, []

    def __call__(self, index):
        self.relaxed.append(index)
        return None if index in self.failing else frame(index, self.sites[index])

    def pair(self, ion=0, reach=4.0, seed=1):
        last = len(self.sites) - 1
        ends = frame(0, self.sites[0]), frame(last, self.sites[last])
        return pair_of_hop(*ends, ion, MOBILE, CELL, reach, self, seed)


# ---------------------------------------------------------------- moves between snapshots


def test_moves_are_counted_between_successive_snapshots_only():
    keys = np.array([[1, 5], [2, 5], [2, 6], [1, 6]], dtype=np.uint64)
    kinds = np.array([[0, 0], [1, 0], [1, 0], [0, 0]], dtype=np.uint8)
    # between the third and the last one a snapshot was rejected
    found = moves(keys, kinds, np.array([0, 10, 20, 40]), 10)
    assert found.first.tolist() == [0, 1]
    assert found.ion.tolist() == [0, 1]
    assert found.kinds.tolist() == [[0, 1], [0, 0]]


def test_ion_that_went_and_came_back_between_snapshots_made_no_move():
    keys = np.array([[1], [1]], dtype=np.uint64)
    assert len(moves(keys, np.zeros((2, 1), dtype=np.uint8), np.array([0, 10]), 10).first) == 0


# ---------------------------------------------------------------- search


def test_single_hop_is_known_without_relaxing_a_frame():
    found = Trajectory([A] * 10 + [B] * 7, [C] * 17).pair()
    assert found.kind == ALONE
    assert found.n_relaxed == 0
    assert found.ions.tolist() == [0]


@given(first=st.integers(1, 30), second=st.integers(1, 30))
def test_two_hops_in_one_interval_are_told_apart_by_bisection(first, second):
    world = Trajectory([A] * first + [B] * (31 - first), [C] * second + [D] * (31 - second))
    found = world.pair()
    assert found.n_relaxed <= 5  # 30 intervals are halved five times
    assert found.before.site_key[0] == A
    assert found.after.site_key[0] == B
    assert found.before.index < first <= found.after.index
    assert found.kind == (TAKEN_APART if first == second else ALONE)


def test_far_apart_hops_of_one_moment_are_taken_one_at_a_time():
    found = Trajectory([A] * 4 + [B] * 4, [C] * 4 + [D] * 4).pair()
    assert found.kind == TAKEN_APART
    assert found.others.tolist() == [1]
    start, end = end_positions(found, MOBILE, CELL)
    assert end[0] - start[0] == pytest.approx([0, 0, 3.0])
    assert np.array_equal(end[1:], start[1:])


def test_ions_that_move_at_once_within_reach_are_one_concerted_hop():
    """The first ion pushes the second on: it ends where the other was."""
    found = Trajectory([A] * 4 + [B] * 4, [B] * 4 + [E] * 4).pair(ion=1)
    assert found.kind == CONCERTED
    assert found.ions.tolist() == [1, 0]
    start, end = end_positions(found, MOBILE, CELL)
    assert (end - start)[:2] == pytest.approx(np.array([[0, 0, 3.0]] * 2))


def test_ions_that_follow_each_other_in_time_are_no_concerted_hop():
    found = Trajectory([A] * 6 + [B] * 4, [B] * 3 + [E] * 7).pair(ion=0)
    assert found.kind == ALONE
    assert found.before.site_key.tolist() == [A, E]
    assert found.after.site_key.tolist() == [B, E]


def test_back_and_forth_gives_one_of_the_hops():
    """A to B, back to A and to B again: one of the three crossings."""
    path = [A] * 3 + [B] * 3 + [A] * 3 + [B] * 3
    found = Trajectory(path, [C] * 6 + [D] * 6).pair()
    assert {int(found.before.site_key[0]), int(found.after.site_key[0])} == {A, B}
    assert found.kind == ALONE


def test_way_through_a_third_site_is_one_of_its_steps():
    path = [A] * 5 + [B] * 6 + [E] * 5
    steps = {
        tuple(int(one.site_key[0]) for one in (found.before, found.after))
        for found in (Trajectory(path, [C] * 8 + [D] * 8).pair(seed=seed) for seed in range(12))
    }
    assert steps == {(A, B), (B, E)}


def test_hop_through_the_boundary_of_the_cell_goes_the_short_way():
    found = Trajectory([E] * 4 + [F] * 4, [C] * 8).pair()
    folded = frame(7, (F, C))
    folded.positions[0, 2] -= 9.0  # an image of the same place
    wrapped = type(found)(found.before, folded, found.ions, found.others, 0)
    for pair in (found, wrapped):
        start, end = end_positions(pair, MOBILE, CELL)
        assert (end - start)[0] == pytest.approx([0, 0, 3.0])


def test_drift_of_all_atoms_is_no_path():
    before, after = frame(0, (A, C)), frame(1, (B, C), drift=0.3)
    found = pair_of_hop(before, after, 0, MOBILE, CELL, 4.0, Trajectory([A, B], [C, C]), 1)
    start, end = end_positions(found, MOBILE, CELL)
    assert end[1:] == pytest.approx(start[1:])
    assert (end - start)[0] == pytest.approx([0, 0, 3.0])


def test_frame_that_cannot_be_relaxed_is_passed_over():
    world = Trajectory([A] * 8 + [B] * 9, [C] * 4 + [D] * 13, failing=(8,))
    found = world.pair()
    assert found.kind == ALONE
    assert 8 in world.relaxed
    assert found.before.index < 8 <= found.after.index


def test_search_without_a_frame_that_relaxes_is_lost():
    with pytest.raises(LostHop, match="no frame between"):
        Trajectory([A] * 2 + [B] * 2, [C] * 2 + [D] * 2, failing=(1, 2)).pair()


def test_hop_that_ends_in_no_polyhedron_is_lost():
    with pytest.raises(LostHop, match="no polyhedron"):
        Trajectory([A, None], [C, C]).pair()


def test_chain_of_three_is_one_group_though_its_ends_are_far_apart():
    before = np.array([[0.5, 0.5, 0.5], [0.5, 0.5, 3.5], [0.5, 0.5, 6.5], [4.0, 8.0, 4.0]])
    after = before + np.array([0, 0, 1.0])
    groups = groups_within_reach(before, after, CELL * [[1], [1], [3]], 3.2)
    assert [group.tolist() for group in groups] == [[0, 1, 2], [3]]


# ---------------------------------------------------------------- sample


def population(counts):
    """Moves of kinds by number."""
    kinds = [pair for pair, number in counts.items() for _ in range(number)]
    return Moves(np.arange(len(kinds)) // 3, np.arange(len(kinds)) % 3, np.array(kinds).reshape(-1, 2))


MIXED = {(0, 0): 40, (0, 1): 9, (1, 0): 11, (1, 1): 2, (0, 2): 5}


def test_weights_of_a_class_add_up_to_its_moves():
    found = sample(population(MIXED), 4, seed=3)
    assert found.population == {
        "octahedral - octahedral": 40,
        "octahedral - tetrahedral": 20,
        "tetrahedral - tetrahedral": 2,
        "other": 5,
    }
    for name, number in found.population.items():
        own = found.weight[found.stratum == name]
        assert len(own) == (0 if name == "other" else min(4, number))
        assert own.sum() == pytest.approx(0 if name == "other" else number)


def test_sample_is_the_same_for_the_same_seed_and_another_for_another():
    every = population(MIXED)
    first, again, other = (sample(every, 4, seed).move.tolist() for seed in (3, 3, 4))
    assert first == again != other


def test_both_directions_of_a_hop_are_one_class():
    names = strata(population({(0, 1): 1, (1, 0): 1}))
    assert names.tolist() == ["octahedral - tetrahedral"] * 2


def test_weighted_mean_over_samples_is_the_mean_of_all_moves():
    every = population({(0, 0): 30, (0, 1): 5})
    value = np.arange(35.0)
    means = [
        np.average(value[found.move], weights=found.weight)
        for found in (sample(every, 3, seed) for seed in range(4000))
    ]
    assert np.mean(means) == pytest.approx(value.mean(), rel=0.01)


def test_run_without_moves_has_an_empty_sample():
    found = sample(population({}), 4, 1)
    assert len(found.move) == 0
    assert found.population == {}
