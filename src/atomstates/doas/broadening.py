"""Radial distribution functions of a material at each temperature, and how wide their first peaks are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from atomstates.doas.density import bootstrap_weights
from atomstates.doas.disorder import bootstrap_error, measured
from atomstates.doas.radial import FRAMES, PAIRS, SHELL, RadialCounts, radial_distribution
from atomstates.products import Measured

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

RADIAL_COLUMNS = (
    "temperature_K",
    "r_A",
    *(f"{pair}_{frames}{end}" for pair in PAIRS for frames in FRAMES for end in ("", "_error")),
)
_MEASURES = {"mean": "Å", "width": "Å", "height": "1", "coordination": "1"}
_SMOOTHED = 0.15
"""Å: standard deviation of the smoothing before a minimum is looked for."""


@dataclass(frozen=True)
class TemperatureRadial:
    """g(r) of one temperature, thermal and relaxed, and the blocks of snapshots that it is made of.

    ``values`` and ``errors`` have shape (2, 3, R), of ``FRAMES`` and ``PAIRS``; errors are NaN
    where there is one block only. ``blocks`` (B, 2, 3, R) are counts, ``snapshots`` (B,).
    """

    temperature: float
    edges: FloatArray
    values: FloatArray
    errors: FloatArray
    blocks: IntArray
    snapshots: IntArray
    weights: IntArray
    """(n, B) how often each block is in each bootstrap sample."""
    n_ions: int
    n_pairs: IntArray
    volume: float


def temperature_radial(
    temperature: float, runs: Sequence[RadialCounts], block_snapshots: int, n_samples: int, seed: int
) -> TemperatureRadial:
    """g(r) from all snapshots of the runs of a temperature, errors from a bootstrap over blocks.

    Parameters
    ----------
    temperature
        K.
    runs
        Distances counted in the runs; shells that not all of them have are left out.
    block_snapshots
        Consecutive snapshots of a run that are one block.
    n_samples, seed
        Of the bootstrap.
    """
    edges = min((run.edges for run in runs), key=len)
    n_shells = len(edges) - 1
    blocks, snapshots = [], []
    for run in runs:
        for start in range(0, len(run.volume), block_snapshots):
            own = run.counts[start : start + block_snapshots, ..., :n_shells]
            blocks.append(own.sum(axis=0))
            snapshots.append(len(own))
    inverse = np.concatenate([1 / run.volume for run in runs])
    stacked, lengths = np.array(blocks), np.array(snapshots)
    volume, n_pairs = float(1 / inverse.mean()), runs[0].n_pairs
    weights = np.array([bootstrap_weights(len(blocks), seed, sample) for sample in range(n_samples)])

    def distribution(weight: IntArray) -> FloatArray:
        counts = np.tensordot(weight, stacked, axes=1)
        parts = [
            radial_distribution(counts[:, row], n_pairs[row], volume, edges, int(weight @ lengths))
            for row in range(len(PAIRS))
        ]
        return np.stack(parts, axis=1)

    values = distribution(np.ones(len(blocks), dtype=np.int64))
    drawn = np.array([distribution(weight).ravel() for weight in weights])
    errors = bootstrap_error(drawn).reshape(values.shape)
    if len(blocks) < 2:
        errors = np.full_like(values, np.nan)
    return TemperatureRadial(
        temperature, edges, values, errors, stacked, lengths, weights, runs[0].n_ions, n_pairs, volume
    )


def first_shells(found: Sequence[TemperatureRadial]) -> list[float | None]:
    """Outer end in Å of the first shell of each kind of pair: the same at all temperatures.

    It is the first minimum after the first maximum of the thermal g(r), smoothed and averaged over
    temperatures, or the last shell where the cell is too small for a minimum. None without pairs.
    """
    n_shells = min(entry.values.shape[-1] for entry in found)
    ends: list[float | None] = []
    for row in range(len(PAIRS)):
        mean = np.mean([entry.values[0, row, :n_shells] for entry in found], axis=0)
        ends.append(first_minimum(mean) if np.isfinite(mean).all() else None)
    return ends


def first_minimum(distribution: FloatArray) -> float:
    """Distance in Å of the first minimum after the first maximum above one of g(r), shape (R,)."""
    smooth = gaussian_filter1d(distribution, _SMOOTHED / SHELL, mode="nearest")
    rising = np.diff(smooth) > 0
    peaks = np.flatnonzero(rising[:-1] & ~rising[1:] & (smooth[1:-1] > 1)) + 1
    if len(peaks) == 0:
        return len(distribution) * SHELL
    troughs = np.flatnonzero(~rising[:-1] & rising[1:]) + 1
    later = troughs[troughs > peaks[0]]
    return float((later[0] + 0.5) * SHELL if len(later) else len(distribution) * SHELL)


def shell_measures(counts: IntArray, distribution: FloatArray, n_centres: float, end: float) -> FloatArray:
    """Mean and standard deviation (Å) of the distances of the first shell, height of g(r), neighbours.

    Parameters
    ----------
    counts
        Ordered pairs by distance, (R,).
    distribution
        g(r), (R,).
    n_centres
        Ions times snapshots that were counted around.
    end
        Of the first shell, Å.
    """
    inside = slice(0, round(end / SHELL))
    middle = (np.arange(len(counts))[inside] + 0.5) * SHELL
    n_pairs = counts[inside].sum()
    if n_pairs == 0:
        return np.full(len(_MEASURES), np.nan)
    mean = counts[inside] @ middle / n_pairs
    width = np.sqrt(counts[inside] @ (middle - mean) ** 2 / n_pairs)
    return np.array([mean, width, distribution[inside].max(), n_pairs / n_centres])


def radial_content(material: str, found: Sequence[TemperatureRadial]) -> dict[str, Any]:
    """Content of ``radial.json``: first shells, and what is in them at each temperature."""
    ends = first_shells(found)
    return {
        "material": material,
        "first_shell_to_A": dict(zip(PAIRS, ends, strict=True)),
        "temperatures": [
            {
                "temperature_K": entry.temperature,
                "n_snapshots": int(entry.snapshots.sum()),
                "n_blocks": len(entry.snapshots),
                **{
                    frames: {
                        pair: _measured(entry, place, row, end)
                        for row, (pair, end) in enumerate(zip(PAIRS, ends, strict=True))
                        if end is not None
                    }
                    for place, frames in enumerate(FRAMES)
                },
            }
            for entry in found
        ],
    }


def radial_rows(found: Sequence[TemperatureRadial]) -> Iterator[list[float | str]]:
    """Rows of ``radial.csv``; empty where there is no value."""
    for entry in found:
        for shell, inner in enumerate(entry.edges[:-1]):
            row: list[float | str] = [entry.temperature, round(float(inner) + SHELL / 2, 9)]
            for pair in range(len(PAIRS)):
                for frames in range(len(FRAMES)):
                    pairs = (entry.values[frames, pair, shell], entry.errors[frames, pair, shell])
                    row += [float(value) if np.isfinite(value) else "" for value in pairs]
            yield row


def _measured(entry: TemperatureRadial, place: int, row: int, end: float) -> dict[str, Measured]:
    """The measures of one first shell, with errors from the bootstrap."""
    counts = entry.blocks[:, place, row]

    def measures(weight: IntArray) -> FloatArray:
        summed, n_snapshots = weight @ counts, int(weight @ entry.snapshots)
        own = radial_distribution(summed, entry.n_pairs[row], entry.volume, entry.edges, n_snapshots)
        return shell_measures(summed, own, n_snapshots * entry.n_ions, end)

    values = measures(np.ones(len(counts), dtype=np.int64))
    errors = bootstrap_error(np.array([measures(weight) for weight in entry.weights]))
    n_snapshots, note = int(entry.snapshots.sum()), f"first shell, to {end:.4g} Å; sample: snapshots"
    return {
        name: measured(value, error, unit, n_snapshots, note, len(counts))
        for (name, unit), value, error in zip(_MEASURES.items(), values, errors, strict=True)
    }
