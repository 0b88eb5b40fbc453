"""Whether estimates of the transition temperature agree."""

import pytest

from atomstates.products import Measured
from atomstates.report.transition import Estimate, agreement


def estimate(key, *interval):
    value = sum(interval) / 2 if interval else None
    return Estimate(key, Measured(value, None, "K", 8, "", interval or None), "doas.json")


def test_estimates_whose_intervals_share_a_temperature_agree():
    agrees, words = agreement(
        [estimate("conductivity", 400, 450), estimate("cell_energy", 430, 470), estimate("width")]
    )
    assert agrees is True
    assert "430 to 450 K lies within the 95 % interval of each" in words
    assert words.endswith("No Tc from: width of the DOAS.")


def test_estimates_that_are_apart_are_named():
    agrees, words = agreement([estimate("conductivity", 400, 420), estimate("order_parameter", 450, 500)])
    assert agrees is False
    assert "order of the ions has 450 to 500 K and conductivity has 400 to 420 K" in words


@pytest.mark.parametrize("known", [(), (estimate("cell_energy", 400, 420),)])
def test_less_than_two_estimates_cannot_agree(known):
    agrees, words = agreement([*known, estimate("conductivity")])
    assert agrees is None
    assert words.startswith("Transport (conductivity) gives no Tc" if known else "No estimate")


def test_what_transport_cannot_tell_and_states_can_is_one_sentence():
    states = [estimate("sublattice_energy", 400, 440), estimate("order_parameter", 420, 480)]
    agrees, words = agreement([estimate("conductivity"), *states, estimate("width")])
    assert agrees is True
    assert words == (
        "Transport (conductivity) gives no Tc, but the relaxed states do: energy of the ions, order of the "
        "ions agree, 420 to 440 K lies within the 95 % interval of each. No Tc from: width of the DOAS."
    )
