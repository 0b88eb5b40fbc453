"""Is there enough diffusion? The window of lags that may be fitted, and what a refusal still says."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from atomstates.errors import TooLittleDiffusion
from atomstates.transport.covariance import DIMENSIONS

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MOST_FITTED_LAGS = 16
FEWEST_FITTED_LAGS = 4


def fitted_lags(
    lags: Integers,
    msd: Floats,
    n_frames: int,
    frame_interval: float,
    hop_length: float,
    longest_fraction: float,
    ion: str,
) -> Integers:
    """Indices of the lags to fit: those of the diffusive window, at most 16 in constant ratio.

    Raises
    ------
    TooLittleDiffusion
        The MSD does not reach a²/2 in time.
    """
    needed = 0.5 * hop_length**2
    usable = _usable(lags, n_frames, longest_fraction)
    largest, last = msd[usable].max(), lags[usable[-1]] * frame_interval
    risen = usable[msd[usable] >= needed]
    if len(risen) == 0:
        raise TooLittleDiffusion(
            f"{ion} moved {largest:.2g} Å² in {last:.4g} ps ({longest_fraction:g} of the run); "
            f"{needed:.2g} Å² are needed: run longer or hotter"
        )
    window = usable[usable >= risen[0]]
    if len(window) < FEWEST_FITTED_LAGS:
        raise TooLittleDiffusion(
            f"{ion} moved {needed:.2g} Å² only after {lags[risen[0]] * frame_interval:.4g} of the "
            f"{last:.4g} ps that can be used, too late for a slope: run longer or hotter"
        )
    return _spread_out(window, lags)


def given_lags(
    lags: Integers,
    n_frames: int,
    frame_interval: float,
    longest_fraction: float,
    window: tuple[float | None, float | None],
) -> Integers:
    """Indices of the lags to fit in a window (ps) that was chosen by hand, at most 16 in constant ratio.

    Raises
    ------
    TooLittleDiffusion
        The window holds fewer than four of the lags.
    """
    usable = _usable(lags, n_frames, longest_fraction)
    times = lags[usable] * frame_interval
    low = times[0] if window[0] is None else window[0]
    high = times[-1] if window[1] is None else window[1]
    # a lag that was written as a decimal number is inside its own window
    inside = usable[(times >= low * (1 - 1e-9)) & (times <= high * (1 + 1e-9))]
    if len(inside) < FEWEST_FITTED_LAGS:
        raise TooLittleDiffusion(
            f"the window from {low:g} to {high:g} ps holds {len(inside)} of the lags between {times[0]:g} "
            f"and {times[-1]:g} ps; {FEWEST_FITTED_LAGS} are needed: widen the window or run longer"
        )
    return _spread_out(inside, lags)


def _usable(lags: Integers, n_frames: int, longest_fraction: float) -> Integers:
    """Indices of the lags up to a part of the run."""
    usable = np.flatnonzero((lags > 0) & (lags <= longest_fraction * (n_frames - 1)))
    if len(usable) < FEWEST_FITTED_LAGS:
        raise TooLittleDiffusion(
            f"a run of {n_frames} frames has {len(usable)} usable lags; {FEWEST_FITTED_LAGS} are needed: "
            "run longer or write frames more often"
        )
    return usable


def _spread_out(window: Integers, lags: Integers) -> Integers:
    """At most 16 of the lags of a window, in nearly constant ratio."""
    wanted = np.geomspace(lags[window[0]], lags[window[-1]], MOST_FITTED_LAGS)
    nearest = np.abs(np.log(lags[window][:, None] / wanted)).argmin(axis=0)
    chosen: Integers = window[np.unique(nearest)]
    return chosen


def diffusivity_upper_bound(
    msd: float, lag_time: float, n_ions: int, hop_length: float, confidence: float = 0.95
) -> float:
    """Upper bound of D in Å²/ps when a slope is refused.

    D < μ a² / (2 d N t),  μ the upper Poisson bound of n = N MSD(t)/a² hops

    It takes all motion within the lag t for hops, rattling too, and holds when the MSD does
    not bend upwards at longer times.
    """
    hops = n_ions * msd / hop_length**2
    bound = 0.5 * chi2.ppf(confidence, 2 * (hops + 1))
    return float(bound * hop_length**2 / (2 * DIMENSIONS * n_ions * lag_time))


def he_relative_error(n_hops: float) -> float:
    """3.43/√N_eff + 0.04: empirical relative error of D (He et al. 2018, equation 11)."""
    return float(3.43 / np.sqrt(n_hops) + 0.04)
