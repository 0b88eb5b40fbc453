"""A finished model asked in Python: energies, forces and stresses, and its ASE calculator."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from atomstates.errors import InputError
from atomstates.lammps.chatter import redirected, silent_end
from atomstates.lammps.running import QUIET_AND_SERIAL

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Answer:
    """What a model says of one frame: eV, eV/Å, eV/Å³ (3, 3), eV per atom (n,)."""

    energy: float
    forces: FloatArray
    stress: FloatArray
    atomic_energies: FloatArray


@contextmanager
def _without_a_word() -> Iterator[None]:
    """DeePMD is imported and a model loaded without chatter (``ATOMSTATES_VERBOSE=1`` shows it)."""
    for name, value in QUIET_AND_SERIAL.items():
        os.environ.setdefault(name, value)
    silent_end()
    with redirected(Path(os.devnull)):
        yield


def answers(model: Path, frames: Sequence[Atoms]) -> list[Answer]:
    """The model's answer to each frame.

    Raises
    ------
    InputError
        A frame has an element that the model does not know.
    """
    with _without_a_word():
        from deepmd.infer import DeepPot

        student = DeepPot(str(model))
    index = {element: i for i, element in enumerate(student.get_type_map())}
    foreign = sorted({symbol for atoms in frames for symbol in atoms.symbols} - set(index))
    if foreign:
        raise InputError(
            f"{model}: the model knows {' '.join(index)}, the frames have {' '.join(foreign)} as well. "
            "Typical cause: a model of another recipe."
        )
    found = []
    for atoms in frames:
        energy, forces, virial, atomic, _ = student.eval(
            atoms.positions.reshape(1, -1),
            atoms.cell[:].reshape(1, -1),
            [index[symbol] for symbol in atoms.symbols],
            atomic=True,
        )
        stress = -np.asarray(virial[0], dtype=float).reshape(3, 3) / atoms.get_volume()
        found.append(
            Answer(
                energy=float(energy[0, 0]),
                forces=np.asarray(forces[0], dtype=float),
                stress=stress,
                atomic_energies=np.asarray(atomic[0, :, 0], dtype=float),
            )
        )
    return found


def ase_calculator(model: Path) -> Any:
    """The model as an ASE calculator."""
    with _without_a_word():
        from deepmd.calculator import DP

        return DP(model=str(model))
