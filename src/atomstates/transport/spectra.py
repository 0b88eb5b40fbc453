"""Squared displacements over all time origins from power spectra summed over ions.

Two ions are the real and the imaginary part of one complex path. Of the product of two such
transforms the real part, made symmetric in frequency, holds the sum over both ions; what mixes
them is imaginary and drops out. Sums of spectra are linear, so one inverse transform serves a block.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.fft import fft, irfft, next_fast_len

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Pairs = NDArray[np.complexfloating]

PRODUCTS = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))
"""Axes of the columns xx, yy, zz, xy, xz, yz."""

_FRAMES_AT_ONCE = 2**17  # of all pairs together: more leave the cache, fewer are not worth a call


class DisplacementSums:
    """Sums over the ions of a block, in the whole run and in pieces of it.

    Σ_k [a(k+m) − a(k)] [b(k+m) − b(k)] = Σ_{k<T−m} a(k)b(k) + Σ_{k≥m} a(k)b(k) − C_ab(m) − C_ba(m)

    The first two sums are differences of one cumulative sum; C_ab(m) = Σ_k a(k) b(k+m) is, by
    the theorem of Wiener and Khinchin, the inverse transform of the cross spectrum of paths that
    are padded with zeros for as many frames as the longest lag has.

    Parameters
    ----------
    n_frames, lags
        Frames T of the run and the lags (L,) to be worked out.
    n_pieces, piece_lags
        Pieces of equal length (frames left over fall off the end) and the lags (M,) in each.

    Notes
    -----
    Source: G. R. Kneller et al., Comput. Phys. Commun. 91 (1995) 191 (nMoldyn), section 2.2.
    """

    def __init__(
        self, n_frames: int, lags: Integers, n_pieces: int = 0, piece_lags: Integers | None = None
    ) -> None:
        self._lags = lags
        self._piece_lags = np.empty(0, dtype=np.int64) if piece_lags is None else piece_lags
        self._n_pieces = n_pieces
        self._piece_frames = n_frames // max(1, n_pieces)
        padded = fast_length(n_frames + int(lags.max(initial=0)))
        padded_piece = fast_length(self._piece_frames + int(self._piece_lags.max(initial=0)))
        self._squares = np.zeros((len(PRODUCTS), n_frames))
        self._powers = np.zeros((len(PRODUCTS), padded))
        self._piece_powers = np.zeros((n_pieces if len(self._piece_lags) else 0, padded_piece))

        together = pairs_at_once(n_frames)
        # kept between calls: fresh memory costs as much as the arithmetic
        self._paths = np.empty((together, 3, padded), dtype=np.complex128)
        self._pieces = np.empty((together, *self._piece_powers.shape), dtype=np.complex128)

    def clear(self) -> None:
        """Begin another block."""
        for sums in (self._squares, self._powers, self._piece_powers):
            sums[:] = 0.0

    def add(self, pairs: Pairs, drift: Floats | None = None, *, odd: bool = False) -> None:
        """Add ions.

        Parameters
        ----------
        pairs
            Paths of two ions each as real and imaginary part, (n, 3, T) Å, all frames.
        drift
            Subtracted from every path, (3, T) Å.
        odd
            The imaginary part of the last pair is no ion.
        """
        n_frames = self._squares.shape[1]
        paths = self._paths[: len(pairs)]
        within = paths[:, :, :n_frames]
        within[:] = pairs
        if drift is not None:
            for axis in range(3):
                within[:, axis] -= (1 + 1j) * drift[axis]
        # about the mean: the terms that cancel stay as small as the motion
        within -= within.mean(axis=-1, keepdims=True)
        if odd:
            within[-1].imag = 0.0
        paths[:, :, n_frames:] = 0.0
        _add_products(self._squares, within)
        for axis in range(3):
            self._add_pieces(within[:, axis])
        _add_products(self._powers, fft(paths, axis=-1, overwrite_x=True))

    def _add_pieces(self, within: NDArray[np.complex128]) -> None:
        """Add the spectra of the pieces of paths along one axis, (n, T)."""
        frames, n_pieces = self._piece_frames, len(self._piece_powers)
        if n_pieces == 0:
            return
        pieces = self._pieces[: len(within)]
        pieces[:, :, :frames] = within[:, : n_pieces * frames].reshape(-1, n_pieces, frames)
        pieces[:, :, frames:] = 0.0
        spectra = fft(pieces, axis=-1, overwrite_x=True).view(np.float64)
        self._piece_powers += _folded(np.einsum("npf,npf->pf", spectra, spectra))

    def whole(self) -> Floats:
        """Sum over ions of the mean over origins of xx, yy, zz, xy, xz, yz: (L, 6) Å²."""
        columns = zip(self._squares, self._powers, strict=True)
        return np.stack([_displacement(*column, self._lags) for column in columns], axis=1)

    def pieces(self) -> Floats:
        """Squared displacement summed over ions in each piece of the run, (P, M) Å²."""
        if len(self._piece_lags) == 0:
            return np.empty((self._n_pieces, 0))
        squares = self._squares[:3, : self._n_pieces * self._piece_frames].sum(axis=0)
        rows = zip(squares.reshape(self._n_pieces, -1), self._piece_powers, strict=True)
        return np.stack([_displacement(*row, self._piece_lags) for row in rows])


def pairs_at_once(n_frames: int) -> int:
    """Pairs added together, an even number: decided by the frames alone, so that memory leaves no trace."""
    return 2 * max(1, _FRAMES_AT_ONCE // (2 * n_frames))


def fast_length(least: int) -> int:
    """A length of transforms: few small odd factors on a power of two, which is faster than few points."""
    power = 1 if least < 256 else 64
    length: int = power * next_fast_len(-(-least // power))
    return length


def _add_products(sums: Floats, paths: NDArray[np.complex128]) -> None:
    """Add Σ_n Re(a_n b_n*) of the six pairs of axes, (6, M), of paths (n, 3, M)."""
    parts = paths.view(np.float64)
    for total, (a, b) in zip(sums, PRODUCTS, strict=True):
        total += _folded(np.einsum("nf,nf->f", parts[:, a], parts[:, b]))


def _folded(products: Floats) -> Floats:
    """Products of real parts plus products of imaginary parts, which lie in turns."""
    total: Floats = products[..., 0::2] + products[..., 1::2]
    return total


def _displacement(squares: Floats, power: Floats, lags: Integers) -> Floats:
    """Mean over origins from summed products (T,) and the summed spectrum (S,), at each lag."""
    n_frames, padded = len(squares), len(power)
    half = padded // 2 + 1
    even = 0.5 * (power[:half] + power[-np.arange(half)])
    crossed = 2 * irfft(even, padded)[lags]
    before = np.concatenate([[0.0], np.cumsum(squares)])
    origins = n_frames - lags
    found: Floats = (before[origins] + (before[-1] - before[lags]) - crossed) / origins
    found[lags == 0] = 0.0
    return found
