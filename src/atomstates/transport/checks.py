"""What could have gone wrong with a diffusivity or an Arrhenius line, in words with numbers."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from atomstates.products import Check
from atomstates.transport.arrhenius import ArrheniusLine
from atomstates.transport.convergence import Prefix, half_deviation
from atomstates.transport.diffusivity import MOST_BEND, Diffusivity

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
        Check("enough diffusion", "PASS", f"the MSD rises to {fit.largest_msd:.3g} Å²"),
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
    line: ArrheniusLine | None, refused: dict[float, str], extrapolate: float
) -> tuple[Check, ...]:
    """Temperatures that count, one line, and how far it is extrapolated."""
    listed = "; ".join(f"{temperature:g} K: {words}" for temperature, words in refused.items())
    counted = Check(
        "temperatures with a diffusivity", _status(not refused), listed or "every temperature has one"
    )
    if line is None:
        return (counted,)
    lowest = float(line.temperatures.min())
    return (
        counted,
        Check(
            "one Arrhenius line",
            _status(line.probability >= LEAST_PROBABILITY),
            f"chi² {line.chi_squared:.3g} for {line.degrees_of_freedom} degrees of freedom "
            f"(p = {line.probability:.2g}); a small p means a bend or a jump, such as a transition",
        ),
        Check(
            "extrapolation",
            _status(lowest - extrapolate <= FARTHEST_EXTRAPOLATION),
            f"from {lowest:g} K to {extrapolate:g} K along one line; a transition between them is not seen",
        ),
    )


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
