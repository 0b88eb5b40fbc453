"""How D and its error settle with the length of the run that is used."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomstates.transport.diffusivity import Diffusivity
from atomstates.transport.fitting import diffusivity_or_refusal
from atomstates.transport.msd import SquaredDisplacement, spaced_lags

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

PARTS = (0.125, 0.25, 0.375, 0.5, 0.75)
"""First parts of the run that are fitted beside the whole."""


@dataclass(frozen=True)
class Prefix:
    """D in Å²/ps from the first ``length`` ps of a run, or the sentence that refuses it."""

    length: float
    value: float | None
    error: float | None
    refusal: str | None


def prefix_lags(n_frames: int, longest_fraction: float, most: int) -> Integers:
    """Lags of a first part of a run; none when it has too few frames for any."""
    longest = int(longest_fraction * (n_frames - 1))
    return spaced_lags(longest, most) if longest >= 1 else np.empty(0, dtype=np.int64)


def convergence(
    prefixes: Sequence[SquaredDisplacement],
    whole: Diffusivity | None,
    refusal: str | None,
    *,
    length: float,
    frame_interval: float,
    hop_length: float,
    longest_fraction: float,
    window: tuple[float | None, float | None] | None = None,
    ion: str = "the ions",
) -> list[Prefix]:
    """D of the first parts of a run, each fitted as if the run had ended there, and of the whole.

    Parameters
    ----------
    prefixes
        Squared displacements of the first parts, shortest first.
    whole, refusal
        The fit of the whole run, or why there is none.
    length
        Of the whole run, ps.
    frame_interval
        Between the frames of the prefixes, ps.
    hop_length, longest_fraction, window, ion
        As for ``diffusivity``.
    """
    found = []
    for msd in prefixes:
        span = (msd.n_frames - 1) * frame_interval
        fit, why = diffusivity_or_refusal(
            msd,
            frame_interval=frame_interval,
            hop_length=hop_length,
            longest_fraction=longest_fraction,
            window=window,
            ion=ion,
        )
        found.append(
            Prefix(span, None, None, why) if fit is None else Prefix(span, fit.value, fit.error, None)
        )
    if whole is None:
        return [*found, Prefix(length, None, None, refusal)]
    return [*found, Prefix(length, whole.value, whole.error, None)]


def half_deviation(found: Sequence[Prefix]) -> tuple[Prefix, float] | None:
    """The prefix nearest to half the run, and its distance from the whole in standard errors.

    The half is a part of the whole, so the variance of the difference is that of the half less
    that of the whole. None when one of the two has no D.
    """
    whole = found[-1]
    half = min(found[:-1], key=lambda prefix: abs(prefix.length - whole.length / 2), default=None)
    if half is None or None in (half.value, half.error, whole.value, whole.error):
        return None
    assert half.value and half.error and whole.value and whole.error
    # an error that did not fall as the run went on is no smaller than that of two independent halves
    variance = max(half.error**2 - whole.error**2, half.error**2 / 2)
    return half, float((half.value - whole.value) / np.sqrt(variance))
