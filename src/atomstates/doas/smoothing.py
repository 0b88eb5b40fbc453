"""A smooth line over a histogram, for the eye: it replaces nothing, and no number is taken from it."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

FloatArray = NDArray[np.float64]


def bandwidth(smoothing: float | None, bin_width: float) -> float:
    """Standard deviation of the kernel (eV): as asked for, or half a bin width.

    Half a bin takes the steps from the histogram and leaves levels that are two bins apart two.
    """
    return bin_width / 2 if smoothing is None else smoothing


def smoothed(density: FloatArray, bin_width: float, deviation: float) -> FloatArray:
    """Density of states convolved with a Gaussian, at the middle of each bin, shape (..., M).

        g_s(E_i) = sum_j g(E_j) K(E_i − E_j) / sum_j K(E_j),   K(E) = exp(−E²/2s²)

    A histogram with narrow bins makes this the kernel density estimate with bandwidth s. What would leak
    out below the lowest or above the highest state is reflected (Silverman, Density Estimation,
    1986, section 2.10), so that the line has the integral of the bars exactly, and is nowhere negative.
    It is broader than the states: the variance of a peak inside grows by s².

    The bandwidth is not fitted: rules such as Scott's hold for one Gaussian, make one peak of two,
    and count correlated states as independent.

    Parameters
    ----------
    density
        Bars, 1/eV, shape (..., M).
    bin_width, deviation
        Width of the bins and s, eV. A kernel much narrower than a bin leaves the bars as they are.
    """
    if deviation == 0:
        return np.asarray(density, dtype=np.float64)
    return np.asarray(
        gaussian_filter1d(
            np.asarray(density, dtype=np.float64), deviation / bin_width, axis=-1, mode="reflect"
        ),
        dtype=np.float64,
    )
