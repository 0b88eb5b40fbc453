"""Snakemake in a process group of its own, which ends when the command line does."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from atomstates.resources import workflow_folder
from atomstates.workflow import LOCK_HELD


@contextmanager
def started(
    campaign: Path,
    results: Path,
    targets: list[str],
    cores: int,
    log: Path | None,
    *,
    profile: str = "default",
    site: Path | None = None,
) -> Iterator["subprocess.Popen[bytes]"]:
    """Snakemake at work on the targets; ended with its jobs if the block is left before it."""
    alive, our_end = os.pipe()
    arguments = [
        "--snakefile", str(workflow_folder() / "Snakefile"),
        "--workflow-profile", str(workflow_folder() / "profiles" / profile),
        "--directory", str(results.resolve()),
        "--cores", str(cores),
        "--config", f"campaign={campaign}", f"results={results.resolve()}",
        *([f"executor={profile}"] if profile != "default" else []),
        *([f"site={site}"] if site else []),
        "--", *targets,
    ]  # fmt: skip
    log_to = log.open("wb") if log else None
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, str(alive), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=log_to,
        stderr=subprocess.STDOUT if log else None,
        env={**os.environ, LOCK_HELD: "1"},
        pass_fds=(alive,),
        start_new_session=True,
    )
    os.close(alive)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(5)
        os.close(our_end)
        process.wait()
        if log_to:
            log_to.close()


def _end_with_parent(pipe: int) -> None:
    """End the whole process group when the other end of the pipe closes, however that came about."""
    os.read(pipe, 1)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, args=(int(sys.argv[1]),), daemon=True).start()
    from snakemake.cli import main

    main(sys.argv[2:])
