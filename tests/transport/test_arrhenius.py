import numpy as np
import pytest
from scipy.optimize import curve_fit

from atomstates.errors import TooLittleDiffusion
from atomstates.transport import arrhenius
from atomstates.transport.arrhenius import replicas_mean
from atomstates.units import BOLTZMANN

T = np.array([400.0, 500.0, 600.0, 700.0, 800.0])


def sigma(temperatures, energy=0.3, prefactor=1e8):
    return prefactor / temperatures * np.exp(-energy / (BOLTZMANN * temperatures))


def test_planted_activation_energy_comes_back():
    line = arrhenius(T, sigma(T), 0.1 * sigma(T))
    assert line.activation_energy == pytest.approx(0.3, rel=1e-9)
    assert line.conductivity(300.0) == pytest.approx(sigma(300.0), rel=1e-9)
    assert line.inflation == 1


def test_line_and_covariance_are_those_of_an_independent_fit():
    generator = np.random.default_rng(3)
    values, errors = sigma(T) * generator.lognormal(0, 0.1, size=5), sigma(T) * [0.2, 0.1, 0.1, 0.05, 0.02]
    line = arrhenius(T, values, errors)
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
        line = arrhenius(T, values, 0.1 * values)
        pulls.append((line.activation_energy - 0.3) / line.activation_energy_error)
        low, high = line.conductivity_interval(300.0)
        held += low < sigma(300.0) < high
    assert 0.8 < np.std(pulls) < 1.1
    assert held / 400 > 0.93


def test_scatter_beyond_the_errors_widens_them():
    bent = sigma(T) * np.array([1, 1.5, 1, 0.7, 1.2])
    line = arrhenius(T, bent, 0.01 * bent)
    assert line.inflation > 100
    assert line.probability < 1e-6


def test_two_temperatures_are_refused_in_words():
    with pytest.raises(TooLittleDiffusion, match=r"needs three temperatures.*there are 2: 600 K, 700 K"):
        arrhenius([600.0, 700.0], [1.0, 2.0], [0.1, 0.1])
    with pytest.raises(TooLittleDiffusion, match="there are 0: none"):
        arrhenius([], [], [])


def test_errors_of_zero_are_a_broken_contract():
    with pytest.raises(ValueError, match="positive"):
        arrhenius(T, sigma(T), 0 * T)


def test_replicas_are_averaged_and_scatter_counts():
    assert replicas_mean([1.0, 3.0], [0.3, 0.4]) == (2.0, pytest.approx(0.25))
    value, error = replicas_mean([1.0, 2.0, 3.0], [0.01, 0.01, 0.01])
    assert (value, error) == (pytest.approx(2.0), pytest.approx(1 / 3**0.5))
