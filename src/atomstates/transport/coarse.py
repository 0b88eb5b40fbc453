"""Few frames of a run, for what needs no more: how D converges with the run, and van Hove functions.

A run is read once more at no more than 1024 equally spaced frames, so the cost does not grow with
its length. Ions are dealt out to the ranks in the blocks of the squared displacements and merged
in their order.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomstates.parallel import Communicator, share
from atomstates.transport.convergence import PARTS, prefix_lags
from atomstates.transport.msd import (
    SquaredDisplacement,
    centre_of_mass,
    ion_blocks,
    mean_squared_displacement,
)
from atomstates.transport.reading import Frames
from atomstates.transport.van_hove import (
    VanHove,
    chosen_lags,
    distinct_counts,
    distinct_edges,
    merged_van_hove,
    origins,
    self_counts,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MOST_FRAMES = 1024
_BYTES_OF_PATHS = 2**27


@dataclass(frozen=True)
class CoarseRun:
    """A run at every ``stride``-th frame: MSD of its first parts, and van Hove functions.

    ``prefixes`` are those of ``convergence.PARTS`` of the run; lags are in coarse frames;
    ``trajectory_frames`` are those of the run itself.
    """

    stride: int
    trajectory_frames: int
    prefixes: tuple[SquaredDisplacement, ...]
    van_hove: VanHove


def coarse_run(
    trajectory: Frames,
    mobile: Integers,
    framework: Integers,
    masses: Floats,
    cell: Floats,
    *,
    frame_interval: float,
    longest_fraction: float,
    most_lags: int,
    comm: Communicator,
    most_frames: int = MOST_FRAMES,
    bytes_of_paths: int = _BYTES_OF_PATHS,
) -> CoarseRun:
    """Displacements of a run at few frames, the same for any number of ranks.

    Parameters
    ----------
    trajectory
        Unwrapped positions of all atoms.
    mobile, framework
        Indices of the ions (N,) and of the atoms (M,) of the framework.
    masses
        Masses of the framework's atoms (M,), any unit.
    cell
        Cell vectors as rows (3, 3), Å.
    frame_interval
        Time between frames in ps.
    longest_fraction, most_lags
        Longest lag as a part of a prefix, and the lags kept of it at most.
    """
    stride = -(-trajectory.n_frames // most_frames)
    frames = np.arange(0, trajectory.n_frames, stride)
    lengths = [int(part * len(frames)) for part in PARTS]
    prefixes = [
        (n_frames, lags_of)
        for n_frames in lengths
        if len(lags_of := prefix_lags(n_frames, longest_fraction, most_lags))
    ]
    lags = chosen_lags(len(frames), stride * frame_interval, longest_fraction)
    blocks = ion_blocks(len(mobile))
    together = max(1, bytes_of_paths // (24 * len(frames) * max(b.stop - b.start for b in blocks)))
    mine, found = share(range(len(blocks)), comm), []
    for start in range(0, len(mine), together):
        group = mine[start : start + together]
        ions = np.concatenate([mobile[blocks[index]] for index in group])
        paths = relative_positions(trajectory, frames, ions, framework, masses)
        first = 0
        for index in group:
            own = paths[:, first : first + blocks[index].stop - blocks[index].start]
            tensors = [
                mean_squared_displacement(own[:n_frames], lags_of).tensor for n_frames, lags_of in prefixes
            ]
            found.append((index, tensors, np.array([self_counts(own, lag) for lag in lags])))
            first += own.shape[1]
    merged = sorted((item for items in comm.gathered(found) for item in items), key=lambda item: item[0])
    sizes = np.array([block.stop - block.start for block in blocks], dtype=np.int64)
    squared = [
        _merged([tensors[place] for _, tensors, _ in merged], sizes, lags_of, n_frames)
        for place, (n_frames, lags_of) in enumerate(prefixes)
    ]
    counts = np.array([own for _, _, own in merged])
    distinct = _distinct(trajectory, frames, lags, mobile, framework, masses, cell, comm)
    van_hove = merged_van_hove(lags, counts, sizes, len(frames), distinct, cell)
    return CoarseRun(stride, trajectory.n_frames, tuple(squared), van_hove)


def relative_positions(
    trajectory: Frames, frames: Integers, ions: Integers, framework: Integers, masses: Floats
) -> Floats:
    """Positions (F, n, 3) in Å of some ions at some frames, relative to the framework's centre of mass."""
    first = centre_of_mass(trajectory.read(0, 1)[:, framework], masses)
    found = np.empty((len(frames), len(ions), 3))
    for row, frame in enumerate(frames):
        atoms = trajectory.read(int(frame), int(frame) + 1)
        found[row] = atoms[0, ions] - (centre_of_mass(atoms[:, framework], masses) - first)
    return found


def _merged(tensors: list[Floats], sizes: Integers, lags: Integers, n_frames: int) -> SquaredDisplacement:
    """The displacement of all ions from the means of their blocks, in the order of the blocks."""
    stacked = np.array(tensors)
    mean = np.sum(stacked * sizes[:, None, None, None], axis=0) / sizes.sum()
    return SquaredDisplacement(lags, mean, np.trace(stacked, axis1=2, axis2=3), sizes, n_frames)


def _distinct(
    trajectory: Frames,
    frames: Integers,
    lags: Integers,
    mobile: Integers,
    framework: Integers,
    masses: Floats,
    cell: Floats,
    comm: Communicator,
) -> list[NDArray[np.int64]]:
    """For every lag the counts of pairs from each of some origins, (O, R)."""
    edges = distinct_edges(cell)
    work = [
        (place, origin, lag)
        for place, lag in enumerate(lags)
        for origin in origins(len(frames) - lag, len(mobile))
    ]
    found = []
    for index in share(range(len(work)), comm):
        _, origin, lag = work[index]
        pair = frames[[origin, origin + lag]]
        earlier, later = relative_positions(trajectory, pair, mobile, framework, masses)
        found.append((index, distinct_counts(earlier, later, cell, edges)))
    merged = sorted((item for items in comm.gathered(found) for item in items), key=lambda item: item[0])
    counts = [own for _, own in merged]
    places = np.array([place for place, _, _ in work])
    return [np.array([counts[row] for row in np.flatnonzero(places == p)]) for p in range(len(lags))]
