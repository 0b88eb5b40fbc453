"""What could have gone wrong with a diffusivity or an Arrhenius line, in words with numbers."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from atomstates.products import Check
from atomstates.transport.arrhenius import Arrhenius
from atomstates.transport.convergence import Prefix, half_deviation
from atomstates.transport.diffusivity import MOST_BEND, Diffusivity
from atomstates.transport.points import TemperaturePoint

Floats = NDArray[np.float64]

MOST_DEVIATION = 3.0
LEAST_PROBABILITY = 0.01
FEWEST_HOPS = 100
FARTHEST_EXTRAPOLATION = 100.0


def diffusion_checks(
    fit: Diffusivity | None,
    refusal: str | None,
    pieces: tuple[Floats, float] | None,
    prefixes: Sequence[Prefix] = (),
) -> tuple[Check, ...]:
    """Enough diffusion, hops, the line, other estimators of D and of its error, convergence."""
    if fit is None:
        return (Check("enough diffusion", "WARN", f"no diffusivity: {refusal}"),)
    relative = f"{fit.relative_error_he_2018:.0%}"
    hops = f"{fit.n_hops:.0f} hops (N max MSD/a²), relative error after He 2018 {relative}"
    return (
        Check(
            "enough diffusion",
            _status(fit.largest_msd >= fit.needed_msd),
            f"the MSD rises to {fit.largest_msd:.3g} Å² in the fitted window; "
            f"{fit.needed_msd:.3g} Å² are wanted",
        ),
        Check("number of hops", _status(fit.n_hops >= FEWEST_HOPS), f"{hops}; {FEWEST_HOPS} are wanted"),
        Check(
            "straight MSD",
            _status(fit.straightness >= LEAST_PROBABILITY),
            f"chi² {fit.chi_squared:.3g} for {fit.degrees_of_freedom} degrees of freedom "
            f"(p = {fit.straightness:.2g})",
        ),
        Check(
            "diffusive motion",
            _status(abs(fit.bend) < MOST_BEND),
            f"log–log slope of the MSD less its offset {fit.exponent:.2f} ± {fit.exponent_error:.2g} "
            "in the fitted window; 1 is diffusion, less is motion that goes back and forth: run longer",
        ),
        Check(
            "ordinary least squares",
            _status(abs(fit.ordinary_deviation) < MOST_DEVIATION),
            f"D without weights {fit.ordinary:.3g}, with weights {fit.value:.3g} ± {fit.error:.1g} Å²/ps: "
            f"{abs(fit.ordinary_deviation):.1f} standard errors of the difference",
        ),
        _spread_check(fit),
        _pieces_check(fit, pieces),
        *_convergence_check(prefixes),
    )


def replica_checks(runs: Sequence[dict[str, Any]]) -> tuple[Check, ...]:
    """Whether replicas of a temperature differ by no more than their errors say; nothing without replicas.

    ``runs`` are contents of ``diffusion.json``. χ² = Σ (D_i − D̄)²/<δ²> over the replicas of every
    temperature, with their mean D̄ and mean variance <δ²>.
    """
    groups: dict[float, list[tuple[float, float]]] = {}
    for run in runs:
        if (d := run["diffusivity"])["value"] is not None:
            groups.setdefault(float(run["temperature_K"]), []).append((d["value"], d["error"]))
    chi_squared, freedom, worst = 0.0, 0, (0.0, "")
    for temperature, pairs in groups.items():
        values, errors = np.array(pairs).T
        own = float(np.sum((values - values.mean()) ** 2) / np.mean(errors**2))
        chi_squared, freedom = chi_squared + own, freedom + len(values) - 1
        if len(values) > 1:
            worst = max(worst, (own / (len(values) - 1), f"{temperature:g} K"))
    if freedom == 0:
        return ()
    probability = float(chi2.sf(chi_squared, freedom))
    advice = (
        "" if probability >= LEAST_PROBABILITY else "; they differ by more than they should: run longer"
    )
    return (
        Check(
            "replicas",
            _status(probability >= LEAST_PROBABILITY),
            f"D of replicas against their stated errors: chi² {chi_squared:.3g} for {freedom} degrees of "
            f"freedom (p = {probability:.2g}), most at {worst[1]}{advice}",
        ),
    )


def arrhenius_checks(
    result: Arrhenius | None, points: Sequence[TemperaturePoint], extrapolate: float
) -> tuple[Check, ...]:
    """Temperatures that count, the transition, scatter, upper bounds, and how far is extrapolated."""
    refused = {point.temperature: point.refusal for point in points if point.refusal is not None}
    listed = "; ".join(f"{temperature:g} K: {words}" for temperature, words in refused.items())
    counted = Check(
        "temperatures with a diffusivity", _status(not refused), listed or "every temperature has one"
    )
    if result is None:
        return (counted,)
    found, lowest = result.transition, float(result.line.temperatures.min())
    unseen = result.smallest_visible_change
    visible = f"; a change of the activation energy by {unseen:.1g} eV would be seen" if unseen else ""
    return (
        counted,
        Check(
            "transition",
            _status(found.verdict != "cannot tell"),
            f"{found.verdict}: {found.reason}{visible if found.temperature is None else ''}",
        ),
        _scatter_check(result),
        *_bounds_check(result, points),
        Check(
            "extrapolation",
            _status(lowest - extrapolate <= FARTHEST_EXTRAPOLATION),
            f"from {lowest:g} K to {extrapolate:g} K along one line; a transition between them is not seen",
        ),
    )


def _scatter_check(result: Arrhenius) -> Check:
    """Whether the points lie on the model that counts within their errors."""
    comparison = result.transition.comparison
    if comparison is None or result.model == "one line":
        chi_squared, freedom = result.line.chi_squared, float(result.line.degrees_of_freedom)
    else:
        model = comparison.models[result.model]
        chi_squared = model.chi_squared
        freedom = len(result.line.temperatures) - model.effective_parameters
    probability = float(chi2.sf(chi_squared, freedom))
    return Check(
        "points on their line",
        _status(probability >= LEAST_PROBABILITY),
        f"{result.model}: chi² {chi_squared:.3g} for {freedom:.3g} degrees of freedom "
        f"(p = {probability:.2g}); a small p: the points scatter beyond their errors, which are enlarged",
    )


def _bounds_check(result: Arrhenius, points: Sequence[TemperaturePoint]) -> tuple[Check, ...]:
    """Whether the temperatures without a slope lie where the fit has them; none without a bound."""
    above, words = [], []
    for point in points:
        if point.upper_bound is None:
            continue
        fitted = result.conductivity(point.temperature)
        words.append(
            f"{point.temperature:g} K: at most {point.upper_bound:.2g} mS/cm, the fit has "
            f"{fitted.value:.2g} ({fitted.interval[0]:.2g} to {fitted.interval[1]:.2g})"
        )
        if fitted.interval[0] > point.upper_bound:
            above.append(f"{point.temperature:g} K")
    if not words:
        return ()
    said = "; ".join(words)
    if above:
        said += (
            f". The ions move less than the fit has it at {', '.join(above)}: a transition may lie above"
        )
    return (Check("upper bounds", _status(not above), said),)


def _spread_check(fit: Diffusivity) -> Check:
    """Whether the spread over blocks of ions is what the closed form says."""
    if fit.spread_error is None:
        return Check("error of D", "WARN", "too few ions for a spread over blocks of ions")
    agrees = 0.5 < fit.spread_error / fit.closed_form_error < 2
    return Check(
        "error of D",
        _status(agrees),
        f"closed form {fit.closed_form_error:.2g}, spread over blocks of ions "
        f"{fit.spread_error:.2g} Å²/ps; taken: {fit.error:.2g}",
    )


def _convergence_check(prefixes: Sequence[Prefix]) -> tuple[Check, ...]:
    """Whether half of the run gives the D of the whole; nothing where half of it gives none."""
    if not prefixes or (found := half_deviation(prefixes)) is None:
        return ()
    half, deviation = found
    assert half.value is not None and prefixes[-1].value is not None
    return (
        Check(
            "convergence",
            _status(abs(deviation) < MOST_DEVIATION),
            f"D of the first {half.length:.4g} ps is {half.value:.3g}, of the whole "
            f"{prefixes[-1].value:.3g} Å²/ps: {abs(deviation):.1f} standard errors of the difference",
        ),
    )


def _pieces_check(fit: Diffusivity, pieces: tuple[Floats, float] | None) -> Check:
    """Whether pieces of the run have one diffusivity."""
    if pieces is None:
        return Check(
            "pieces of the run", "WARN", "pieces of the run are too short for a slope of their own"
        )
    values, error = pieces
    chi_squared = float(np.sum((values - values.mean()) ** 2) / error**2)
    probability = float(chi2.sf(chi_squared, len(values) - 1))
    shown = ", ".join(f"{value:.3g}" for value in values)
    return Check(
        "pieces of the run",
        _status(probability >= LEAST_PROBABILITY),
        f"D of {len(values)} pieces: {shown} Å²/ps, each ± {error:.2g} (p = {probability:.2g})",
    )


def _status(good: bool) -> Literal["PASS", "WARN"]:
    """PASS, or else WARN."""
    return "PASS" if good else "WARN"
