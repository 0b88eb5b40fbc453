"""Text dumps of LAMMPS in all their forms, parsed in blocks of frames by the C parser of pandas.

Any columns in any order, tilted and general triclinic cells, ids out of order, compressed files.
"""

import csv
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomstates.errors import InputError
from atomstates.lammps.text_frames import TextFrame, damaged, text_frames

FloatArray = NDArray[np.float64]
IntegerArray = NDArray[np.int64]

_LABELS = ("element", "type")
COORDINATES = (("xu", "yu", "zu"), ("xsu", "ysu", "zsu"), ("x", "y", "z"), ("xs", "ys", "zs"))
IMAGE_FLAGS = ("ix", "iy", "iz")
# a block is large against what a call of the parser costs and small against memory
_BLOCK_BYTES = 2**23


@dataclass(frozen=True)
class DumpFrames:
    """Consecutive frames of the same atoms, in the order of their ids.

    Attributes
    ----------
    step
        Shape (F,).
    time
        ps, shape (F,); None unless the file has both times and units (``dump_modify time units``).
    cell
        Vectors as rows, Å, shape (F, 3, 3).
    origin
        Corner of the cell, Å, shape (F, 3).
    boundary
        As in the file, one word for each vector: ``pp`` is periodic.
    id
        Shape (N,).
    labels
        The columns ``element`` and ``type`` where wanted, each of N words.
    values
        The other wanted columns that the file has, each of shape (F, N).
    """

    step: IntegerArray
    time: FloatArray | None
    cell: FloatArray
    origin: FloatArray
    boundary: tuple[str, ...]
    id: IntegerArray
    labels: dict[str, tuple[str, ...]]
    values: dict[str, FloatArray]

    @property
    def fractional(self) -> FloatArray:
        """Positions in units of the cell vectors, shape (F, N, 3), from the best columns that there are.

        Raises
        ------
        InputError
            No set of three columns with positions.
        """
        names, flags = self.coordinates, self.image_flags
        found = np.stack([self.values[name] for name in names], axis=-1)
        if "s" not in names[0]:
            # one cell a frame: r = s h + origin
            found = (found - self.origin[:, None]) @ np.linalg.inv(self.cell)
        if flags:
            found = found + np.stack([self.values[name] for name in flags], axis=-1)
        return found

    @property
    def coordinates(self) -> tuple[str, str, str]:
        """The columns that positions are taken from: unwrapped ones first, scaled ones last."""
        for names in COORDINATES:
            if set(names) <= set(self.values):
                return names
        raise InputError(
            "no positions among the columns of the dump; needed are `xu yu zu`, `xsu ysu zsu`, `x y z` or "
            "`xs ys zs`"
        )

    @property
    def image_flags(self) -> tuple[str, ...]:
        """The columns ix, iy, iz where they unwrap the positions."""
        needed = "u" not in self.coordinates[0] and set(IMAGE_FLAGS) <= set(self.values)
        return IMAGE_FLAGS if needed else ()

    @property
    def is_unwrapped(self) -> bool:
        """Whether the file says in which image of the cell each atom is."""
        return "u" in self.coordinates[0] or bool(self.image_flags)


def dump_frames(
    path: Path, wanted: Collection[str], block_bytes: int = _BLOCK_BYTES
) -> Iterator[DumpFrames]:
    """Frames of a text dump, in blocks of about ``block_bytes`` of text, as they come.

    Parameters
    ----------
    path
        Plain, or compressed by gzip, bzip2 or zstd.
    wanted
        Names of columns; those that the file does not have are left out. ``id`` is always read.

    Raises
    ------
    InputError
        No column ``id``; units without Å; a zstd file and no package that reads it.
    ProductError
        The file is missing, or a frame that is not the last is damaged.
    """
    waiting: list[TextFrame] = []
    size = 0
    for frame in text_frames(path):
        if waiting and (frame.kind != waiting[0].kind or size > block_bytes):
            yield _parsed(path, waiting, wanted)
            waiting, size = [], 0
        waiting.append(frame)
        size += len(frame.rows)
    if waiting:
        yield _parsed(path, waiting, wanted)


def _parsed(path: Path, frames: list[TextFrame], wanted: Collection[str]) -> DumpFrames:
    """The wanted columns of frames of one kind, sorted by id."""
    columns = frames[0].head.columns
    if "id" not in columns:
        raise InputError(
            f"{path}: found the columns {' '.join(columns)}, needed `id` too: without it nobody can "
            "tell which atom is which. Write the dump with `dump custom ... id ...`."
        )
    chosen = [name for name in columns if name in wanted or name == "id"]
    try:
        table = _table(b"".join(frame.rows for frame in frames), columns, chosen)
        return _sorted_frames(frames, table, chosen)
    except ValueError as error:
        if len(frames) == 1:
            raise damaged(path, frames[0].line, error) from error
        for frame in frames:  # finds the one that is to blame
            _parsed(path, [frame], wanted)
        raise damaged(path, frames[0].line, error) from error


def _table(rows: bytes, columns: tuple[str, ...], chosen: list[str]) -> Any:
    """Data frame of the chosen columns."""
    import pandas  # takes 0.2 s, which commands that read no dump need not wait

    kinds = {name: "int64" if name in ("id", *IMAGE_FLAGS) else "float64" for name in chosen}
    kinds |= {name: "category" for name in chosen if name in _LABELS}
    return pandas.read_csv(
        io.BytesIO(rows),
        sep=" " if _single_blanks(rows) else r"\s+",
        header=None,
        names=list(columns),
        index_col=False,  # or else a blank at the end of each row makes the first column an index
        usecols=chosen,
        dtype=kinds,
        keep_default_na=False,
        quoting=csv.QUOTE_NONE,
        engine="c",
    )


def _single_blanks(rows: bytes) -> bool:
    """Whether single blanks part the columns, as LAMMPS writes by itself; they are parsed faster."""
    if b"\t" in rows or rows[:1] == b" ":
        return False
    white = np.frombuffer(rows, dtype=np.uint8) <= ord(" ")
    pairs = white[1:] & white[:-1]
    # a blank may end a row
    return not pairs.any() or not np.any(pairs & (np.frombuffer(rows, dtype=np.uint8)[1:] == ord(" ")))


def _order(ids: IntegerArray) -> IntegerArray | None:
    """Where in the flattened ``ids`` (F, N) the sorted ids of each frame are; None if they are sorted.

    Raises
    ------
    ValueError
        Ids come twice or differ from frame to frame.
    """
    first = np.sort(ids[0])
    if np.any(first[1:] == first[:-1]):
        raise ValueError("an id comes twice")
    if np.all(ids == first):
        return None
    # without gaps the rank is known without a search
    gapless = first[-1] - first[0] == len(first) - 1
    rank = ids - first[0] if gapless else np.searchsorted(first, ids)
    if rank.min() < 0 or rank.max() >= len(first) or np.any(first[rank] != ids):
        raise ValueError("its atoms have other ids than those of the frame before")
    order = np.full(ids.shape, -1)
    np.put_along_axis(order, rank, np.arange(ids.size).reshape(ids.shape), axis=1)
    if np.any(order < 0):
        raise ValueError("an id comes twice")
    return order


def _sorted_frames(frames: list[TextFrame], table: Any, chosen: list[str]) -> DumpFrames:
    """Columns of the data frame by frame and atom; the same atoms in every frame."""
    shape = (len(frames), frames[0].head.n_atoms)
    ids = table["id"].to_numpy().reshape(shape)
    order = _order(ids)
    labels, values = {}, {}
    for name in chosen:
        column = table[name].cat.codes if name in _LABELS else table[name]
        flat = column.to_numpy()
        found = flat.reshape(shape) if order is None else flat[order]
        if name in _LABELS:
            if np.any(found < 0):
                raise ValueError("a row is cut short")
            if np.any(found != found[0]):
                raise ValueError(f"an atom has another {name} than in the frame before")
            words = [str(word) for word in table[name].cat.categories]
            labels[name] = tuple(words[code] for code in found[0])
        elif name != "id":
            if not np.all(np.isfinite(found)):
                raise ValueError(f"{name} is not a number, or a row is cut short")
            values[name] = found
    times = [frame.time for frame in frames if frame.time is not None]
    return DumpFrames(
        np.array([frame.step for frame in frames], dtype=np.int64),
        np.array(times) if times else None,
        np.array([frame.head.cell for frame in frames]),
        np.array([frame.head.origin for frame in frames]),
        frames[0].head.boundary,
        np.sort(ids[0]),
        labels,
        values,
    )
