"""Synthetic walks with known diffusivity."""

import numpy as np
from numpy.typing import NDArray

from atomstates.transport import Diffusivity, SquaredDisplacement, diffusivity, mean_squared_displacement
from atomstates.transport.msd import spaced_lags

HOP, INTERVAL = 3.0, 0.1


def expected(rate):
    """D = k a²/6 in Å²/ps of ``rate`` hops a frame."""
    return rate / INTERVAL * HOP**2 / 6


def hopping_walk(
    generator: np.random.Generator,
    n_frames: int,
    n_ions: int,
    rate: float | NDArray[np.float64],
    rattle: float = 0.0,
    shares: tuple[float, float, float] = (1 / 3, 1 / 3, 1 / 3),
) -> NDArray[np.float64]:
    """Hops of length HOP along axes, ``rate`` a frame on average (of all ions or of each).

    ``shares`` are the parts of the hops along x, y and z; ``rattle`` Å is Gaussian, in the cage.
    """
    hops = generator.poisson(rate, size=(n_frames, n_ions))
    steps = np.zeros((n_frames, n_ions, 3))
    for done in range(hops.max()):
        axis = generator.choice(3, p=shares, size=(n_frames, n_ions, 1))
        step = generator.choice([-HOP, HOP], size=(n_frames, n_ions, 1)) * (hops > done)[..., None]
        np.put_along_axis(steps, axis, np.take_along_axis(steps, axis, 2) + step, 2)
    return np.cumsum(steps, axis=0) + generator.normal(0, rattle, size=steps.shape)


def displacement(positions: NDArray[np.float64]) -> SquaredDisplacement:
    """MSD of a walk up to half of it."""
    return mean_squared_displacement(positions, spaced_lags(len(positions) // 2, 100))


def sizes(positions: NDArray[np.float64]) -> dict[str, float]:
    """What the errors of a walk's diffusivity depend on."""
    n_frames, n_ions, _ = positions.shape
    return {"n_frames": n_frames, "n_ions": n_ions, "frame_interval": INTERVAL, "hop_length": HOP}


def fitted(positions: NDArray[np.float64], intercept: bool = True, window=None) -> Diffusivity:
    """D of a walk."""
    msd = displacement(positions)
    return diffusivity(
        msd.lags,
        msd.mean,
        **sizes(positions),
        blocks=msd.blocks,
        block_sizes=msd.block_sizes,
        tensor=msd.tensor,
        window=window,
        intercept=intercept,
        ion="Li",
    )
