"""Synthetic walks with known diffusivity."""

import numpy as np
from numpy.typing import NDArray

from atomstates.transport import Diffusivity, diffusivity, mean_squared_displacement
from atomstates.transport.msd import spaced_lags

HOP, INTERVAL = 3.0, 0.1


def hopping_walk(
    generator: np.random.Generator, n_frames: int, n_ions: int, rate: float, rattle: float = 0.0
) -> NDArray[np.float64]:
    """Hops of length HOP along random axes, ``rate`` a frame on average; Gaussian rattling in the cage."""
    hops = generator.poisson(rate, size=(n_frames, n_ions))
    steps = np.zeros((n_frames, n_ions, 3))
    for done in range(hops.max()):
        axis = generator.integers(0, 3, size=(n_frames, n_ions, 1))
        step = generator.choice([-HOP, HOP], size=(n_frames, n_ions, 1)) * (hops > done)[..., None]
        np.put_along_axis(steps, axis, np.take_along_axis(steps, axis, 2) + step, 2)
    return np.cumsum(steps, axis=0) + generator.normal(0, rattle, size=steps.shape)


def fitted(positions: NDArray[np.float64], intercept: bool = True) -> Diffusivity:
    """D of a walk."""
    n_frames, n_ions, _ = positions.shape
    msd = mean_squared_displacement(positions, spaced_lags(n_frames // 2, 100))
    return diffusivity(
        msd.lags,
        msd.mean,
        n_frames=n_frames,
        n_ions=n_ions,
        frame_interval=INTERVAL,
        hop_length=HOP,
        blocks=msd.blocks,
        block_sizes=msd.block_sizes,
        intercept=intercept,
        ion="Li",
    )
