"""Squared displacements over all time origins, by FFT, in blocks of ions.

Blocks are cut by the number of ions alone and summed in their order, so shares of them
computed anywhere merge into bitwise the same result.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from atomstates.transport.spectra import PRODUCTS, DisplacementSums, pairs_at_once

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MOST_BLOCKS = 32
_FEWEST_IONS_IN_PAIRS = 16


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
    Source: G. R. Kneller et al., Comput. Phys. Commun. 91 (1995) 191 (nMoldyn), section 2.2;
    the algebra stands with ``spectra.DisplacementSums``. Time grows as N T log T.
    """
    positions = np.asarray(positions)
    if positions.ndim != 3 or positions.shape[2] != 3 or positions.shape[1] == 0:
        raise ValueError(f"positions have the shape {positions.shape}; (frames, ions, 3) is needed")
    n_frames, n_ions, _ = positions.shape
    lags = checked_lags(lags, n_frames)
    together = 2 * pairs_at_once(n_frames)
    found = []
    for block in ion_blocks(n_ions):
        sums = DisplacementSums(n_frames, lags)
        for start in range(block.start, block.stop, together):
            ions = positions[:, start : min(start + together, block.stop)]
            sums.add(paired(ions), odd=ions.shape[1] % 2 == 1)
        found.append(sums.whole())
    if not np.all(np.isfinite(found)):
        raise ValueError("positions are not finite")
    return merged_blocks(np.array(found), n_ions, lags, n_frames)


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


def replicas_joined(replicas: Sequence[SquaredDisplacement]) -> SquaredDisplacement:
    """One result for replicas of equal length: their ions averaged over together, blocks side by side.

    Each lag has as many time origins in every replica, so the ions weigh the same: replicas are
    more ions. A diffusivity fitted to the whole then rests on the hops of all of them, also where
    each of them alone moved too little for a slope.

    Raises
    ------
    ValueError
        None, or other lags or lengths.
    """
    first, *others = replicas
    if any(r.n_frames != first.n_frames or not np.array_equal(r.lags, first.lags) for r in others):
        lengths = ", ".join(str(replica.n_frames) for replica in replicas)
        raise ValueError(f"replicas of {lengths} frames do not share their lags; cut them to one length")
    tensor = np.average([r.tensor for r in replicas], axis=0, weights=[r.n_ions for r in replicas])
    blocks = np.concatenate([replica.blocks for replica in replicas])
    sizes = np.concatenate([replica.block_sizes for replica in replicas])
    return SquaredDisplacement(first.lags, tensor, blocks, sizes, first.n_frames)


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
    """How ions are cut into at most 32 blocks, nearly equal: in pairs, or one by one when there are few."""
    unit = 1 if n_ions < _FEWEST_IONS_IN_PAIRS else 2
    units = -(-n_ions // unit)
    number = min(MOST_BLOCKS, units)
    edges = [min(unit * (units * block // number), n_ions) for block in range(number + 1)]
    return [slice(start, stop) for start, stop in pairwise(edges)]


def paired(positions: Floats) -> NDArray[np.complex128]:
    """Paths of two ions each as one complex path, (pairs, 3, T), of positions (T, n, 3).

    When n is odd the last ion is its own partner.
    """
    first, second = positions[:, 0::2], positions[:, 1::2]
    pairs = np.empty((first.shape[1], 3, len(positions)), dtype=np.complex128)
    pairs.real = first.transpose(1, 2, 0)
    pairs.imag[: second.shape[1]] = second.transpose(1, 2, 0)
    pairs.imag[second.shape[1] :] = pairs.real[second.shape[1] :]
    return pairs


def checked_lags(lags: Sequence[int] | Integers, n_frames: int) -> Integers:
    """The lags, all of which fit into the run."""
    found = np.asarray(lags, dtype=np.int64)
    if np.any(found < 0) or np.any(found >= n_frames):
        raise ValueError(f"lags {found.min()} ... {found.max()} do not fit into {n_frames} frames")
    return found


def spaced_lags(longest: int, most: int) -> Integers:
    """At most ``most`` lags from 1 to ``longest`` frames, in nearly constant ratio."""
    return np.unique(np.geomspace(1, max(1, longest), most).round().astype(np.int64))


def merged_blocks(sums: Floats, n_ions: int, lags: Integers, n_frames: int) -> SquaredDisplacement:
    """The result of all blocks (B, L, 6), in the order of ``ion_blocks``."""
    sizes = np.array([block.stop - block.start for block in ion_blocks(n_ions)], dtype=np.int64)
    if len(sums) != len(sizes):
        raise ValueError(f"{len(sums)} blocks for {n_ions} ions; {len(sizes)} are needed")
    mean = np.sum(sums, axis=0) / n_ions
    tensor = np.empty((len(lags), 3, 3))
    for column, (a, b) in enumerate(PRODUCTS):
        tensor[:, a, b] = tensor[:, b, a] = mean[:, column]
    blocks = sums[:, :, :3].sum(axis=2) / sizes[:, None]
    return SquaredDisplacement(lags, tensor, blocks, sizes, n_frames)
