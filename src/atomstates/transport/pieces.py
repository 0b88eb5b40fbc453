"""Diffusivities of pieces of a run: do they agree within the errors that they should have?"""

import numpy as np
from numpy.typing import NDArray

from atomstates.transport.covariance import DIMENSIONS, overlap_means, window_covariance
from atomstates.transport.diffusivity import Diffusivity
from atomstates.transport.line import fitted_line

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def piece_diffusivities(
    fit: Diffusivity,
    lags: Integers,
    msds: Floats,
    *,
    n_frames: int,
    n_ions: int,
    frame_interval: float,
    hop_length: float,
    intercept: bool = True,
) -> tuple[Floats, float]:
    """D of each piece of a run, and the standard error that each of them should have.

    Parameters
    ----------
    fit
        The fit of the whole run, whose slope sets the covariance.
    lags, msds
        Lags (L,) of the pieces in frames and the MSD of each piece (P, L) in Å².
    n_frames
        Frames of a piece.
    """
    to_d = 1 / (2 * DIMENSIONS * frame_interval)
    overlaps = overlap_means(lags, n_frames)
    covariance = window_covariance(overlaps, n_ions, fit.value / to_d, hop_length, fit.dimensions)
    line = fitted_line(lags, covariance, intercept)
    return msds @ line.slope * to_d, float(np.sqrt(line.covariance[0, 0])) * to_d * fit.inflation
