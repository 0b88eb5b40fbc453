"""Displacements of a run, read by every rank, worked out by each for its share of the ions."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

from atomstates.parallel import Communicator, share
from atomstates.transport.msd import (
    SquaredDisplacement,
    centre_of_mass,
    frame_ranges,
    ion_blocks,
    mean_squared_displacement,
    merged_blocks,
    spaced_lags,
    squared_displacement_sum,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

PIECES = 4
_BYTES_OF_PATHS = 2**28
_BYTES_OF_FRAMES = 2**25


class Frames(Protocol):
    """What is asked of a trajectory: unwrapped positions of all atoms in Å, by frame."""

    @property
    def n_frames(self) -> int: ...
    @property
    def n_atoms(self) -> int: ...
    def read(self, start: int, stop: int) -> Floats: ...


@dataclass(frozen=True)
class RunDisplacements:
    """MSD of a run, of its pieces, and of the sum of its ions.

    ``collective_tensor`` (L, 3, 3) Å² at ``whole.lags``, that of the sum of all ions, per ion;
    ``pieces`` (P, M) Å² at ``piece_lags`` (M,), each of ``piece_frames`` frames.
    """

    whole: SquaredDisplacement
    collective_tensor: Floats
    piece_lags: Integers
    pieces: Floats
    piece_frames: int

    def __post_init__(self) -> None:
        if self.collective_tensor.shape != self.whole.tensor.shape:
            raise ValueError("one collective displacement per lag is needed")

    @property
    def collective(self) -> Floats:
        """MSCD = <|Σ_i Δr_i|²>/N, (L,) Å²."""
        trace: Floats = np.trace(self.collective_tensor, axis1=1, axis2=2)
        return trace


def run_displacements(
    trajectory: Frames,
    mobile: Integers,
    framework: Integers,
    masses: Floats,
    *,
    longest_fraction: float,
    most_lags: int,
    comm: Communicator,
    bytes_of_paths: int = _BYTES_OF_PATHS,
) -> RunDisplacements:
    """Displacements relative to the framework's centre of mass, the same for any number of ranks.

    Blocks of ions are dealt out to the ranks and merged in their order. A rank holds the paths
    of so many ions at a time as fit into ``bytes_of_paths`` and reads the trajectory again for
    the next ones.

    Parameters
    ----------
    trajectory
        Unwrapped positions of all atoms.
    mobile, framework
        Indices of the ions (N,) and of the atoms (M,) of the framework.
    masses
        Masses of the framework's atoms (M,), any unit.
    longest_fraction
        Longest lag as a part of the run.
    most_lags
        Lags kept at most.
    """
    n_frames, n_ions = trajectory.n_frames, len(mobile)
    lags = spaced_lags(int(longest_fraction * (n_frames - 1)), most_lags)
    piece_frames = n_frames // PIECES
    piece_lags = lags[lags <= (piece_frames - 1) // 2]
    found: list[tuple[int, Floats, Floats]] = []
    total = np.zeros((n_frames, 3))
    blocks = ion_blocks(n_ions)
    mine = share(range(len(blocks)), comm)
    for group in _groups(mine, blocks, n_frames, bytes_of_paths):
        ions = np.concatenate([np.arange(n_ions)[blocks[index]] for index in group])
        paths, total = _paths(trajectory, mobile, ions, framework, masses, comm)
        start = 0
        for index in group:
            stop = start + blocks[index].stop - blocks[index].start
            sums = squared_displacement_sum(paths[:, start:stop], lags)
            found.append((index, sums, _piece_sums(paths[:, start:stop], piece_lags)))
            start = stop
    merged = sorted((item for items in comm.gathered(found) for item in items), key=lambda item: item[0])
    whole = merged_blocks(np.array([sums for _, sums, _ in merged]), n_ions, lags, n_frames)
    collective = mean_squared_displacement(comm.from_first(total)[:, None, :], lags).tensor / n_ions
    pieces_mean = np.sum(np.array([pieces for _, _, pieces in merged]), axis=0) / n_ions
    return RunDisplacements(whole, collective, piece_lags, pieces_mean, piece_frames)


def _groups(
    mine: Sequence[int], blocks: list[slice], n_frames: int, bytes_of_paths: int
) -> Iterator[Sequence[int]]:
    """Blocks whose paths fit into memory together, at least one at a time."""
    size = max(block.stop - block.start for block in blocks)
    together = max(1, bytes_of_paths // (24 * n_frames * size))
    return (mine[start : start + together] for start in range(0, len(mine), together))


def _piece_sums(paths: Floats, lags: Integers) -> Floats:
    """Squared displacement summed over the ions of a block in each piece of the run, (P, M) Å²."""
    if len(lags) == 0:
        return np.empty((PIECES, 0))
    pieces = [squared_displacement_sum(paths[piece], lags) for piece in frame_ranges(len(paths), PIECES)]
    return np.array([sums[:, :3].sum(axis=1) for sums in pieces])


def _paths(
    trajectory: Frames,
    mobile: Integers,
    ions: Integers,
    framework: Integers,
    masses: Floats,
    comm: Communicator,
) -> tuple[Floats, Floats]:
    """Paths of ``ions`` (T, n, 3) and the sum over all mobile ions (T, 3), framework drift removed."""
    n_frames = trajectory.n_frames
    paths, total = np.empty((n_frames, len(ions), 3)), np.empty((n_frames, 3))
    first = centre_of_mass(trajectory.read(0, 1)[:, framework], masses)
    chunk = max(1, _BYTES_OF_FRAMES // (24 * trajectory.n_atoms))
    shown = comm.rank == 0 and sys.stderr.isatty()
    with Progress(console=Console(stderr=True), transient=True, disable=not shown) as progress:
        for start in progress.track(range(0, n_frames, chunk), description="reading the trajectory"):
            stop = min(start + chunk, n_frames)
            frames = trajectory.read(start, stop)
            drift = centre_of_mass(frames[:, framework], masses) - first
            moved = frames[:, mobile] - drift[:, None, :]
            paths[start:stop] = moved[:, ions]
            total[start:stop] = moved.sum(axis=1)
    return paths, total
