"""What LAMMPS and DeePMD print into the user's terminal, at C level too, led elsewhere."""

import atexit
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from atomstates.lammps.running import verbose


@cache
def silent_end() -> None:
    """Hide what the libraries of DeePMD print when this process unloads them (once)."""
    if not verbose():
        # what is registered first is done last: the fate of the process has been told by then
        atexit.register(lambda: os.dup2(os.open(os.devnull, os.O_WRONLY), 2))


@contextmanager
def redirected(log: Path) -> Iterator[None]:
    """Standard output and error of this process, C level included, at the end of a file meanwhile."""
    if verbose():
        yield
        return
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    try:
        with log.open("ab") as handle:
            os.dup2(handle.fileno(), 1)
            os.dup2(handle.fileno(), 2)
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, original in enumerate(kept, start=1):
            os.dup2(original, number)
            os.close(original)
