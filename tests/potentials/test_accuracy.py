"""Errors against labels, drifts and verdicts, on numbers known beforehand."""

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from hypothesis import given, settings
from hypothesis import strategies as st

from atomstates.potentials.student import Answer
from atomstates.potentials.validation.accuracy import Comparison, errors_of
from atomstates.potentials.validation.drift import drift
from atomstates.potentials.validation.verdict import at_least, at_most
from atomstates.units import EV_PER_A3_TO_GPA


def labelled(material, energy, *, stress=True, atomic=True):
    """Two lithium and one chlorine with an energy shared among them, forces of 1 eV/Å along x."""
    atoms = Atoms("Li2Cl", [[0, 0, 0], [3, 0, 0], [0, 3, 0]], cell=[9, 9, 9], pbc=True)
    atoms.info = {"material": material, "origin": "fixed cell", "temperature": 300.0}
    results = {"energy": energy, "forces": np.tile([1.0, 0, 0], (3, 1))}
    if stress:
        results["stress"] = np.zeros(6)
    if atomic:
        results["energies"] = np.full(3, energy / 3)
    atoms.calc = SinglePointCalculator(atoms, **results)
    return atoms


def answer(atoms, *, energy=0.0, force=0.0, stress=0.0, atomic=(0.0, 0.0, 0.0)):
    """A model's answer that differs from the label by these."""
    energies = np.full(3, atoms.get_potential_energy() / 3) + atomic
    return Answer(
        atoms.get_potential_energy() + energy,
        atoms.get_forces() + force,
        np.full((3, 3), stress),
        energies,
    )


def test_errors_of_a_model_that_is_its_own_teacher_are_zero():
    frames = [labelled("a", -9.0), labelled("b", -8.0)]
    row = errors_of(Comparison(frames, [answer(atoms) for atoms in frames]), "Li").by().iloc[0]
    assert row["frames"] == 2
    for name in (
        "energy_rmse_meV_per_atom",
        "force_rmse_meV_per_A",
        "stress_rmse_GPa",
        "ion_energy_rmse_meV",
    ):
        assert row[name] == 0


def test_known_errors_are_found_again():
    frames = [labelled("a", -9.0), labelled("a", -8.0)]
    said = [
        answer(frames[0], energy=0.03, force=0.1, stress=0.01),
        answer(frames[1], energy=-0.03, force=0.1),
    ]
    row = errors_of(Comparison(frames, said), "Li").by("material").iloc[0]
    assert row["energy_bias_meV_per_atom"] == pytest.approx(0, abs=1e-9)
    assert row["energy_rmse_meV_per_atom"] == pytest.approx(10)
    assert row["force_rmse_meV_per_A"] == pytest.approx(100)
    # all components are off by 0.1 eV/Å, one of three is 1 eV/Å
    assert row["force_rmse_percent"] == pytest.approx(100 * 0.1 * np.sqrt(3))
    assert row["stress_rmse_GPa"] == pytest.approx(0.01 * EV_PER_A3_TO_GPA / np.sqrt(2))


@settings(deadline=None, max_examples=20)
@given(st.floats(-5, 5), st.floats(-5, 5))
def test_zero_of_the_ions_energies_is_free_in_each_material(first, second):
    frames = [labelled("a", -9.0), labelled("a", -8.0), labelled("b", -7.0)]
    shifts = [first, first, second]
    said = [
        answer(atoms, atomic=(shift + 0.02, shift - 0.02, 7.0))
        for atoms, shift in zip(frames, shifts, strict=True)
    ]
    row = errors_of(Comparison(frames, said), "Li").by().iloc[0]
    assert row["ion_energy_rmse_meV"] == pytest.approx(20)


def test_teacher_without_stress_and_atomic_energies_leaves_these_errors_out():
    frames = [labelled("a", -9.0, stress=False, atomic=False)]
    errors = errors_of(Comparison(frames, [answer(frames[0], atomic=(0, 0, 0))]), "Li")
    assert errors.stresses is None
    assert errors.ions is None
    assert {"stress_rmse_GPa", "ion_energy_rmse_meV"}.isdisjoint(errors.by("origin").columns)


def test_errors_are_told_apart_by_material_and_temperature():
    frames = [labelled("a", -9.0), labelled("b", -9.0)]
    frames[1].info["temperature"] = 600.0
    said = [answer(frames[0], force=0.1), answer(frames[1], force=0.2)]
    table = errors_of(Comparison(frames, said), "Li").by("material", "origin", "temperature_K")
    assert table["temperature_K"].tolist() == [300.0, 600.0]
    np.testing.assert_allclose(table["force_rmse_meV_per_A"], [100, 200])


def test_slope_of_a_line_is_its_drift():
    time = np.linspace(0, 0.04, 2000)
    found = drift(time, 3.0 * time - 7)
    assert found.value == pytest.approx(3.0)
    assert found.error == pytest.approx(0, abs=1e-9)


def test_error_of_the_drift_is_the_spread_of_many_drifts():
    random, time = np.random.default_rng(5), np.linspace(0, 0.04, 2000)
    found = [drift(time, random.normal(scale=0.1, size=len(time))) for _ in range(400)]
    spread = np.std([one.value for one in found])
    assert np.sqrt(np.mean([one.error**2 for one in found])) == pytest.approx(spread, rel=0.1)
    # closed form: sigma * sqrt(12 / n) / length
    assert spread == pytest.approx(0.1 * np.sqrt(12 / 2000) / 0.04, rel=0.1)


def test_too_few_energies_have_no_drift():
    with pytest.raises(ValueError, match="19 energies"):
        drift(np.arange(19.0), np.arange(19.0))


@pytest.mark.parametrize(
    ("value", "error", "doubt", "status"),
    [
        (1.0, None, False, "PASS"),
        (3.0, None, False, "FAIL"),
        (1.9, 0.2, False, "WARN"),
        (2.1, 0.2, False, "WARN"),
        (1.0, 0.2, False, "PASS"),
        (1.0, None, True, "WARN"),
        (3.0, None, True, "FAIL"),
    ],
)
def test_verdict_warns_where_the_number_cannot_tell(value, error, doubt, status):
    assert at_most("test", value, 2.0, "eV", error=error, doubt=doubt).status == status


def test_speed_on_a_busy_core_warns_only_where_it_is_too_low():
    assert at_least("speed", 10, 12, "ns/day", doubt=True).status == "WARN"
    assert at_least("speed", 10, 12, "ns/day").status == "FAIL"
    assert at_least("speed", 13, 12, "ns/day", doubt=True).status == "PASS"
