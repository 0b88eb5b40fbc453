"""Diffusivity: the slope of an MSD by generalised least squares, with an error that holds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from atomstates.errors import TooLittleDiffusion
from atomstates.transport.covariance import DIMENSIONS
from atomstates.transport.line import Line, exponent, fitted_line, self_consistent_line
from atomstates.transport.msd import spread_error
from atomstates.transport.window import FEWEST_FITTED_LAGS, fitted_lags, given_lags, he_relative_error

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LEAST_STRAIGHTNESS = 0.01
MOST_BEND = 3.0
"""Standard errors by which the exponent may differ from one."""


@dataclass(frozen=True)
class Diffusivity:
    """D in Å²/ps with its standard error, how it was fitted and what other estimators say.

    ``offset`` (Å²) is the intercept of the line; ``lags`` the fitted lags in frames, ``rank``
    the independent ones among them. ``closed_form_error`` follows from the covariance of
    windows, ``spread_error`` from blocks of ions; ``error`` is the closed form unless the
    spread contradicts it (p < 0.05), and then the spread. ``ordinary`` is the slope without
    weights, ``ordinary_deviation`` its distance from D in standard errors of the difference.
    ``n_hops`` is N max(MSD)/a². ``exponent`` is the log–log slope of the MSD less its offset,
    1 for diffusion. ``dimensions`` are the axes that share the motion (``shared_dimensions``) and
    ``weights`` (L,) what turns the MSD at ``lags`` into D, 1/ps.
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
    exponent: float
    exponent_error: float
    dimensions: float
    weights: Floats

    @property
    def inflation(self) -> float:
        """The error over that of the closed form."""
        return self.error / self.closed_form_error

    @property
    def bend(self) -> float:
        """Standard errors between the exponent and one."""
        return (self.exponent - 1) / self.exponent_error

    @property
    def is_straight(self) -> bool:
        """Neither chi² nor the exponent contradict a line."""
        return self.straightness >= LEAST_STRAIGHTNESS and abs(self.bend) < MOST_BEND

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
    tensor: Floats | None = None,
    longest_fraction: float = 0.5,
    window: tuple[float | None, float | None] | None = None,
    intercept: bool = True,
    ion: str = "the ions",
) -> Diffusivity:
    """Self-diffusion coefficient from the slope of the MSD in its diffusive window.

    MSD(t) = c + 2 d D t,  D = slope/(2 d),  d = 3

    The window reaches from the first lag with MSD >= a²/2 to ``longest_fraction`` of the run.
    At most 16 lags of nearly constant ratio are fitted by generalised least squares with the
    covariance of overlapping windows of independent hops (``covariance.window_covariance``),
    whose scale b is that of the fitted line. While chi² (p < 0.01) or the exponent (three standard
    errors from one) say that they do not lie on a line, the window starts one lag later; at four
    lags the error grows instead. The offset c is what the ions rattle in their cages; without it
    (``intercept=False``) a rattling ion gets too large a D.

    The spread over blocks of ions takes the place of the closed form where it contradicts it: ions
    move together. It counts as well what ions differ by for good; where some of them cannot move
    at all, the error is too large.

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
    tensor
        <Δr_a Δr_b> (L, 3, 3) in Å²: says how many axes share the motion. Without it the motion is
        taken for isotropic, and where it is along channels the stated error is too small, by √3
        at most.
    window
        First and last lag in ps, in place of the window that is found; None for an end that is free.
    ion
        What the ions are called in a refusal.

    Raises
    ------
    TooLittleDiffusion
        The MSD does not reach a²/2, does so too late for a slope, a given window holds fewer than
        four lags, or the slope is within two standard errors of zero.

    Notes
    -----
    Sources: A. R. McCluskey, S. W. Coles, B. J. Morgan, J. Chem. Theory Comput. 21 (2025) 79
    (generalised least squares on MSD points); He et al. 2018 (window and hops).
    """
    if window is None:
        chosen = fitted_lags(lags, msd, n_frames, frame_interval, hop_length, longest_fraction, ion)
    else:
        chosen = given_lags(lags, n_frames, frame_interval, longest_fraction, window)
    hops_per_msd = n_ions / hop_length**2
    while True:
        frames, points = lags[chosen], msd[chosen]
        line, covariance, shared = self_consistent_line(
            frames,
            points,
            n_frames=n_frames,
            n_walkers=n_ions,
            step=hop_length,
            intercept=intercept,
            tensor=None if tensor is None else tensor[chosen],
        )
        if line is None:
            raise not_rising(ion, frames, frame_interval)
        grouped = None if blocks is None or block_sizes is None else (blocks[:, chosen], block_sizes)
        result = _result(frames, points, line, covariance, shared, frame_interval, grouped, hops_per_msd)
        if result.is_straight or window is not None or len(chosen) == FEWEST_FITTED_LAGS:
            break
        chosen = chosen[1:]
    if result.value < 2 * result.error:
        raise TooLittleDiffusion(
            f"the slope of the MSD of {ion} is within two standard errors of zero: D = "
            f"{result.value:.2g} ± {result.error:.1g} Å²/ps after {result.n_hops:.0f} hops: "
            "run longer or hotter"
        )
    return result


def _result(
    lags: Integers,
    points: Floats,
    line: Line,
    covariance: Floats,
    dimensions: float,
    frame_interval: float,
    blocks: tuple[Floats, Integers] | None,
    hops_per_msd: float,
) -> Diffusivity:
    """The fit in units of Å²/ps, with ordinary least squares and the spread over ions beside it."""
    to_d = 1 / (2 * DIMENSIONS * frame_interval)
    value, closed = float(line.slope @ points), float(np.sqrt(line.covariance[0, 0]))
    offset = float(line.offset @ points)
    error, spread = _error(closed, line, blocks)
    # ions that move together scatter about their line by as much more as their slopes do
    residual = (points - value * lags - offset) * closed / error
    chi_squared = float(residual @ np.linalg.pinv(covariance, hermitian=True) @ residual)
    freedom = line.rank - len(line.covariance)
    if chi2.sf(chi_squared, freedom) < LEAST_STRAIGHTNESS:
        error *= float(np.sqrt(chi_squared / freedom))
    intercept = len(line.covariance) == 2
    ordinary = fitted_line(lags, np.eye(len(lags)), intercept)
    difference = ordinary.slope - line.slope
    ordinary_slope = float(ordinary.slope @ points)
    bent = exponent(lags, points, covariance, intercept)
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
        exponent=bent[0],
        exponent_error=bent[1] * inflation,
        dimensions=dimensions,
        weights=line.slope * to_d,
    )


def _error(closed: float, line: Line, blocks: tuple[Floats, Integers] | None) -> tuple[float, float | None]:
    """The error of a slope, closed form or spread where that contradicts it; and the spread."""
    if blocks is None or len(blocks[1]) < 2:
        return closed, None
    spread = float(spread_error(blocks[0] @ line.slope, blocks[1]))
    others = len(blocks[1]) - 1
    contradicted = chi2.sf(others * (spread / closed) ** 2, others) < 0.05
    return (spread if contradicted else closed), spread


def not_rising(ion: str, lags: Integers, frame_interval: float) -> TooLittleDiffusion:
    """The refusal of a line that falls."""
    first, last = lags[0] * frame_interval, lags[-1] * frame_interval
    return TooLittleDiffusion(
        f"the MSD of {ion} does not rise between {first:.4g} and {last:.4g} ps: run longer or hotter"
    )
