"""One process at a time: advisory locks that vanish with the process that holds them."""

import fcntl
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from atomstates.errors import InputError

log = logging.getLogger(__name__)


@contextmanager
def held(path: Path, what: str, *, wait: bool) -> Iterator[None]:
    """Hold the lock file ``path`` while doing ``what``, after waiting for it or not.

    Raises
    ------
    InputError
        Another process holds it, and ``wait`` is False.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = path.read_text(encoding="utf-8").strip() or "another process"
            if not wait:
                raise InputError(
                    f"{path.parent.parent}: {what} is already under way ({holder}). "
                    "Wait for its end, or stop it and run the same command again."
                ) from None
            log.info("%s: already under way (%s); waiting for it", what, holder)
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError as error:
            # some network file systems have no locks: go on as if alone
            log.debug("%s: no lock (%s)", path, error.strerror)
        handle.truncate(0)
        handle.write(f"process {os.getpid()} on {socket.gethostname()}")
        handle.flush()
        yield
