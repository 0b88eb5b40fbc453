"""Below and above the transition: which temperature is Tc, and who says so."""

from dataclasses import dataclass
from typing import Any

from atomstates.products import Measured

BELOW, ABOVE = "below", "above"

_FROM_STATES = ("order_parameter", "cell_energy", "sublattice_energy", "width")
"""What ``doas.json`` follows through the transition, the most direct measure of order first."""


@dataclass(frozen=True)
class Transition:
    """Tc and where it comes from."""

    temperature: Measured
    """K; no value where nothing tells."""
    source: str
    """In words."""

    def side(self, temperature: float) -> str | None:
        """``below`` or ``above`` Tc; None where that is not known, or at Tc itself."""
        value = self.temperature.value
        if value is None or temperature == value:
            return None
        return BELOW if temperature < value else ABOVE


def transition(
    given: float | None, arrhenius: dict[str, Any] | None, doas: dict[str, Any] | None
) -> Transition:
    """Tc as the campaign gives it, or else as the conductivity shows it, or else as the states do.

    The states' measures are asked in this order: order parameter, relaxed energy of the cell, that of the
    sublattice, width of the density of states. Where none has a number there is none, and no side.

    Parameters
    ----------
    given
        ``barriers.transition_temperature_K`` of the campaign.
    arrhenius, doas
        Content of ``arrhenius.json`` and ``doas.json``.
    """
    if given is not None:
        number = Measured(given, None, "K", 1, "given by the campaign")
        return Transition(number, "barriers.transition_temperature_K of the campaign")
    told = _measured((arrhenius or {}).get("transition_temperature"))
    if told is not None:
        return Transition(told, "the conductivity (arrhenius.json)")
    for name in _FROM_STATES:
        told = _measured((doas or {}).get("transition_temperatures", {}).get(name))
        if told is not None:
            return Transition(told, f"the {name} (doas.json)".replace("_", " "))
    nothing = (
        "neither the conductivity nor the states tell of a transition: "
        "give barriers.transition_temperature_K"
    )
    return Transition(Measured(None, None, "K", 0, nothing), "nothing")


def _measured(content: Any) -> Measured | None:
    """The number that a document holds there, if it has a value."""
    if not isinstance(content, dict) or content.get("value") is None:
        return None
    interval = content.get("interval")
    return Measured(
        value=float(content["value"]),
        error=content.get("error"),
        unit="K",
        sample=int(content.get("sample", 0)),
        note=str(content.get("note", "")),
        interval=None if interval is None else (float(interval[0]), float(interval[1])),
    )
