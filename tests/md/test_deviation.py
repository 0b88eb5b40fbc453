"""Deviation of forces over models, by hand."""

import numpy as np
import pytest

from atomstates.md.deviation import Deviation, deviation_check, deviation_rows
from atomstates.potentials.ensemble import force_deviation


def test_deviation_of_two_models_is_half_their_distance():
    forces = np.zeros((2, 1, 3, 3))
    forces[1, 0, 0] = [3.0, 4.0, 0.0]
    assert force_deviation(forces)[0] == pytest.approx([2.5, 0.0, 0.0])


def test_deviation_of_three_models_is_their_distance_from_the_mean():
    # 0, 0 and 3 along x: mean 1, squares 1 + 1 + 4 over three
    forces = np.zeros((3, 1, 1, 3))
    forces[2, 0, 0, 0] = 3.0
    assert force_deviation(forces).item() == pytest.approx(np.sqrt(2))
    assert force_deviation(forces[::-1]).item() == pytest.approx(np.sqrt(2))


def test_what_all_models_share_does_not_deviate():
    random = np.random.default_rng(1)
    forces = random.normal(size=(4, 5, 6, 3))
    shared = random.normal(size=(5, 6, 3))
    np.testing.assert_allclose(force_deviation(forces + shared), force_deviation(forces), rtol=1e-9)
    with pytest.raises(ValueError, match="two at least"):
        force_deviation(forces[:1])


FOUND = Deviation(
    step=np.array([0, 100, 200]),
    of_atom=np.array([[0.1, 0.02], [0.3, 0.1], [0.05, 0.25]]),
    element=np.array(["Li", "Cl"]),
)


def test_snapshots_beyond_the_threshold_are_counted_and_named():
    check = deviation_check(FOUND, 0.2, 0.002)
    assert check.status == "WARN"
    assert check.message.startswith("2 of 3 snapshots are beyond 0.2 eV/Å")
    assert "at 0.2, 0.4 ps" in check.message
    assert "0.3 eV/Å, on atom 1 (Li) at 0.2 ps" in check.message
    assert deviation_check(FOUND, 0.31, 0.002).status == "PASS"


def test_table_names_the_atom_that_deviates_most():
    assert list(deviation_rows(FOUND, 0.002))[2] == (200, "0.4", "0.25", "0.15", "0.05", 2, "Cl")
