"""Pieces of work that any number of processes do together: those of one command, or of many."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from atomstates.errors import InputError
from atomstates.locks import FOR_EVER, held

POLL = 1.0
"""s between looks at what others are doing."""


@dataclass(frozen=True)
class Piece:
    """Something to make in a folder of its own.

    Attributes
    ----------
    product
        File that exists when it is made; its folder has a lock beside it.
    make
        Makes it; what an earlier attempt left may lie in the folder.
    """

    product: Path
    make: Callable[[], None]


def make_all(pieces: Sequence[Piece], processes: int) -> None:
    """Make all pieces, ``processes`` at a time, and wait for those that others are making.

    A piece that nobody makes any more (its maker was killed) is made here. The first error
    ends it, after the pieces under way.
    """
    failed = Event()
    with ThreadPoolExecutor(processes) as pool:
        for done in [pool.submit(_make_some, pieces, failed) for _ in range(processes)]:
            done.result()


def _make_some(pieces: Sequence[Piece], failed: Event) -> None:
    """One thread: whatever is left and not under way, until nothing is left."""
    while left := [piece for piece in pieces if not piece.product.is_file()]:
        made = False
        for piece in left:
            if failed.is_set():
                return
            try:
                made |= _made(piece)
            except BaseException:
                failed.set()
                raise
        if not made:
            time.sleep(POLL)


def _made(piece: Piece) -> bool:
    """Make a piece unless another process or thread is making it."""
    folder = piece.product.parent
    with ExitStack() as stack:
        try:
            stack.enter_context(held(lock_beside(folder), folder.name))
        except InputError:
            return False
        if not piece.product.is_file():
            piece.make()
    return True


def make_once(product: Path, make: Callable[[], None]) -> None:
    """Make a product of which there is one, in this process or in the one that has begun it."""
    if product.is_file():
        return
    with held(product.with_name(f".{product.name}.lock"), product.name, patience=FOR_EVER):
        if not product.is_file():
            make()


def lock_beside(folder: Path) -> Path:
    """Lock of a folder, outside it, so that it may be emptied."""
    return folder.with_name(f".{folder.name}.lock")
