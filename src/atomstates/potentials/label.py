"""Labelling worker: an ASE calculator's energy, forces, stress and atomic energies of frames.

Run as a file by the teacher's own interpreter, which needs ASE and the teacher and nothing
of atomstates: ``python label.py MODE CALCULATOR ARGUMENTS_JSON FRAMES LABELS [FRAMES LABELS ...]``
with MODE ``label`` (the frames as they are) or ``relax`` (positions and cell relaxed first).
"""

import fcntl
import importlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ase.io
import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.filters import FrechetCellFilter
from ase.optimize import BFGS

RELAXED_FORCE = 0.01
"""eV/Å: largest force on atoms, and gradient of the cell, of a relaxed structure."""
_MOST_STEPS = 400


def calculator(path: str, arguments: dict[str, Any]) -> Any:
    """Instance of the calculator class with this import path."""
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)(**arguments)


def labelled(atoms: Atoms, teacher: Any) -> Atoms:
    """A copy that carries the teacher's results (eV, eV/Å, eV/Å³; ``energies`` sum to ``energy``).

    Stress and atomic energies are left out where the teacher has none. The energy is the one
    that the forces are derivatives of: with smeared occupations, the free energy.
    """
    probe = atoms.copy()
    probe.calc = teacher
    known = teacher.implemented_properties
    results = {
        "energy": probe.get_potential_energy(force_consistent="free_energy" in known),
        "forces": probe.get_forces(),
    }
    if "stress" in known:
        results["stress"] = probe.get_stress()
    if "energies" in known:
        results["energies"] = probe.get_potential_energies()
    for name, values in results.items():
        if not np.isfinite(values).all():
            raise RuntimeError(f"the teacher's {name} of {atoms.get_chemical_formula()}: not finite")
    if "energies" in results:
        gap = abs(results["energy"] - np.sum(results["energies"])) / len(atoms)
        if gap > 1e-4:
            raise RuntimeError(f"the teacher's atomic energies miss its energy by {gap:.2g} eV/atom")
    copy: Atoms = atoms.copy()
    copy.calc = SinglePointCalculator(copy, **results)
    return copy


def relaxed(atoms: Atoms, teacher: Any) -> Atoms:
    """A copy relaxed in positions and cell, with ``info["converged"]``."""
    probe: Atoms = atoms.copy()
    probe.calc = teacher
    # ASE's default divides the gradient of the cell by the number of atoms, and stops too early.
    with_cell: Any = FrechetCellFilter(probe, exp_cell_factor=1.0)
    converged = BFGS(with_cell, logfile=None).run(fmax=RELAXED_FORCE, steps=_MOST_STEPS)
    probe.info["converged"] = bool(converged)
    return probe


def label_file(frames: Path, labels: Path, teacher: Any, relax: bool) -> None:
    """Label all frames of an extended-XYZ file; a file of labels that exists is complete."""
    done = []
    for number, atoms in enumerate(ase.io.read(frames, index=":")):
        try:
            done.append(labelled(relaxed(atoms, teacher) if relax else atoms, teacher))
        except Exception as error:
            error.add_note(f"{frames}: frame {number}")
            raise
    unfinished = labels.with_name(f".{labels.name}.{os.getpid()}.unfinished")
    ase.io.write(unfinished, done, format="extxyz")
    unfinished.replace(labels)


def taken(labels: Path) -> int | None:
    """Descriptor of the lock on a file of labels, or None while another process makes it.

    The lock vanishes with the process. File systems without locks let everyone through.
    """
    descriptor = os.open(labels.with_name(f".{labels.name}.lock"), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError:
        return descriptor
    return descriptor


def main(arguments: Sequence[str]) -> None:
    """Label every pair of files that is not labelled and that nobody else is labelling."""
    mode, path, options, *files = arguments
    teacher = calculator(path, json.loads(options))
    for frames, labels in zip(files[::2], files[1::2], strict=True):
        lock = taken(Path(labels))
        if lock is None:
            continue
        try:
            if not Path(labels).is_file():
                label_file(Path(frames), Path(labels), teacher, relax=mode == "relax")
                print(labels, flush=True)
        finally:
            os.close(lock)


if __name__ == "__main__":
    main(sys.argv[1:])
