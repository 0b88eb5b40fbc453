"""Labelling worker: an ASE calculator's energy, forces, stress and atomic energies of frames.

Run as a file by the teacher's own interpreter, which needs ASE and the teacher and nothing
of atomstates: ``python label.py MODE CALCULATOR ARGUMENTS_JSON FRAMES LABELS [FRAMES LABELS ...]``
with MODE ``label`` (the frames as they are) or ``relax`` (positions and cell relaxed first).
"""

import importlib
import json
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
    """A copy that carries the teacher's results (eV, eV/Å, eV/Å³; ``energies`` sum to ``energy``)."""
    probe = atoms.copy()
    probe.calc = teacher
    results = {
        "energy": probe.get_potential_energy(),
        "forces": probe.get_forces(),
        "stress": probe.get_stress(),
    }
    if "energies" in teacher.implemented_properties:
        results["energies"] = probe.get_potential_energies()
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
    given = ase.io.read(frames, index=":")
    done = [labelled(relaxed(atoms, teacher) if relax else atoms, teacher) for atoms in given]
    unfinished = labels.with_name(f".{labels.name}.unfinished")
    ase.io.write(unfinished, done, format="extxyz")
    unfinished.replace(labels)


def main(arguments: Sequence[str]) -> None:
    """Label every pair of files in turn."""
    mode, path, options, *files = arguments
    teacher = calculator(path, json.loads(options))
    for frames, labels in zip(files[::2], files[1::2], strict=True):
        label_file(Path(frames), Path(labels), teacher, relax=mode == "relax")
        print(labels, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
