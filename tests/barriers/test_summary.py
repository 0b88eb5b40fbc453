"""Hops of all runs together: directions, sides of Tc, rates beside those seen."""

import numpy as np
import pytest

from atomstates.barriers.sides import transition
from atomstates.barriers.summary import SeenHop, by_path, distributions, rates_beside, resolved, seen_hops
from atomstates.units import BOLTZMANN

TC = transition(500.0, None, None)


def hop(path, forward, backward, weight=1.0, temperature=600.0, name=None):
    entry = {
        "class": name or min(path, "-".join(reversed(path.split("-")))),
        "path": path,
        "weight": weight,
        "barrier_forward_eV": forward,
        "barrier_backward_eV": backward,
    }
    return SeenHop("run", temperature, entry)


# ---------------------------------------------------------------- directions


def test_hop_between_equal_kinds_gives_half_of_its_weight_to_each_direction():
    found = by_path([hop("Oct-Tet-Oct", 0.3, 0.1, weight=8)])
    assert list(found) == ["Oct-Tet-Oct"]
    assert found["Oct-Tet-Oct"].value.tolist() == [0.3, 0.1]
    assert found["Oct-Tet-Oct"].weight.tolist() == [4, 4]
    assert found["Oct-Tet-Oct"].n_hops == 1


def test_hop_between_different_kinds_is_of_two_classes_one_a_direction():
    """Seen out of the tetrahedron or into it: the same two barriers."""
    out, into = by_path([hop("Tet-Oct", 0.05, 0.25)]), by_path([hop("Oct-Tet", 0.25, 0.05)])
    for found in (out, into):
        assert found["Oct-Tet"].value.tolist() == [0.25]
        assert found["Tet-Oct"].value.tolist() == [0.05]
        assert found["Oct-Tet"].weight.tolist() == [1.0]


def test_concerted_hops_are_counted_apart():
    found = by_path([hop("Oct-Oct", 0.2, 0.2, name="concerted"), hop("Oct-Oct", 0.1, 0.1)])
    assert {name: one.n_hops for name, one in found.items()} == {"Oct-Oct": 1, "concerted": 1}


def test_failures_are_no_hops():
    run = {"run": "r", "temperature_K": 600, "hops": [{"name": "a", "failure": "no_barrier"}]}
    assert seen_hops([run]) == []


# ---------------------------------------------------------------- sides of Tc


def test_distributions_are_of_either_side_weighted_by_moves():
    hops = [
        hop("Oct-Oct", 0.4, 0.4, 1, 300),
        hop("Oct-Oct", 0.1, 0.1, 3, 600),
        hop("Oct-Oct", 0.3, 0.3, 1, 700),
        hop("Oct-Oct", 9.9, 9.9, 1, 500),  # at Tc itself: on no side
    ]
    found, rows = distributions(hops, TC, 0.05, 1, "m")
    assert list(found) == ["below", "above"]
    assert found["below"]["Oct-Oct"]["barrier"].value == pytest.approx(0.4)
    assert found["below"]["Oct-Oct"]["barrier"].error is None
    above = found["above"]["Oct-Oct"]
    assert above["barrier"].value == pytest.approx(0.15)
    assert above["barrier"].sample == above["n_hops"] == 2
    assert above["barrier"].error > 0
    assert sum(row[3] for row in rows if row[0] == "above") * 0.05 == pytest.approx(1)


def test_resolved_barrier_is_without_the_difference_of_the_ends():
    found = resolved([hop("Tet-Oct", 0.05, 0.25), hop("Oct-Tet", 0.25, 0.05)], TC, 1, "m")
    assert found["above"]["Oct-Tet"]["barrier"].value == pytest.approx(0.15)
    assert found["above"]["Oct-Tet"]["barrier_width"].value == pytest.approx(0, abs=1e-12)


def measured(value):
    return {"value": value, "error": 5.0, "unit": "K", "sample": 9, "note": "jump", "interval": None}


def test_transition_is_the_campaigns_or_the_conductivitys_or_that_of_the_order():
    arrhenius = {"transition_temperature": measured(450.0)}
    doas = {"transition_temperatures": {"cell_energy": measured(650.0), "order_parameter": measured(480.0)}}
    assert transition(500.0, arrhenius, doas).temperature.value == 500.0
    assert transition(None, arrhenius, doas).temperature.value == 450.0
    nothing = {"transition_temperature": measured(None)}
    found = transition(None, nothing, doas)
    assert found.temperature.value == 480.0
    assert found.source == "the order parameter (doas.json)"
    assert found.side(300) == "below"
    assert found.side(900) == "above"


def test_where_nothing_tells_of_a_transition_there_are_no_sides():
    found = transition(None, {}, {"transition_temperatures": {"cell_energy": measured(None)}})
    assert found.temperature.value is None
    assert "give barriers.transition_temperature_K" in found.temperature.note
    assert found.side(300) is None
    assert distributions([hop("Oct-Oct", 0.1, 0.1)], found, 0.05, 1, "m") == ({}, [])


# ---------------------------------------------------------------- rates


def test_rates_of_paths_stand_beside_those_seen_between_the_same_kinds():
    """One ion in ten leaves its octahedron for a tetrahedron within 0.1 ps, of any class."""
    one, two, tet = "octahedral_1_edge_sharing", "octahedral_2_edge_sharing", "tetrahedral_1_edge_sharing"
    entry = {
        "temperature_K": 600.0,
        "ion_intervals": {one: 600, two: 400, tet: 200},
        "transitions": {
            one: {one: 0, two: 0, tet: 40},
            two: {one: 0, two: 0, tet: 60},
            tet: {one: 40, two: 60, tet: 0},
        },
    }
    seen = {"interval_ps": 0.1, "temperatures": [entry]}
    (found,) = rates_beside([hop("Oct-Tet", 0.2, 0.1), hop("Oct-Tet", 0.2, 0.1)], seen, 5.0)
    forth, back = found["between"]["Oct to Tet"], found["between"]["Tet to Oct"]
    assert forth["rate_of_a_path"].value == pytest.approx(5 * np.exp(-0.2 / (BOLTZMANN * 600)))
    assert forth["rate_seen"].value == pytest.approx(-np.log(0.9) / 0.1)
    assert back["rate_seen"].value == pytest.approx(-np.log(0.5) / 0.1)
    assert forth["rate_seen"].error == pytest.approx(forth["rate_seen"].value / 10)
    assert forth["ratio"] == pytest.approx(forth["rate_seen"].value / forth["rate_of_a_path"].value)


def test_rates_without_transitions_are_those_of_paths_alone():
    (found,) = rates_beside([hop("Oct-Oct", 0.2, 0.1)], None, 5.0)
    assert found["between"]["Oct to Oct"]["rate_seen"].value is None
    assert found["between"]["Oct to Oct"]["ratio"] is None
