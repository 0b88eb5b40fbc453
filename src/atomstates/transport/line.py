"""A line through points of an MSD: generalised least squares with its own slope in the covariance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from atomstates.transport.covariance import DIMENSIONS, overlap_means, shared_dimensions, window_covariance

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
    """Weights of generalised least squares, (AᵀC⁻¹A)⁻¹AᵀC⁻¹, for points with covariance C (L, L)."""
    design = lags[:, None].astype(np.float64)
    if intercept:
        design = np.hstack([design, np.ones_like(design)])
    weights, parameters, rank = _least_squares(design, covariance)
    return Line(weights[0], weights[1] if intercept else np.zeros(len(lags)), parameters, rank)


def self_consistent_line(
    lags: Integers,
    points: Floats,
    *,
    n_frames: int,
    n_walkers: int,
    step: float,
    intercept: bool,
    tensor: Floats | None = None,
    dimensions: float = DIMENSIONS,
) -> tuple[Line | None, Floats, float]:
    """The line whose covariance has the slope of the line (None when it does not rise).

    The other two are the covariance (L, L) and the dimensions among which the motion is shared
    out: those of the slopes of ``tensor`` (L, 3, 3) where it is given.
    """
    covariance = np.eye(len(lags))
    line = fitted_line(lags, covariance, intercept)
    overlaps = overlap_means(lags, n_frames)
    for _ in range(_ROUNDS):
        slope = float(line.slope @ points)
        if slope <= 0:
            return None, covariance, dimensions
        if tensor is not None:
            dimensions = shared_dimensions(np.tensordot(line.slope, tensor, axes=1))
        covariance = window_covariance(overlaps, n_walkers, slope, step, dimensions)
        line = fitted_line(lags, covariance, intercept)
    return (line if line.slope @ points > 0 else None), covariance, dimensions


def exponent(lags: Integers, points: Floats, covariance: Floats, intercept: bool) -> tuple[float, float]:
    """Log–log slope α of the MSD less its offset, and its standard error.

    MSD = c + b t (t/t0)^(α−1) ≈ c + b t + b (α − 1) t ln(t/t0): the weight of the third term in
    a fit by generalised least squares. Diffusion has α = 1 whatever the ions rattle in their
    cages, unlike d ln MSD/d ln t itself, which the offset c keeps below one.

    Parameters
    ----------
    lags, points
        Lags (L,) and mean squared displacements (L,).
    covariance
        Of the points, (L, L).
    """
    t = lags.astype(np.float64)
    columns = [t, t * np.log(t / np.exp(np.log(t).mean()))]
    if intercept:
        columns.append(np.ones_like(t))
    weights, parameters, _ = _least_squares(np.column_stack(columns), covariance)
    slope, bend = weights[:2] @ points
    return float(1 + bend / slope), float(np.sqrt(parameters[1, 1]) / abs(slope))


def _least_squares(design: Floats, covariance: Floats) -> tuple[Floats, Floats, int]:
    """(AᵀC⁻¹A)⁻¹AᵀC⁻¹, the covariance of the parameters, and the rank of C (L, L).

    C is inverted on the eigenvectors of its correlation matrix that are not null.
    """
    scale = np.sqrt(np.diag(covariance))
    values, vectors = eigh(covariance / np.outer(scale, scale))
    kept = values > _SMALLEST_EIGENVALUE * values[-1]
    whitening = (vectors[:, kept] / np.sqrt(values[kept])).T / scale
    white = whitening @ design
    parameters = np.linalg.inv(white.T @ white)
    return parameters @ white.T @ whitening, parameters, int(kept.sum())
