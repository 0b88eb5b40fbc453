"""Squared displacements over all time origins, by FFT, in blocks of ions.

Blocks are cut by the number of ions alone and summed in their order, so shares of them
computed anywhere merge into bitwise the same result.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FEWEST_BLOCKS = 8
LARGEST_BLOCK = 16
_PAIRS = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))


@dataclass(frozen=True)
class SquaredDisplacement:
    """Mean over ions and time origins of the products of displacements.

    ``lags`` (L,) in frames; ``tensor`` (L, 3, 3) in Å², <Δr_a Δr_b>; ``blocks`` (B, L) in Å²,
    the mean squared displacement of each block of ions, and ``block_sizes`` (B,) its ions.
    """

    lags: Integers
    tensor: Floats
    blocks: Floats
    block_sizes: Integers
    n_frames: int

    def __post_init__(self) -> None:
        n_lags, n_blocks = len(self.lags), len(self.block_sizes)
        shapes = (self.tensor.shape, self.blocks.shape)
        if shapes != ((n_lags, 3, 3), (n_blocks, n_lags)):
            raise ValueError(f"tensor and blocks of shapes {shapes} for {n_lags} lags, {n_blocks} blocks")

    @property
    def n_ions(self) -> int:
        """Ions averaged over."""
        return int(self.block_sizes.sum())

    @property
    def mean(self) -> Floats:
        """MSD(τ) = <|Δr|²>, (L,) Å²."""
        trace: Floats = np.trace(self.tensor, axis1=1, axis2=2)
        return trace

    @property
    def axes(self) -> Floats:
        """<Δx²>, <Δy²>, <Δz²>, (L, 3) Å²."""
        diagonal: Floats = np.diagonal(self.tensor, axis1=1, axis2=2)
        return diagonal

    @property
    def error(self) -> Floats:
        """Standard error of the mean from the spread over blocks of ions, (L,) Å²; NaN for one block."""
        return spread_error(self.blocks, self.block_sizes)


def spread_error(values: Floats, weights: Sequence[float] | NDArray[np.generic]) -> Floats:
    """Standard error of the weighted mean of independent values with variances ∝ 1/weight.

    s² = Σ w_b (x_b − x̄)² / ((B − 1) Σ w_b); ``values`` (B, ...) and ``weights`` (B,).
    NaN when there is one value only.
    """
    share = np.asarray(weights, dtype=np.float64)
    share = (share / share.sum()).reshape(-1, *(1,) * (values.ndim - 1))
    if len(values) < 2:
        return np.full(values.shape[1:], np.nan)
    mean = np.sum(share * values, axis=0)
    error: Floats = np.sqrt(np.sum(share * (values - mean) ** 2, axis=0) / (len(values) - 1))
    return error


def mean_squared_displacement(positions: Floats, lags: Sequence[int] | Integers) -> SquaredDisplacement:
    """Squared displacement of ions as a function of the lag, over all time origins.

    MSD_ab(m) = 1/(N (T − m)) Σ_i Σ_k [r_ia(k+m) − r_ia(k)] [r_ib(k+m) − r_ib(k)]

    Expanded, two terms are cumulative sums and the other is an autocorrelation, which the
    theorem of Wiener and Khinchin takes from the power spectrum summed over ions.

    Parameters
    ----------
    positions
        Unwrapped positions (T, N, 3) in Å.
    lags
        Lags in frames, between 0 and T − 1.

    Raises
    ------
    ValueError
        No ions, another shape, positions that are not finite, or a lag outside the run.

    Notes
    -----
    Source: G. R. Kneller et al., Comput. Phys. Commun. 91 (1995) 191 (nMoldyn), section 2.2.
    """
    positions = np.asarray(positions)
    if positions.ndim != 3 or positions.shape[2] != 3 or positions.shape[1] == 0:
        raise ValueError(f"positions have the shape {positions.shape}; (frames, ions, 3) is needed")
    frames, n_ions, _ = positions.shape
    blocks = ion_blocks(n_ions)
    sums = np.array([squared_displacement_sum(positions[:, block], lags) for block in blocks])
    return merged_blocks(sums, n_ions, np.asarray(lags, dtype=np.int64), frames)


def collective_squared_displacement(positions: Floats, lags: Sequence[int] | Integers) -> Floats:
    """Squared displacement of the sum of all ions, per ion, over all time origins.

    MSCD(m) = <|Σ_i [r_i(k+m) − r_i(k)]|²>_k / N, (L,) Å². Without correlations between ions
    it equals the MSD; their ratio at long lags is the Haven ratio.

    Parameters
    ----------
    positions
        Unwrapped positions (T, N, 3) in Å.
    lags
        Lags in frames.
    """
    total: Floats = np.asarray(positions, dtype=np.float64).sum(axis=1, keepdims=True)
    scaled: Floats = mean_squared_displacement(total, lags).mean / positions.shape[1]
    return scaled


def framework_drift_removed(positions: Floats, framework: Floats, masses: Floats) -> Floats:
    """Positions relative to the framework's centre of mass, counted from the first frame.

    r'(k) = r(k) − [R(k) − R(0)],  R = Σ_j m_j r_j / Σ_j m_j over the framework.

    Parameters
    ----------
    positions
        Unwrapped positions of the ions (T, N, 3) in Å.
    framework
        Unwrapped positions of all other atoms (T, M, 3) in Å.
    masses
        Their masses (M,), any unit.
    """
    centre = centre_of_mass(framework, masses)
    drift: Floats = np.subtract(centre, centre[0])
    shifted: Floats = np.subtract(positions, drift[:, None, :])
    return shifted


def centre_of_mass(positions: Floats, masses: Floats) -> Floats:
    """R(k) = Σ_j m_j r_j(k) / Σ_j m_j, (T, 3) Å, of positions (T, M, 3)."""
    if positions.shape[1] != len(masses) or len(masses) == 0:
        raise ValueError(f"{positions.shape[1]} atoms with {len(masses)} masses have no centre of mass")
    centre: Floats = np.einsum("tmx,m->tx", positions, masses / np.sum(masses))
    return centre


def ion_blocks(n_ions: int) -> list[slice]:
    """How ions are cut into blocks: at least eight where there are as many, of at most 16 ions."""
    size = min(LARGEST_BLOCK, max(1, n_ions // FEWEST_BLOCKS))
    return [slice(start, min(start + size, n_ions)) for start in range(0, n_ions, size)]


def spaced_lags(longest: int, most: int) -> Integers:
    """At most ``most`` lags from 1 to ``longest`` frames, in nearly constant ratio."""
    return np.unique(np.geomspace(1, max(1, longest), most).round().astype(np.int64))


def squared_displacement_sum(positions: Floats, lags: Sequence[int] | Integers) -> Floats:
    """Sum over ions of the mean over origins of xx, yy, zz, xy, xz, yz: (L, 6) in Å².

    ``positions`` (T, n, 3): one block. Time and memory grow as n T log T and n T.
    """
    lags = np.asarray(lags, dtype=np.int64)
    frames = positions.shape[0]
    if np.any(lags < 0) or np.any(lags >= frames):
        raise ValueError(f"lags {lags.min()} ... {lags.max()} do not fit into {frames} frames")
    paths = np.ascontiguousarray(np.moveaxis(positions, 0, -1), dtype=np.float64)
    if not np.all(np.isfinite(paths)):
        raise ValueError("positions are not finite")
    # about the mean: the terms that cancel stay as small as the motion
    paths = paths - paths.mean(axis=-1, keepdims=True)
    size = next_fast_len(2 * frames - 1, real=True)
    spectra = rfft(paths, size, axis=-1)
    origins = frames - lags
    sums = np.empty((len(lags), 6))
    for column, (a, b) in enumerate(_PAIRS):
        # C_ab(m) + C_ba(m): the cross terms of both orders in one real spectrum
        power = np.einsum("nf,nf->f", spectra[:, a], spectra[:, b].conj()).real
        cross = 2 * irfft(power, size)[lags]
        product = np.einsum("nt,nt->t", paths[:, a], paths[:, b])
        before = np.concatenate([[0.0], np.cumsum(product)])
        squares = before[origins] + (before[-1] - before[lags])
        sums[:, column] = (squares - cross) / origins
    sums[lags == 0] = 0.0
    return sums


def merged_blocks(sums: Floats, n_ions: int, lags: Integers, n_frames: int) -> SquaredDisplacement:
    """The result of all blocks (B, L, 6), in the order of ``ion_blocks``."""
    sizes = np.array([block.stop - block.start for block in ion_blocks(n_ions)], dtype=np.int64)
    if len(sums) != len(sizes):
        raise ValueError(f"{len(sums)} blocks for {n_ions} ions; {len(sizes)} are needed")
    mean = np.sum(sums, axis=0) / n_ions
    tensor = np.empty((len(lags), 3, 3))
    for column, (a, b) in enumerate(_PAIRS):
        tensor[:, a, b] = tensor[:, b, a] = mean[:, column]
    blocks = sums[:, :, :3].sum(axis=2) / sizes[:, None]
    return SquaredDisplacement(lags, tensor, blocks, sizes, n_frames)


def frame_ranges(n_frames: int, n_pieces: int) -> Iterator[slice]:
    """The run cut into pieces of equal length (frames left over fall off the end)."""
    length = n_frames // n_pieces
    return (slice(piece * length, (piece + 1) * length) for piece in range(n_pieces))
