"""Lines with a kink or a jump: found exactly, claimed where there is one and seldom where there is none."""

import numpy as np
import pytest
from scipy.optimize import curve_fit

from atomstates.piecewise import smallest_visible_bend, transition
from atomstates.piecewise.fits import design

K = 8.617333262e-5
DRAWS = 200


def arrhenius_values(temperatures, tc=425.0, cold=0.40, hot=0.24, jump=0.0):
    """ln(σT) with activation energies below and above Tc, and a fall by ``jump`` on cooling."""
    inverse = 1 / temperatures - 1 / tc
    return 20 - np.where(inverse > 0, cold * inverse / K + jump, hot * inverse / K)


def verdicts(n, error, seed, uneven=False, draws=DRAWS, **planted):
    """Transitions found in random draws about a planted law at n temperatures."""
    generator = np.random.default_rng(seed)
    t = np.linspace(300, 600, n)
    errors = np.geomspace(error, error / 4, n) if uneven else np.full(n, error)
    return [
        transition(
            t,
            arrhenius_values(t, **planted) + generator.normal(0, errors),
            errors,
            abscissa="1/T",
            seed=seed + i,
            n_draws=400,
        )
        for i in range(draws)
    ]


def share(flags):
    return np.mean(list(flags))


# ---------------------------------------------------------------- the fits


def test_kink_and_jump_without_noise_are_found_where_they_are():
    t, errors = np.linspace(300, 600, 8), np.full(8, 0.05)
    kink = transition(t, arrhenius_values(t, tc=431.0), errors, abscissa="1/T", seed=1)
    assert kink.verdict == "kink"
    assert kink.temperature == pytest.approx(431.0, rel=1e-9)
    assert [-K * one.slope for one in kink.segments] == pytest.approx([0.40, 0.24], rel=1e-9)
    jump = transition(t, arrhenius_values(t, tc=440.0, jump=2.0), errors, abscissa="1/T", seed=1)
    assert jump.verdict == "jump"
    assert jump.gap == pytest.approx((3000 / 7, 3300 / 7), rel=1e-12)
    assert 1 / jump.temperature == pytest.approx((7 / 3000 + 7 / 3300) / 2, rel=1e-12)
    assert [-K * one.slope for one in jump.segments] == pytest.approx([0.40, 0.24], rel=1e-9)


def test_kink_is_the_best_of_a_search_by_brute_force():
    generator = np.random.default_rng(4)
    for _ in range(20):
        x, s = np.sort(generator.random(7)), generator.uniform(0.5, 2, 7)
        y = generator.normal(0, 1, 7)
        found = design(x, s).fits(y[None])
        best = np.inf
        for knot in np.linspace(x[1], x[-2], 4001):
            columns = np.column_stack([np.ones(7), x, np.maximum(x - knot, 0)]) / s[:, None]
            rest = np.linalg.lstsq(columns, y / s, rcond=None)[1]
            best = min(best, float(rest[0]) if len(rest) else np.inf)
        assert found.chi_squared[0] - found.kink_gain[0] <= best * (1 + 1e-9)
        assert found.chi_squared[0] - found.kink_gain[0] == pytest.approx(best, rel=2e-3)


def test_kink_and_its_lines_are_those_of_an_independent_fit():
    generator = np.random.default_rng(8)
    x, s = np.linspace(0, 3, 10), np.full(10, 0.1)
    y = 1 + 2 * x - 3 * np.maximum(x - 1.4, 0) + generator.normal(0, 0.1, 10)
    found = design(x, s).fits(y[None])
    fitted, _ = curve_fit(
        lambda x, a, b, c, k: a + b * x + c * np.maximum(x - k, 0), x, y, p0=(1, 2, -3, 1.4)
    )
    a, b, c, knot = fitted
    assert found.kinks[0] == pytest.approx(knot, rel=1e-5)
    np.testing.assert_allclose(found.kink_lines[0], [[a, b], [a - c * knot, b + c]], rtol=1e-5)


def test_jump_is_two_weighted_lines_at_the_best_split():
    generator = np.random.default_rng(6)
    x, s = np.arange(8.0), generator.uniform(0.05, 0.2, 8)
    y = np.where(x < 3, 1 + x, 7 - 0.5 * x) + generator.normal(0, s)
    found = design(x, s).fits(y[None])
    assert found.splits[0] == 3
    for side, part in enumerate((slice(0, 3), slice(3, 8))):
        slope, intercept = np.polyfit(x[part], y[part], 1, w=1 / s[part])
        np.testing.assert_allclose(found.jump_lines[0, side], [intercept, slope], rtol=1e-9)


def test_level_of_the_values_does_not_matter():
    t, generator = np.linspace(300, 600, 8), np.random.default_rng(2)
    y = arrhenius_values(t) + generator.normal(0, 0.05, 8)
    one, other = (
        transition(t, y + level, np.full(8, 0.05), abscissa="1/T", seed=1) for level in (0.0, 1e4)
    )
    assert other.temperature == pytest.approx(one.temperature, rel=1e-7)
    assert other.interval == pytest.approx(one.interval, rel=1e-6)


def test_replicas_at_one_temperature_are_never_parted():
    t = np.repeat(np.linspace(300, 600, 7), 2)
    y = arrhenius_values(t, jump=1.5) + np.tile([0.05, -0.05], 7)
    found = transition(t, y, np.full(14, 0.1), abscissa="1/T", seed=1)
    assert found.gap == (400.0, 450.0)
    assert [one.n_temperatures for one in found.segments] == [3, 4]


def test_profile_has_its_lowest_point_at_the_transition():
    t, generator = np.linspace(300, 600, 9), np.random.default_rng(3)
    found = transition(
        t, arrhenius_values(t) + generator.normal(0, 0.05, 9), np.full(9, 0.05), abscissa="1/T", seed=1
    )
    scan = found.profile
    at = 1 / scan.position[np.argmin(scan.kink)]
    assert at == pytest.approx(found.temperature, rel=2e-3)
    assert min(scan.kink.min(), scan.jump.min()) == pytest.approx(0, abs=0.05)
    models = found.comparison.models
    lower = models["line"].chi_squared - models["jump"].chi_squared
    assert scan.line * found.comparison.inflation == pytest.approx(lower, rel=1e-6)


# ---------------------------------------------------------------- what may be claimed


@pytest.mark.parametrize(
    ("n", "error", "uneven"),
    [(5, 0.03, False), (6, 0.15, True), (7, 0.03, False), (8, 0.15, True), (10, 0.03, False)],
)
def test_no_transition_is_claimed_where_there_is_none(n, error, uneven):
    found = verdicts(n, error, seed=1000 * n, uneven=uneven, cold=0.3, hot=0.3)
    assert share(one.temperature is None for one in found) >= 0.90


@pytest.mark.parametrize(("n", "error"), [(7, 0.05), (8, 0.08), (10, 0.10)])
def test_planted_kink_is_found_within_its_interval(n, error):
    found = verdicts(n, error, seed=2000 * n)
    held = [one.interval and one.interval[0] <= 425 <= one.interval[1] for one in found]
    assert share(bool(one) for one in held) >= 0.90


@pytest.mark.parametrize(("n", "error"), [(7, 0.05), (8, 0.08), (10, 0.10)])
def test_planted_jump_is_found_within_its_interval(n, error):
    found = verdicts(n, error, seed=3000 * n, cold=0.35, hot=0.25, jump=1.0)
    held = [one.interval and one.interval[0] <= 425 <= one.interval[1] for one in found]
    assert share(bool(one) for one in held) >= 0.90
    assert share(one.verdict == "jump" for one in found) >= 0.85


def test_small_jump_that_looks_like_a_kink_is_still_within_the_interval():
    found = [one for one in verdicts(8, 0.05, seed=7, cold=0.40, hot=0.25, jump=0.25) if one.interval]
    assert len(found) > 0.9 * DRAWS
    assert share(one.interval[0] <= 425 <= one.interval[1] for one in found) >= 0.90


def test_errors_that_are_twice_too_small_seldom_make_a_transition():
    generator, t = np.random.default_rng(12), np.linspace(300, 600, 8)
    found = [
        transition(
            t,
            arrhenius_values(t, cold=0.3, hot=0.3) + generator.normal(0, 0.16, 8),
            np.full(8, 0.08),
            abscissa="1/T",
            seed=i,
            n_draws=400,
        )
        for i in range(DRAWS)
    ]
    assert share(one.temperature is None for one in found) >= 0.80


def test_smooth_bend_is_not_called_a_transition():
    generator, t = np.random.default_rng(5), np.linspace(300, 600, 12)
    inverse = 1000 / t
    smooth = -3 * inverse - 1.5 * (inverse - 2.5) ** 2
    found = [
        transition(t, smooth + generator.normal(0, 0.02, 12), np.full(12, 0.02), abscissa="1/T", seed=i)
        for i in range(20)
    ]
    assert share("smoothly" in one.reason for one in found) >= 0.9


def test_one_outlier_at_the_end_is_no_transition():
    t = np.linspace(300, 600, 8)
    y = arrhenius_values(t, cold=0.3, hot=0.3)
    y[0] -= 1.0
    found = transition(t, y, np.full(8, 0.05), abscissa="1/T", seed=1)
    assert found.verdict == "cannot tell"
    assert "one temperature, 300 K, the outermost" in found.reason
    assert len(found.segments) == 2


def test_break_that_may_be_anywhere_is_not_given_a_temperature():
    found = verdicts(8, 0.15, seed=44, draws=60, cold=0.33, hot=0.24)
    wide = [one for one in found if "anywhere" in one.reason]
    assert len(wide) > 3
    assert all(one.temperature is None and one.verdict == "cannot tell" for one in wide)


def test_too_few_temperatures_are_said_to_be_too_few():
    t = np.linspace(300, 600, 5)
    found = transition(t, arrhenius_values(t, jump=2.0), np.full(5, 0.05), abscissa="1/T", seed=1)
    assert found.verdict == "cannot tell"
    assert "5; a kink needs 6, a jump 7" in found.reason


def test_jump_at_six_temperatures_is_not_called_a_kink():
    """A jump is out of reach there, and the points scatter about a kink."""
    generator, t = np.random.default_rng(15), np.linspace(300, 600, 6)
    y = arrhenius_values(t, jump=2.0, cold=0.3, hot=0.3) + generator.normal(0, 0.05, 6)
    assert transition(t, y, np.full(6, 0.05), abscissa="1/T", seed=1).verdict != "kink"


def test_break_is_worth_more_than_one_parameter():
    t = np.linspace(300, 600, 10)
    found = transition(t, arrhenius_values(t), np.full(10, 0.05), abscissa="1/T", seed=1)
    models = found.comparison.models
    assert 4.0 < models["kink"].effective_parameters < 5.0
    assert 5.5 < models["jump"].effective_parameters < 7.0


def test_smallest_visible_change_is_claimed_in_nine_of_ten_cases():
    generator, t = np.random.default_rng(91), np.linspace(300, 600, 9)
    errors = np.full(9, 0.05)
    straight = arrhenius_values(t, cold=0.3, hot=0.3)
    bend = smallest_visible_bend(transition(t, straight, errors, abscissa="1/T", seed=1), seed=1)
    shares = []
    for knot in 1 / t[2:-2]:
        bent = straight - bend * np.maximum(1 / t - knot, 0)
        found = [
            transition(t, bent + generator.normal(0, errors), errors, abscissa="1/T", seed=i, n_draws=400)
            for i in range(50)
        ]
        shares.append(share(one.comparison.supports_break for one in found))
    assert 0.8 <= max(shares) < 1


def test_unequal_lengths_are_a_broken_contract():
    with pytest.raises(ValueError, match="as many"):
        transition([300.0, 400.0], [1.0], [0.1], abscissa="T", seed=1)
