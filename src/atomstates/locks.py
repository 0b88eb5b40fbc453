"""One process at a time: advisory locks that vanish with the process that holds them."""

import fcntl
import logging
import math
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from atomstates.errors import InputError, ProductError

log = logging.getLogger(__name__)

FOR_EVER = math.inf


@contextmanager
def held(path: Path, what: str, *, patience: float = 0.0) -> Iterator[int]:
    """Hold the lock file ``path`` while doing ``what``; its descriptor, which children may inherit.

    Parameters
    ----------
    patience
        Seconds to wait for another process that holds it; ``FOR_EVER`` is allowed.

    Raises
    ------
    InputError
        Another process still holds it.
    ProductError
        The file cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise ProductError(
            f"{path}: cannot be written ({error.strerror}); free space or mend it"
        ) from error
    try:
        _acquire(descriptor, path, what, patience)
        # who holds it, for whoever comes next; a full disk does not need to know
        with suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}".encode())
        yield descriptor
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, what: str, patience: float) -> None:
    """Wait for the lock as long as the patience lasts."""
    deadline, told = time.monotonic() + patience, False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            holder = path.read_text(encoding="utf-8").strip() or "another process"
            if time.monotonic() >= deadline:
                raise InputError(
                    f"{path}: {what} is already under way ({holder}). "
                    "Wait for its end, or stop it and run the same command again."
                ) from None
            if not told and patience == FOR_EVER:
                log.info("%s: already under way (%s); waiting for it", what, holder)
                told = True
            time.sleep(0.2)
        except OSError as error:
            # some network file systems have no locks: go on as if alone
            log.debug("%s: no lock (%s)", path, error.strerror)
            return
