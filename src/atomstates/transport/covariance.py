"""How overlapping windows of one walk are correlated: the covariance of points of an MSD."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

DIMENSIONS = 3


def window_covariance(
    overlaps: tuple[Floats, Floats],
    n_walkers: float,
    slope: float,
    step: float,
    dimensions: float = DIMENSIONS,
) -> Floats:
    """Covariance of the points of an MSD over all origins, for walks with independent steps.

    cov(x_i, x_j) = (1/N) < (2/d) b² u² + b a² u >

    u is the overlap of a window of length t_i with one of length t_j, and < > the mean over
    all pairs of origins; b the slope of the MSD, a the length of a hop, d the axes among which
    the motion is shared out. The first term is the Gaussian limit, the second the scatter of
    the number of hops, which all lags share. The mean is exact for the finite run. In the limit
    t_i <= t_j << T it is

    < u² > = (t_i² t_j − t_i³/3)/T,  < u > = t_i t_j/T,

    of which var(x_i) n_i/n_j with n_i = N T/t_i is the leading order.

    Parameters
    ----------
    overlaps
        < u > and < u² >, (L, L) each, in frames: ``overlap_means`` of the lags.
    n_walkers
        Independent walkers N that the MSD is a mean over.
    slope
        b, Å² per frame.
    step
        a, Å; 0 for a Brownian walk.
    dimensions
        d: 3 for the MSD of isotropic motion, 1 for that along one axis, and between them
        ``shared_dimensions`` of the slopes.

    Returns
    -------
    (L, L) in Å⁴.
    """
    linear, square = overlaps
    covariance: Floats = ((2 / dimensions) * slope**2 * square + slope * step**2 * linear) / n_walkers
    return covariance


def shared_dimensions(slopes: Floats) -> float:
    """d = (Σ_a b_aa)² / Σ_ab b_ab², between 1 (along one line) and 3 (isotropic).

    From cov(Δ_a Δ_b, Δ'_c Δ'_d) = (b_ac b_bd + b_ad b_bc) u² of Gaussian displacements (Isserlis)
    the variance of |Δ|² is 2 Σ_ab b_ab² u²: the same as that of d equal axes.

    Parameters
    ----------
    slopes
        b_ab (3, 3), slopes of the tensor of squared displacements, any unit.
    """
    return float(np.trace(slopes) ** 2 / np.sum(slopes**2))


def overlap_means(lags: Integers, n_frames: int) -> tuple[Floats, Floats]:
    """<u> and <u²> over all pairs of origins of windows of lengths i and j, (L, L) each, in frames."""
    n_lags = len(lags)
    linear, square = np.empty((n_lags, n_lags)), np.empty((n_lags, n_lags))
    for i, short in enumerate(lags):
        for j, long in enumerate(lags):
            if short > long:
                continue
            # start of the short window after that of the long one
            delay = np.arange(-short + 1, long)
            overlap = np.minimum(delay + short, long) - np.maximum(delay, 0)
            pairs = np.minimum(n_frames - long, n_frames - short - delay) - np.maximum(-delay, 0)
            weight = np.maximum(pairs, 0) / (float(n_frames - short) * float(n_frames - long))
            linear[i, j] = linear[j, i] = np.dot(weight, overlap)
            square[i, j] = square[j, i] = np.dot(weight, overlap.astype(np.float64) ** 2)
    return linear, square
