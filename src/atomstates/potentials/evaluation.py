"""A cell in one LAMMPS process: energy, forces and stress of many geometries, the model loaded once."""

from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from atomstates.errors import ProgramError
from atomstates.lammps.instance import LammpsInstance
from atomstates.potentials.cell import EV_PER_A3_TO_BAR, Evaluation

FloatArray = NDArray[np.float64]


class CellInLammps:
    """Atoms of a data file under a potential; to be used as a context.

    Parameters
    ----------
    data
        Data file: number of atoms and their types; geometry is replaced by each evaluation.
    before, potential
        Includes of the potential, for before and after the data file.
    log
        File that takes what LAMMPS and its plugins print.

    Raises
    ------
    ProgramError
        LAMMPS is not installed, or refuses the potential; the message quotes it.
    """

    def __init__(self, data: Path, before: Path, potential: Path, log: Path) -> None:
        self._instance = LammpsInstance(log)
        self._commands = "\n".join(
            [
                f'variable potential_folder index "{potential.parent}"',
                "units metal",
                f'include "{before}"',
                "atom_modify map yes",
                f'read_data "{data}"',
                f'include "{potential}"',
                "neighbor 1.0 bin",
                "thermo_modify norm no",
            ]
        )

    def __enter__(self) -> "CellInLammps":
        self._instance.__enter__()
        try:
            self._instance.commands(self._commands)
        except ProgramError as error:
            self._instance.__exit__(None, None, None)
            raise ProgramError(
                f"{error}\nTypical cause: a pair style, coefficient or model that does not fit the "
                "elements."
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._instance.__exit__(kind, error, trace)

    def evaluation(self, lattice: FloatArray, positions: FloatArray) -> Evaluation:
        """Energy, forces and stress of (lattice in LAMMPS' frame, fractional positions by atom id)."""
        instance = self._instance
        instance.set_cell(lattice)
        instance.set_positions(positions @ lattice)
        instance.commands("run 0 post no")
        forces = np.asarray(instance.per_atom("f"), dtype=np.float64)
        xx, yy, zz, xy, xz, yz = (
            instance.thermo(f"p{axes}") for axes in ("xx", "yy", "zz", "xy", "xz", "yz")
        )
        # LAMMPS gives pressures; tension is their negative. Velocities are zero.
        pressure = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
        energy = instance.thermo("pe")
        if not (np.isfinite(energy) and np.isfinite(forces).all()):
            raise ProgramError(
                f"LAMMPS gives an energy of {energy} eV: atoms overlap, or the model is broken"
            )
        return Evaluation(energy, forces, -pressure / EV_PER_A3_TO_BAR)
