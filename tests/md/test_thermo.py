"""Means of correlated series, slopes, and rows that were cut short."""

import numpy as np
import pytest

from atomstates.md.checks import RunFacts, checks, numbers
from atomstates.md.record import file_names, note
from atomstates.md.thermo import COLUMNS, Thermo, mean, read_rows, read_thermo, slope


def test_error_of_independent_numbers_is_that_of_the_textbook():
    values = np.random.default_rng(1).normal(5, 2, 4096)
    found = mean(values)
    assert found.value == pytest.approx(5, abs=0.1)
    assert found.error == pytest.approx(2 / 64, rel=0.6)


def test_error_of_a_correlated_series_is_larger():
    random = np.random.default_rng(2)
    values = np.zeros(8192)
    for i in range(1, len(values)):
        values[i] = 0.95 * values[i - 1] + random.normal()
    # an AR(1) series has (1 + 0.95) / (1 - 0.95) = 39 times fewer independent numbers
    independent = values.std() / np.sqrt(len(values))
    assert mean(values).error == pytest.approx(np.sqrt(39) * independent, rel=0.5)


def test_short_series_has_no_error():
    assert mean(np.arange(7.0)).error is None


def test_slope_of_a_line_with_noise():
    times = np.linspace(0, 1, 1000)
    found = slope(times, 3 * times + np.random.default_rng(3).normal(0, 0.1, 1000))
    assert found.value == pytest.approx(3, abs=4 * found.error)
    assert found.error < 0.1


def test_row_that_was_cut_short_is_left_out(tmp_path):
    row = ",".join(["100", *["1.5"] * 12])
    (tmp_path / "rows.csv").write_text(f"step,head\n{row}\n{row}\n{row[:-2]}")
    assert read_rows(tmp_path / "rows.csv").shape == (2, 13)


def rows(temperature, energy_slope=0.0, n=400):
    random = np.random.default_rng(4)
    columns = {name: np.zeros(n) for name in COLUMNS}
    columns["temperature_K"] = temperature + 600 * np.sqrt(2 / 717) * random.normal(size=n)
    columns["conserved_energy_eV"] = energy_slope * np.arange(n)
    return Thermo(50 * np.arange(n), columns)


@pytest.mark.parametrize(
    ("temperature", "status"), [(600, "PASS"), (600.5, "PASS"), (612, "WARN"), (700, "FAIL")]
)
def test_temperature_is_judged_by_its_own_fluctuation(temperature, status):
    facts = RunFacts(600, 240, 0.002, 3000.0, 3000.0, averaged=False)
    thermo = rows(temperature)
    assert checks(thermo, numbers(thermo, facts), facts)[0].status == status


def test_drift_and_expansion_are_warned_about():
    facts = RunFacts(600, 240, 0.002, 3300.0, 3000.0, averaged=True)
    # 1e-3 eV a row of 0.1 ps in 240 atoms are 42 meV/atom/ns
    thermo = rows(600, energy_slope=1e-3)
    found = {check.name: check for check in checks(thermo, numbers(thermo, facts), facts)}
    assert found["energy drift"].status == "WARN"
    assert "42" in found["energy drift"].message
    assert found["thermal expansion"].status == "WARN"
    assert "+10.0 %" in found["thermal expansion"].message


def test_row_at_a_restart_is_the_one_written_before_it(tmp_path):
    # a resumed LAMMPS prints its first row before it has the energy of the thermostat back
    for number, steps, odd in ((1, (0, 10, 20, 30), None), (2, (20, 30, 40), 20), (3, (50, 60), 50)):
        note(tmp_path, number, first_step=steps[0])
        rows = [",".join([str(s), *["nan" if s == odd else str(s / 10)] * 12]) for s in steps]
        (tmp_path / file_names(number)["thermo_file"]).write_text("\n".join(["head", *rows, ""]))
    found = read_thermo(tmp_path, produce_step=0, last_step=60)
    np.testing.assert_array_equal(found.steps, [0, 10, 20, 30, 40, 60])
    np.testing.assert_array_equal(found.columns["conserved_energy_eV"], [0, 1, 2, 3, 4, 6])
