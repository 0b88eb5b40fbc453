"""Points of the Arrhenius line: the runs of each temperature; content of ``arrhenius.json`` and its CSV."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from atomstates.products import Measured
from atomstates.transport.arrhenius import ArrheniusLine, replicas_mean

ARRHENIUS_COLUMNS = (
    "temperature_K",
    "inverse_temperature_per_K",
    "n_runs",
    "diffusivity_cm2_per_s",
    "diffusivity_error_cm2_per_s",
    "conductivity_mS_per_cm",
    "conductivity_error_mS_per_cm",
    "ln_sigma_T",
    "ln_sigma_T_error",
    "line_ln_sigma_T",
    "upper_bound_conductivity_mS_per_cm",
)
SIGMA_T_UNIT = "mS K/cm"


@dataclass(frozen=True)
class TemperaturePoint:
    """One temperature: mean over its runs, or why there is none and an upper bound.

    ``diffusivity`` cm²/s, ``conductivity`` and ``upper_bound`` mS/cm; NaN when refused.
    """

    temperature: float
    n_runs: int
    n_ions: int
    diffusivity: float
    diffusivity_error: float
    conductivity: float
    conductivity_error: float
    refusal: str | None
    upper_bound: float | None


def temperature_points(runs: Sequence[dict[str, Any]]) -> list[TemperaturePoint]:
    """The runs' ``diffusion.json`` by temperature, lowest first; replicas become their mean.

    A temperature at which some replicas were refused is refused: the others are those that
    happened to move more, and their mean would be too large.
    """
    groups: dict[float, list[dict[str, Any]]] = {}
    for run in runs:
        groups.setdefault(float(run["temperature_K"]), []).append(run)
    return [_point(temperature, groups[temperature]) for temperature in sorted(groups)]


def arrhenius_content(
    material: str,
    points: Sequence[TemperaturePoint],
    line: ArrheniusLine | None,
    refusal: str | None,
    extrapolate: float,
) -> dict[str, Any]:
    """Content of ``arrhenius.json``."""
    energy, sigma = line_numbers(line, refusal, extrapolate)
    return {
        "material": material,
        "points": [_point_content(point) for point in points],
        "activation_energy": energy,
        "conductivity_at": {"temperature_K": extrapolate, **asdict(sigma)},
        "line": None
        if line is None
        else {
            "equation": "ln(sigma T) = intercept + slope/T, sigma in mS/cm, T in K",
            "intercept": line.intercept,
            "slope_K": line.slope,
            "covariance": line.covariance,
        },
        "fit": None
        if line is None
        else {
            "model": "one line",
            "n_temperatures": len(line.temperatures),
            "chi_squared": line.chi_squared,
            "degrees_of_freedom": line.degrees_of_freedom,
            "probability": line.probability,
            "covariance_inflated_by": line.inflation,
            "replicas": "unweighted mean; error propagated, or the spread where it contradicts that",
        },
        "refusal": refusal,
    }


def line_numbers(
    line: ArrheniusLine | None, refusal: str | None, extrapolate: float
) -> tuple[Measured, Measured]:
    """Activation energy in eV and conductivity in mS/cm at the temperature asked for."""
    if line is None:
        words = refusal or ""
        return Measured(None, None, "eV", 0, words), Measured(None, None, "mS/cm", 0, words)
    n, lowest, highest = len(line.temperatures), line.temperatures.min(), line.temperatures.max()
    inflated = f"; errors times {np.sqrt(line.inflation):.2g} for scatter" if line.inflation > 1 else ""
    note = f"one line through {lowest:g} to {highest:g} K{inflated}; sample: temperatures"
    value = line.conductivity(extrapolate)
    sigma = Measured(
        value,
        value * line.log_error(extrapolate),
        "mS/cm",
        n,
        f"{note}; the interval is normal in ln σ",
        line.conductivity_interval(extrapolate),
    )
    return Measured(line.activation_energy, line.activation_energy_error, "eV", n, note), sigma


def arrhenius_rows(
    points: Sequence[TemperaturePoint], line: ArrheniusLine | None
) -> Iterator[tuple[float | str, ...]]:
    """Rows of ``arrhenius.csv``; empty where a temperature was refused."""
    for point in points:
        t = point.temperature
        fitted: tuple[float | str, ...] = ("",) * 6
        if point.refusal is None:
            fitted = (
                point.diffusivity,
                point.diffusivity_error,
                point.conductivity,
                point.conductivity_error,
                float(np.log(point.conductivity * t)),
                point.conductivity_error / point.conductivity,
            )
        on_line = "" if line is None else line.intercept + line.slope / t
        bound = "" if point.upper_bound is None else point.upper_bound
        yield (t, 1 / t, point.n_runs, *fitted, on_line, bound)


def _point(temperature: float, runs: Sequence[dict[str, Any]]) -> TemperaturePoint:
    """Mean of the replicas of one temperature."""
    n_ions = sum(int(run["n_ions"]) for run in runs)
    refused = [run for run in runs if run["refusal"] is not None]
    if refused:
        words = str(refused[0]["refusal"])
        if len(runs) > 1:
            words = f"{len(refused)} of {len(runs)} runs: {words}"
        bound = None
        if len(refused) == len(runs):
            bound = max(float(run["upper_bound"]["conductivity_mS_per_cm"]) for run in runs)
        nan = float("nan")
        return TemperaturePoint(temperature, len(runs), n_ions, nan, nan, nan, nan, words, bound)
    d, s = (
        replicas_mean([run[key]["value"] for run in runs], [run[key]["error"] for run in runs])
        for key in ("diffusivity", "conductivity")
    )
    return TemperaturePoint(temperature, len(runs), n_ions, *d, *s, refusal=None, upper_bound=None)


def _point_content(point: TemperaturePoint) -> dict[str, Any]:
    """One entry of ``points``."""
    t, n, words = point.temperature, point.n_ions, point.refusal or ""
    content: dict[str, Any] = {"temperature_K": t, "n_runs": point.n_runs}
    if point.refusal is not None:
        content["sigma_T"] = Measured(None, None, SIGMA_T_UNIT, n, words)
        content["diffusivity"] = Measured(None, None, "cm²/s", n, words)
        content["conductivity"] = Measured(None, None, "mS/cm", n, words)
    else:
        content["sigma_T"] = Measured(point.conductivity * t, point.conductivity_error * t, SIGMA_T_UNIT, n)
        content["diffusivity"] = Measured(point.diffusivity, point.diffusivity_error, "cm²/s", n)
        content["conductivity"] = Measured(point.conductivity, point.conductivity_error, "mS/cm", n)
    content["refusal"] = point.refusal
    content["upper_bound_conductivity_mS_per_cm"] = point.upper_bound
    return content
