"""Spread of the density of states over several models, beside the error that the sample has.

Every model relaxed the same snapshots and has its own zero, the lowest state over all temperatures. The
spread of a quantity is its standard deviation over the models, the band of the density goes from the
lowest to the highest model in each bin. Bootstrap samples draw the same blocks of snapshots for all
models, so that the error of a spread knows that the models share their snapshots.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomstates.doas.density import BlockSums, bootstrap_weights, weighted_sums
from atomstates.doas.disorder import UNITS, bootstrap_error, densities, disorder_measures
from atomstates.doas.model_pairs import PAIR_UNITS, pair_measures
from atomstates.parallel import Communicator, share

FloatArray = NDArray[np.float64]

_SAMPLES_AT_A_TIME = 16


@dataclass(frozen=True)
class ModelSpread:
    """What M models say at one temperature; beside every array its errors (bootstrap), of its shape."""

    temperature: float
    """K"""
    n_states: int
    n_snapshots: int
    n_blocks: int
    seed: int
    density: FloatArray
    """(M, B) total density of each model, 1/eV."""
    density_error: FloatArray
    measures: FloatArray
    """(M, Q) in the order of ``UNITS``."""
    measures_error: FloatArray
    spread: FloatArray
    """(Q,) standard deviation of the measures over the models."""
    spread_error: FloatArray
    pairs: FloatArray
    """(M - 1, 6) each further model against the first, in the order of ``PAIR_UNITS``."""
    pairs_error: FloatArray

    @property
    def band(self) -> FloatArray:
        """Lowest and highest density over the models in each bin, 1/eV, shape (2, B)."""
        return np.array([self.density.min(axis=0), self.density.max(axis=0)])

    @property
    def band_with_error(self) -> FloatArray:
        """The band widened by one standard error of the model at its edge, not below zero, shape (2, B)."""
        error = np.nan_to_num(self.density_error)
        low, high = (self.density - error).min(axis=0), (self.density + error).max(axis=0)
        return np.array([np.maximum(low, 0), high])


def spread_over(values: FloatArray) -> FloatArray:
    """Standard deviation over models (first axis), with M - 1; NaN where a model has no value.

    Sorted before it is summed, so that the order of the models leaves no trace.
    """
    return np.asarray(np.std(np.sort(values, axis=0), axis=0, ddof=1), dtype=np.float64)


def model_spread(
    temperature: float,
    models: Sequence[BlockSums],
    pairs: FloatArray,
    n_samples: int,
    seed: int,
    comm: Communicator,
) -> ModelSpread:
    """Values from all blocks and errors from resampled ones, drawn in shares.

    Parameters
    ----------
    temperature
        K
    models
        Blocks of each of M models, the same snapshots in each, with equal bins and classes.
    pairs
        Sums of ``pair_sums`` of each further model and the first, shape (M - 1, blocks, 13).
    n_samples, seed
        Of the bootstrap.
    comm
        The ranks; the result does not depend on their number.
    """
    n_blocks = models[0].n_blocks
    if len(models) < 2 or any(blocks.n_blocks != n_blocks for blocks in models):
        raise ValueError("needed are two models at least, with the same blocks")
    shapes = _shapes(models)
    ones = np.ones((1, n_blocks), dtype=np.int64)
    (values,) = _everything(models, pairs, ones)
    own: dict[int, FloatArray] = {}
    samples = list(share(range(n_samples), comm))
    for start in range(0, len(samples), _SAMPLES_AT_A_TIME):
        some = samples[start : start + _SAMPLES_AT_A_TIME]
        weights = np.array([bootstrap_weights(n_blocks, seed, sample) for sample in some])
        own |= zip(some, _everything(models, pairs, weights), strict=True)
    drawn = {sample: row for ranks in comm.gathered(own) for sample, row in ranks.items()}
    errors = bootstrap_error(np.array([drawn[sample] for sample in range(n_samples)]))
    if n_blocks < 2:
        errors = np.full_like(errors, np.nan)
    density, measures, spread, against = _parts(values, shapes)
    density_error, measures_error, spread_error, against_error = _parts(errors, shapes)
    return ModelSpread(
        temperature=temperature,
        n_states=int(models[0].counts.sum()),
        n_snapshots=int(models[0].snapshots.sum()),
        n_blocks=n_blocks,
        seed=seed,
        density=density,
        density_error=density_error,
        measures=measures,
        measures_error=measures_error,
        spread=spread,
        spread_error=spread_error,
        pairs=against,
        pairs_error=against_error,
    )


def _shapes(models: Sequence[BlockSums]) -> tuple[tuple[int, ...], ...]:
    """Shapes of densities, measures, spreads and pairs."""
    n_models, n_measures = len(models), len(UNITS)
    n_bins = models[0].bins.number
    return (n_models, n_bins), (n_models, n_measures), (n_measures,), (n_models - 1, len(PAIR_UNITS))


def _everything(models: Sequence[BlockSums], pairs: FloatArray, weights: NDArray[np.int64]) -> FloatArray:
    """All values one after the other, for each of R sets of weights of the blocks, shape (R, Q)."""
    sums = [weighted_sums(blocks, weights) for blocks in models]
    against = np.einsum("rb,pbq->rpq", weights.astype(np.float64), pairs)
    rows = []
    for r in range(len(weights)):
        of_models = [(blocks, own[r]) for blocks, own in zip(models, sums, strict=True)]
        density = np.array([densities(blocks, one, []) for blocks, one in of_models])
        measures = np.array([disorder_measures(blocks, one) for blocks, one in of_models])
        agreement = np.array([pair_measures(pair) for pair in against[r]])
        parts = (density, measures, spread_over(measures), agreement)
        rows.append(np.concatenate([part.ravel() for part in parts]))
    return np.array(rows)


def _parts(row: FloatArray, shapes: tuple[tuple[int, ...], ...]) -> list[FloatArray]:
    """The arrays that ``_everything`` put one after the other."""
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
    return [part.reshape(shape) for part, shape in zip(np.split(row, ends), shapes, strict=True)]
