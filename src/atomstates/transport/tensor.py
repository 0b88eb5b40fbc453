"""The diffusion tensor: every component with its error, and principal values."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomstates.transport.covariance import DIMENSIONS, overlap_means
from atomstates.transport.diffusivity import Diffusivity, not_rising
from atomstates.transport.line import self_consistent_line

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class DiffusionTensor:
    """D_ab in Å²/ps with standard errors, both (3, 3), in the frame of the positions.

    ``principal`` (3,) are the eigenvalues, largest first, ``principal_error`` (3,) their standard
    errors and ``directions`` (3, 3) their directions as rows. Noise drives eigenvalues apart:
    those that differ by less than their errors say nothing of anisotropy.
    """

    value: Floats
    error: Floats
    principal: Floats
    principal_error: Floats
    directions: Floats
    mean_error: float

    @property
    def mean(self) -> float:
        """D = (D_xx + D_yy + D_zz)/3."""
        return float(np.trace(self.value)) / DIMENSIONS


def diffusion_tensor(
    fit: Diffusivity,
    lags: Integers,
    tensor: Floats,
    *,
    n_frames: int,
    n_ions: int,
    frame_interval: float,
    hop_length: float,
) -> DiffusionTensor:
    """The tensor whose mean is the fitted D, by the weights of that fit.

    <Δr_a Δr_b> = c_ab + 2 D_ab t,  D = (D_xx + D_yy + D_zz)/3

    The errors follow from the covariance of overlapping windows of one component,

    cov = (1/N) < (b_aa b_bb + b_ab²) u² + h u >,  b_ab = 2 D_ab,

    as in ``covariance.window_covariance``, with the scatter of the number of hops
    h = b_aa a² for an axis (hops along it; for oblique ones, which share their length out over
    the axes, it is an upper bound) and (b_aa b_bb)^½ a²/5 off the diagonal (hops in all directions).
    Where the spread over blocks of ions widened the error of D, it widens these as well.

    Parameters
    ----------
    fit
        The fit of the trace of the tensor.
    lags, tensor
        Lags (L,) in frames and squared displacements (L, 3, 3) in Å².
    n_frames
        Frames of the run.
    n_ions
        Ions that the tensor is a mean over.
    frame_interval
        Time between frames in ps.
    hop_length
        Site-to-site distance a in Å.
    """
    # D is the mean of three components of slope 2 D
    weights = DIMENSIONS * fit.weights
    return _weighted(
        weights,
        fit.lags,
        tensor[np.isin(lags, fit.lags)],
        n_frames=n_frames,
        n_walkers=n_ions,
        frame_interval=frame_interval,
        step=hop_length,
        mean_error=fit.error,
        inflation=fit.inflation,
    )


def charge_diffusion_tensor(
    fit: Diffusivity,
    lags: Integers,
    collective: Floats,
    *,
    n_frames: int,
    n_ions: int,
    frame_interval: float,
    hop_length: float,
) -> DiffusionTensor:
    """D_σ,ab in Å²/ps from collective squared displacements; its mean is the charge diffusivity.

    <ΔR_a ΔR_b>/N = c_ab + 2 D_σ,ab t with R = Σ_i r_i, on the lags of the tracer's fit. All ions
    together are one walker: there is no mean over ions, and the errors are larger by about √N.

    Parameters
    ----------
    fit
        The tracer's fit.
    lags, collective
        Lags (L,) in frames and squared displacements of the sum of all ions, per ion (L, 3, 3), Å².

    Raises
    ------
    TooLittleDiffusion
        The collective displacement does not rise.
    """
    points = collective[np.isin(lags, fit.lags)]
    step = hop_length / np.sqrt(n_ions)
    line, covariance, _ = self_consistent_line(
        fit.lags,
        np.trace(points, axis1=1, axis2=2),
        n_frames=n_frames,
        n_walkers=1,
        step=step,
        intercept=True,
        # one walker's own tensor is too noisy to say how many axes it shares
        dimensions=fit.dimensions,
    )
    if line is None:
        raise not_rising("the sum of all ions", fit.lags, frame_interval)
    to_d = 1 / (2 * DIMENSIONS * frame_interval)
    return _weighted(
        line.slope / (2 * frame_interval),
        fit.lags,
        points,
        n_frames=n_frames,
        n_walkers=1,
        frame_interval=frame_interval,
        step=step,
        mean_error=float(np.sqrt(line.slope @ covariance @ line.slope)) * to_d,
        inflation=1.0,
    )


def charge_diffusivity(
    fit: Diffusivity,
    lags: Integers,
    mscd: Floats,
    *,
    n_frames: int,
    n_ions: int,
    frame_interval: float,
    hop_length: float,
) -> tuple[float, float]:
    """D_σ in Å²/ps from the collective squared displacement, and its standard error.

    MSCD(t) = c + 2 d D_σ t: the mean of ``charge_diffusion_tensor`` from the trace alone.

    Parameters
    ----------
    fit
        The tracer's fit.
    lags, mscd
        Lags (L,) in frames and <|Σ Δr|²>/N (L,) in Å².

    Raises
    ------
    TooLittleDiffusion
        The MSCD does not rise.
    """
    found = charge_diffusion_tensor(
        fit,
        lags,
        mscd[:, None, None] * np.eye(DIMENSIONS) / DIMENSIONS,
        n_frames=n_frames,
        n_ions=n_ions,
        frame_interval=frame_interval,
        hop_length=hop_length,
    )
    return found.mean, found.mean_error


def _weighted(
    weights: Floats,
    lags: Integers,
    points: Floats,
    *,
    n_frames: int,
    n_walkers: int,
    frame_interval: float,
    step: float,
    mean_error: float,
    inflation: float,
) -> DiffusionTensor:
    """Components ``weights`` · points (L, 3, 3), each with the error of its own covariance."""
    value = np.tensordot(weights, points, axes=1)
    linear, square = (weights @ part @ weights for part in overlap_means(lags, n_frames))
    slopes = 2 * value * frame_interval
    # an axis on which nothing was seen to move has at most about one hop in the run
    fewest = step**2 / (n_walkers * n_frames)

    def error(b: Floats) -> Floats:
        """Standard error of each component of a tensor of slopes."""
        axes = np.maximum(np.diag(b), fewest)
        both = np.outer(axes, axes)
        hops = np.sqrt(both) * step**2 * np.where(np.eye(3, dtype=bool), 1.0, 0.2)
        variance = (both + b**2) * square + hops * linear
        found: Floats = inflation * np.sqrt(variance / n_walkers)
        return found

    principal, columns = np.linalg.eigh(value)
    order = np.argsort(principal)[::-1]
    directions = columns.T[order]
    # largest component positive, so that a direction does not depend on the sign LAPACK gives it
    largest = np.abs(directions).argmax(axis=1)
    directions *= np.sign(directions[np.arange(3), largest])[:, None]
    return DiffusionTensor(
        value=value,
        error=error(slopes),
        principal=principal[order],
        principal_error=np.diag(error(np.diag(2 * principal[order] * frame_interval))),
        directions=directions,
        mean_error=mean_error,
    )
