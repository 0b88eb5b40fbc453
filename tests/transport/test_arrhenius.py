import numpy as np
import pytest
from scipy.optimize import curve_fit

from atomstates.errors import TooLittleDiffusion
from atomstates.transport import arrhenius, arrhenius_line, transition_temperature
from atomstates.transport.checks import arrhenius_checks
from atomstates.transport.outcome import arrhenius_numbers
from atomstates.transport.points import TemperaturePoint, replicas_mean
from atomstates.units import BOLTZMANN

T = np.array([400.0, 500.0, 600.0, 700.0, 800.0])


def sigma(temperatures, energy=0.3, prefactor=1e8):
    return prefactor / temperatures * np.exp(-energy / (BOLTZMANN * temperatures))


def test_planted_activation_energy_comes_back():
    line = arrhenius_line(T, sigma(T), 0.1 * sigma(T))
    assert line.activation_energy == pytest.approx(0.3, rel=1e-9)
    assert line.conductivity(300.0) == pytest.approx(sigma(300.0), rel=1e-9)
    assert line.inflation == 1


def test_line_and_covariance_are_those_of_an_independent_fit():
    generator = np.random.default_rng(3)
    values, errors = sigma(T) * generator.lognormal(0, 0.1, size=5), sigma(T) * [0.2, 0.1, 0.1, 0.05, 0.02]
    line = arrhenius_line(T, values, errors)
    expected, covariance = curve_fit(
        lambda t, a, b: a + b / t, T, np.log(values * T), p0=(line.intercept, line.slope),
        sigma=errors / values, absolute_sigma=True,
    )  # fmt: skip
    assert [line.intercept, line.slope] == pytest.approx(expected, rel=1e-6)
    np.testing.assert_allclose(line.covariance, covariance * line.inflation, rtol=1e-4)


def test_stated_errors_of_energy_and_extrapolation_hold():
    generator, pulls, held = np.random.default_rng(9), [], 0
    for _ in range(400):
        values = sigma(T) * np.exp(generator.normal(0, 0.1, size=5))
        line = arrhenius_line(T, values, 0.1 * values)
        pulls.append((line.activation_energy - 0.3) / line.activation_energy_error)
        low, high = line.conductivity_interval(300.0)
        held += low < sigma(300.0) < high
    assert 0.8 < np.std(pulls) < 1.1
    assert held / 400 > 0.93


def test_scatter_beyond_the_errors_widens_them():
    bent = sigma(T) * np.array([1, 1.5, 1, 0.7, 1.2])
    line = arrhenius_line(T, bent, 0.01 * bent)
    assert line.inflation > 100
    assert line.probability < 1e-6


def test_two_temperatures_are_refused_in_words():
    with pytest.raises(TooLittleDiffusion, match=r"needs three temperatures.*there are 2: 600 K, 700 K"):
        arrhenius_line([600.0, 700.0], [1.0, 2.0], [0.1, 0.1])
    with pytest.raises(TooLittleDiffusion, match="there are 0: none"):
        arrhenius_line([], [], [])


def test_errors_of_zero_are_a_broken_contract():
    with pytest.raises(ValueError, match="positive"):
        arrhenius_line(T, sigma(T), 0 * T)


def test_replicas_are_averaged_and_scatter_counts():
    assert replicas_mean([1.0, 3.0], [0.3, 0.4]) == (2.0, pytest.approx(0.25))
    value, error = replicas_mean([1.0, 2.0, 3.0], [0.01, 0.01, 0.01])
    assert (value, error) == (pytest.approx(2.0), pytest.approx(1 / 3**0.5))


# ---------------------------------------------------------------- with a transition

MANY = np.linspace(320.0, 600.0, 9)


def broken(temperatures, tc=425.0, cold=0.40, hot=0.24, jump=0.0):
    """Conductivities that have two activation energies."""
    inverse = 1 / temperatures - 1 / tc
    fall = np.where(inverse > 0, cold * inverse / BOLTZMANN + jump, hot * inverse / BOLTZMANN)
    return 1e4 / temperatures * np.exp(-fall)


def test_conductivity_below_tc_is_read_off_the_cold_segment():
    found = arrhenius(MANY, broken(MANY), 0.03 * broken(MANY))
    assert found.model == "kink"
    assert found.transition.temperature == pytest.approx(425.0, rel=1e-9)
    assert found.conductivity(300.0).value == pytest.approx(broken(np.array(300.0)), rel=1e-9)
    assert found.conductivity(550.0).value == pytest.approx(broken(np.array(550.0)), rel=1e-9)
    assert found.activation_energy(300.0).value == pytest.approx(0.40, rel=1e-9)
    below, above = found.activation_energies()
    assert (below.value, above.value) == pytest.approx((0.40, 0.24), rel=1e-9)
    # one line would be too high
    assert found.line.conductivity(300.0) > 1.2 * found.conductivity(300.0).value


@pytest.mark.parametrize("jump", [0.0, 1.0])
def test_stated_intervals_of_both_energies_and_of_the_extrapolation_hold(jump):
    generator, held = np.random.default_rng(31), []
    for seed in range(200):
        values = broken(MANY, jump=jump) * np.exp(generator.normal(0, 0.06, len(MANY)))
        found = arrhenius(MANY, values, 0.06 * values, seed=seed)
        sigma, (below, above) = found.conductivity(300.0), found.activation_energies()
        held.append(
            [
                low <= truth <= high
                for (low, high), truth in (
                    (sigma.interval, broken(np.array(300.0), jump=jump)),
                    (below.interval, 0.40),
                    (above.interval, 0.24),
                )
            ]
        )
    assert np.mean(held, axis=0).min() > 0.9


def test_one_line_that_is_supported_keeps_its_own_errors():
    values = sigma(MANY) * np.exp(np.random.default_rng(4).normal(0, 0.05, len(MANY)))
    found, line = arrhenius(MANY, values, 0.05 * values), arrhenius_line(MANY, values, 0.05 * values)
    assert found.transition.verdict == "one line"
    assert found.conductivity(300.0).interval == line.conductivity_interval(300.0)
    assert found.activation_energy(300.0).error == line.activation_energy_error
    assert found.activation_energies() is None
    assert 0 < found.smallest_visible_change < 0.1


def test_doubt_about_the_model_widens_the_extrapolation():
    """A bend that is not quite clear: one line counts, but its interval knows of the kink."""
    found = next(
        one
        for seed in range(100)
        if (one := arrhenius(MANY, noisy := _noisy(seed), 0.1 * noisy)).transition.verdict == "cannot tell"
        and one.model == "one line"
    )
    low, high = found.conductivity(300.0).interval
    narrow = found.line.conductivity_interval(300.0)
    assert high / low > narrow[1] / narrow[0]


def _noisy(seed):
    return broken(MANY, cold=0.31) * np.exp(np.random.default_rng(seed).normal(0, 0.1, len(MANY)))


def test_unit_of_the_conductivity_does_not_move_tc():
    values = broken(MANY) * np.exp(np.random.default_rng(1).normal(0, 0.05, len(MANY)))
    one = transition_temperature(MANY, values, 0.05 * values)
    other = transition_temperature(MANY, 1e-3 * values, 5e-5 * values)
    assert one.temperature == pytest.approx(other.temperature, rel=1e-9)
    assert one.interval == pytest.approx(other.interval, rel=1e-9)


def test_diffusivity_is_fitted_as_its_own_logarithm():
    d = 1e-3 * np.exp(-0.3 / (BOLTZMANN * T))
    found = arrhenius(T, d, 0.1 * d, quantity="diffusivity")
    assert found.activation_energy(300.0).value == pytest.approx(0.3, rel=1e-9)
    assert found.conductivity(300.0).value == pytest.approx(1e-3 * np.exp(-0.3 / BOLTZMANN / 300), rel=1e-9)


def refused(temperature, bound):
    nan = float("nan")
    return TemperaturePoint(temperature, 1, 72, nan, nan, nan, nan, "Li moved too little", bound)


@pytest.mark.parametrize(("share", "status"), [(0.3, "WARN"), (1.5, "PASS")])
def test_bound_below_the_line_tells_of_a_transition(share, status):
    values = sigma(MANY)
    found = arrhenius(MANY, values, 0.05 * values)
    bound = share * float(sigma(np.array(310.0)))
    checks = {one.name: one for one in arrhenius_checks(found, [refused(310.0, bound)], 300.0)}
    assert checks["upper bounds"].status == status
    assert f"310 K: at most {bound:.2g} mS/cm" in checks["upper bounds"].message
    assert ("a transition may lie above" in checks["upper bounds"].message) == (status == "WARN")


def test_words_of_a_transition_begin_with_the_verdict():
    jump = arrhenius(MANY, broken(MANY, jump=1.5), 0.05 * broken(MANY, jump=1.5))
    number = arrhenius_numbers(jump, None, 300.0)["transition_temperature"]
    assert number.note.startswith("jump, ln(σT) against 1/T, between 390 and 425 K")
    line = arrhenius_numbers(arrhenius(MANY, sigma(MANY), 0.05 * sigma(MANY)), None, 300.0)
    assert line["transition_temperature"].note.startswith("one line, ln(σT)")
    assert line["activation_energy_below_Tc"].value is None
    assert line["activation_energy"].interval is None
