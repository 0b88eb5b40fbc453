"""Once through the files of a trajectory: its paths into one file of plain numbers."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from atomstates.errors import InputError, ProductError
from atomstates.transport.foreign.clock import Clock, chosen_frames, frame_times
from atomstates.transport.foreign.pieces import Piece, check_labels
from atomstates.transport.foreign.sources import Source, pieces
from atomstates.transport.foreign.unwrapping import LONGEST_STEP, Step, longest_step, unwrapped_paths

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NUMBER = np.dtype(np.float32)


@dataclass(frozen=True)
class Contents:
    """What the files hold besides positions.

    Attributes
    ----------
    labels, masses
        As in ``Piece``.
    cells
        Of the frames that count, Å, shape (T, 3, 3); None where there are none.
    interval
        Time between the frames that count, ps.
    frames
        Their indices in the file of paths, shape (T,).
    said
        How positions and times were taken, in sentences.
    doubts
        What may be wrong with that, in sentences.
    """

    labels: tuple[str, ...]
    masses: Floats | None
    cells: Floats | None
    interval: float
    frames: Integers
    said: tuple[str, ...]
    doubts: tuple[str, ...]


def stored_frame(handle: int, frame: int, n_atoms: int) -> NDArray[np.float32]:
    """One frame of a file of paths, in units of the cell vectors (Å without a cell), shape (N, 3)."""
    size = 3 * n_atoms * NUMBER.itemsize
    return np.frombuffer(os.pread(handle, size, frame * size), dtype=NUMBER).reshape(n_atoms, 3)


def convert(
    source: Source, clock: Clock, path: Path, *, labels: tuple[str, ...], unwrapped: bool
) -> Contents:
    """Write the paths of all atoms in all frames to ``path``.

    Of frames with the same step or time, and of those behind it that were written before, the
    later ones count: a run that went on from a restart wrote them again.

    Raises
    ------
    InputError
        A file, column, time or name of atoms is missing, or a step is too long to be unwrapped.
    ProductError
        A file is damaged, or the disk is full.
    """
    where = ", ".join(str(each) for each in source.paths)
    paths = None
    try:
        with path.open("w+b") as handle:
            for file in source.paths:
                for piece in pieces(source, file):
                    if paths is None:
                        # what is missing is said before hours of reading
                        frame_times(clock, len(piece.positions), piece.steps, piece.times, str(file))
                        check_labels(piece.labels, labels, str(file))
                        paths = _Paths(handle, piece, unwrapped)
                    paths.add(piece, file)
    except OSError as error:
        raise ProductError(
            f"{path}: cannot be written ({error.strerror or error}). The trajectory is kept there while "
            "it is read; name a folder with more space by the environment variable TMPDIR."
        ) from error
    if paths is None:
        raise InputError(f"{where}: no whole frame")
    first, steps, times = paths.first, paths.joined("steps"), paths.joined("times")
    seconds, words = frame_times(clock, paths.n_frames, steps, times, where)
    frames, interval = chosen_frames(clock, seconds, where)
    cells = paths.joined("cells")
    return Contents(
        first.labels,
        first.masses,
        None if cells is None else cells[frames],
        interval,
        frames,
        (paths.sentence(), _frames_sentence(paths, len(frames), interval, words)),
        paths.doubts(),
    )


def _frames_sentence(paths: "_Paths", n_frames: int, interval: float, words: str) -> str:
    """How many frames there are, how far apart, and which were dropped."""
    of_all = f" of {paths.n_frames}" if n_frames < paths.n_frames else ""
    dropped = f"; {paths.n_dropped} frames dropped that were written again later" if paths.n_dropped else ""
    return f"{n_frames}{of_all} frames, {interval:g} ps apart, {words}{dropped}"


class _Paths:
    """The file of paths while it grows; ``first`` is the first piece, which later ones must be like."""

    def __init__(self, handle: BinaryIO, first: Piece, told: bool) -> None:
        self.first = first
        self.n_frames = self.n_dropped = 0
        self._handle = handle
        self._last = first.positions[0]
        self._longest = Step(0.0, 0, 0, 0)
        self._told = told
        self._by_images = not (told or first.unwrapped or first.cells is None)
        self._kept: dict[str, list[NDArray[Any]]] = {"steps": [], "times": [], "cells": []}

    def joined(self, name: str) -> NDArray[Any] | None:
        """Steps, times or cells of all frames; None where the files have none."""
        return np.concatenate(self._kept[name]) if self._kept[name] else None

    def add(self, piece: Piece, file: Path) -> None:
        """Append a piece, over what it writes again."""
        self._check(piece, file)
        marks = piece.steps if piece.times is None else piece.times
        ranges = [np.arange(len(piece.positions))]
        if marks is not None:
            ranges = np.split(ranges[0], np.flatnonzero(np.diff(marks) <= 0) + 1)
        for frames in ranges:
            if marks is not None:
                self._go_back(marks[frames[0]], file)
            self._append(piece, frames, file)

    def _check(self, piece: Piece, file: Path) -> None:
        """The same atoms, and the same things known of them."""
        known, needed = (
            (each.cells is None, each.steps is None, each.times is None, each.coordinates, each.unwrapped)
            for each in (piece, self.first)
        )
        if piece.labels != self.first.labels:
            raise InputError(
                f"{file}: found {len(piece.labels)} atoms that are not those of the first frame "
                f"({len(self.first.labels)} atoms): number, order or kinds differ"
            )
        if known != needed:
            raise InputError(
                f"{file}: not written like the first file: cell, steps, times or columns differ "
                f"({piece.coordinates} here, {self.first.coordinates} there)"
            )

    def _go_back(self, mark: float, file: Path) -> None:
        """Forget the frames from a step or time on, which is written again."""
        marks = self.joined("steps" if self.first.times is None else "times")
        if marks is None or mark > marks[-1]:
            return
        count = int(np.searchsorted(marks, mark))
        if count == 0 and self.n_frames > 1:
            raise InputError(
                f"{file}: begins again at {mark:g}, where the trajectory began, after {self.n_frames} "
                "frames. These are runs of their own: give each to a command of its own."
            )
        self.n_dropped += self.n_frames - count
        self.n_frames = count
        for name, found in self._kept.items():
            self._kept[name] = [np.concatenate(found)[:count]] if found else []
        if count:
            self._handle.flush()
            frame = stored_frame(self._handle.fileno(), count - 1, len(self._last))
            self._last = frame.astype(np.float64)

    def _append(self, piece: Piece, frames: Integers, file: Path) -> None:
        """Unwrap frames and write them."""
        paths = piece.positions[frames]
        if self.n_frames == 0:
            self._last = paths[0]
        if self._by_images:
            paths = unwrapped_paths(paths, self._last, piece.periodic)
        step = longest_step(paths, self._last)
        if self._by_images and step.length > LONGEST_STEP:
            number = self.n_frames + step.frame
            raise InputError(
                f"{file}: atom {step.atom + 1} ({piece.labels[step.atom]}) moves {step.length:.2f} of cell "
                f"vector {'abc'[step.axis]} between frames {number - 1} and {number}; beyond "
                f"{LONGEST_STEP:g} nobody can tell from folded positions which way it went. Write frames "
                "more often, or unwrapped ones (LAMMPS: xu yu zu, or ix iy iz too); if the positions are "
                "unwrapped already, say --unwrapped."
            )
        self._longest = max(self._longest, step, key=lambda each: each.length)
        for name, values in (("steps", piece.steps), ("times", piece.times), ("cells", piece.cells)):
            if values is not None:
                self._kept[name].append(values[frames])
        self._handle.seek(self.n_frames * paths[0].size * NUMBER.itemsize)
        self._handle.write(paths.astype(NUMBER).tobytes())
        self.n_frames += len(paths)
        self._last = paths[-1]

    def sentence(self) -> str:
        """Where the positions are from and how they were unwrapped."""
        first = self.first
        if first.cells is None:
            return f"positions: {first.coordinates}, taken as unwrapped: the file has no cell"
        if self._by_images:
            return (
                f"positions: {first.coordinates}, unwrapped by nearest images "
                f"(longest step between frames: {self._longest.length:.2f} of a cell vector)"
            )
        by = "as told" if self._told and not first.unwrapped else f"by {first.unwrapped}"
        return f"positions: {first.coordinates}, unwrapped {by}"

    def doubts(self) -> tuple[str, ...]:
        """Steps that unwrapped paths would hardly make."""
        if self.first.cells is None or self._by_images or self._longest.length <= 0.5:
            return ()
        return (
            f"atom {self._longest.atom + 1} moves {self._longest.length:.2f} of a cell vector between two "
            "frames: were image flags reset on the way, or are the positions not unwrapped?",
        )
