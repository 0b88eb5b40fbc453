"""Transition temperatures without the conductivity: from energies and from the order of the ions."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from atomstates.piecewise import transition
from atomstates.products import Measured

FloatArray = NDArray[np.float64]

HALF_ORDER = 0.5
SURE = 2.0
"""Standard errors by which an order parameter must differ from one half to count."""

_WORDS = {
    "sublattice_energy": "mean relaxed energy of the mobile ions",
    "cell_energy": "mean relaxed energy of the whole cell",
    "width": "width of the DOAS",
}


def transition_temperatures(
    temperatures: Sequence[float], measures: Sequence[Mapping[str, Measured]], seed: int
) -> dict[str, Measured]:
    """Transition temperature (K) of each measure that tells of one, or in its note why there is none.

    ``sublattice_energy`` and ``cell_energy``: where straight lines against T have a kink or
    a jump (:func:`atomstates.piecewise.transition`). The order of the ions: where ``order_parameter``
    falls below one half; in a material without channels the kink or jump of the ``width`` of the DOAS, and
    where ``site_order`` falls below one half, if it has one. What every other measure says: ``onsets``.

    Parameters
    ----------
    temperatures
        K, (T,).
    measures
        Of each temperature, by name, with errors.
    seed
        Of the bootstrap.
    """
    found = {}
    for name in ("sublattice_energy", "cell_energy"):
        found[name] = broken_line(_WORDS[name], *_known(temperatures, measures, name), seed)
    known = _known(temperatures, measures, "order_parameter", zero_errors=True)
    if len(known[0]):
        found["order_parameter"] = loss_of_order(*known)
    else:
        found["width"] = broken_line(_WORDS["width"], *_known(temperatures, measures, "width"), seed)
        known = _known(temperatures, measures, "site_order", zero_errors=True)
        if len(known[0]):
            found["site_order"] = loss_of_order(*known)
    return found


def loss_of_order(temperatures: FloatArray, values: FloatArray, errors: FloatArray) -> Measured:
    """Temperature (K) at which an order parameter falls below one half.

    T_1 is the highest temperature up to which phi − 2 error > 1/2 throughout, T_2 the lowest
    from which on phi + 2 error < 1/2. All that is known is that the loss lies between them:
    value (T_1 + T_2)/2, interval (T_1, T_2), error (T_2 − T_1)/sqrt(12) of a flat distribution.

    Parameters
    ----------
    temperatures, values, errors
        T in K, ascending, phi and its standard error, (T,).
    """
    sample, margin = len(temperatures), SURE * errors
    # from the cold side ordered without exception, from the hot side disordered without exception
    ordered = np.logical_and.accumulate(values - margin > HALF_ORDER)
    disordered = np.logical_and.accumulate((values + margin < HALF_ORDER)[::-1])[::-1]
    if not ordered.any() and not disordered.any():
        words = "the order parameter is not clearly above or below one half"
        return Measured(None, None, "K", sample, words)
    if not disordered.any():
        return Measured(None, None, "K", sample, f"not lost up to {temperatures[ordered][-1]:g} K")
    if not ordered.any():
        return Measured(None, None, "K", sample, f"lost already at {temperatures[disordered][0]:g} K")
    low, high = float(temperatures[ordered][-1]), float(temperatures[disordered][0])
    words = "the order parameter falls below one half between two temperatures"
    return Measured((low + high) / 2, (high - low) / 12**0.5, "K", sample, words, (low, high))


def broken_line(
    words: str, temperatures: FloatArray, values: FloatArray, errors: FloatArray, seed: int
) -> Measured:
    """The kink or jump (K) of a measure against T; ``words`` name it in the note."""
    found = transition(temperatures, values, errors, abscissa="T", seed=seed)
    note = f"{found.verdict}, {words} against T: {found.reason}"
    return Measured(found.temperature, found.error, "K", len(temperatures), note, found.interval)


def _known(
    temperatures: Sequence[float],
    measures: Sequence[Mapping[str, Measured]],
    name: str,
    *,
    zero_errors: bool = False,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Temperatures, values and errors where there are any, coldest first."""
    rows = []
    for temperature, entry in zip(temperatures, measures, strict=True):
        number = entry.get(name)
        if number is not None and number.value is not None and (zero_errors or number.error):
            rows.append((float(temperature), number.value, number.error or 0.0))
    table = np.array(sorted(rows), dtype=np.float64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]
