"""Arrhenius lines: activation energies, transition temperature, extrapolated conductivity."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomstates.piecewise import Transition, smallest_visible_bend, transition
from atomstates.transport.arrhenius_line import (
    TWO_SIDED_95,
    ArrheniusLine,
    Quantity,
    arrhenius_line,
    checked,
    factor,
)
from atomstates.units import BOLTZMANN

Floats = NDArray[np.float64]

_CENTRAL_68 = (0.1586552539, 0.8413447461)
_CENTRAL_95 = (0.025, 0.975)
_DOUBT = 0.05
"""Akaike weight from which on a model that was not chosen widens the intervals."""


@dataclass(frozen=True)
class Estimate:
    """Value, standard error and 95 % interval."""

    value: float
    error: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class Arrhenius:
    """The one line through all points, and what they say of a transition."""

    line: ArrheniusLine
    transition: Transition
    smallest_visible_change: float | None
    """Change of the activation energy (eV) that nine of ten times is claimed; None where one was."""

    @property
    def model(self) -> str:
        """The model whose numbers count: ``one line``, ``kink`` or ``jump``."""
        comparison = self.transition.comparison
        if not self.transition.segments or comparison is None or comparison.best is None:
            return "one line"
        return comparison.best

    @property
    def in_doubt(self) -> bool:
        """Whether another model than the one that counts has a say in the intervals.

        One line that the data support is left as it is: its errors are those of its covariance.
        """
        return self.model != "one line" or (
            self.transition.verdict == "cannot tell" and self._weight_of_breaks > _DOUBT
        )

    @property
    def _weight_of_breaks(self) -> float:
        comparison = self.transition.comparison
        return 0.0 if comparison is None else 1 - comparison.models["line"].weight

    def activation_energy(self, temperature: float) -> Estimate:
        """E = −k d ln(σT)/d(1/T) in eV, of the segment that holds a temperature (K)."""
        segment, draws = self.transition.segment_at(temperature), self.transition.draws
        slope = self.line.slope if segment is None else segment.slope
        if not self.in_doubt or draws is None:
            error = self.line.activation_energy_error
            half = TWO_SIDED_95 * error
            return Estimate(
                -BOLTZMANN * slope, error, (-BOLTZMANN * slope - half, -BOLTZMANN * slope + half)
            )
        held = draws.held(1 / temperature)
        return _estimate(-BOLTZMANN * slope, -BOLTZMANN * held[:, 1])

    def activation_energies(self) -> tuple[Estimate, Estimate] | None:
        """Activation energies below and above Tc in eV; None where no Tc is known.

        The intervals are those of kinks and jumps in proportion to their Akaike weights.
        """
        draws = self.transition.draws
        if self.transition.temperature is None or draws is None:
            return None
        cold, hot = self.transition.segments
        broken = draws.lines[draws.broken]
        # 1/T is larger on the cold side
        return (
            _estimate(-BOLTZMANN * cold.slope, -BOLTZMANN * broken[:, 1, 1]),
            _estimate(-BOLTZMANN * hot.slope, -BOLTZMANN * broken[:, 0, 1]),
        )

    def conductivity(self, temperature: float) -> Estimate:
        """σ in mS/cm (or D) at a temperature (K), from the segment that holds it.

        The interval has the full covariance of intercept and slope and, where a model
        that was not chosen is in question, that model's values in proportion to its Akaike weight.
        """
        segment, draws = self.transition.segment_at(temperature), self.transition.draws
        if not self.in_doubt or draws is None:
            value = self.line.conductivity(temperature)
            error = value * self.line.log_error(temperature)
            return Estimate(value, error, self.line.conductivity_interval(temperature))
        level, slope = (
            (self.line.intercept, self.line.slope)
            if segment is None
            else (segment.intercept, segment.slope)
        )
        scale = temperature if self.line.quantity == "conductivity" else 1.0
        held = draws.held(1 / temperature)
        logs = held[:, 0] + held[:, 1] / temperature - np.log(scale)
        value = float(np.exp(level + slope / temperature) / scale)
        spread = float(np.ptp(np.quantile(logs, _CENTRAL_68)) / 2)
        low, high = np.exp(np.quantile(logs, _CENTRAL_95))
        return Estimate(value, value * spread, (min(value, float(low)), max(value, float(high))))


def arrhenius(
    temperatures: Sequence[float] | Floats,
    conductivities: Sequence[float] | Floats,
    errors: Sequence[float] | Floats,
    *,
    quantity: Quantity = "conductivity",
    seed: int = 1,
) -> Arrhenius:
    """Activation energies, transition temperature and conductivity at any temperature.

    σT = A exp(−E/kT),  ln(σT) = ln A − E/(kT)

    with one A and E at all temperatures, with two on either side of a kink or with two on either
    side of a jump at Tc. :func:`atomstates.piecewise.transition` says how the three are compared,
    when a Tc is claimed, and how errors are found. Each point weighs (σ/δσ)², since
    δ ln(σT) = δσ/σ. Where one line is what the data support, its errors are those of its own
    covariance; where a break has a say, they are those of the bootstrap over the models.

    Parameters
    ----------
    temperatures
        T (n,) in K.
    conductivities, errors
        σ and its standard error (n,) in mS/cm; or D in any unit.
    quantity
        What is fitted: ln(σT) of a ``conductivity``, ln D of a ``diffusivity``. A fit of ln σ
        would give an activation energy lower by about kT.
    seed
        Of the bootstrap.

    Raises
    ------
    TooLittleDiffusion
        Fewer than three different temperatures.
    ValueError
        A value or an error that is not positive.
    """
    line = arrhenius_line(temperatures, conductivities, errors, quantity=quantity)
    found = transition_temperature(temperatures, conductivities, errors, quantity=quantity, seed=seed)
    bend = None if found.segments else smallest_visible_bend(found, seed=seed)
    return Arrhenius(line, found, None if bend is None else BOLTZMANN * bend)


def transition_temperature(
    temperatures: Sequence[float] | Floats,
    conductivities: Sequence[float] | Floats,
    errors: Sequence[float] | Floats,
    *,
    quantity: Quantity = "conductivity",
    seed: int = 1,
) -> Transition:
    """Transition temperature from a kink or a jump of ln(σT) against 1/T.

    - one line: ln(σT) = a − E/(kT)
    - kink: ln(σT) = a − E_hot/(kT) − (E_cold − E_hot)/k max(0, 1/T − 1/Tc)
    - jump: ln(σT) = a_hot − E_hot/(kT) above Tc, a_cold − E_cold/(kT) below

    Parameters, rules and errors: :func:`arrhenius`, :func:`atomstates.piecewise.transition`.

    Returns
    -------
    Transition
        ``verdict``, ``reason``; ``temperature`` in K with ``error`` and 95 % ``interval`` or None;
        ``segments``; ``profile`` of the likelihood against 1/Tc.
    """
    t, value, error = checked(temperatures, conductivities, errors)
    logs = np.log(value * factor(quantity, t))
    return transition(t, logs, error / value, abscissa="1/T", seed=seed)


def _estimate(value: float, draws: Floats) -> Estimate:
    """A value with the spread of its bootstrap."""
    low, high = np.quantile(draws, _CENTRAL_95)
    error = float(np.ptp(np.quantile(draws, _CENTRAL_68)) / 2)
    return Estimate(value, error, (min(value, float(low)), max(value, float(high))))
