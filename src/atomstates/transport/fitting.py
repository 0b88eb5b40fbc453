"""Diffusivity of a run, or the refusal, and that of its pieces, from its displacements."""

import numpy as np
from numpy.typing import NDArray

from atomstates.errors import TooLittleDiffusion
from atomstates.transport.diffusivity import Diffusivity, diffusivity
from atomstates.transport.msd import SquaredDisplacement
from atomstates.transport.pieces import piece_diffusivities
from atomstates.transport.reading import RunDisplacements
from atomstates.transport.window import FEWEST_FITTED_LAGS

Floats = NDArray[np.float64]


def fitted_diffusivity(
    found: RunDisplacements,
    interval: float,
    hop_length: float,
    longest_fraction: float,
    ion: str,
    window: tuple[float | None, float | None] | None = None,
) -> tuple[Diffusivity | None, str | None, tuple[Floats, float] | None]:
    """The diffusivity or the sentence of its refusal; D of pieces of the run in Å²/ps and their error.

    Parameters
    ----------
    found
        Displacements of the run.
    interval
        Time between frames, ps.
    hop_length
        Distance between sites, Å.
    longest_fraction
        Longest lag as a part of the run.
    ion
        What the ions are called in a refusal.
    window
        First and last lag to fit, ps; None to find them.
    """
    msd = found.whole
    fit, refusal = diffusivity_or_refusal(
        msd,
        frame_interval=interval,
        hop_length=hop_length,
        longest_fraction=longest_fraction,
        window=window,
        ion=ion,
    )
    if fit is None:
        return None, refusal, None
    shared = np.isin(found.piece_lags, fit.lags)
    if shared.sum() < FEWEST_FITTED_LAGS:
        return fit, None, None
    pieces = piece_diffusivities(
        fit,
        found.piece_lags[shared],
        found.pieces[:, shared],
        n_frames=found.piece_frames,
        n_ions=msd.n_ions,
        frame_interval=interval,
        hop_length=hop_length,
    )
    return fit, None, pieces


def diffusivity_or_refusal(
    msd: SquaredDisplacement,
    *,
    frame_interval: float,
    hop_length: float,
    longest_fraction: float,
    window: tuple[float | None, float | None] | None,
    ion: str,
) -> tuple[Diffusivity | None, str | None]:
    """The diffusivity of all that is known of a displacement, or the sentence of its refusal."""
    try:
        fit = diffusivity(
            msd.lags,
            msd.mean,
            n_frames=msd.n_frames,
            n_ions=msd.n_ions,
            frame_interval=frame_interval,
            hop_length=hop_length,
            blocks=msd.blocks,
            block_sizes=msd.block_sizes,
            tensor=msd.tensor,
            longest_fraction=longest_fraction,
            window=window,
            ion=ion,
        )
    except TooLittleDiffusion as error:
        return None, str(error)
    return fit, None
