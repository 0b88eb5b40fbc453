"""Frames of a trajectory as its file has them, and nothing of it interpreted."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atomstates.errors import InputError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Periodic = tuple[bool, bool, bool]

_PIECE_NUMBERS = 2**21


@dataclass(frozen=True)
class Piece:
    """Consecutive frames of the same atoms.

    Attributes
    ----------
    labels
        Elements of the N atoms, or types or names where the file has no elements.
    masses
        u, shape (N,); None where the file has none.
    positions
        Shape (F, N, 3), in units of the cell vectors; in Å where there is no cell.
    cells
        Vectors as rows, Å, shape (F, 3, 3); None where there is no cell.
    periodic
        Along which vectors there are images.
    steps, times
        Shape (F,), times in ps; None where the file has none that can be trusted.
    coordinates
        What the positions were taken from, in words.
    unwrapped
        What says in which image each atom is, in words; empty where nothing does.
    """

    labels: tuple[str, ...]
    masses: Floats | None
    positions: Floats
    cells: Floats | None
    periodic: Periodic
    steps: Integers | None
    times: Floats | None
    coordinates: str
    unwrapped: str = ""


@dataclass(frozen=True)
class Frame:
    """One frame of a format that is read frame by frame; the same as a piece otherwise."""

    labels: tuple[str, ...]
    positions: Floats
    cell: Floats | None
    coordinates: str
    masses: Floats | None = None
    periodic: Periodic = (True, True, True)
    step: int | None = None
    time: float | None = None


def joined(frames: Iterable[Frame]) -> Iterator[Piece]:
    """Frames of the same atoms, joined to pieces of bounded size."""
    waiting: list[Frame] = []
    for frame in frames:
        full = len(waiting) * frame.positions.size > _PIECE_NUMBERS
        if waiting and (full or _kind(frame) != _kind(waiting[0])):
            yield _piece(waiting)
            waiting = []
        waiting.append(frame)
    if waiting:
        yield _piece(waiting)


def _kind(frame: Frame) -> tuple[object, ...]:
    """Frames of one kind can be joined."""
    return frame.labels, frame.periodic, frame.cell is None


def _piece(frames: Sequence[Frame]) -> Piece:
    """Frames of one kind."""
    first = frames[0]
    return Piece(
        first.labels,
        first.masses,
        np.array([frame.positions for frame in frames], dtype=np.float64),
        None if first.cell is None else np.array([frame.cell for frame in frames], dtype=np.float64),
        first.periodic,
        None if first.step is None else np.array([frame.step for frame in frames], dtype=np.int64),
        None if first.time is None else np.array([frame.time for frame in frames], dtype=np.float64),
        first.coordinates,
    )


def mapped_types(path: Path, types: Sequence[str], elements: Sequence[str]) -> tuple[str, ...]:
    """The element of each atom by its type 1, 2, ... .

    Raises
    ------
    InputError
        A type has no element.
    """
    table = {str(number): element for number, element in enumerate(elements, start=1)}
    if lacking := sorted(set(types) - set(table), key=lambda word: (len(word), word)):
        raise InputError(
            f"{path}: found the types {', '.join(lacking)} beyond the {len(elements)} of --elements "
            f"{','.join(elements)}; name one element for each type 1, 2, ..."
        )
    return tuple(table[word] for word in types)


def kinds(labels: Sequence[str]) -> list[str]:
    """Every label once; types by their number."""
    return sorted(set(labels), key=lambda label: (label.isdigit() and len(label), label))


def check_labels(labels: Sequence[str], needed: Sequence[str], where: str) -> None:
    """Refuse labels that no atom has.

    Raises
    ------
    InputError
        With the labels that there are, and the nearest.
    """
    present = kinds(labels)
    for label in needed:
        if label not in present:
            same = {each.lower(): each for each in present}
            near = get_close_matches(label.lower(), list(same), 1, 0.4)
            hint = f"; did you mean {same[near[0]]}?" if near else ""
            types = " (name types 1, 2, ... by --elements)" if all(map(str.isdigit, present)) else ""
            raise InputError(
                f"{where}: no atom is called {label}; there are {', '.join(present)}{hint}{types}"
            )
