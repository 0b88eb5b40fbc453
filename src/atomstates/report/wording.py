"""Numbers in words: as many digits as the error allows."""

import math

from atomstates.products import Measured

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def measured_text(measured: Measured) -> str:
    """Value and error with the digits that mean something: ``0.241 ± 0.012``, or a dash.

    A 95 % interval takes the place of the error where there is one.
    """
    if measured.value is None:
        return "—"
    if measured.interval is not None:
        low, high = (plain_text(limit) for limit in measured.interval)
        return f"{plain_text(measured.value)} ({low} to {high})"
    if measured.error is None or not math.isfinite(measured.error) or _is_rounding(measured):
        return plain_text(measured.value)
    return _with_error(measured.value, measured.error)


def unit_text(unit: str) -> str:
    """The unit as shown; pure numbers have none."""
    return "" if unit in ("1", "") else unit


def plain_text(value: float) -> str:
    """A number to three digits, in powers of ten where it is very small or large."""
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    if -4 <= exponent < 6:
        return _minus(f"{value:.{max(2 - exponent, 0)}f}")
    return _minus(f"{value / 10.0**exponent:.2f}") + f" × 10{str(exponent).translate(_SUPERSCRIPT)}"


def _is_rounding(measured: Measured) -> bool:
    """Whether the error is none, or that of adding up equal numbers."""
    assert measured.value is not None
    assert measured.error is not None
    return measured.error <= 1e-9 * abs(measured.value)


def _with_error(value: float, error: float) -> str:
    """Two digits of an error that begins with 1, otherwise one; the value to the same place."""
    place = math.floor(math.log10(error))
    if error / 10.0**place < 1.95:
        place -= 1
    size = math.floor(math.log10(max(abs(value), error)))
    place = max(place, size - 5)  # an error that is all but zero asks for no more than six digits
    if -4 <= size < 6:
        digits = max(-place, 0)
        return _minus(f"{value:.{digits}f}") + f" ± {error:.{digits}f}"
    digits = max(size - place, 0)
    scale = 10.0**size
    power = str(size).translate(_SUPERSCRIPT)
    return f"({_minus(f'{value / scale:.{digits}f}')} ± {error / scale:.{digits}f}) × 10{power}"


def _minus(text: str) -> str:
    """A true minus sign."""
    return text.replace("-", "−")
