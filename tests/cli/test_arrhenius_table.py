"""``atomstates arrhenius TABLE``: what is read, what is said, what is refused."""

import json

import numpy as np
import pytest
from scipy.optimize import curve_fit

K = 8.617333262e-5
T = np.array([350, 375, 400, 425, 450, 475, 500, 550, 600])


def written(folder, header, rows, mark=","):
    path = folder / "table.csv"
    lines = [
        mark.join(f"{cell:.10g}" if not isinstance(cell, str) else cell for cell in row) for row in rows
    ]
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def kinked(temperatures, tc=440.0):
    """Diffusivities (cm²/s) with 0.45 eV below Tc and 0.25 eV above."""
    inverse = 1 / temperatures - 1 / tc
    return 1e-6 * np.exp(-np.where(inverse > 0, 0.45, 0.25) * inverse / K)


def test_planted_transition_comes_back_as_json(folder, command):
    d = kinked(T)
    table = written(
        folder,
        "temperature_K,diffusivity_cm2_per_s,diffusivity_error_cm2_per_s",
        zip(T, d, 0.03 * d, strict=True),
    )
    result = command("arrhenius", table, "--json", "--figure", "fit.png")
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["fitted"] == "ln D against 1/T"
    assert found["transition"]["verdict"] == "kink"
    assert found["transition_temperature"]["value"] == pytest.approx(440, rel=1e-6)
    assert found["activation_energy_below_Tc"]["value"] == pytest.approx(0.45, rel=1e-6)
    assert found["activation_energy_above_Tc"]["value"] == pytest.approx(0.25, rel=1e-6)
    assert found["diffusivity_at_300_K"]["value"] == pytest.approx(kinked(np.array(300.0)), rel=1e-6)
    assert (folder / "fit.png").read_bytes()[:4] == b"\x89PNG"


def test_one_line_is_that_of_an_independent_fit(folder, command):
    generator = np.random.default_rng(5)
    sigma = 1e6 / T * np.exp(-0.3 / (K * T)) * generator.lognormal(0, 0.05, len(T))
    error = sigma * np.geomspace(0.2, 0.04, len(T))
    table = written(folder, "T (K);sigma [S/m];sigma_err", zip(T, sigma, error, strict=True), mark=";")
    found = json.loads(command("arrhenius", table, "--json", "--extrapolate-K", 320).stdout)
    expected, covariance = curve_fit(
        lambda t, a, b: a + b / t, T, np.log(10 * sigma * T), sigma=error / sigma, absolute_sigma=True
    )
    energy = found["activation_energy"]
    assert energy["value"] == pytest.approx(-K * expected[1], rel=1e-6)
    assert energy["error"] == pytest.approx(
        K * np.sqrt(covariance[1, 1] * found["fit"]["covariance_inflated_by"]), rel=1e-4
    )
    assert found["conductivity_at_320_K"]["value"] == pytest.approx(
        np.exp(expected[0] + expected[1] / 320) / 320, rel=1e-6
    )
    assert found["unit"] == "mS/cm"


def test_diffusivities_become_conductivities_only_with_charge_and_number(folder, command):
    d = kinked(T)
    table = written(folder, "T_K D_m2/s dD", zip(T, 1e-4 * d, 3e-6 * d, strict=True), mark=" ")
    options = ("--charge", 1, "--volume-A3", 2000, "--n-ions", 40)
    found = json.loads(command("arrhenius", table, "--json", *options).stdout)
    by_hand = 40 * 1.602176634e-19 * kinked(np.array(300.0)) / (2000e-24 * K * 300) * 1e3
    assert found["conductivity_at_300_K"]["value"] == pytest.approx(by_hand, rel=1e-6)
    assert "diffusivity" in json.loads(command("arrhenius", table, "--json").stdout)["read"][1]


def test_what_was_read_and_how_the_models_do_is_shown(folder, command):
    d = kinked(T)
    table = written(
        folder, "T,D,D_error,remark", ((t, x, 0.03 * x, "ok") for t, x in zip(T, d, strict=True))
    )
    shown = command("arrhenius", table).stdout
    for words in (
        "no unit named: taken as K",
        "not used: remark",
        "ln D against 1/T",
        "one line",
        "Transition: kink",
        "activation energy below Tc",
        "unit of the table",
    ):
        assert words in shown


@pytest.mark.parametrize(
    ("header", "rows", "options", "words"),
    [
        ("T,D,D_error", [(300, 1, 0.1)], (), ["three temperatures", "there are 1: 300 K"]),
        ("T,D,D_error", [(300, "abc", 0.1)], (), ["line 2", "'D'", "'abc'", "positive number"]),
        ("T,D,D_error", [(300, 1, 0.1), (400, 1, -0.1)], (), ["line 3", "'D_error'", "'-0.1'"]),
        ("T,D", [(300, 1)], (), ["error of the diffusivity", "--relative-error"]),
        ("T,x,y", [(300, 1, 1)], (), ["no column of conductivities or diffusivities", "T, x, y"]),
        ("D,D_error", [(300, 1)], (), ["no column for the temperature", "temperature_K"]),
        ("T,D_furlong,D_error", [(300, 1, 1)], (), ["'D_furlong'", "no unit that is known", "cm²/s"]),
        ("T,D,D_err,sigma,sigma_err", [(300, 1, 1, 1, 1)], (), ["both", "--quantity"]),
        ("T,D,D_error", [(300, 1)], (), ["line 2", "2 cells", "3 columns"]),
        ("T,D,D_error", [(300, 1, 1)], ("--charge", "1"), ["--number-density-per-A3"]),
        ("T,D,D_error", [(300, 1, 1)], ("--figure", "x.doc"), ["x.doc", ".png"]),
    ],
)
def test_table_that_makes_no_sense(folder, command, header, rows, options, words):
    table = written(folder, header, rows)
    result = command("arrhenius", table, *options)
    assert result.returncode == 1, result.stdout
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr


def test_rows_without_a_value_are_left_out_and_counted(folder, command):
    d = kinked(T)
    rows = [(300, "", ""), *zip(T, d, 0.03 * d, strict=True)]
    table = written(folder, "# comment\ntemperature_C,D_A2_per_ps,D_std_A2_per_ps", rows)
    found = json.loads(command("arrhenius", table, "--json").stdout)
    assert "9 of 10 rows" in found["read"]
    assert found["transition"]["verdict"] == "kink"
    assert "(°C)" in found["read"][0]
