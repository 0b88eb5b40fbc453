import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from walks import displacement, expected, fitted, hopping_walk, sizes

from atomstates.errors import TooLittleDiffusion
from atomstates.transport import charge_diffusion_tensor, diffusion_tensor, haven_ratio
from atomstates.transport.msd import mean_squared_displacement
from atomstates.transport.tensor import charge_diffusivity

CHANNELS = (0.1, 0.2, 0.7)


def tensor_of(positions):
    msd = displacement(positions)
    return diffusion_tensor(fitted(positions), msd.lags, msd.tensor, **sizes(positions))


def charge_of(positions):
    fit, lags = fitted(positions), displacement(positions).lags
    total = mean_squared_displacement(positions.sum(axis=1, keepdims=True), lags).tensor
    return fit, charge_diffusion_tensor(fit, lags, total / positions.shape[1], **sizes(positions))


def test_mean_of_the_tensor_is_the_fitted_diffusivity():
    walk = hopping_walk(np.random.default_rng(1), 800, 40, 0.05, shares=CHANNELS)
    found, fit = tensor_of(walk), fitted(walk)
    assert found.mean == pytest.approx(fit.value, rel=1e-9)
    assert found.mean_error == fit.error
    assert found.principal.sum() == pytest.approx(3 * fit.value, rel=1e-9)


@pytest.mark.parametrize("shares", [(1 / 3, 1 / 3, 1 / 3), CHANNELS])
def test_stated_errors_of_every_axis_hold(shares):
    generator, pulls = np.random.default_rng(2), []
    for _ in range(200):
        found = tensor_of(hopping_walk(generator, 400, 32, 0.05, shares=shares))
        deviation = found.value - np.diag(3 * expected(0.05) * np.array(shares))
        pulls.append(deviation / found.error)
    axes = np.diagonal(pulls, axis1=1, axis2=2)
    assert np.all(np.abs(axes.mean(axis=0)) < 0.25)
    held = np.mean(np.abs(axes) < 1)
    assert 0.62 <= held <= 0.76
    # hops along the axes have no cross terms: the errors off the diagonal are those of oblique hops
    assert np.all(np.std(pulls, axis=0)[np.triu_indices(3, 1)] < 1.1)


def test_axis_without_motion_has_an_error_nevertheless():
    walk = hopping_walk(np.random.default_rng(4), 400, 32, 0.05, shares=(0.5, 0.5, 0.0))
    found = tensor_of(walk)
    assert found.value[2, 2] == 0
    assert 0 < found.error[2, 2] < 0.1 * found.value[0, 0]


def test_principal_direction_is_that_of_turned_channels():
    turn = Rotation.from_euler("yz", [0.6, 0.4]).as_matrix()
    walk = hopping_walk(np.random.default_rng(3), 1000, 60, 0.05, shares=CHANNELS)
    straight, turned = tensor_of(walk), tensor_of(walk @ turn.T)
    assert abs(turned.directions[0] @ turn @ straight.directions[0]) == pytest.approx(1, rel=1e-6)
    np.testing.assert_allclose(turned.principal, straight.principal, rtol=1e-6)
    np.testing.assert_allclose(turned.principal_error, straight.principal_error, rtol=1e-6)
    assert turned.principal[0] == pytest.approx(3 * expected(0.05) * 0.7, abs=3 * turned.principal_error[0])


def test_independent_ions_carry_charge_as_they_carry_mass():
    generator, found = np.random.default_rng(7), []
    for _ in range(120):
        fit, charge = charge_of(hopping_walk(generator, 400, 24, 0.05))
        held = (charge.mean - expected(0.05)) / charge.mean_error
        if charge.mean < 2 * charge.mean_error:
            continue
        ratio, error = haven_ratio(
            fit.value, fit.error, charge.mean, charge.mean_error, fit.closed_form_error
        )
        found.append((held, (ratio - 1) / error))
    assert len(found) > 110
    charge, haven = np.array(found).T
    assert 0.60 <= np.mean(np.abs(charge) < 1) <= 0.76
    assert 0.60 <= np.mean(np.abs(haven) < 1) <= 0.76


def test_ions_that_move_in_pairs_have_half_the_haven_ratio():
    generator, ratios = np.random.default_rng(6), []
    for _ in range(40):
        walk = np.repeat(hopping_walk(generator, 400, 24, 0.05), 2, axis=1)
        fit, charge = charge_of(walk)
        ratios.append(fit.value / charge.mean)
    assert np.mean(ratios) == pytest.approx(0.5, rel=0.1)


def test_charge_diffusivity_is_the_mean_of_its_tensor():
    walk = hopping_walk(np.random.default_rng(7), 600, 20, 0.05)
    fit, charge = charge_of(walk)
    msd = displacement(walk)
    total = mean_squared_displacement(walk.sum(axis=1, keepdims=True), msd.lags).mean / 20
    value, error = charge_diffusivity(fit, msd.lags, total, **sizes(walk))
    assert value == pytest.approx(charge.mean, rel=1e-9)
    assert error == pytest.approx(charge.mean_error, rel=1e-9)


def test_sum_of_all_ions_that_rests_is_refused():
    # of every two ions one goes where the other comes from
    walk = hopping_walk(np.random.default_rng(7), 600, 20, 0.05)
    opposed = np.concatenate([walk, -walk], axis=1) + np.random.default_rng(1).normal(0, 0.1, (600, 40, 3))
    with pytest.raises(TooLittleDiffusion, match="sum of all ions does not rise"):
        charge_of(opposed)
