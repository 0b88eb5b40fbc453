"""A line through points of an MSD: generalised least squares with its own slope in the covariance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from atomstates.transport.covariance import overlap_means, window_covariance

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_SMALLEST_EIGENVALUE = 1e-10
_ROUNDS = 4


@dataclass(frozen=True)
class Line:
    """Weights (L,) that turn points of an MSD into slope and offset of a line, and their covariance.

    ``covariance`` is (2, 2), or (1, 1) without an intercept; ``rank`` counts independent points.
    """

    slope: Floats
    offset: Floats
    covariance: Floats
    rank: int


def fitted_line(lags: Integers, covariance: Floats, intercept: bool) -> Line:
    """Weights of generalised least squares, (AᵀC⁻¹A)⁻¹AᵀC⁻¹, for points with covariance C (L, L).

    C is inverted on the eigenvectors of its correlation matrix that are not null; ``rank``
    says how many they are.
    """
    scale = np.sqrt(np.diag(covariance))
    values, vectors = eigh(covariance / np.outer(scale, scale))
    kept = values > _SMALLEST_EIGENVALUE * values[-1]
    whitening = (vectors[:, kept] / np.sqrt(values[kept])).T / scale
    design = lags[:, None].astype(np.float64)
    if intercept:
        design = np.hstack([design, np.ones_like(design)])
    white = whitening @ design
    parameters = np.linalg.inv(white.T @ white)
    weights = parameters @ white.T @ whitening
    none = np.zeros(len(lags))
    return Line(weights[0], weights[1] if intercept else none, parameters, int(kept.sum()))


def self_consistent_line(
    lags: Integers, points: Floats, n_frames: int, n_ions: int, hop_length: float, intercept: bool
) -> tuple[Line | None, Floats]:
    """The line whose covariance has the slope of the line; None when it does not rise."""
    covariance = np.eye(len(lags))
    line = fitted_line(lags, covariance, intercept)
    overlaps = overlap_means(lags, n_frames)
    for _ in range(_ROUNDS):
        slope = float(line.slope @ points)
        if slope <= 0:
            return None, covariance
        covariance = window_covariance(overlaps, n_ions, slope, hop_length)
        line = fitted_line(lags, covariance, intercept)
    return (line if line.slope @ points > 0 else None), covariance
