"""Content of ``arrhenius.json`` and of the tables beside it."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from atomstates.products import Measured
from atomstates.transport.arrhenius import Arrhenius, Estimate
from atomstates.transport.points import TemperaturePoint

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
    "best_model_ln_sigma_T",
    "upper_bound_conductivity_mS_per_cm",
)
PROFILE_COLUMNS = (
    "transition_temperature_K",
    "kink_minus_2_ln_L",
    "jump_minus_2_ln_L",
    "one_line_minus_2_ln_L",
)
SIGMA_T_UNIT = "mS K/cm"
EQUATIONS = {
    "conductivity": "ln(sigma T) = intercept + slope/T, sigma in mS/cm, T in K",
    "diffusivity": "ln D = intercept + slope/T, T in K",
}


def arrhenius_content(
    material: str,
    points: Sequence[TemperaturePoint],
    result: Arrhenius | None,
    refusal: str | None,
    extrapolate: float,
    seed: int,
) -> dict[str, Any]:
    """Content of ``arrhenius.json``."""
    numbers = arrhenius_numbers(result, refusal, extrapolate)
    sigma = numbers.pop("conductivity")
    return {
        "material": material,
        "points": [_point_content(point) for point in points],
        **numbers,
        "conductivity_at": {"temperature_K": extrapolate, **asdict(sigma)},
        **fit_content(result, seed),
        "refusal": refusal,
    }


def arrhenius_numbers(
    result: Arrhenius | None, refusal: str | None, extrapolate: float, unit: str = "mS/cm"
) -> dict[str, Measured]:
    """Activation energies (eV), Tc (K) and the conductivity, or what was fitted, where it was asked for."""
    units = {
        "activation_energy": "eV",
        "activation_energy_below_Tc": "eV",
        "activation_energy_above_Tc": "eV",
        "transition_temperature": "K",
        "conductivity": unit,
    }
    if result is None:
        return {name: Measured(None, None, unit, 0, refusal or "") for name, unit in units.items()}
    found, n = result.transition, len(result.line.temperatures)
    note = _note(result, extrapolate)
    energy, sigma = result.activation_energy(extrapolate), result.conductivity(extrapolate)
    spread = (
        "interval by bootstrap" if result.in_doubt else f"the interval is normal in {logarithm(result)}"
    )
    found_numbers = _energies(result) | {
        "activation_energy": _measured(energy, "eV", n, note, interval=result.in_doubt),
        "conductivity": _measured(sigma, unit, n, f"{note}; {spread}"),
        "transition_temperature": Measured(
            found.temperature, found.error, "K", n, _of_tc(result), found.interval
        ),
    }
    return {name: found_numbers[name] for name in units}


def _energies(result: Arrhenius) -> dict[str, Measured]:
    """Activation energies on both sides of Tc."""
    names = ("activation_energy_below_Tc", "activation_energy_above_Tc")
    energies = result.activation_energies()
    if energies is None:
        missing = Measured(None, None, "eV", len(result.line.temperatures), _of_tc(result))
        return dict.fromkeys(names, missing)
    found = {}
    for name, one, held in zip(names, energies, result.transition.segments, strict=True):
        words = f"{held.coldest:.4g} to {held.hottest:.4g} K; interval by bootstrap; sample: temperatures"
        found[name] = _measured(one, "eV", held.n_temperatures, words)
    return found


def fit_content(result: Arrhenius | None, seed: int) -> dict[str, Any]:
    """Line, segments, comparison of the models and what is concluded from it."""
    if result is None:
        return {"line": None, "fit": None, "segments": [], "models": [], "transition": None}
    line, found, comparison = result.line, result.transition, result.transition.comparison
    return {
        "line": {
            "equation": EQUATIONS[line.quantity],
            "intercept": line.intercept,
            "slope_K": line.slope,
            "covariance": line.covariance,
        },
        "fit": {
            "model": "one line",
            "n_temperatures": len(line.temperatures),
            "chi_squared": line.chi_squared,
            "degrees_of_freedom": line.degrees_of_freedom,
            "probability": line.probability,
            "covariance_inflated_by": line.inflation,
            "replicas": "unweighted mean; error propagated, or the spread where it contradicts that",
        },
        "segments": [
            {
                "coldest_K": one.coldest,
                "hottest_K": one.hottest,
                "n_temperatures": one.n_temperatures,
                "intercept": one.intercept,
                "slope_K": one.slope,
                "covariance": one.covariance,
            }
            for one in found.segments
        ],
        "models": [] if comparison is None else [asdict(one) for one in comparison.models.values()],
        "transition": _transition_content(result, seed),
    }


def _transition_content(result: Arrhenius, seed: int) -> dict[str, Any]:
    """What is concluded from the comparison, and by how much."""
    found, comparison = result.transition, result.transition.comparison
    compared = None if comparison is None or comparison.best is None else comparison
    return {
        "verdict": found.verdict,
        "reason": found.reason,
        "model": result.model,
        "gap_K": found.gap,
        "aicc_gain": compared and compared.gain,
        "aicc_gain_needed": compared and compared.threshold,
        "p_value": compared and compared.p_value,
        "variances_inflated_by": compared and compared.inflation,
        "smallest_visible_change_eV": result.smallest_visible_change,
        "n_draws": 0 if found.draws is None else len(found.draws.where),
        "seed": seed,
    }


def arrhenius_rows(
    points: Sequence[TemperaturePoint], result: Arrhenius | None
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
        modelled: tuple[float | str, ...] = ("", "")
        if result is not None:
            one_line = result.line.intercept + result.line.slope / t
            held = result.transition.segment_at(t)
            modelled = (one_line, one_line if held is None else held.intercept + held.slope / t)
        bound = "" if point.upper_bound is None else point.upper_bound
        yield (t, 1 / t, point.n_runs, *fitted, *modelled, bound)


def profile_rows(result: Arrhenius | None) -> Iterator[tuple[float | str, ...]]:
    """Rows of ``profile.csv``, coldest first: −2 ln L above its minimum against Tc."""
    profile = None if result is None else result.transition.profile
    if profile is None:
        return
    for x, kink, jump in zip(profile.position[::-1], profile.kink[::-1], profile.jump[::-1], strict=True):
        cells = ("" if np.isnan(value) else float(value) for value in (kink, jump))
        yield (float(1 / x), *cells, profile.line)


def _note(result: Arrhenius, temperature: float) -> str:
    """What the numbers at a temperature come from."""
    line, found = result.line, result.transition
    held = found.segment_at(temperature)
    if held is not None:
        model = f"{result.model}, segment from {held.coldest:.4g} to {held.hottest:.4g} K"
        return f"{model}; bootstrap over the models by their Akaike weights; sample: temperatures"
    lowest, highest = line.temperatures.min(), line.temperatures.max()
    note = f"one line through {lowest:g} to {highest:g} K"
    if result.in_doubt:
        return f"{note}; a break is not ruled out, which widens the interval; sample: temperatures"
    inflated = f"; errors times {np.sqrt(line.inflation):.2g} for scatter" if line.inflation > 1 else ""
    return f"{note}{inflated}; sample: temperatures"


def logarithm(result: Arrhenius) -> str:
    """What follows straight lines against 1/T."""
    return "ln(σT)" if result.line.quantity == "conductivity" else "ln D"


def _of_tc(result: Arrhenius) -> str:
    """How Tc was found or why not; begins with the verdict."""
    found, what = result.transition, f"{logarithm(result)} against 1/T"
    if found.gap is not None:
        low, high = found.gap
        where = f"between {low:g} and {high:g} K, of which Tc is the middle in 1/T"
        return f"jump, {what}, {where}: {found.reason}"
    return f"{found.verdict}, {what}: {found.reason}"


def _measured(one: Estimate, unit: str, sample: int, note: str, *, interval: bool = True) -> Measured:
    """An estimate as it leaves the software."""
    return Measured(one.value, one.error, unit, sample, note, one.interval if interval else None)


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
