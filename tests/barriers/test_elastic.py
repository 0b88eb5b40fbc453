"""Forces of a band, the dynamics that damps, profiles and chains: on arrays, by hand."""

import numpy as np
import pytest

from atomstates.barriers.band import has_left_its_path
from atomstates.barriers.damped import DampedDynamics
from atomstates.barriers.elastic import band_forces, tangents
from atomstates.barriers.endpoints import lowest_curvature
from atomstates.barriers.neb import NebSettings, nudged_elastic_band, verdict
from atomstates.barriers.profile import Failure, Profile, intermediate_minima
from atomstates.barriers.splitting import Chain, chain
from atomstates.barriers.storage import read_outcome, write_outcome
from atomstates.errors import ProductError

CORNER = np.array([[[0.0, 0, 0]], [[1.0, 0, 0]], [[1.0, 2.0, 0]]])
X, Y = np.array([1.0, 0, 0]), np.array([0, 1.0, 0])


def test_tangent_points_to_the_higher_neighbour():
    assert tangents(CORNER, np.array([0.0, 1, 2]))[0, 0] == pytest.approx(Y, rel=1e-12)
    assert tangents(CORNER, np.array([2.0, 1, 0]))[0, 0] == pytest.approx(X, rel=1e-12)


def test_tangent_at_an_extremum_weighs_the_sides_by_their_energies():
    """By hand: 3 eV up to the previous one, 1 eV up to the next; the vectors are 1 and 2 long."""
    found = tangents(CORNER, np.array([3.0, 0, 1]))[0, 0]
    assert found == pytest.approx((3 * X + 1 * 2 * Y) / np.sqrt(13), rel=1e-12)


def test_spring_pulls_to_equal_distances_along_the_path_only():
    force = band_forces(CORNER, np.array([0.0, 1, 2]), np.zeros((1, 1, 3)), spring=0.5)
    assert force[0, 0] == pytest.approx(0.5 * (2 - 1) * Y, rel=1e-12)
    ideal = band_forces(CORNER, np.array([0.0, 1, 2]), np.zeros((1, 1, 3)), 0.5, "ideal")
    # one third of the way, where half is due
    assert ideal[0, 0] == pytest.approx(0.5 * (1.5 - 1) * Y, rel=1e-12)


def test_force_of_the_potential_acts_across_the_path_only():
    force = band_forces(CORNER, np.array([0.0, 1, 2]), np.array([[[3.0, 4.0, 5.0]]]), spring=1e-12)
    assert force[0, 0] == pytest.approx([3.0, 0.0, 5.0], abs=1e-9)


def test_replica_that_climbs_goes_against_the_force_along_the_path():
    force = band_forces(
        CORNER, np.array([0.0, 1, 2]), np.array([[[3.0, 4.0, 5.0]]]), spring=1.0, climbing=1
    )
    assert force[0, 0] == pytest.approx([3.0, -4.0, 5.0], rel=1e-12)


@pytest.mark.parametrize("style", ["fire", "quickmin"])
def test_damped_dynamics_comes_to_rest_where_forces_vanish(style):
    stiffness = np.array([4.0, 1.0, 0.2])
    dynamics, x = DampedDynamics(np.array([7.0]), style), np.array([[[1.0, -1.0, 2.0]]])
    for _ in range(1500):
        x = dynamics.step(x, -stiffness * x)
    assert np.abs(x).max() < 1e-3


def test_no_atom_moves_more_than_a_tenth_of_an_angstrom_in_a_step():
    dynamics, x = DampedDynamics(np.array([1.0])), np.zeros((1, 1, 3))
    for _ in range(20):
        moved = dynamics.step(x, np.full((1, 1, 3), 1e6))
        assert np.linalg.norm(moved - x) <= 0.1 + 1e-9
        x = moved


class TwoWells:
    """V = (x² - 1)² h + c y² with a slope along x: minima near ±1, saddle near 0."""

    masses = np.array([10.0])

    def __init__(self, height=0.5, slope=0.05):
        self.height, self.slope = height, slope

    def energies_and_forces(self, positions, cell):
        x, y, z = np.moveaxis(positions[:, 0], 1, 0)
        energy = self.height * (x**2 - 1) ** 2 + self.slope * x + 0.8 * (y**2 + z**2)
        gradient = [4 * self.height * x * (x**2 - 1) + self.slope, 1.6 * y, 1.6 * z]
        return energy, -np.stack(gradient, axis=1)[:, None, :]

    def atom_energies(self, positions, cell):
        return self.energies_and_forces(positions, cell)[0][:, None]

    def stationary(self):
        """Minimum, saddle, minimum: roots of the derivative along x."""
        return np.sort(np.roots([4 * self.height, 0, -4 * self.height, self.slope]).real)


def test_barrier_of_two_wells_is_that_of_the_roots_of_their_derivative():
    wells, settings = TwoWells(), NebSettings(force_tolerance=1e-3)
    left, saddle, right = (np.array([[x, 0, 0]]) for x in wells.stationary())
    share = np.linspace(0, 1, 8)[:, None, None]
    band = left + (right - left) * share + np.array([0, 0.4, 0]) * np.sin(np.pi * share)
    found = verdict(nudged_elastic_band(wells, band, np.eye(3) * 50, settings), settings)
    energies = wells.energies_and_forces(np.array([left, saddle, right]), None)[0]
    assert isinstance(found, Profile)
    assert found.barrier_forward == pytest.approx(energies[1] - energies[0], rel=1e-4)
    assert found.barrier_backward == pytest.approx(energies[1] - energies[2], rel=1e-4)
    assert found.climbing_replica == found.saddle
    assert found.positions[found.saddle] == pytest.approx(saddle, abs=1e-2)


def test_path_that_only_falls_is_no_barrier():
    slope, settings = TwoWells(height=1e-6, slope=0.5), NebSettings()
    band = np.linspace([[1.0, 0, 0]], [[-1.0, 0, 0]], 7)
    found = verdict(nudged_elastic_band(slope, band, np.eye(3) * 50, settings), settings)
    assert isinstance(found, Failure)
    assert found.reason == "no_barrier"
    assert "0.0000 eV above the start" in found.message


class Precipice(TwoWells):
    """Two wells with a way down to one side that has no bottom."""

    def energies_and_forces(self, positions, cell):
        energy, force = super().energies_and_forces(positions, cell)
        y = positions[:, 0, 1]
        force[:, 0, 1] = 1.0
        return energy - 0.8 * y**2 - y, force


def test_band_that_leaves_its_path_is_named_and_given_up_at_once():
    settings = NebSettings(force_tolerance=1e-3)
    band = np.linspace([[-1.0, 0, 0]], [[1.0, 0, 0]], 7)
    found = verdict(nudged_elastic_band(Precipice(), band, np.eye(3) * 50, settings), settings)
    assert isinstance(found, Failure)
    assert found.reason == "left_its_path"
    # 0.1 Å a step at most; the first 1.5 Å are the leap
    assert found.profile.n_steps < 200
    chained = chain(Precipice(), band, np.eye(3) * 50, settings)
    assert isinstance(chained, Failure)
    assert chained.reason == "left_its_path"


def test_few_replicas_far_apart_are_no_leap():
    straight = np.linspace([[0.0, 0, 0]], [[3.7, 0, 0]], 3)
    assert not has_left_its_path(straight)
    away = straight.copy()
    away[1, 0, 1] = 8.0
    assert has_left_its_path(away)
    near = np.linspace([[0.0, 0, 0]], [[1.7, 0, 0]], 5)
    assert not has_left_its_path(near)
    near[1, 0, 1] = 2.0
    assert has_left_its_path(near)


def test_lowest_curvature_at_a_minimum_and_at_a_saddle():
    """By hand: V'' = h (12 x² - 4) along x, 1.6 across."""
    wells, cell = TwoWells(), np.eye(3) * 50
    direction = np.array([[0.6, 0.6, 0.5]])
    left, saddle, _ = (np.array([[x, 0, 0]]) for x in wells.stationary())
    assert lowest_curvature(wells, saddle, cell, direction) == pytest.approx(-1.98, abs=0.02)
    assert lowest_curvature(wells, left, cell, direction) == pytest.approx(1.6, abs=0.02)


@pytest.mark.parametrize(
    ("energy", "depth", "rows"),
    [
        ([0, 1, 2, 1, 0], 0.1, ()),
        ([0, 2, 1, 2, 0], 0.1, (2,)),
        # a well of 0.05 within one of 0.5: only the lower is a state at this depth
        ([0, 2, 1.5, 1.55, 1.52, 2, 0], 0.1, (2,)),
        ([0, 2, 1.5, 1.55, 1.52, 2, 0], 0.01, (2, 4)),
        ([0, 2, 1, 1.5, 1.2, 3, 0], 0.2, (2, 4)),
        # two equal rows of one well
        ([0, 2, 1, 1, 2, 0], 0.1, (2,)),
        # lower than the end, which is a pass of its own
        ([0.3, 0.1, 0.5, 0], 0.1, (1,)),
    ],
)
def test_intermediate_minima_are_as_deep_as_what_must_be_climbed_to_leave_them(energy, depth, rows):
    assert intermediate_minima(np.array(energy, dtype=float), depth) == rows


def profile(energy, at):
    energy = np.array(energy, dtype=float)
    positions = np.zeros((len(energy), 1, 3))
    positions[:, 0, 0] = at
    return Profile(positions, np.eye(3) * 9, energy, energy[:, None], 0.01, 5, True, int(energy.argmax()))


def test_chain_has_the_highest_barrier_of_its_pieces():
    one = Chain((profile([0.0, 0.3, 0.1], [0, 1, 2]), profile([0.1, 0.35, -0.2], [2, 3, 4])))
    assert one.highest_piece == 1
    assert one.barrier_forward == pytest.approx(0.35, rel=1e-12)
    assert one.barrier_backward == pytest.approx(0.55, rel=1e-12)
    assert one.energy.tolist() == [0.0, 0.3, 0.1, 0.35, -0.2]
    assert one.reaction_coordinate == pytest.approx([0, 0.25, 0.5, 0.75, 1], rel=1e-12)
    assert one.whole.climbing_replica == 3


def test_pieces_that_do_not_meet_are_no_chain():
    with pytest.raises(ValueError, match="does not begin"):
        Chain((profile([0, 1, 0], [0, 1, 2]), profile([0, 1, 0], [2.1, 3, 4])))


@pytest.mark.parametrize(
    "outcome",
    [
        profile([0, 1, 0.5], [0, 1, 2]),
        Chain((profile([0, 1, 0], [0, 1, 2]), profile([0, 1, 0], [2, 3, 4])), (1.0, float("nan"))),
        Failure("no_barrier", "it only falls", profile([0, 1, 2], [0, 1, 2])),
        Failure("ends_coincide", "they are the same"),
    ],
)
def test_outcomes_come_back_from_disk_as_they_were(tmp_path, outcome):
    path = tmp_path / "one.h5"
    write_outcome(path, outcome, "abc")
    back = read_outcome(path, "abc")
    assert repr(back) == repr(outcome)
    assert read_outcome(path, "of another input") is None
    path.write_bytes(path.read_bytes()[:800])
    with pytest.raises(ProductError, match=r"one\.h5"):
        read_outcome(path, "abc")


@pytest.mark.parametrize(
    "wrong", [{"spring": 0.0}, {"force_tolerance": -1.0}, {"style": "cg"}, {"spring_kind": "none"}]
)
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        NebSettings(**wrong)
