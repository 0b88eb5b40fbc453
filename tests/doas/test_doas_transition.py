"""Transition temperatures from energies and order, without the conductivity."""

import numpy as np
import pytest

from atomstates.doas.transition import loss_of_order, transition_temperatures
from atomstates.products import Measured

T = np.linspace(300, 600, 9)


def lost(*values, error=0.02):
    n = len(values)
    return loss_of_order(300 + 100.0 * np.arange(n), np.array(values), np.full(n, error))


def measures(tc, order=None):
    """Energies that rise three times as fast above Tc."""
    kink = 1e-4 * (T - 300) + 2e-4 * np.maximum(T - tc, 0)
    return [
        {
            "sublattice_energy": Measured(0.1 + energy, 0.001, "eV", 50),
            "cell_energy": Measured(-3.9 + energy / 5, 0.0002, "eV", 50),
            "width": Measured(0.05 + energy, 0.001, "eV", 3600),
            "order_parameter": Measured(None, None, "1", 0) if order is None else order(t),
        }
        for t, energy in zip(T, kink, strict=True)
    ]


def test_order_is_lost_between_last_ordered_and_first_disordered_temperature():
    assert lost(0.98, 0.9, 0.2, 0.1).interval == (400, 500)


def test_temperature_near_one_half_widens_the_loss_of_order():
    assert lost(0.98, 0.51, 0.2).interval == (300, 500)


def test_order_that_is_never_lost_is_said_to_stay():
    found = lost(0.98, 0.95)
    assert found.value is None
    assert found.note == "not lost up to 400 K"


def test_order_that_is_never_there_is_said_to_be_lost():
    assert lost(0.1, 0.05).note == "lost already at 300 K"


def test_kink_of_both_energies_is_where_it_was_planted():
    found = transition_temperatures(T, measures(431.0), seed=1)
    for name in ("sublattice_energy", "cell_energy"):
        assert found[name].value == pytest.approx(431.0, rel=1e-6)
        low, high = found[name].interval
        assert low < 431 < high
        assert found[name].note.startswith("kink, mean relaxed energy")


def test_material_without_channels_is_judged_by_the_width_of_its_states():
    found = transition_temperatures(T, measures(431.0), seed=1)
    assert "order_parameter" not in found
    assert found["width"].value == pytest.approx(431.0, rel=1e-6)


def test_material_with_channels_is_judged_by_its_order():
    found = transition_temperatures(
        T, measures(431.0, lambda t: Measured(0.9 if t < 431 else 0.1, 0.02, "1", 50)), seed=1
    )
    assert "width" not in found
    assert found["order_parameter"].interval == (412.5, 450.0)


def test_energies_without_errors_tell_of_no_transition():
    bare = [
        {name: Measured(one.value, None, one.unit, 1) for name, one in row.items()} for row in measures(431)
    ]
    found = transition_temperatures(T, bare, seed=1)
    assert found["cell_energy"].value is None
    assert "too few temperatures" in found["cell_energy"].note


def test_order_over_alike_sites_stands_in_for_channels_that_are_not_named():
    rows = [
        row | {"site_order": Measured(0.9 if t < 431 else 0.1, 0.02, "1", 50)}
        for t, row in zip(T, measures(431.0), strict=True)
    ]
    found = transition_temperatures(T, rows, seed=1)
    assert found["site_order"].interval == (412.5, 450.0)
    assert "order_parameter" not in found
