"""Van Hove functions: how far ions come in a time, and where the others are then."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomstates.structures.pairs import half_width, ideal_counts, pair_counts
from atomstates.transport.msd import spread_error

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

VAN_HOVE_COLUMNS = ("lag_ps", "r_A", "self_per_A", "self_error_per_A", "distinct", "distinct_error")
SHELL = 0.1
"""Å: width of the shells."""
EDGES: Floats = np.linspace(0.0, 120 * SHELL, 121)
N_LAGS = 5
SHORTEST_LAG_PS = 1.0


@dataclass(frozen=True)
class VanHove:
    """Self and distinct part at L lags (in frames) in R shells of ``edges`` (R + 1,), Å.

    ``self_density`` (L, R) is 4π r² G_s in 1/Å, with integral one over all distances;
    ``distinct`` (L, R) is G_d/ρ, which is one where ions do not know of each other, and NaN
    beyond half the width of the cell. Errors are standard errors, NaN where there are none.
    """

    lags: Integers
    edges: Floats
    self_density: Floats
    self_error: Floats
    distinct: Floats
    distinct_error: Floats

    def __post_init__(self) -> None:
        shape = (len(self.lags), len(self.edges) - 1)
        for name in ("self_density", "self_error", "distinct", "distinct_error"):
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, needed {shape}")

    def rows(self, frame_interval: float) -> Iterator[tuple[float | str, ...]]:
        """Rows of ``van_hove.csv``; empty where there is no value."""
        middle = (self.edges[1:] + self.edges[:-1]) / 2
        for place, lag in enumerate(self.lags):
            columns = (self.self_density, self.self_error, self.distinct, self.distinct_error)
            for r, *values in zip(middle, *(column[place] for column in columns), strict=True):
                shown = (float(value) if np.isfinite(value) else "" for value in values)
                yield (round(float(lag) * frame_interval, 9), round(float(r), 9), *shown)


def self_van_hove(positions: Floats, lag: int, edges: Floats = EDGES) -> Floats:
    """Self part of the van Hove function over all time origins, as a density of distances.

    4π r² G_s(r, t) = < δ(r − |r_i(t0 + t) − r_i(t0)|) >

    For a Gaussian walk it is 4π r² (4π D t)^(−3/2) exp(−r²/4Dt).

    Parameters
    ----------
    positions
        Unwrapped positions (T, N, 3) in Å.
    lag
        t in frames.
    edges
        Edges (R + 1,) of the shells in Å, equally spaced from 0.

    Returns
    -------
    (R,) in 1/Å. Its integral is one less the share of ions that went beyond the last edge.

    Notes
    -----
    Source: L. Van Hove, Phys. Rev. 95 (1954) 249, equation 24.
    """
    n_frames, n_ions, _ = positions.shape
    density: Floats = self_counts(positions, lag, edges) / ((n_frames - lag) * n_ions * np.diff(edges))
    return density


def distinct_van_hove(earlier: Floats, later: Floats, cell: Floats, edges: Floats) -> Floats:
    """Distinct part of the van Hove function over the density, G_d(r, t)/ρ.

    G_d(r, t)/ρ = V/(N (N − 1)) < Σ_{i≠j} δ(r − r_j(t0 + t) + r_i(t0)) >

    At t = 0 it is the radial distribution function; later, ions that follow others into their
    places give it a peak at r = 0.

    Parameters
    ----------
    earlier, later
        Positions (O, N, 3) in Å at O origins, and of the same ions a time t later.
    cell
        Cell vectors as rows (3, 3), Å.
    edges
        Edges (R + 1,) of the shells in Å, equally spaced from 0 to half the width of the cell at most.

    Returns
    -------
    (R,), without unit.
    """
    counts = np.sum(
        [distinct_counts(*pair, cell, edges) for pair in zip(earlier, later, strict=True)], axis=0
    )
    n_pairs = len(earlier) * earlier.shape[1] * (earlier.shape[1] - 1)
    scaled: Floats = counts / ideal_counts(n_pairs, abs(float(np.linalg.det(cell))), edges)
    return scaled


def self_counts(positions: Floats, lag: int, edges: Floats = EDGES) -> Integers:
    """Displacements in a lag, by length: (R,) counts over ions and origins."""
    moved = np.linalg.norm(positions[lag:] - positions[: len(positions) - lag], axis=-1)
    counts, _ = np.histogram(moved, bins=len(edges) - 1, range=(float(edges[0]), float(edges[-1])))
    return counts.astype(np.int64)


def distinct_counts(earlier: Floats, later: Floats, cell: Floats, edges: Floats) -> Integers:
    """Pairs of an ion (N, 3) at one time and another ion at a later one, by distance: (R,) counts."""
    return pair_counts(earlier, later, cell, edges, paired=True)


def chosen_lags(n_frames: int, frame_interval: float, longest_fraction: float) -> Integers:
    """At most five lags in frames in nearly constant ratio, from 1 ps to a part of the run."""
    longest = int(longest_fraction * (n_frames - 1))
    if longest < 1:
        return np.empty(0, dtype=np.int64)
    shortest = min(longest, max(1, round(SHORTEST_LAG_PS / frame_interval)))
    return np.unique(np.geomspace(shortest, longest, N_LAGS).round().astype(np.int64))


def distinct_edges(cell: Floats) -> Floats:
    """The shells that fit into half the width of a cell."""
    fitting: Floats = EDGES[half_width(cell) >= EDGES]
    return fitting


def origins(n_origins: int, n_ions: int) -> Integers:
    """Some of the time origins, evenly spread: 64 at most, fewer the more ions there are."""
    wanted = min(n_origins, int(np.clip(20_000 // n_ions, 8, 64)))
    return np.unique(np.linspace(0, n_origins - 1, wanted).round().astype(np.int64))


def merged_van_hove(
    lags: Integers,
    counts: Integers,
    sizes: Integers,
    n_frames: int,
    distinct: Sequence[Integers],
    cell: Floats,
) -> VanHove:
    """Both parts with their errors, from counts of blocks of ions and of time origins.

    Parameters
    ----------
    lags
        (L,) in frames.
    counts, sizes
        Displacements by length of each block of ions (B, L, R), and its ions (B,).
    n_frames
        Frames of the run.
    distinct
        For each lag the counts of pairs from each origin, (O, R') with R' <= R.
    cell
        Cell vectors as rows (3, 3), Å.
    """
    origins_of = (n_frames - lags)[None, :, None]
    density = counts / (sizes[:, None, None] * origins_of * SHELL)
    shape = (len(lags), len(EDGES) - 1)
    value, error = np.full(shape, np.nan), np.full(shape, np.nan)
    edges, volume, n_ions = distinct_edges(cell), abs(float(np.linalg.det(cell))), int(sizes.sum())
    for place, of_origins in enumerate(distinct):
        if n_ions < 2 or len(edges) < 2:
            continue
        scaled = of_origins / ideal_counts(n_ions * (n_ions - 1), volume, edges)
        # origins next to each other are correlated: the spread is taken over eight stretches of time
        stretches = np.array_split(scaled, min(8, len(scaled)))
        means = np.array([stretch.mean(axis=0) for stretch in stretches])
        value[place, : len(edges) - 1] = scaled.mean(axis=0)
        error[place, : len(edges) - 1] = spread_error(means, [len(stretch) for stretch in stretches])
    return VanHove(
        lags=lags,
        edges=EDGES,
        self_density=np.average(density, axis=0, weights=sizes),
        self_error=spread_error(density, sizes),
        distinct=value,
        distinct_error=error,
    )
