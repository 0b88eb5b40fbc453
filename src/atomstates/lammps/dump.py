"""What LAMMPS writes while it runs: text snapshots and DCD trajectories, and nothing of it believed.

A file that was being written when LAMMPS was killed ends somewhere: what is not whole at its
end is left out, anything else that does not fit is an error.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atomstates.errors import ProductError
from atomstates.lammps.text_dump import dump_frames

FloatArray = NDArray[np.float64]


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
    """The whole frames of a DCD file written by LAMMPS, read where they lie (float32).

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
        self.n_frames, self.n_atoms = 0, 0
        self.steps = np.empty(0, dtype=np.int64)
        try:
            size = path.stat().st_size
            with path.open("rb") as handle:
                head = handle.read(276)
        except OSError as error:
            raise ProductError(f"{path}: cannot be read ({error.strerror})") from error
        if size < 276:
            return
        words = np.frombuffer(head, dtype="<i4")
        # 84-byte record with CORD and 20 integers, 164-byte record of titles, record of the number of atoms
        if words[0] != 84 or head[4:8] != b"CORD" or words[23] != 164 or words[66] != 4 or words[12] != 1:
            raise ProductError(f"{path}: no DCD trajectory of LAMMPS with cells. Run the stage md again.")
        self.n_atoms = int(words[67])
        coordinates = [("head", "<i4"), ("values", "<f4", (self.n_atoms,)), ("tail", "<i4")]
        frame = np.dtype(
            [("cell", np.dtype([("head", "<i4"), ("values", "<f8", (6,)), ("tail", "<i4")]))]
            + [(axis, np.dtype(coordinates)) for axis in "xyz"]
        )
        self._frame = frame
        self.n_frames = (size - 276) // frame.itemsize
        self.steps = int(words[3]) + int(words[4]) * np.arange(self.n_frames, dtype=np.int64)

    def positions(self, frames: NDArray[np.int64], atoms: NDArray[np.int64] | None = None) -> FloatArray:
        """Positions of some frames and atoms (all of them unless named), Å, shape (frames, atoms, 3)."""
        mapped = np.memmap(self.path, dtype=self._frame, mode="r", offset=276, shape=(self.n_frames,))
        n_atoms = self.n_atoms if atoms is None else len(atoms)
        found = np.empty((len(frames), n_atoms, 3))
        for row, number in enumerate(frames):
            frame = mapped[number]
            for column, axis in enumerate("xyz"):
                if frame[axis]["head"] != 4 * self.n_atoms or frame[axis]["tail"] != 4 * self.n_atoms:
                    raise ProductError(
                        f"{self.path}: frame {number} is damaged. Remove {self.path.parent} "
                        "and run md again."
                    )
                values = frame[axis]["values"]
                found[row, :, column] = values if atoms is None else values[atoms]
        return found


def dcd_files(folder: Path) -> Iterator[tuple[int, DcdFile]]:
    """Number and content of every ``trajectory.NNN.dcd`` in a folder, in order."""
    for path in sorted(folder.glob("trajectory.*.dcd"), key=lambda path: int(path.name.split(".")[1])):
        yield int(path.name.split(".")[1]), DcdFile(path)
