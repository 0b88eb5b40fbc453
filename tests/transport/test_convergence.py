import numpy as np
import pytest
from rank_script import SyntheticTrajectory
from walks import HOP, INTERVAL, expected, fitted, hopping_walk

from atomstates.parallel import Serial
from atomstates.transport.checks import diffusion_checks, replica_checks
from atomstates.transport.coarse import coarse_run
from atomstates.transport.convergence import PARTS, convergence, half_deviation
from atomstates.transport.msd import framework_drift_removed, mean_squared_displacement, spaced_lags
from atomstates.transport.van_hove import self_van_hove

CELL = 40.0 * np.eye(3)


def coarse(most_frames, bytes_of_paths=2**27):
    return coarse_run(
        SyntheticTrajectory(),
        np.arange(20),
        np.arange(20, 29),
        np.linspace(1, 9, 9),
        CELL,
        frame_interval=INTERVAL,
        longest_fraction=0.5,
        most_lags=40,
        comm=Serial(),
        most_frames=most_frames,
        bytes_of_paths=bytes_of_paths,
    )


def prefixes_of(walk):
    found = []
    for part in PARTS:
        first = walk[: int(part * len(walk))]
        found.append(mean_squared_displacement(first, spaced_lags((len(first) - 1) // 2, 100)))
    return found


def converging(walk, window=None):
    whole = fitted(walk, window=window)
    return convergence(
        prefixes_of(walk),
        whole,
        None,
        length=(len(walk) - 1) * INTERVAL,
        frame_interval=INTERVAL,
        hop_length=HOP,
        longest_fraction=0.5,
        window=window,
        ion="Li",
    )


def test_error_of_d_falls_as_the_run_grows():
    found = converging(hopping_walk(np.random.default_rng(5), 4000, 60, 0.05))
    assert [prefix.length for prefix in found] == pytest.approx([49.9, 99.9, 149.9, 199.9, 299.9, 399.9])
    errors = [prefix.error for prefix in found]
    assert errors[-1] < 0.6 * errors[0]
    for prefix in found:
        assert prefix.value == pytest.approx(expected(0.05), abs=3.5 * prefix.error)


def test_part_that_is_too_short_is_refused_and_the_whole_is_shown():
    found = converging(hopping_walk(np.random.default_rng(5), 1600, 60, 0.005))
    assert found[0].value is None
    assert "Li moved" in found[0].refusal
    assert found[-1].value is not None


def test_halves_of_a_steady_walk_deviate_as_their_errors_say():
    generator = np.random.default_rng(11)
    walks = (hopping_walk(generator, 300, 16, 0.1) for _ in range(60))
    deviations = np.array([half_deviation(converging(walk))[1] for walk in walks])
    assert abs(deviations.mean()) < 0.3
    assert 0.75 < deviations.std() < 1.25


def test_run_whose_ions_come_to_rest_is_warned_about():
    moving = hopping_walk(np.random.default_rng(5), 1000, 60, 0.1)
    resting = moving[-1] + hopping_walk(np.random.default_rng(6), 1000, 60, 0.01)
    walk = np.concatenate([moving, resting])
    found = converging(walk, window=(1.0, 40.0))
    checks = {check.name: check for check in diffusion_checks(fitted(walk), None, None, found)}
    assert checks["convergence"].status == "WARN"
    assert "of the first 99.9 ps" in checks["convergence"].message


def test_coarse_run_has_the_displacements_of_its_frames():
    trajectory, found = SyntheticTrajectory(), coarse(30)
    assert found.stride == 3
    positions = framework_drift_removed(
        trajectory.positions[:, :20], trajectory.positions[:, 20:], np.linspace(1, 9, 9)
    )[::3]
    for part, msd in zip(PARTS, found.prefixes, strict=True):
        first = positions[: int(part * len(positions))]
        expected_msd = mean_squared_displacement(first, msd.lags)
        np.testing.assert_allclose(msd.tensor, expected_msd.tensor, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(msd.error, expected_msd.error, rtol=1e-6)
    for lag, density in zip(found.van_hove.lags, found.van_hove.self_density, strict=True):
        np.testing.assert_allclose(density, self_van_hove(positions, lag), rtol=1e-9)


def test_memory_given_to_a_coarse_run_leaves_no_trace():
    few, many = coarse(80, bytes_of_paths=1), coarse(80)
    np.testing.assert_array_equal(few.van_hove.self_density, many.van_hove.self_density)
    for one, other in zip(few.prefixes, many.prefixes, strict=True):
        np.testing.assert_array_equal(one.tensor, other.tensor)


def replica(temperature, value, error):
    return {"temperature_K": temperature, "diffusivity": {"value": value, "error": error}}


def test_replicas_are_compared_with_their_errors():
    agreeing = [replica(600, 1.0, 0.1), replica(600, 1.2, 0.1), replica(700, 2.0, 0.2)]
    (check,) = replica_checks(agreeing)
    # (0.1² + 0.1²)/0.1² = 2 for one degree of freedom
    assert check.status == "PASS"
    assert "chi² 2 for 1 degrees of freedom (p = 0.16), most at 600 K" in check.message
    (check,) = replica_checks([*agreeing, replica(700, 3.5, 0.2)])
    assert check.status == "WARN"
    assert "most at 700 K; they differ" in check.message


def test_single_runs_and_refused_ones_say_nothing_of_replicas():
    assert replica_checks([replica(600, 1.0, 0.1), replica(700, 2.0, 0.1), replica(700, None, None)]) == ()
