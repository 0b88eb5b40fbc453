"""The frames and snapshots of a run, joined from its segments: no gap, no duplicate.

``open_trajectory`` and ``snapshots`` are what other rooms use. Steps that leave this module count
from the first recorded frame.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomstates.errors import ProductError
from atomstates.lammps.dump import DcdFile, Snapshot, consecutive, read_snapshots
from atomstates.md.record import IntegerArray, file_names, kept, segments
from atomstates.products import read_json

RUN = "run.json"

FloatArray = NDArray[np.float64]


def _check_steps(folder: Path, what: str, found: IntegerArray, expected: IntegerArray) -> None:
    """Every step once, none missing."""
    if np.array_equal(found, expected):
        return
    missing = np.setdiff1d(expected, found)
    lack = f"step {missing[0]} is missing" if len(missing) else "steps come twice or out of order"
    raise ProductError(
        f"{folder}: found {len(found)} {what}, needed {len(expected)} ({lack}): truncated or removed "
        f"files of segments. Run `atomstates md` again; if that finds nothing to do, remove {folder} first."
    )


@dataclass(frozen=True)
class Trajectory:
    """All recorded frames of a run, joined from its segments and read when asked for.

    Attributes
    ----------
    frame_interval_ps
        Time between frames.
    steps
        Step of each frame from the first one, shape (n_frames,).
    elements
        Element of each atom in the order of the ids, length n_atoms.
    cell
        Vectors as rows, Å, shape (3, 3); the same in all frames.
    """

    frame_interval_ps: float
    steps: IntegerArray
    elements: tuple[str, ...]
    cell: FloatArray
    parts: tuple[tuple[DcdFile, IntegerArray], ...]
    """Files, each with its frames that count."""

    @property
    def n_frames(self) -> int:
        """Number of frames."""
        return len(self.steps)

    @property
    def n_atoms(self) -> int:
        """Number of atoms."""
        return len(self.elements)

    @property
    def times(self) -> FloatArray:
        """Time of each frame from the first one, ps, shape (n_frames,)."""
        times: FloatArray = np.arange(self.n_frames) * np.float64(self.frame_interval_ps)
        return times

    @property
    def volume(self) -> float:
        """Å³."""
        return float(np.linalg.det(self.cell))

    def read(self, start: int, stop: int, atoms: Sequence[int] | IntegerArray | None = None) -> FloatArray:
        """Unwrapped positions of frames start ... stop - 1, Å, shape (frames, atoms, 3).

        Parameters
        ----------
        start, stop
            Indices of frames.
        atoms
            Indices of atoms (id - 1); all of them by default.

        Raises
        ------
        ProductError
            A frame is damaged.
        """
        chosen = None if atoms is None else np.asarray(atoms, dtype=np.int64)
        blocks = [file.positions(frames, chosen) for file, frames in self._within(start, stop)]
        n_atoms = self.n_atoms if chosen is None else len(chosen)
        return np.concatenate(blocks) if blocks else np.empty((0, n_atoms, 3))

    def planes(self, start: int, stop: int) -> NDArray[np.float32]:
        """The same of all atoms, but as it lies in the files: float32 of shape (frames, 3, atoms).

        Raises
        ------
        ProductError
            A frame is damaged.
        """
        blocks = [
            file.planes(run.start, run.stop)
            for file, frames in self._within(start, stop)
            for _, run in consecutive(frames)
        ]
        if len(blocks) == 1:
            return blocks[0]
        return np.concatenate(blocks) if blocks else np.empty((0, 3, self.n_atoms), dtype=np.float32)

    def _within(self, start: int, stop: int) -> Iterator[tuple[DcdFile, IntegerArray]]:
        """Files that hold frames start ... stop - 1, with their frames."""
        if not 0 <= start <= stop <= self.n_frames:
            raise ValueError(f"frames {start} to {stop} of {self.n_frames}")
        before = 0
        for file, frames in self.parts:
            here = frames[max(0, start - before) : max(0, stop - before)]
            before += len(frames)
            if len(here):
                yield file, here


def open_trajectory(folder: Path) -> Trajectory:
    """The trajectory in the ``md`` folder of a run.

    Raises
    ------
    ProductError
        It is missing or truncated, or has a gap.
    """
    run = _run(folder)
    found = {
        number: file
        for number in (segment.number for segment in segments(folder))
        if (path := folder / file_names(number)["trajectory"]).exists() and (file := DcdFile(path)).n_frames
    }
    parts, steps = [], [np.empty(0, dtype=np.int64)]
    for number, frames in kept(folder, {number: file.steps for number, file in found.items()}):
        own = found[number].steps[frames] - run["produce_step"]
        wanted = own <= run["last_step"] - run["produce_step"]
        parts.append((found[number], frames[wanted]))
        steps.append(own[wanted])
    joined = np.concatenate(steps)
    length = run["last_step"] - run["produce_step"]
    _check_steps(folder, "frames", joined, np.arange(0, length + 1, run["frame_every"]))
    first = snapshots(folder)[0]
    if odd := [file for file, _ in parts if file.n_atoms != len(first.element)]:
        raise ProductError(
            f"{odd[0].path}: found {odd[0].n_atoms} atoms, needed {len(first.element)} as in snapshots. "
            f"Remove {folder} and run `atomstates md` again."
        )
    interval = run["frame_every"] * run["timestep_ps"]
    return Trajectory(interval, joined, first.element, first.cell, tuple(parts))


def snapshots(folder: Path) -> list[Snapshot]:
    """The snapshots in the ``md`` folder of a run, in order; steps count from the first frame.

    Raises
    ------
    ProductError
        They are missing or truncated, or there is a gap.
    """
    run = _run(folder)
    found = {
        segment.number: {snapshot.step: snapshot for snapshot in read_snapshots(path)}
        for segment in segments(folder)
        if (path := folder / file_names(segment.number)["snapshots"]).exists()
    }
    steps = {number: np.array(sorted(frames), dtype=np.int64) for number, frames in found.items()}
    chosen = [
        found[number][int(s)] for number, indices in kept(folder, steps) for s in steps[number][indices]
    ]
    whole = [s for s in chosen if s.step <= run["last_step"]]
    length = run["last_step"] - run["produce_step"]
    shifted = [Snapshot(s.step - run["produce_step"], s.element, s.id, s.positions, s.cell) for s in whole]
    _check_steps(
        folder,
        "snapshots",
        np.array([s.step for s in shifted], dtype=np.int64),
        np.arange(0, length + 1, run["snapshot_every"]),
    )
    return shifted


def _run(folder: Path) -> dict[str, Any]:
    """Steps and intervals of the run (``run.json``)."""
    run: dict[str, Any] = read_json(folder / RUN)
    return run
