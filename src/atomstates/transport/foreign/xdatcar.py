"""Trajectories of VASP: XDATCAR, frame by frame, also with a cell that changes."""

import itertools
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atomstates.errors import ProductError
from atomstates.lammps.text_frames import opened

Floats = NDArray[np.float64]


def xdatcar_frames(path: Path) -> Iterator[tuple[tuple[str, ...], Floats, Floats]]:
    """Elements, positions in units of the cell vectors (N, 3) and cell (3, 3) in Å of each frame.

    A frame that is cut short at the end is left out.

    Raises
    ------
    ProductError
        The file is missing, or is no XDATCAR.
    """
    line, cell = 0, np.eye(3)
    elements: tuple[str, ...] = ()
    try:
        with closing(opened(path)) as stream:
            # a line without an end was being written
            lines = (text.decode("utf-8", errors="replace") for text in stream if text.endswith(b"\n"))
            for title in lines:
                line += 1
                if not title.startswith("Direct configuration"):
                    # a new head: title, scale, three vectors, symbols, counts; then the frame's own title
                    head = list(itertools.islice(lines, 7))
                    line += len(head)
                    if len(head) < 7:
                        return
                    elements, cell = _head(head)
                rows = list(itertools.islice(lines, len(elements)))
                if len(rows) < len(elements):
                    return
                yield (
                    elements,
                    np.array(" ".join(rows).split(), dtype=np.float64).reshape(len(elements), 3),
                    cell,
                )
                line += len(rows)
    except (ValueError, IndexError) as error:
        raise ProductError(f"{path}: the frame at line {line} is damaged ({error}).") from error
    except (OSError, EOFError) as error:
        if isinstance(error, EOFError):  # a compressed file that was cut short
            return
        raise ProductError(f"{path}: cannot be read ({error.strerror or error})") from error


def _head(lines: list[str]) -> tuple[tuple[str, ...], Floats]:
    """Elements and cell."""
    scale, *vectors, symbols, counts, title = lines
    if not title.startswith("Direct"):
        raise ValueError(f"found {title.strip()!r}, needed `Direct configuration=`")
    cell = np.array([[float(word) for word in vector.split()] for vector in vectors])
    factor = float(scale)
    # a negative scale is the volume of the cell
    factor = factor if factor > 0 else float(np.cbrt(-factor / abs(np.linalg.det(cell))))
    # VASP 6 may write a hash behind the symbol (Li_sv/1f3a...)
    names = [symbol.split("/")[0].split("_")[0] for symbol in symbols.split()]
    elements = tuple(np.repeat(names, [int(count) for count in counts.split()]).tolist())
    return elements, factor * cell
