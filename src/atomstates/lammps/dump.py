"""What LAMMPS writes while it runs: text snapshots and DCD trajectories, and nothing of it believed.

A file that was being written when LAMMPS was killed ends somewhere: what is not whole at its
end is left out, anything else that does not fit is an error.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atomstates.errors import ProductError
from atomstates.lammps.text_dump import dump_frames

FloatArray = NDArray[np.float64]

_DCD_HEAD, _CELL_WORDS = 276, 14
_WORDS_AT_ONCE = 2**20


@dataclass(frozen=True)
class Snapshot:
    """One frame with everything in it.

    Attributes
    ----------
    step
        As the file has it.
    element
        Element of each atom, in the order of the ids, length N.
    id
        1 ... N, shape (N,).
    positions
        Unwrapped, relative to the cell's origin, Å, shape (N, 3).
    cell
        Vectors as rows, Å, shape (3, 3), lower triangle.
    """

    step: int
    element: tuple[str, ...]
    id: NDArray[np.int64]
    positions: FloatArray
    cell: FloatArray

    def __post_init__(self) -> None:
        n_atoms = len(self.element)
        if self.positions.shape != (n_atoms, 3) or self.cell.shape != (3, 3):
            raise ValueError(f"{n_atoms} atoms with positions of shape {self.positions.shape}")
        if not np.array_equal(self.id, np.arange(1, n_atoms + 1)):
            raise ValueError(f"ids of {n_atoms} atoms are not 1 ... {n_atoms}")


def read_snapshots(path: Path) -> list[Snapshot]:
    """Frames of a text dump with the columns ``id element xu yu zu`` (in any order, others ignored).

    A truncated last frame is left out; of frames with the same step the later one counts.

    Raises
    ------
    ProductError
        The file is missing, or a frame that is not the last is damaged.
    """
    found: dict[int, Snapshot] = {}
    try:
        for frames in dump_frames(path, ("element", "xu", "yu", "zu")):
            elements = frames.labels["element"]
            positions = np.stack([frames.values[name] for name in ("xu", "yu", "zu")], axis=-1)
            for step, unwrapped, origin, cell in zip(
                frames.step, positions, frames.origin, frames.cell, strict=True
            ):
                found[int(step)] = Snapshot(int(step), elements, frames.id, unwrapped - origin, cell)
    except KeyError as error:
        raise ProductError(
            f"{path}: no column {error}. Remove {path.parent} and run the stage again."
        ) from error
    except ProductError as error:
        raise ProductError(f"{error} Remove the folder {path.parent} and run the stage again.") from error
    return [found[step] for step in sorted(found)]


class DcdFile:
    """The whole frames of a DCD file written by LAMMPS, in single precision.

    Attributes
    ----------
    path, n_frames, n_atoms
        A file without a whole frame has none, and 0 atoms.
    steps
        Step of each frame, shape (n_frames,).

    Raises
    ------
    ProductError
        The file is missing or not what LAMMPS writes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.n_frames, self.n_atoms, self._words, self._head = 0, 0, 0, _DCD_HEAD
        self.steps = np.empty(0, dtype=np.int64)
        try:
            size = path.stat().st_size
            with path.open("rb") as handle:
                head = handle.read(4096)
        except OSError as error:
            raise ProductError(f"{path}: cannot be read ({error.strerror})") from error
        if size < _DCD_HEAD:
            return
        words = np.frombuffer(head[: len(head) // 4 * 4], dtype="<i4")
        # 84-byte record with CORD and 20 integers, record of titles (164 bytes of LAMMPS, more of others),
        # record of the number of atoms
        after = 25 + int(words[23]) // 4
        known = words[0] == 84 and head[4:8] == b"CORD" and words[12] == 1 and 25 <= after < len(words) - 2
        if not known or words[after] != 4:
            raise ProductError(f"{path}: no DCD trajectory of LAMMPS with cells. Run the stage md again.")
        self.n_atoms = int(words[after + 1])
        self._head = 4 * (after + 3)
        # a frame in words of four bytes: the record of the cell (6 doubles), then x, y and z, each between
        # two words that tell its length
        self._words = _CELL_WORDS + 3 * (self.n_atoms + 2)
        self.n_frames = (size - self._head) // (4 * self._words)
        self.steps = int(words[3]) + int(words[4]) * np.arange(self.n_frames, dtype=np.int64)

    def planes(self, start: int, stop: int) -> NDArray[np.float32]:
        """Positions of frames start ... stop - 1 as they lie in the file, Å, shape (frames, 3, atoms).

        Raises
        ------
        ProductError
            A frame is damaged.
        """
        offset, count = self._head + 4 * self._words * start, self._words * (stop - start)
        # read, not mapped: pages of a mapped file count as memory of this process
        found = np.fromfile(self.path, dtype="<f4", count=count, offset=offset)
        if len(found) < count:
            raise self._damaged(start + len(found) // self._words)
        records = found.reshape(-1, self._words)[:, _CELL_WORDS:].reshape(-1, 3, self.n_atoms + 2)
        whole = np.all(records.view("<i4")[:, :, [0, -1]] == 4 * self.n_atoms, axis=(1, 2))
        if not np.all(whole):
            raise self._damaged(start + int(np.argmin(whole)))
        return records[:, :, 1:-1]

    def positions(self, frames: NDArray[np.int64], atoms: NDArray[np.int64] | None = None) -> FloatArray:
        """Positions of some frames and atoms (all of them unless named), Å, shape (frames, atoms, 3)."""
        n_atoms = self.n_atoms if atoms is None else len(atoms)
        found = np.empty((len(frames), n_atoms, 3))
        together = max(1, _WORDS_AT_ONCE // max(1, self._words))
        for rows, run in consecutive(frames):
            for start in range(0, run.stop - run.start, together):
                stop = min(start + together, run.stop - run.start)
                planes = self.planes(run.start + start, run.start + stop)
                here = slice(rows.start + start, rows.start + stop)
                found[here] = (planes if atoms is None else planes[:, :, atoms]).transpose(0, 2, 1)
        return found

    def _damaged(self, frame: int) -> ProductError:
        return ProductError(
            f"{self.path}: frame {frame} is damaged. Remove {self.path.parent} and run md again."
        )


def consecutive(frames: NDArray[np.int64]) -> Iterator[tuple[slice, slice]]:
    """Stretches of consecutive frames: their places in the list, and the frames."""
    edges = [0, *(np.flatnonzero(np.diff(frames) != 1) + 1), len(frames)]
    for start, stop in pairwise(map(int, edges)):
        if stop > start:
            yield slice(start, stop), slice(int(frames[start]), int(frames[stop - 1]) + 1)


def dcd_files(folder: Path) -> Iterator[tuple[int, DcdFile]]:
    """Number and content of every ``trajectory.NNN.dcd`` in a folder, in order."""
    for path in sorted(folder.glob("trajectory.*.dcd"), key=lambda path: int(path.name.split(".")[1])):
        yield int(path.name.split(".")[1]), DcdFile(path)
