"""Diffusivity: the slope of an MSD by generalised least squares, with an error that holds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from atomstates.errors import TooLittleDiffusion
from atomstates.transport.covariance import overlap_means, window_covariance
from atomstates.transport.line import Line, fitted_line, self_consistent_line
from atomstates.transport.msd import spread_error
from atomstates.transport.window import DIMENSIONS, FEWEST_FITTED_LAGS, fitted_lags, he_relative_error

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LEAST_STRAIGHTNESS = 0.01


@dataclass(frozen=True)
class Diffusivity:
    """D in Å²/ps with its standard error, how it was fitted and what other estimators say.

    ``offset`` (Å²) is the intercept of the line; ``lags`` the fitted lags in frames, ``rank``
    the independent ones among them. ``closed_form_error`` follows from the covariance of
    windows, ``spread_error`` from blocks of ions; ``error`` is the closed form unless the
    spread contradicts it (p < 0.05), and then the spread. ``ordinary`` is the slope without
    weights, ``ordinary_deviation`` its distance from D in standard errors of the difference.
    ``n_hops`` is N max(MSD)/a².
    """

    value: float
    error: float
    offset: float
    offset_error: float
    lags: Integers
    rank: int
    chi_squared: float
    degrees_of_freedom: int
    closed_form_error: float
    spread_error: float | None
    ordinary: float
    ordinary_error: float
    ordinary_deviation: float
    n_hops: float
    largest_msd: float

    @property
    def straightness(self) -> float:
        """Probability of a chi² this large if the fitted points lie on a line."""
        return float(chi2.sf(self.chi_squared, self.degrees_of_freedom))

    @property
    def relative_error_he_2018(self) -> float:
        """3.43/√N_eff + 0.04 of He, Zhu, Epstein and Mo, npj Comput. Mater. 4 (2018) 18."""
        return he_relative_error(self.n_hops)


def diffusivity(
    lags: Integers,
    msd: Floats,
    *,
    n_frames: int,
    n_ions: int,
    frame_interval: float,
    hop_length: float,
    blocks: Floats | None = None,
    block_sizes: Integers | None = None,
    longest_fraction: float = 0.5,
    intercept: bool = True,
    ion: str = "the ions",
) -> Diffusivity:
    """Self-diffusion coefficient from the slope of the MSD in its diffusive window.

    MSD(t) = c + 2 d D t,  D = slope/(2 d),  d = 3

    The window reaches from the first lag with MSD >= a²/2 to ``longest_fraction`` of the run.
    At most 16 lags of nearly constant ratio are fitted by generalised least squares with the
    covariance of overlapping windows of independent hops (``covariance.window_covariance``),
    whose scale b is that of the fitted line. While chi² says that they do not lie on a line
    (p < 0.01), the window starts one lag later; at four lags the error grows instead. The
    offset c is what the ions rattle in their cages; without it (``intercept=False``) a
    rattling ion gets too large a D.

    Parameters
    ----------
    lags, msd
        Lags (L,) in frames and mean squared displacements (L,) in Å².
    n_frames
        Frames of the run.
    n_ions
        Ions that the MSD is a mean over; 1 for a collective displacement.
    frame_interval
        Time between frames in ps.
    hop_length
        Site-to-site distance a in Å.
    blocks, block_sizes
        MSD of blocks of ions (B, L) in Å² and their sizes (B,): a check of the error.
    ion
        What the ions are called in a refusal.

    Raises
    ------
    TooLittleDiffusion
        The MSD does not reach a²/2, does so too late for a slope, or the slope is within two
        standard errors of zero.

    Notes
    -----
    Sources: A. R. McCluskey, S. W. Coles, B. J. Morgan, J. Chem. Theory Comput. 21 (2025) 79
    (generalised least squares on MSD points); He et al. 2018 (window and hops).
    """
    chosen = fitted_lags(lags, msd, n_frames, frame_interval, hop_length, longest_fraction, ion)
    hops_per_msd = n_ions / hop_length**2
    while True:
        frames, points = lags[chosen], msd[chosen]
        line, covariance = self_consistent_line(frames, points, n_frames, n_ions, hop_length, intercept)
        if line is None:
            raise _not_rising(ion, frames, frame_interval)
        grouped = None if blocks is None or block_sizes is None else (blocks[:, chosen], block_sizes)
        result = _result(frames, points, line, covariance, frame_interval, grouped, hops_per_msd)
        if result.straightness >= LEAST_STRAIGHTNESS or len(chosen) == FEWEST_FITTED_LAGS:
            break
        chosen = chosen[1:]
    if result.value < 2 * result.error:
        raise TooLittleDiffusion(
            f"the slope of the MSD of {ion} is within two standard errors of zero: D = "
            f"{result.value:.2g} ± {result.error:.1g} Å²/ps after {result.n_hops:.0f} hops: "
            "run longer or hotter"
        )
    return result


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
    slope = fit.value * 2 * DIMENSIONS * frame_interval
    covariance = window_covariance(overlap_means(lags, n_frames), n_ions, slope, hop_length)
    line = fitted_line(lags, covariance, intercept)
    to_d = 1 / (2 * DIMENSIONS * frame_interval)
    scale = fit.error / fit.closed_form_error
    return msds @ line.slope * to_d, float(np.sqrt(line.covariance[0, 0])) * to_d * scale


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

    MSCD(t) = c + 2 d D_σ t on the lags of the tracer's fit. All ions together are one walker:
    there is no mean over ions, and the error is larger by about √N.

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
    points = mscd[np.isin(lags, fit.lags)]
    line, _ = self_consistent_line(fit.lags, points, n_frames, 1, hop_length / np.sqrt(n_ions), True)
    if line is None:
        raise _not_rising("the sum of all ions", fit.lags, frame_interval)
    to_d = 1 / (2 * DIMENSIONS * frame_interval)
    return float(line.slope @ points) * to_d, float(np.sqrt(line.covariance[0, 0])) * to_d


def _result(
    lags: Integers,
    points: Floats,
    line: Line,
    covariance: Floats,
    frame_interval: float,
    blocks: tuple[Floats, Integers] | None,
    hops_per_msd: float,
) -> Diffusivity:
    """The fit in units of Å²/ps, with ordinary least squares and the spread over ions beside it."""
    to_d = 1 / (2 * DIMENSIONS * frame_interval)
    value, closed = float(line.slope @ points), float(np.sqrt(line.covariance[0, 0]))
    offset = float(line.offset @ points)
    residual = points - value * lags - offset
    chi_squared = float(residual @ np.linalg.pinv(covariance, hermitian=True) @ residual)
    freedom = line.rank - len(line.covariance)
    intercept = len(line.covariance) == 2
    ordinary = fitted_line(lags, np.eye(len(lags)), intercept)
    difference = ordinary.slope - line.slope
    ordinary_slope = float(ordinary.slope @ points)
    spread, error = None, closed
    if blocks is not None and len(blocks[1]) > 1:
        spread = float(spread_error(blocks[0] @ line.slope, blocks[1]))
        others = len(blocks[1]) - 1
        error = spread if chi2.sf(others * (spread / closed) ** 2, others) < 0.05 else closed
    if chi2.sf(chi_squared, freedom) < LEAST_STRAIGHTNESS:
        error = max(error, closed * float(np.sqrt(chi_squared / freedom)))
    inflation = error / closed
    deviation = (ordinary_slope - value) / (np.sqrt(difference @ covariance @ difference) * inflation)
    return Diffusivity(
        value=value * to_d,
        error=error * to_d,
        offset=offset,
        offset_error=float(np.sqrt(line.covariance[-1, -1])) * inflation if intercept else 0.0,
        lags=lags,
        rank=line.rank,
        chi_squared=chi_squared,
        degrees_of_freedom=freedom,
        closed_form_error=closed * to_d,
        spread_error=None if spread is None else spread * to_d,
        ordinary=ordinary_slope * to_d,
        ordinary_error=float(np.sqrt(ordinary.slope @ covariance @ ordinary.slope)) * to_d * inflation,
        ordinary_deviation=float(deviation),
        n_hops=hops_per_msd * float(points.max()),
        largest_msd=float(points.max()),
    )


def _not_rising(ion: str, lags: Integers, frame_interval: float) -> TooLittleDiffusion:
    """The refusal of a line that falls."""
    first, last = lags[0] * frame_interval, lags[-1] * frame_interval
    return TooLittleDiffusion(
        f"the MSD of {ion} does not rise between {first:.4g} and {last:.4g} ps: run longer or hotter"
    )
