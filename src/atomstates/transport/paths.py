"""Paths of ions out of frames: every rank reads a share of the frames and gets all frames of its ions.

What is summed over the atoms of a frame is summed in stretches of frames that depend on the number
of atoms alone: how many ranks share them, and how often they are read, leaves no trace.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

from atomstates.errors import ProductError
from atomstates.parallel import Communicator
from atomstates.transport.spectra import Pairs

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Stretch = NDArray[np.floating]

_NUMBERS_AT_ONCE = 2**20  # of a stretch of frames: it stays in the cache while it is taken apart


class Frames(Protocol):
    """What is asked of a trajectory: unwrapped positions of all atoms in Å, (frames, atoms, 3)."""

    @property
    def n_frames(self) -> int: ...
    @property
    def n_atoms(self) -> int: ...
    def read(self, start: int, stop: int) -> Floats: ...


@runtime_checkable
class Planes(Protocol):
    """A trajectory in single precision that gives x, y and z apart, (frames, 3, atoms): read faster."""

    def planes(self, start: int, stop: int) -> NDArray[np.float32]: ...


@dataclass(frozen=True)
class Motion:
    """Of all atoms together, (3, T) Å: ``drift`` of the framework's centre of mass from the first frame,
    and ``total``, the sum over the ions relative to it.
    """

    drift: Floats
    total: Floats


class PathReader:
    """Reads a trajectory, all ranks together, once for each portion of ions.

    Parameters
    ----------
    mobile, framework
        Indices of the ions (N,) and of the atoms (M,) of the framework; without any, its centre rests.
    masses
        Masses of the framework's atoms (M,), any unit.
    most_pairs
        Pairs of ions that this rank will ask for at most.
    """

    def __init__(
        self,
        trajectory: Frames,
        mobile: Integers,
        framework: Integers,
        masses: Floats,
        comm: Communicator,
        most_pairs: int,
    ) -> None:
        self._trajectory, self._mobile, self._comm = trajectory, mobile, comm
        self._ions, self._framework = np.zeros(trajectory.n_atoms), np.zeros(trajectory.n_atoms)
        self._ions[mobile] = 1.0
        if len(framework):
            self._framework[framework] = masses / np.sum(masses)
        # asked once: to look for a method takes as long as to read some frames
        self._planes = trajectory.planes if isinstance(trajectory, Planes) else None
        self._together = max(1, _NUMBERS_AT_ONCE // (3 * trajectory.n_atoms))
        self._precision = np.dtype(np.float64 if self._planes is None else np.float32)
        pair = np.complex128 if self._planes is None else np.complex64
        self._paths: Pairs = np.empty((most_pairs, 3, trajectory.n_frames), dtype=pair)
        self._motion: Motion | None = None

    def read(self, ions: Integers) -> tuple[Pairs, Motion]:
        """Paths of this rank's ions, (pairs, 3, T) Å, and the motion that is still in them.

        ``ions`` are places in ``mobile``, two a pair. The paths are overwritten by the next call.
        """
        wanted = [_selection(self._mobile[places]) for places in self._comm.gathered(ions)]
        paths, sums = self._paths[: len(ions) // 2], []
        begun: tuple[list[int], Callable[[], list[Stretch]]] | None = None
        for starts in self._rounds():
            own = self._stretch(starts[self._comm.rank])
            if self._motion is None:
                sums.append(self._sums(own))
            rows = [self._rows(start) for start in starts]
            # one exchange stays under way, so that no rank waits for another in every round
            before, begun = begun, (starts, self._comm.exchange([_taken(own, a) for a in wanted], rows))
            if before is not None:
                _place(paths, *before)
        if begun is not None:
            _place(paths, *begun)
        if self._motion is None:
            # stretches were dealt in turns: the first of every rank, then the second of every rank
            turns = zip(*self._comm.gathered(sums), strict=True)
            self._motion = self._joined(np.concatenate([part for turn in turns for part in turn]))
        return paths, self._motion

    def _rounds(self) -> Iterator[list[int]]:
        """First frames of the stretches that the ranks read at a time; beyond the end there is none."""
        n_frames, size = self._trajectory.n_frames, self._comm.size
        starts = range(0, n_frames, self._together * size)
        shown = self._comm.rank == 0 and sys.stderr.isatty()
        with Progress(console=Console(stderr=True), transient=True, disable=not shown) as progress:
            for first in progress.track(starts, description="reading the trajectory"):
                yield [min(first + rank * self._together, n_frames) for rank in range(size)]

    def _rows(self, start: int) -> int:
        """Frames of the stretch that begins there."""
        return min(self._together, self._trajectory.n_frames - start)

    def _stretch(self, start: int) -> Stretch:
        """Positions (frames, 3, atoms) of the stretch that begins there."""
        stop = start + self._rows(start)
        if stop == start:
            return np.empty((0, 3, self._trajectory.n_atoms), dtype=self._precision)
        if self._planes is None:
            positions = self._trajectory.read(start, stop)
            return np.asarray(positions, dtype=self._precision).transpose(0, 2, 1)
        return self._planes(start, stop)

    def _sums(self, own: Stretch) -> Floats:
        """Sum over the ions and centre of the framework of each frame, (frames, 2, 3) Å."""
        # not by a matrix product: BLAS may sum in another order where it has more threads
        double = own.astype(np.float64)
        weights = (self._ions, self._framework)
        return np.stack([np.einsum("fxn,n->fx", double, weight) for weight in weights], axis=1)

    def _joined(self, sums: Floats) -> Motion:
        """The motion from sum and centre of all frames, (T, 2, 3)."""
        odd = np.flatnonzero(~np.all(np.isfinite(sums), axis=(1, 2)))
        if len(odd):
            raise ProductError(
                f"the trajectory has positions that are not finite in frame {odd[0]} of {len(sums)}. Did "
                "the dynamics blow up? Look at the temperature, shorten the timestep, or leave it out."
            )
        total, centre = np.ascontiguousarray(sums.transpose(1, 2, 0))
        drift = centre - centre[:, :1]
        return Motion(drift, total - len(self._mobile) * drift)


def _place(paths: Pairs, starts: list[int], ended: Callable[[], list[Stretch]]) -> None:
    """Put the stretches of all ranks, once they have come, into the paths."""
    for start, part in zip(starts, ended(), strict=True):
        pairs = np.ascontiguousarray(part) if part.strides[-1] != part.itemsize else part
        paths[:, :, start : start + len(part)] = pairs.view(paths.dtype).transpose(2, 1, 0)


def _selection(atoms: Integers) -> slice | Integers:
    """A slice where the atoms follow each other: taken without a copy."""
    if len(atoms) and np.all(np.diff(atoms) == 1):
        return slice(int(atoms[0]), int(atoms[-1]) + 1)
    return atoms


def _taken(stretch: Stretch, atoms: slice | Integers) -> Stretch:
    """The atoms of a stretch of frames."""
    if isinstance(atoms, slice):
        return stretch[:, :, atoms]
    taken: Stretch = np.take(stretch, atoms, axis=2)
    return taken
