"""Restart files: which are whole, which is the newest, and which are no longer needed.

LAMMPS writes them in place, so one that was being written when it was killed is cut short. A
whole one ends, as it begins, with a word of its own (``LammpS RestartT``).
"""

from pathlib import Path

_MAGIC = b"LammpS RestartT\0"
_KEPT = 3


def restart_files(folder: Path) -> dict[int, Path]:
    """Whole restart files ``restart.STEP`` by step, in order of steps."""
    return {step: path for step, path in _all(folder).items() if is_whole(path)}


def is_whole(path: Path) -> bool:
    """Whether LAMMPS finished writing this restart file."""
    try:
        with path.open("rb") as handle:
            if handle.read(len(_MAGIC)) != _MAGIC or path.stat().st_size < 4 * len(_MAGIC):
                return False
            handle.seek(-len(_MAGIC), 2)
            return handle.read() == _MAGIC
    except OSError:
        return False


def forget_restarts(folder: Path, after: int) -> None:
    """Remove restart files after a step (cut short, or of a path that was left)."""
    for step, path in _all(folder).items():
        if step > after:
            path.unlink(missing_ok=True)


def forget_old_restarts(folder: Path) -> None:
    """Remove all but the newest few whole restart files."""
    for path in list(restart_files(folder).values())[:-_KEPT]:
        path.unlink(missing_ok=True)


def _all(folder: Path) -> dict[int, Path]:
    """All restart files by step, in order of steps."""
    found = {}
    for path in folder.glob("restart.*"):
        digits = path.name.removeprefix("restart.")
        if digits.isdigit():
            found[int(digits)] = path
    return dict(sorted(found.items()))
