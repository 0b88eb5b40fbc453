"""A trajectory that others made: unwrapped, kept in a temporary file, and read by all ranks.

The first rank goes once through the files, of whatever format and size, and writes paths in units
of the cell vectors as 32-bit numbers into the temporary folder (``TMPDIR``). Every rank then reads from
there, whichever frames and atoms it needs.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atomstates.errors import ProductError
from atomstates.parallel import Communicator
from atomstates.transport.foreign.clock import Clock
from atomstates.transport.foreign.conversion import Contents, convert, stored_frame
from atomstates.transport.foreign.sources import Source

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class ForeignTrajectory:
    """Unwrapped positions in Å by frame, in the mean cell: an atom that only follows the cell stays.

    Attributes
    ----------
    contents
        What the files hold besides positions.
    handle
        Descriptor of the file of paths.
    """

    contents: Contents
    handle: int

    @property
    def n_frames(self) -> int:
        """Number of frames."""
        return len(self.contents.frames)

    @property
    def n_atoms(self) -> int:
        """Number of atoms."""
        return len(self.contents.labels)

    @property
    def cell(self) -> Floats | None:
        """Mean cell, rows, Å, (3, 3); None where the files have none."""
        cells = self.contents.cells
        return None if cells is None else cells.mean(axis=0)

    def read(self, start: int, stop: int, atoms: Integers | None = None) -> Floats:
        """Positions of frames start ... stop - 1 and of some atoms (all unless named), (F, n, 3) Å."""
        if not 0 <= start <= stop <= self.n_frames:
            raise ValueError(f"frames {start} to {stop} of {self.n_frames}")
        cell = self.cell
        chosen: slice | Integers = slice(None) if atoms is None else atoms
        found = np.empty((stop - start, self.n_atoms if atoms is None else len(atoms), 3))
        for row, frame in enumerate(self.contents.frames[start:stop]):
            paths = stored_frame(self.handle, int(frame), self.n_atoms)[chosen].astype(np.float64)
            found[row] = paths if cell is None else paths @ cell
        return found


@contextmanager
def foreign_trajectory(
    source: Source,
    clock: Clock,
    comm: Communicator,
    *,
    labels: tuple[str, ...] = (),
    unwrapped: bool = False,
) -> Iterator[ForeignTrajectory]:
    """A trajectory of other people, for the time of the block.

    Parameters
    ----------
    source
        Files and how they are to be read.
    clock
        Time between frames and which of them count.
    labels
        What some atoms must be called: said before everything is read.
    unwrapped
        Positions are known to be unwrapped: no images are looked for.

    Raises
    ------
    InputError
        A file, column, time or name of atoms is missing, or a step is too long to be unwrapped.
    ProductError
        A file is damaged, or the temporary folder is full or not seen by all ranks.
    """
    folder = tempfile.TemporaryDirectory(prefix="atomstates-") if comm.rank == 0 else None
    try:
        path = Path(comm.from_first("" if folder is None else folder.name)) / "paths.f32"
        contents = comm.from_first(
            None if folder is None else convert(source, clock, path, labels=labels, unwrapped=unwrapped)
        )
        assert contents is not None
        try:
            handle = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise ProductError(
                f"{path}: rank {comm.rank} does not see what the first rank wrote there. Name a folder "
                "that all nodes share by the environment variable TMPDIR."
            ) from error
        comm.barrier()
    finally:
        # what is open can be read after it was removed, and nothing stays when a rank is killed
        if folder is not None:
            folder.cleanup()
    try:
        yield ForeignTrajectory(contents, handle)
    finally:
        os.close(handle)
