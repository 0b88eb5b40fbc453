"""The Arrhenius line: activation energy and extrapolated conductivity, each with its error."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from atomstates.errors import TooLittleDiffusion
from atomstates.units import BOLTZMANN

Floats = NDArray[np.float64]

FEWEST_TEMPERATURES = 3
_TWO_SIDED_95 = 1.959963984540054


@dataclass(frozen=True)
class ArrheniusLine:
    """ln(σT) = intercept + slope/T with the covariance of (intercept, slope).

    σ in mS/cm, T in K. ``covariance`` (2, 2) was multiplied by ``inflation``, which is
    chi²/(n − 2) where that is above one: then the points scatter more than their errors say.
    """

    intercept: float
    slope: float
    covariance: Floats
    chi_squared: float
    degrees_of_freedom: int
    inflation: float
    temperatures: Floats

    def __post_init__(self) -> None:
        if self.covariance.shape != (2, 2):
            raise ValueError(f"the covariance of a line is (2, 2), not {self.covariance.shape}")

    @property
    def activation_energy(self) -> float:
        """E = −k slope, eV."""
        return -BOLTZMANN * self.slope

    @property
    def activation_energy_error(self) -> float:
        """Standard error of the activation energy, eV."""
        return float(BOLTZMANN * np.sqrt(self.covariance[1, 1]))

    @property
    def probability(self) -> float:
        """Probability of a chi² this large if all points lie on one line."""
        return float(chi2.sf(self.chi_squared, self.degrees_of_freedom))

    def conductivity(self, temperature: float) -> float:
        """σ = exp(intercept + slope/T)/T in mS/cm."""
        return float(np.exp(self.intercept + self.slope / temperature) / temperature)

    def log_error(self, temperature: float) -> float:
        """Standard error of ln σ, from the full covariance of the line."""
        design = np.array([1.0, 1.0 / temperature])
        return float(np.sqrt(design @ self.covariance @ design))

    def conductivity_interval(self, temperature: float) -> tuple[float, float]:
        """95 % interval of σ in mS/cm: normal in ln σ, hence not symmetric in σ."""
        half = _TWO_SIDED_95 * self.log_error(temperature)
        value = self.conductivity(temperature)
        return float(value * np.exp(-half)), float(value * np.exp(half))


def arrhenius(
    temperatures: Sequence[float] | Floats,
    conductivities: Sequence[float] | Floats,
    errors: Sequence[float] | Floats,
) -> ArrheniusLine:
    """Weighted line through ln(σT) against 1/T.

    σT = A exp(−E/kT),  ln(σT) = ln A − E/(kT)

    Each point weighs (σ/δσ)², since δ ln(σT) = δσ/σ. A fit of ln σ in place of ln(σT) would
    give an activation energy lower by about kT.

    Parameters
    ----------
    temperatures
        T (n,) in K.
    conductivities, errors
        σ and its standard error (n,) in mS/cm.

    Raises
    ------
    TooLittleDiffusion
        Fewer than three different temperatures.
    ValueError
        A value or an error that is not positive.
    """
    t, sigma, error = (np.asarray(x, dtype=np.float64) for x in (temperatures, conductivities, errors))
    if len(np.unique(t)) < FEWEST_TEMPERATURES:
        known = ", ".join(f"{value:g} K" for value in np.unique(t)) or "none"
        raise TooLittleDiffusion(
            "an activation energy needs three temperatures with a diffusivity; there are "
            f"{len(np.unique(t))}: {known}. Run longer or hotter, or add temperatures"
        )
    if not (len(t) == len(sigma) == len(error)) or min(t.min(), sigma.min(), error.min()) <= 0:
        raise ValueError("temperatures, conductivities and errors must be positive and as many")
    weight = (sigma / error) ** 2
    y = np.log(sigma * t)
    # about the weighted mean of 1/T the two parameters are independent
    centre = np.average(1 / t, weights=weight)
    x = 1 / t - centre
    steepness = np.sum(weight * x**2)
    slope = np.sum(weight * x * y) / steepness
    level = np.average(y, weights=weight)
    chi_squared = float(np.sum(weight * (y - level - slope * x) ** 2))
    freedom = len(t) - 2
    inflation = max(1.0, chi_squared / freedom)
    var_level, var_slope = inflation / np.sum(weight), inflation / steepness
    covariance = np.array(
        [
            [var_level + centre**2 * var_slope, -centre * var_slope],
            [-centre * var_slope, var_slope],
        ]
    )
    return ArrheniusLine(
        intercept=float(level - slope * centre),
        slope=float(slope),
        covariance=covariance,
        chi_squared=chi_squared,
        degrees_of_freedom=freedom,
        inflation=inflation,
        temperatures=t,
    )


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
