"""Labelling worker: an ASE calculator's energy, forces, stress and atomic energies of frames.

Run as a file by the teacher's own interpreter, which needs ASE and the teacher and nothing
of atomstates: ``python label.py CALCULATOR ARGUMENTS_JSON FRAMES LABELS [FRAMES LABELS ...]``.
"""

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
        "energies": probe.get_potential_energies(),
    }
    gap = abs(results["energy"] - np.sum(results["energies"])) / len(atoms)
    if gap > 1e-4:
        raise RuntimeError(f"the teacher's atomic energies miss its energy by {gap:.2g} eV/atom")
    copy = atoms.copy()
    copy.calc = SinglePointCalculator(copy, **results)
    return copy


def label_file(frames: Path, labels: Path, teacher: Any) -> None:
    """Label all frames of an extended-XYZ file; a file of labels that exists is complete."""
    done = [labelled(atoms, teacher) for atoms in ase.io.read(frames, index=":")]
    unfinished = labels.with_name(f".{labels.name}.unfinished")
    ase.io.write(unfinished, done, format="extxyz")
    os.replace(unfinished, labels)


def main(arguments: Sequence[str]) -> None:
    """Label every pair of files in turn."""
    path, options, *files = arguments
    teacher = calculator(path, json.loads(options))
    for frames, labels in zip(files[::2], files[1::2], strict=True):
        label_file(Path(frames), Path(labels), teacher)
        print(labels, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
