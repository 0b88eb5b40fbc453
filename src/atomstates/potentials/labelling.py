"""Labelling frames by the teacher, in processes of the teacher's own interpreter."""

import json
import logging
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import ase.io
from ase import Atoms

from atomstates.errors import ProgramError
from atomstates.potentials import label
from atomstates.potentials.recipe import Limits, Teacher
from atomstates.products import written_whole

_PER_FILE = 40
"""Frames in one file: what is lost when labelling is interrupted."""

_log = logging.getLogger(__name__)


def label_frames(
    frames: Sequence[Atoms], folder: Path, teacher: Teacher, interpreter: str, *, relax: bool = False
) -> None:
    """Leave ``labels-NNN.xyz`` in ``folder`` for all frames; files that exist are not made again.

    With ``relax`` each frame is first relaxed by the teacher, positions and cell.

    Raises
    ------
    ProgramError
        A labelling process failed; the message quotes its output.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pairs = []
    per_file = 1 if relax else _PER_FILE
    for number, first in enumerate(range(0, len(frames), per_file)):
        given, labels = folder / f"frames-{number:03d}.xyz", folder / f"labels-{number:03d}.xyz"
        if not given.is_file():
            with written_whole(given) as unfinished:
                ase.io.write(unfinished, frames[first : first + per_file], format="extxyz")
        if not labels.is_file():
            pairs.append((given, labels))
    _log.info("%s: %d frames, %d files still to label", folder, len(frames), len(pairs))
    shares = [pairs[i :: teacher.processes] for i in range(teacher.processes)]
    _run(shares, folder, teacher, [interpreter, label.__file__, "relax" if relax else "label"])


def _run(
    shares: Sequence[Sequence[tuple[Path, Path]]], folder: Path, teacher: Teacher, worker: Sequence[str]
) -> None:
    """One labelling process per share, all at once."""
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    running = []
    for number, share in enumerate(shares):
        if not share:
            continue
        files = [str(path) for pair in share for path in pair]
        command = [*worker, teacher.calculator, json.dumps(teacher.arguments), *files]
        log = folder / f"label-{number}.log"
        with log.open("w", encoding="utf-8") as handle:
            process = subprocess.Popen(command, stdout=handle, stderr=subprocess.STDOUT, env=environment)
        running.append((process, log))
    failed = [log for process, log in running if process.wait() != 0]
    if failed:
        last = "\n".join(failed[0].read_text(encoding="utf-8", errors="replace").splitlines()[-10:])
        raise ProgramError(
            f"labelling by {teacher.calculator} with {worker[0]} failed ({failed[0]}):\n{last}\n"
            "Is the teacher installed for this interpreter (--teacher-python)?"
        )


def kept_labels(folder: Path, limits: Limits) -> tuple[list[Atoms], int]:
    """Labelled frames within the limits of force, and the number of those that are not.

    Frames whose forces are beyond the limit stem from a model that had blown up.
    """
    whole = all_labels(folder)
    kept = [atoms for atoms in whole if abs(atoms.get_forces()).max() <= limits.largest_force_eV_per_A]
    return kept, len(whole) - len(kept)


def all_labels(folder: Path) -> list[Atoms]:
    """All labelled frames of a folder, in the order in which they were given."""
    return [atoms for path in sorted(folder.glob("labels-*.xyz")) for atoms in ase.io.read(path, index=":")]
