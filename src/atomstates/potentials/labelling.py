"""Labelling frames by the teacher, in processes of the teacher's own interpreter."""

import json
import logging
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import ase.io
import numpy as np
from ase import Atoms

from atomstates.errors import InputError, ProgramError
from atomstates.potentials import label
from atomstates.potentials.recipe import Teacher
from atomstates.potentials.sampling import Limits
from atomstates.products import written_whole

_PER_FILE = 40
"""Frames in one file: what is lost when labelling is interrupted."""
_POLL = 5.0
"""s between looks at what other processes are labelling."""

_log = logging.getLogger(__name__)


def label_frames(
    frames: Sequence[Atoms],
    folder: Path,
    teacher: Teacher,
    interpreter: str,
    *,
    processes: int | None = None,
    relax: bool = False,
) -> None:
    """Leave ``labels-NNN.xyz`` in ``folder`` for all frames; files that exist are not made again.

    With ``relax`` each frame is first relaxed by the teacher, positions and cell. Processes: by
    default as many as the teacher's.

    Raises
    ------
    InputError
        There is no such interpreter.
    ProgramError
        A labelling process failed; the message quotes its output.
    """
    write_given(frames, folder, 1 if relax else _PER_FILE)
    label_folder(folder, teacher, interpreter, processes or teacher.processes, relax=relax)


def labels_of(frames: Sequence[Atoms], folder: Path) -> list[Atoms]:
    """The labels in ``folder`` of these frames, in their order.

    Raises
    ------
    InputError
        They are labels of other frames, or not finite.
    """
    labels = all_labels(folder)
    if len(labels) != len(frames):
        raise InputError(
            f"{folder}: {len(labels)} labelled frames, {len(frames)} were given. Typical cause: files of "
            "another recipe in this folder; remove it to have it made again."
        )
    for number, (given, found) in enumerate(zip(frames, labels, strict=True)):
        if list(given.symbols) != list(found.symbols):
            raise InputError(
                f"{folder}: labelled frame {number} is {found.get_chemical_formula()}, what was given is "
                f"{given.get_chemical_formula()} (elements and their order). Typical cause: labels of "
                "another recipe in this folder; remove it to have it made again."
            )
    return labels


def refuse_missing_teacher(teacher: Teacher, interpreter: str) -> None:
    """Find out before hours of work that the teacher cannot be had.

    Raises
    ------
    InputError
        There is no such interpreter, or it cannot import the teacher.
    """
    program = _program(teacher, interpreter)
    module, _, name = teacher.calculator.rpartition(".")
    code = f"import importlib; importlib.import_module({module!r}).{name}"
    done = subprocess.run([program, "-c", code], capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["nothing was said"])[-1]
        raise InputError(
            f"the teacher {teacher.calculator} is not installed for {interpreter} (--teacher-python): "
            f"{last}"
        )


def _program(teacher: Teacher, interpreter: str) -> str:
    """Path of the teacher's interpreter."""
    program = shutil.which(interpreter)
    if program is None:
        raise InputError(
            f"{interpreter}: no such interpreter (--teacher-python). Needed: a Python in which the "
            f"teacher, {teacher.calculator}, is installed."
        )
    # Not resolved: the interpreter of a virtual environment is a link.
    return str(Path(program).absolute())


def write_given(frames: Sequence[Atoms], folder: Path, per_file: int = _PER_FILE) -> None:
    """Leave the frames to label in ``folder`` as ``frames-NNN.xyz``; files that exist are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, first in enumerate(range(0, len(frames), per_file)):
        given = folder / f"frames-{number:03d}.xyz"
        if not given.is_file():
            with written_whole(given) as unfinished:
                ase.io.write(unfinished, frames[first : first + per_file], format="extxyz")


def label_folder(
    folder: Path, teacher: Teacher, interpreter: str, processes: int, *, relax: bool = False
) -> None:
    """Label the frames that lie in ``folder``, and wait for those that others are labelling."""
    while left := _unlabelled(folder):
        worker = [_program(teacher, interpreter), label.__file__, "relax" if relax else "label"]
        _log.info("%s: %d files still to label", folder, len(left))
        _run(left, folder, teacher, worker, processes)
        if len(_unlabelled(folder)) == len(left):
            time.sleep(_POLL)


def _unlabelled(folder: Path) -> list[tuple[Path, Path]]:
    """Files of frames without a file of labels."""
    given = sorted(folder.glob("frames-*.xyz"))
    pairs = [(path, path.with_name(path.name.replace("frames", "labels"))) for path in given]
    return [pair for pair in pairs if not pair[1].is_file()]


def _run(
    pairs: Sequence[tuple[Path, Path]],
    folder: Path,
    teacher: Teacher,
    worker: Sequence[str],
    processes: int,
) -> None:
    """Labelling processes, all at once, each in a folder of its own, where its teacher may write.

    Each takes what no other process has taken. The folders of those that failed stay.
    """
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    files = [str(path.resolve()) for pair in pairs for path in pair]
    command = [*worker, teacher.calculator, json.dumps(teacher.arguments), *files]
    running = []
    for number in range(min(processes, len(pairs))):
        log = folder / f"at-work-{socket.gethostname()}-{os.getpid()}-{number}" / "label.log"
        log.parent.mkdir(exist_ok=True)
        with log.open("w", encoding="utf-8") as handle:
            process = subprocess.Popen(
                command, cwd=log.parent, stdout=handle, stderr=subprocess.STDOUT, env=environment
            )
        running.append((process, log))
    failed = [log for process, log in running if process.wait() != 0]
    if failed:
        last = "\n".join(failed[0].read_text(encoding="utf-8", errors="replace").splitlines()[-10:])
        raise ProgramError(
            f"labelling by {teacher.calculator} with {worker[0]} failed ({failed[0]}):\n{last}\n"
            "Is the teacher installed for this interpreter (--teacher-python)?"
        )
    for _, log in running:
        shutil.rmtree(log.parent)


def kept_labels(folder: Path, limits: Limits) -> tuple[list[Atoms], int]:
    """Labelled frames within the limits of force, and the number of those that are not.

    Frames whose forces are beyond the limit stem from a model that had blown up.
    """
    whole = all_labels(folder)
    kept = [atoms for atoms in whole if abs(atoms.get_forces()).max() <= limits.largest_force_eV_per_A]
    return kept, len(whole) - len(kept)


def all_labels(folder: Path) -> list[Atoms]:
    """All labelled frames of a folder, in the order in which they were given.

    Raises
    ------
    InputError
        An energy or a force is no finite number; the message names file and frame.
    """
    frames = []
    for path in sorted(folder.glob("labels-*.xyz")):
        for number, atoms in enumerate(ase.io.read(path, index=":")):
            energy, forces = atoms.get_potential_energy(), atoms.get_forces()
            if not (np.isfinite(energy) and np.isfinite(forces).all()):
                raise InputError(
                    f"{path}: frame {number} ({atoms.get_chemical_formula()}) has an energy of {energy} eV "
                    f"and forces up to {np.abs(forces).max()} eV/Å; finite numbers are needed. Typical "
                    "cause: a calculation that did not converge. Mend it or take the frame out of both "
                    "files, frames and labels."
                )
            frames.append(atoms)
    return frames
