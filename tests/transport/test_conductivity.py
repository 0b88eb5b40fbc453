import pytest

from atomstates.transport import haven_ratio, nernst_einstein_conductivity
from atomstates.units import A2_PER_PS_TO_CM2_PER_S, CONDUCTIVITY_TO_MS_PER_CM


def test_unit_of_conductivity_worked_by_hand():
    charge, electronvolt = 1.602176634e-19, 1.602176634e-19  # C, J
    siemens_per_metre = charge**2 / (electronvolt * 1e-10 * 1e-12)
    assert siemens_per_metre * 1000 / 100 == pytest.approx(CONDUCTIVITY_TO_MS_PER_CM)


def test_conductivity_in_si_units_worked_by_hand():
    # 24 ions in 1000 Å³ at 600 K with D = 1e-6 cm²/s = 1e-10 m²/s
    n, volume, temperature, d = 24, 1000e-30, 600.0, 1e-10
    siemens_per_metre = n * 1.602176634e-19**2 * d / (volume * 1.380649e-23 * temperature)
    found = nernst_einstein_conductivity(1e-6 / A2_PER_PS_TO_CM2_PER_S, n, 1.0, 1000.0, temperature)
    assert found == pytest.approx(10 * siemens_per_metre)
    assert found == pytest.approx(74.37, rel=1e-3)


def test_doubly_charged_ions_carry_four_times():
    one = nernst_einstein_conductivity(0.01, 10, 1, 500, 300)
    assert nernst_einstein_conductivity(0.01, 10, -2, 500, 300) == pytest.approx(4 * one)


def test_no_conductivity_without_volume_or_temperature():
    with pytest.raises(ValueError, match="makes no sense"):
        nernst_einstein_conductivity(1.0, 1, 1, 0.0, 300)


def test_haven_ratio_and_its_refusal():
    ratio, error = haven_ratio(1.0, 0.03, 2.0, 0.08)
    assert (ratio, error) == (pytest.approx(0.5), pytest.approx(0.5 * 0.05))
    with pytest.raises(ValueError, match="no ratio"):
        haven_ratio(1.0, 0.03, 2.0, 1.5)
