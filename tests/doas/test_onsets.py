"""The onset of every measure of disorder, on measures with a planted one."""

from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atomstates.doas.onsets import HALF, MEASURES, onsets
from atomstates.doas.outcome import TemperatureDoas
from atomstates.products import Measured

T = np.linspace(300, 600, 10)
N_STATES, N_SNAPSHOTS, N_BLOCKS = 7200, 100, 20


def entry(temperature, fractions=None, **measures):
    """One temperature; ``measures`` by name are (value, error), fractions by edges likewise."""
    rows = [
        {
            "site": "octahedral",
            "edge_sharing": edges,
            "face_sharing": 0,
            "fraction": asdict(Measured(*number, "1", N_STATES)),
        }
        for edges, number in (fractions or {}).items()
    ]
    return TemperatureDoas(
        temperature=float(temperature),
        n_states=N_STATES,
        n_snapshots=N_SNAPSHOTS,
        n_rejected=0,
        n_runs=1,
        n_blocks=N_BLOCKS,
        seed=1,
        measures={name: Measured(*number, "1", N_STATES) for name, number in measures.items()},
        environments=rows,
        columns=[],
        density=np.zeros((1, 1)),
        density_error=np.zeros((1, 1)),
    )


def bent(temperature, tc):
    return 1e-4 * (temperature - 300) + 4e-4 * max(temperature - tc, 0)


@given(tc=st.floats(360, 540))
@settings(max_examples=6, deadline=None)
def test_planted_onset_is_found_in_every_measure(tc):
    found = onsets([entry(t, **dict.fromkeys(MEASURES, (0.3 + bent(t, tc), 0.001))) for t in T], seed=1)
    for name in MEASURES:
        assert found[name].value == pytest.approx(tc, abs=2)
        low, high = found[name].interval
        assert low < tc < high
        assert found[name].note.startswith("kink, ")


def test_occupations_of_populous_environments_have_onsets_too():
    tc = 431.0
    rows = [
        entry(t, {1: (0.6 - bent(t, tc), 0.001), 2: (0.39 + bent(t, tc), 0.001), 3: (0.01, 0.001)})
        for t in T
    ]
    found = onsets(rows, seed=1)
    assert set(found) == {"octahedral_1_edge_sharing_fraction", "octahedral_2_edge_sharing_fraction"}
    for number in found.values():
        assert number.value == pytest.approx(tc, abs=1)


def test_straight_measure_has_no_onset_and_says_so():
    found = onsets([entry(t, width=(0.02 + 1e-4 * t, 0.001)) for t in T], seed=1)
    assert list(found) == ["width"]
    assert found["width"].value is None
    assert found["width"].note.startswith("one line, width of the DOAS against T")


def test_measure_that_bends_smoothly_has_no_onset():
    """An activated fraction, exp(−0.25 eV/kT), known to a thousandth of itself."""
    fraction = {t: float(np.exp(-0.25 / (8.617e-5 * t))) for t in T}
    found = onsets([entry(t, tetrahedral_fraction=(f, 0.001 * f)) for t, f in fraction.items()], seed=1)
    assert found["tetrahedral_fraction"].value is None
    assert "smoothly" in found["tetrahedral_fraction"].note


def test_order_that_is_whole_in_all_blocks_counts_with_the_error_of_one_ion():
    """S = 1 without scatter in the cold; without the floor, only hot temperatures would be left."""
    orders = {t: (1.0, 0.0) if t < 440 else (0.1, 0.03) for t in T}
    found = onsets([entry(t, site_order=number) for t, number in orders.items()], seed=1)
    assert found["site_order"].sample == len(T)
    assert found["site_order"].note.startswith("jump")
    assert found["site_order"].interval[0] <= 433.4 <= found["site_order"].interval[1]
    assert found[f"site_order{HALF}"].interval == pytest.approx((433.333, 466.667), rel=1e-4)


def test_energy_without_error_is_left_out():
    """An error of zero is mended only where one ion says how large it is at least."""
    found = onsets([entry(t, width=(bent(t, 431), 0.0 if t == 300 else 0.001)) for t in T], seed=1)
    assert found["width"].sample == len(T) - 1


def test_measures_that_do_not_exist_have_no_row():
    assert onsets([entry(t, order_parameter=(None, None), mean=(None, None)) for t in T], seed=1) == {}


def test_too_few_temperatures_are_named_as_the_reason():
    found = onsets([entry(t, mean=(bent(t, 431), 0.001)) for t in T[:4]], seed=1)
    assert found["mean"].value is None
    assert "too few temperatures" in found["mean"].note
