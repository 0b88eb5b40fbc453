import numpy as np
import pytest
from walks import HOP, INTERVAL, expected, fitted, hopping_walk

from atomstates.errors import TooLittleDiffusion
from atomstates.transport import diffusivity
from atomstates.transport.covariance import overlap_means, shared_dimensions, window_covariance
from atomstates.transport.line import exponent
from atomstates.transport.msd import mean_squared_displacement
from atomstates.transport.pieces import piece_diffusivities
from atomstates.transport.window import diffusivity_upper_bound, he_relative_error


def test_random_walk_has_the_diffusivity_of_its_rate():
    fit = fitted(hopping_walk(np.random.default_rng(5), 2000, 100, 0.05))
    assert fit.value == pytest.approx(expected(0.05), abs=3 * fit.error)
    assert fit.error < 0.05 * fit.value


@pytest.mark.parametrize(
    ("rate", "rattle", "intercept"), [(0.05, 0.0, True), (0.05, 0.0, False), (0.05, 0.3, True)]
)
def test_stated_errors_hold(rate, rattle, intercept):
    generator = np.random.default_rng(8)
    fits = [fitted(hopping_walk(generator, 400, 32, rate, rattle), intercept) for _ in range(200)]
    pulls = np.array([(fit.value - expected(rate)) / fit.error for fit in fits])
    assert abs(pulls.mean()) < 0.25
    assert 0.85 < pulls.std() < 1.15
    assert 0.60 <= np.mean(np.abs(pulls) < 1) <= 0.76
    ordinary = np.array([(fit.ordinary - expected(rate)) / fit.ordinary_error for fit in fits])
    assert 0.8 < ordinary.std() < 1.2
    assert np.std([fit.value for fit in fits]) < np.std([fit.ordinary for fit in fits])
    deviations = np.array([fit.ordinary_deviation for fit in fits])
    assert np.mean(np.abs(deviations) > 3) < 0.05


@pytest.mark.parametrize(
    ("rates", "shares"),
    [
        (np.tile([0.02, 0.08], 16), (1 / 3, 1 / 3, 1 / 3)),  # two species, one four times as fast
        (0.05, (0.05, 0.05, 0.9)),  # channels along z
        (0.05, (0.5, 0.5, 0.0)),  # layers
    ],
)
def test_stated_errors_hold_for_two_species_and_along_channels(rates, shares):
    generator = np.random.default_rng(8)
    fits = [fitted(hopping_walk(generator, 400, 32, rates, shares=shares)) for _ in range(200)]
    pulls = np.array([(fit.value - expected(0.05)) / fit.error for fit in fits])
    assert abs(pulls.mean()) < 0.25
    assert 0.60 <= np.mean(np.abs(pulls) < 1) <= 0.76
    assert 0.85 < np.std([fit.bend for fit in fits]) < 1.2


def test_dimensions_are_those_that_share_the_motion():
    for shares, expected_dimensions in (((1 / 3, 1 / 3, 1 / 3), 3), ((0.5, 0.5, 0), 2), ((0, 0, 1), 1)):
        walk = hopping_walk(np.random.default_rng(5), 2000, 100, 0.05, shares=shares)
        assert fitted(walk).dimensions == pytest.approx(expected_dimensions, rel=0.02)
    assert shared_dimensions(np.diag([1.0, 1.0, 4.0])) == pytest.approx(36 / 18)


def test_motion_back_and_forth_has_an_exponent_below_one():
    lags = np.unique(np.geomspace(10, 400, 16).round().astype(int))
    covariance = window_covariance(overlap_means(lags, 1000), 50, 0.1, HOP)
    points = 2.0 + 0.5 * lags**0.8
    value, error = exponent(lags, points, covariance, True)
    assert value == pytest.approx(0.8, abs=0.05)
    assert value + 2 * error < 1
    straight, _ = exponent(lags, 2.0 + 0.5 * lags, covariance, True)
    assert straight == pytest.approx(1, rel=1e-9)


def test_given_window_is_the_one_that_is_fitted():
    walk = hopping_walk(np.random.default_rng(5), 2000, 100, 0.05)
    fit = fitted(walk, window=(2.0, 30.0))
    assert (fit.lags[0] * INTERVAL, fit.lags[-1] * INTERVAL) == pytest.approx((2.0, 30.0), rel=0.05)
    assert fit.value == pytest.approx(expected(0.05), abs=3 * fit.error)
    assert fitted(walk, window=(None, 30.0)).lags[0] == 1
    assert fitted(walk, window=(5.0, None)).lags[-1] == fitted(walk).lags[-1]


def test_given_window_is_not_moved_where_the_line_is_bent():
    walk = hopping_walk(np.random.default_rng(3), 4000, 200, 0.02, rattle=0.5)
    through_zero = fitted(walk, intercept=False, window=(0.2, 100.0))
    assert through_zero.lags[0] == 2
    assert not through_zero.is_straight


def test_given_window_with_too_few_lags_is_refused_with_numbers():
    walk = hopping_walk(np.random.default_rng(5), 2000, 20, 0.05)
    with pytest.raises(TooLittleDiffusion, match=r"from 90 to 95 ps holds 1 of the lags .* 4 are needed"):
        fitted(walk, window=(90.0, 95.0))


def test_rattling_goes_into_the_intercept():
    fit = fitted(hopping_walk(np.random.default_rng(3), 4000, 200, 0.02, rattle=0.5))
    assert fit.value == pytest.approx(expected(0.02), rel=0.04)
    assert fit.offset == pytest.approx(6 * 0.5**2, rel=0.2)


def test_window_starts_later_until_a_line_fits():
    walk = hopping_walk(np.random.default_rng(3), 4000, 200, 0.02, rattle=0.5)
    through_zero = fitted(walk, intercept=False)
    assert through_zero.lags[0] > 5 * fitted(walk).lags[0]
    assert through_zero.value == pytest.approx(expected(0.02), rel=0.05)


def test_covariance_of_windows_counted_one_by_one():
    n_frames, short, long = 9, 2, 5
    overlaps = [
        max(0, min(i + short, j + long) - max(i, j))
        for i in range(n_frames - short)
        for j in range(n_frames - long)
    ]
    linear, square = overlap_means(np.array([short, long]), n_frames)
    assert linear[0, 1] == linear[1, 0] == pytest.approx(np.mean(overlaps))
    assert square[0, 1] == square[1, 0] == pytest.approx(np.mean(np.square(overlaps)))


def test_covariance_of_windows_in_a_long_run_has_its_limit():
    lags, n_frames = np.array([40, 100]), 400_000
    linear, square = overlap_means(lags, n_frames)
    assert linear[0, 1] == pytest.approx(40 * 100 / n_frames, rel=1e-3)
    assert square[0, 1] == pytest.approx((40**2 * 100 - 40**3 / 3) / n_frames, rel=1e-3)


def test_covariance_of_windows_is_that_of_many_walks():
    generator, lags = np.random.default_rng(2), np.array([10, 40, 90])
    msds = [mean_squared_displacement(hopping_walk(generator, 150, 5, 0.1), lags).mean for _ in range(1000)]
    predicted = window_covariance(overlap_means(lags, 150), 5, 0.1 * HOP**2, HOP)
    np.testing.assert_allclose(np.cov(np.array(msds).T), predicted, rtol=0.2)


def test_resting_ions_are_refused_with_numbers():
    walk = np.random.default_rng(1).normal(0, 0.3, size=(500, 30, 3))
    with pytest.raises(
        TooLittleDiffusion, match=r"Li moved 0\.5\d Å² in 23\.6 ps .* 4\.5 Å² are needed: run longer"
    ):
        fitted(walk)


def test_motion_that_starts_too_late_is_refused():
    msd, lags = np.linspace(0, 4.6, 50), np.arange(1, 51)
    with pytest.raises(TooLittleDiffusion, match="too late for a slope"):
        diffusivity(lags, msd, n_frames=101, n_ions=10, frame_interval=0.1, hop_length=3.0)


def test_one_hop_over_and_over_has_no_slope():
    walk = np.random.default_rng(1).choice([0.0, HOP], size=(500, 30, 3))
    with pytest.raises(TooLittleDiffusion):
        fitted(walk)


def test_upper_bound_holds_for_ions_that_rest_and_that_hop():
    # no hop seen by 10 ions in 100 ps: fewer than 3.0 expected, -ln 0.05
    assert diffusivity_upper_bound(0.0, 100.0, 10, 3.0) == pytest.approx(-np.log(0.05) * 9 / (6 * 10 * 100))
    generator, rate, held = np.random.default_rng(4), 0.0005, 0
    for _ in range(100):
        walk = hopping_walk(generator, 400, 20, rate)
        msd = mean_squared_displacement(walk, [199]).mean[0]
        held += diffusivity_upper_bound(msd, 19.9, 20, HOP) > expected(rate)
    assert held >= 93


def test_pieces_of_a_run_agree_with_the_whole():
    walk = hopping_walk(np.random.default_rng(6), 2000, 60, 0.05)
    fit = fitted(walk)
    lags = fit.lags[fit.lags <= 250]
    msds = np.array([mean_squared_displacement(piece, lags).mean for piece in np.split(walk, 4)])
    values, error = piece_diffusivities(
        fit, lags, msds, n_frames=500, n_ions=60, frame_interval=INTERVAL, hop_length=HOP
    )
    assert np.all(np.abs(values - fit.value) < 3.5 * error)
    assert error > fit.error


def test_relative_error_of_he_and_colleagues():
    assert he_relative_error(100) == pytest.approx(0.383)
