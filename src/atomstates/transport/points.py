"""Points of the Arrhenius lines: the runs of each temperature become one conductivity, or a bound."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import chi2


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


def replicas_mean(values: Sequence[float], errors: Sequence[float]) -> tuple[float, float]:
    """Mean of equally long replicas and its standard error.

    The mean is not weighted: the error of a diffusivity grows with the diffusivity, and
    weights 1/error² would pull the mean down. The error is (Σ δ²)^½/n, or the spread over
    replicas s/√n where three or more of them contradict it (p < 0.05).
    """
    value, error = np.asarray(values, dtype=np.float64), np.asarray(errors, dtype=np.float64)
    n = len(value)
    propagated = float(np.sqrt(np.sum(error**2)) / n)
    if n < 3:
        return float(value.mean()), propagated
    spread = float(value.std(ddof=1) / np.sqrt(n))
    contradicted = chi2.sf((n - 1) * (spread / propagated) ** 2, n - 1) < 0.05
    return float(value.mean()), spread if contradicted else propagated


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
