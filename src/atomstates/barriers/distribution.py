"""Distributions of barriers, of hops that each stand for a number of others."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Barriers:
    """n barriers of one class of paths, with what they stand for."""

    value: FloatArray
    """(n,) eV"""
    weight: FloatArray
    """(n,) moves seen that each stands for."""
    hop: IntArray
    """(n,) which hop each is of: forward and backward barriers of one hop are drawn together."""

    def __post_init__(self) -> None:
        if not len(self.value) == len(self.weight) == len(self.hop):
            raise ValueError(
                f"{len(self.value)} barriers, {len(self.weight)} weights, {len(self.hop)} hops"
            )
        if np.any(self.weight <= 0) or not np.all(np.isfinite(self.value)):
            raise ValueError("weights of barriers must be positive and barriers finite")

    @property
    def n_hops(self) -> int:
        return len(np.unique(self.hop))

    @property
    def effective_hops(self) -> float:
        """Equally weighted hops that would tell as much (Kish): (sum w)²/sum w²."""
        weight = np.bincount(np.unique(self.hop, return_inverse=True)[1], self.weight)
        return float(weight.sum() ** 2 / (weight**2).sum()) if len(weight) else 0.0


@dataclass(frozen=True)
class Moments:
    """Mean, standard deviation and median of a weighted distribution, each with its error."""

    mean: tuple[float, float]
    deviation: tuple[float, float]
    median: tuple[float, float]
    interval: tuple[float, float]
    """Of the mean, 95 %."""


def weighted_moments(barriers: Barriers, n_samples: int, seed: int) -> Moments:
    """Moments with errors from a bootstrap over hops.

        mean = sum_i w_i E_i / sum_i w_i

    A hop is drawn with all that is known of it (both directions, its weight). Errors are NaN for one hop.

    Parameters
    ----------
    barriers
        At least one.
    n_samples
        Of the bootstrap.
    seed
        Of the bootstrap.
    """
    if not len(barriers.value):
        raise ValueError("there is no barrier")
    generator = np.random.default_rng(seed)
    place = np.unique(barriers.hop, return_inverse=True)[1]
    n_hops = int(place.max()) + 1
    values = np.array(_moments(barriers.value, barriers.weight))
    if n_hops < 2:
        error, interval = np.full(3, np.nan), (np.nan, np.nan)
    else:
        times = generator.multinomial(n_hops, np.full(n_hops, 1 / n_hops), size=n_samples)
        drawn = np.array([_moments(barriers.value, barriers.weight * one[place]) for one in times])
        # samples of n hops scatter by a factor of (n - 1)/n too little about the mean of these n
        error = drawn.std(axis=0, ddof=1) * np.sqrt(n_hops / (n_hops - 1))
        low, high = np.quantile(drawn[:, 0], (0.025, 0.975))
        interval = (float(low), float(high))
    mean, deviation, median = zip(values.tolist(), error.tolist(), strict=True)
    return Moments(mean, deviation, median, interval)


def _moments(value: FloatArray, weight: FloatArray) -> tuple[float, float, float]:
    """Mean, standard deviation and median."""
    mean = float(np.average(value, weights=weight))
    deviation = float(np.sqrt(np.average((value - mean) ** 2, weights=weight)))
    order = np.argsort(value)
    below = np.cumsum(weight[order])
    # the value at which half of the weight lies on either side; between two where it falls on a step
    first = int(np.searchsorted(below, 0.5 * below[-1] * (1 - 1e-12)))
    second = int(np.searchsorted(below, 0.5 * below[-1] * (1 + 1e-12)))
    second = min(second, len(value) - 1)
    return mean, deviation, float((value[order][first] + value[order][second]) / 2)


def histogram(
    barriers: Barriers, width: float, n_samples: int, seed: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Density of barriers: left edges of the bins (eV), density and its error (1/eV).

    Bins are multiples of ``width``, from the one with the lowest barrier to the one with the highest.
    """
    bins = np.floor(barriers.value / width + 1e-9).astype(np.int64)
    edges = np.arange(bins.min(), bins.max() + 1)
    place = np.unique(barriers.hop, return_inverse=True)[1]
    n_hops = int(place.max()) + 1

    def density(weight: FloatArray) -> FloatArray:
        return np.asarray(np.bincount(bins - edges[0], weight, len(edges)) / (weight.sum() * width))

    error = np.full(len(edges), np.nan)
    if n_hops > 1:
        times = np.random.default_rng(seed).multinomial(n_hops, np.full(n_hops, 1 / n_hops), n_samples)
        error = np.std([density(barriers.weight * one[place]) for one in times], axis=0, ddof=1)
    return edges * width, density(barriers.weight), error
