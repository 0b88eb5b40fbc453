"""Displacements of a run, worked out by each rank for its share of the ions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomstates.parallel import Communicator
from atomstates.transport.msd import (
    SquaredDisplacement,
    ion_blocks,
    merged_blocks,
    spaced_lags,
)
from atomstates.transport.paths import Frames, Motion, PathReader, Planes
from atomstates.transport.spectra import DisplacementSums, pairs_at_once

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

__all__ = ["PIECES", "Frames", "Planes", "RunDisplacements", "run_displacements"]

PIECES = 4
_NO_IONS = np.empty(0, dtype=np.int64)
LEAST_BYTES, MOST_BYTES, READINGS = 2**26, 2**30, 16
"""Memory of a rank for paths: what is needed to read the trajectory 16 times, within these bounds."""


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


@dataclass(frozen=True)
class _Portion:
    """Ions of one block that are added together, in pairs; ``last`` of its block."""

    start: int
    stop: int
    last: bool

    @property
    def odd(self) -> bool:
        """The last ion is its own partner."""
        return (self.stop - self.start) % 2 == 1

    @property
    def places(self) -> Integers:
        """Places among the mobile ions, two a pair."""
        return np.minimum(np.arange(self.start, self.start + 2 * len(self)), self.stop - 1)

    def __len__(self) -> int:
        return (self.stop - self.start + 1) // 2


def run_displacements(
    trajectory: Frames,
    mobile: Integers,
    framework: Integers,
    masses: Floats,
    *,
    longest_fraction: float,
    most_lags: int,
    comm: Communicator,
    most_bytes: int | None = None,
) -> RunDisplacements:
    """Displacements relative to the framework's centre of mass, the same for any number of ranks.

    Blocks of ions are dealt out to the ranks and merged in their order. A rank holds the paths of
    so many ions at a time as fit into memory; for the next ones the trajectory is read again, by all
    ranks together and by each a share of its frames. Sums need another 400 bytes a frame.

    Parameters
    ----------
    trajectory
        Unwrapped positions of all atoms; with ``planes`` (see ``Planes``) read fastest.
    mobile, framework
        Indices of the ions (N,) and of the atoms (M,) of the framework. Without a framework
        displacements are those in the cell.
    masses
        Masses of the framework's atoms (M,), any unit.
    longest_fraction
        Longest lag as a part of the run.
    most_lags
        Lags kept at most.
    most_bytes
        Memory of a rank for paths; less of it costs more readings and changes no digit. By default
        64 MiB, or, up to 1 GiB, what lets 16 readings do (one, if the trajectory has no ``planes``).

    Raises
    ------
    ValueError
        No ions, or not one mass for each atom of the framework.
    ProductError
        Positions that are not finite.
    """
    n_frames, n_ions = trajectory.n_frames, len(mobile)
    if n_ions == 0 or len(masses) != len(framework):
        raise ValueError(f"{n_ions} ions; {len(masses)} masses for {len(framework)} framework atoms")
    lags = spaced_lags(int(longest_fraction * (n_frames - 1)), most_lags)
    piece_frames = n_frames // PIECES
    piece_lags = lags[lags <= (piece_frames - 1) // 2]
    sums = DisplacementSums(n_frames, lags, PIECES, piece_lags)
    portions = _portions(n_ions, n_frames, comm)
    rounds = _rounds(portions, _most_pairs(trajectory, _n_pairs(portions), most_bytes), comm)
    reader = PathReader(trajectory, mobile, framework, masses, comm, max(map(_n_pairs, rounds)))
    own: list[tuple[Floats, Floats]] = []
    for together in rounds:
        motion = _add(own, sums, together, reader)
    # the order of ranks is that of the blocks
    found = [block for of_rank in comm.gathered(own) for block in of_rank]
    whole = merged_blocks(np.array([block for block, _ in found]), n_ions, lags, n_frames)
    # all ions move as one
    sums.add(motion.total[None] + 0j, odd=True)
    collective = merged_blocks(sums.whole()[None], 1, lags, n_frames).tensor / n_ions
    pieces = np.sum([pieces for _, pieces in found], axis=0) / n_ions
    return RunDisplacements(whole, collective, piece_lags, pieces, piece_frames)


def _portions(n_ions: int, n_frames: int, comm: Communicator) -> list[_Portion]:
    """This rank's stretch of the blocks, in portions that the number of frames alone decides."""
    blocks, step = ion_blocks(n_ions), 2 * pairs_at_once(n_frames)
    first, end = (len(blocks) * rank // comm.size for rank in (comm.rank, comm.rank + 1))
    return [
        _Portion(start, min(start + step, block.stop), start + step >= block.stop)
        for block in blocks[first:end]
        for start in range(block.start, block.stop, step)
    ]


def _most_pairs(trajectory: Frames, n_pairs: int, most_bytes: int | None) -> int:
    """How many of a rank's pairs are held at a time."""
    again = isinstance(trajectory, Planes)  # is cheap to read once more
    pair_bytes = 3 * trajectory.n_frames * (8 if again else 16)
    if most_bytes is None:
        needed = n_pairs * pair_bytes // (READINGS if again else 1)
        most_bytes = min(max(needed, LEAST_BYTES), MOST_BYTES)
    return most_bytes // pair_bytes


def _rounds(portions: list[_Portion], most_pairs: int, comm: Communicator) -> list[list[_Portion]]:
    """Portions that are read together because they fit into memory; as many rounds on every rank."""
    rounds: list[list[_Portion]] = [[]]
    for portion in portions:
        if rounds[-1] and _n_pairs(rounds[-1]) + len(portion) > most_pairs:
            rounds.append([])
        rounds[-1].append(portion)
    missing = max(comm.gathered(len(rounds))) - len(rounds)
    return rounds + [[] for _ in range(missing)]


def _n_pairs(portions: list[_Portion]) -> int:
    return sum(len(portion) for portion in portions)


def _add(
    found: list[tuple[Floats, Floats]],
    sums: DisplacementSums,
    portions: list[_Portion],
    reader: PathReader,
) -> Motion:
    """Read portions, add them to the sums of their block, and put what blocks give to ``found``."""
    paths, motion = reader.read(np.concatenate([_NO_IONS, *(portion.places for portion in portions)]))
    start = 0
    for portion in portions:
        sums.add(paths[start : start + len(portion)], motion.drift, odd=portion.odd)
        start += len(portion)
        if portion.last:
            found.append((sums.whole(), sums.pieces()))
            sums.clear()
    return motion
