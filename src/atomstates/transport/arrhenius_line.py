"""The weighted line through ln(σT), or ln D, against 1/T, without a break."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from atomstates.errors import TooLittleDiffusion
from atomstates.units import BOLTZMANN

Floats = NDArray[np.float64]
Quantity = Literal["conductivity", "diffusivity"]

FEWEST_TEMPERATURES = 3
TWO_SIDED_95 = 1.959963984540054


@dataclass(frozen=True)
class ArrheniusLine:
    """ln(σT) = intercept + slope/T with the covariance of (intercept, slope).

    σ in mS/cm, T in K. ``covariance`` (2, 2) was multiplied by ``inflation``, which is
    chi²/(n − 2) where that is above one: then the points scatter more than their errors say.
    Of a diffusivity it is ln D, D in the unit it was given in (``quantity``).
    """

    intercept: float
    slope: float
    covariance: Floats
    chi_squared: float
    degrees_of_freedom: int
    inflation: float
    temperatures: Floats
    quantity: Quantity = "conductivity"

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
        """σ = exp(intercept + slope/T)/T in mS/cm, or D = exp(intercept + slope/T)."""
        scale = temperature if self.quantity == "conductivity" else 1.0
        return float(np.exp(self.intercept + self.slope / temperature) / scale)

    def log_error(self, temperature: float) -> float:
        """Standard error of ln σ, from the full covariance of the line."""
        design = np.array([1.0, 1.0 / temperature])
        return float(np.sqrt(design @ self.covariance @ design))

    def conductivity_interval(self, temperature: float) -> tuple[float, float]:
        """95 % interval of σ in mS/cm: normal in ln σ, hence not symmetric in σ."""
        half = TWO_SIDED_95 * self.log_error(temperature)
        value = self.conductivity(temperature)
        return float(value * np.exp(-half)), float(value * np.exp(half))


def arrhenius_line(
    temperatures: Sequence[float] | Floats,
    conductivities: Sequence[float] | Floats,
    errors: Sequence[float] | Floats,
    *,
    quantity: Quantity = "conductivity",
) -> ArrheniusLine:
    """Weighted line through ln(σT), or ln D, against 1/T; as :func:`arrhenius`, without a break."""
    t, value, error = checked(temperatures, conductivities, errors)
    if len(np.unique(t)) < FEWEST_TEMPERATURES:
        known = ", ".join(f"{value:g} K" for value in np.unique(t)) or "none"
        raise TooLittleDiffusion(
            "an activation energy needs three temperatures with a diffusivity; there are "
            f"{len(np.unique(t))}: {known}. Run longer or hotter, or add temperatures"
        )
    weight = (value / error) ** 2
    y = np.log(value * factor(quantity, t))
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
        quantity=quantity,
    )


def checked(
    temperatures: Sequence[float] | Floats,
    values: Sequence[float] | Floats,
    errors: Sequence[float] | Floats,
) -> tuple[Floats, Floats, Floats]:
    """Arrays, positive and of one length."""
    t, value, error = (np.asarray(part, dtype=np.float64) for part in (temperatures, values, errors))
    if not (len(t) == len(value) == len(error)) or not all(np.all(part > 0) for part in (t, value, error)):
        raise ValueError("temperatures, values and errors must be positive and as many")
    return t, value, error


def factor(quantity: Quantity, temperature: Floats) -> Floats:
    """What a quantity is multiplied by before its logarithm is taken: T for σ, one for D."""
    return temperature if quantity == "conductivity" else np.ones_like(temperature)
