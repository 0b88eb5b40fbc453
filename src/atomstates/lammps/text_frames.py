"""The frames of a LAMMPS text dump as text: streams, heads and cells; nothing is parsed yet below the head.

What is not whole at the end of a file is left out; anything else that does not fit is an error.
"""

import bz2
import gzip
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from atomstates.errors import InputError, ProductError

FloatArray = NDArray[np.float64]

_PIECE_BYTES = 2**22
_ITEM = b"ITEM: "
_TO_PS = {"metal": 1.0, "real": 1e-3}


@dataclass(frozen=True)
class Head:
    """What most frames of a file have in common: atoms, cell (rows, Å), its corner, boundaries, columns."""

    n_atoms: int
    cell: FloatArray
    origin: FloatArray
    boundary: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True)
class TextFrame:
    """First line in the file, step and time (ps) of a frame, its head, and the text of its rows."""

    line: int
    step: int
    time: float | None
    head: Head
    rows: bytes

    @property
    def kind(self) -> tuple[object, ...]:
        """Frames of one kind can be parsed together."""
        return self.head.n_atoms, self.head.boundary, self.head.columns, self.time is None


def text_frames(path: Path) -> Iterator[TextFrame]:
    """Frames one by one; the last one only if it is whole."""
    line, per_unit = 1, None
    texts = _texts(path)
    following = next(texts, None)
    while following is not None:
        (text, rows), following = following, next(texts, None)
        try:
            clock, box, rest = text.partition(b"ITEM: NUMBER OF ATOMS")
            items = _items(clock)
            if "UNITS" in items:
                per_unit = _picoseconds(path, items["UNITS"][0])
            head = _head(box + rest)
            if (n_rows := _n_lines(rows)) != head.n_atoms:
                raise ValueError(f"{n_rows} rows for {head.n_atoms} atoms")
            time = None if per_unit is None or "TIME" not in items else float(items["TIME"][0]) * per_unit
            frame = TextFrame(line, int(items["TIMESTEP"][0]), time, head, rows)
        except (ValueError, IndexError, KeyError) as error:
            if following is None:
                return
            raise damaged(path, line, error) from error
        yield frame
        line += text.count(b"\n") + n_rows


def _texts(path: Path) -> Iterator[tuple[bytes, bytes]]:
    """Head and rows of each frame; of the last one only whole lines."""
    try:
        with closing(opened(path)) as stream:
            text = b""
            while piece := _piece(stream):
                text += piece
                start = 0
                # a frame has ended where the next one begins
                while (atoms := text.find(_ITEM + b"ATOMS", start)) >= 0:
                    end = text.find(_ITEM, atoms + len(_ITEM))
                    if end < 0:
                        break
                    rows = text.index(b"\n", atoms) + 1
                    yield text[start:rows], text[rows:end]
                    start = end
                text = text[start:]
    except OSError as error:
        raise ProductError(f"{path}: cannot be read ({error.strerror or error})") from error
    text = text[: text.rfind(b"\n") + 1]
    rows = text.find(b"\n", max(0, text.find(_ITEM + b"ATOMS"))) + 1
    if text.strip():
        yield text[:rows], text[rows:]


def _piece(stream: IO[bytes]) -> bytes:
    """The next bytes; a compressed file that was cut short ends where it was cut."""
    parts: list[bytes] = []
    size = 0
    with suppress(EOFError, zlib.error):
        # at the cut only what one such call asks for is lost
        while size < _PIECE_BYTES and (part := stream.read1(_PIECE_BYTES)):  # type: ignore[attr-defined]
            parts.append(part)
            size += len(part)
    return b"".join(parts)


def _n_lines(text: bytes) -> int:
    """Line ends; ``bytes.count`` is several times slower where lines are short."""
    return int(np.count_nonzero(np.frombuffer(text, dtype=np.uint8) == ord("\n")))


def opened(path: Path) -> IO[bytes]:
    """The file, unpacked while it is read where its first bytes say that it is compressed."""
    with path.open("rb") as plain:
        magic = plain.read(4)
    if magic[:2] == b"\x1f\x8b":
        return cast(IO[bytes], gzip.open(path))
    if magic[:3] == b"BZh":
        return bz2.open(path)
    if magic == b"\x28\xb5\x2f\xfd":
        try:
            import zstandard
        except ImportError as error:
            raise InputError(
                f"{path}: to read what zstd compressed, install the package `zstandard` "
                "(pip install zstandard), or unpack the file first"
            ) from error
        unpacked: IO[bytes] = zstandard.open(path)
        return unpacked
    return path.open("rb")


def _items(head: bytes) -> dict[str, list[str]]:
    """Lines of each ITEM of a head; the first is what stands behind the name of BOX BOUNDS and ATOMS."""
    items: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in head.decode("utf-8", errors="replace").splitlines():
        if not line.startswith("ITEM: "):
            lines.append(line)
            continue
        words = line[6:].strip()
        name = next((name for name in ("BOX BOUNDS", "ATOMS") if words.startswith(name)), words)
        items[name] = lines = [words[len(name) :]] if name in ("BOX BOUNDS", "ATOMS") else []
    return items


@lru_cache(maxsize=1)
def _head(text: bytes) -> Head:
    """What follows the step and time of a frame; as long as it stays the same it is parsed once."""
    items = _items(text)
    if lacking := {"NUMBER OF ATOMS", "BOX BOUNDS", "ATOMS"} - set(items):
        raise ValueError(f"its head has no ITEM: {min(lacking)}")
    words, *bounds = items["BOX BOUNDS"]
    cell, origin = _cell(words, [[float(word) for word in bound.split()] for bound in bounds])
    boundary = tuple(word for word in words.split() if word not in ("xy", "xz", "yz", "abc", "origin"))
    columns = tuple(items["ATOMS"][0].split())
    return Head(int(items["NUMBER OF ATOMS"][0]), cell, origin, boundary, columns)


def _cell(words: str, bounds: list[list[float]]) -> tuple[FloatArray, FloatArray]:
    """Cell and origin from the bounds of the box (LAMMPS manual, ``dump`` and Howto triclinic)."""
    if "abc" in words:  # general triclinic: rows of the three vectors, and the origin behind them
        vectors = np.array(bounds)
        return vectors[:, :3].copy(), vectors[:, 3].copy()
    (x_low, x_high, *rest_x), (y_low, y_high, *rest_y), (z_low, z_high, *rest_z) = bounds
    xy, xz, yz = (rest[0] if rest else 0.0 for rest in (rest_x, rest_y, rest_z))
    # restricted triclinic: the file has the box around the tilted cell
    x_low -= min(0.0, xy, xz, xy + xz)
    x_high -= max(0.0, xy, xz, xy + xz)
    y_low -= min(0.0, yz)
    y_high -= max(0.0, yz)
    cell = [[x_high - x_low, 0.0, 0.0], [xy, y_high - y_low, 0.0], [xz, yz, z_high - z_low]]
    return np.array(cell), np.array([x_low, y_low, z_low])


def _picoseconds(path: Path, units: str) -> float:
    """A unit of time in ps, of those units that measure in Å."""
    if units.strip() not in _TO_PS:
        raise InputError(
            f"{path}: a dump in the units `{units.strip()}`; `metal` or `real` (Å) are needed: convert it"
        )
    return _TO_PS[units.strip()]


def damaged(path: Path, line: int, error: Exception) -> ProductError:
    """The error that names a damaged frame by its first line."""
    return ProductError(f"{path}: the frame at line {line} is damaged ({error}).")
