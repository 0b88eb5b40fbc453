"""Energies and forces of many structures, on one rank or shared by a few."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from atomstates.errors import ProgramError
from atomstates.lammps.instance import LammpsInstance
from atomstates.lammps.potential import POTENTIAL
from atomstates.lammps.script import read_script, render
from atomstates.minimize.relaxation import Relaxation, relaxation, script_parts
from atomstates.parallel import Communicator, Serial
from atomstates.resources import lammps_inputs_folder

FloatArray = NDArray[np.float64]


class Landscape(Protocol):
    """What the bands need to know of a potential; all positions in Å, shape (M, N, 3)."""

    @property
    def masses(self) -> FloatArray:
        """Shape (N,), u."""

    def energies_and_forces(self, positions: FloatArray, cell: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Energies, eV, shape (M,), and forces, eV/Å, shape (M, N, 3)."""

    def atom_energies(self, positions: FloatArray, cell: FloatArray) -> FloatArray:
        """Energies of the atoms, eV, shape (M, N)."""

    def relaxed(self, positions: Sequence[FloatArray], cell: FloatArray) -> list[Relaxation]:
        """The inherent structure of each."""


@dataclass(frozen=True)
class PotentialFiles:
    """Where the crystal and its potential lie, as LAMMPS reads them."""

    structure: Path
    """LAMMPS data file whose atoms (id, type) are those of the bands, in any positions and cell."""
    potential_folder: Path
    """Folder of ``before.in`` and ``potential.in``."""


class LammpsLandscape:
    """A potential in LAMMPS, loaded once on this rank; a context.

    The ranks of a group have the same positions and share the work: each evaluates every n-th structure,
    and all know all results.

    Parameters
    ----------
    files
        Crystal and potential.
    log
        File that takes what LAMMPS says.
    force_tolerance
        eV/Å, of relaxations.
    most_steps
        Of relaxations.
    style
        Minimiser of relaxations.
    group
        Ranks that work on the same structures.
    """

    def __init__(
        self,
        files: PotentialFiles,
        log: Path,
        *,
        force_tolerance: float = 0.005,
        most_steps: int = 2000,
        style: str = "fire",
        group: Communicator | None = None,
    ) -> None:
        values = {
            "structure": files.structure.resolve(),
            "potential_folder": files.potential_folder.resolve(),
            "potential": POTENTIAL,  # of several models the first one
            "style": style,
            "force_tolerance": force_tolerance,
            "most_steps": most_steps,
        }
        self._script = script_parts(render(read_script(lammps_inputs_folder() / "minimize.in"), values))
        self._lammps = LammpsInstance(log)
        self._group = Serial() if group is None else group

    def __enter__(self) -> "LammpsLandscape":
        self._lammps.__enter__()
        try:
            self._lammps.commands(self._script.once)
            self._masses = self._lammps.masses()
        except BaseException:
            self._lammps.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lammps.__exit__(kind, error, trace)

    @property
    def masses(self) -> FloatArray:
        return self._masses

    def energies_and_forces(self, positions: FloatArray, cell: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Energies, eV, shape (M,), and forces, eV/Å, shape (M, N, 3).

        Raises
        ------
        ProgramError
            The potential gives something that is no number.
        """
        # the atoms' own energies cost time, and are asked for at the end only
        self._lammps.commands("thermo_style custom step pe\nthermo_modify norm no format float %.10g")
        energies, forces = np.zeros(len(positions)), np.zeros_like(positions)
        own = {m: self._evaluated(positions[m], cell) for m in self._share(len(positions))}
        for part in self._group.gathered(own):
            for m, (energy, force) in part.items():
                energies[m], forces[m] = energy, force
        if not (np.all(np.isfinite(energies)) and np.all(np.isfinite(forces))):
            raise ProgramError(
                "the potential gives an energy or force that is no number: atoms of a band are too close "
                "to each other, or the model file is broken"
            )
        return energies, forces

    def atom_energies(self, positions: FloatArray, cell: FloatArray) -> FloatArray:
        """Energies of the atoms, eV, shape (M, N)."""
        self._lammps.commands("thermo_style custom step pe c_sum\nthermo_modify norm no format float %.10g")
        found = np.zeros(positions.shape[:2])
        own = {}
        for m in self._share(len(positions)):
            self._evaluated(positions[m], cell)
            own[m] = np.asarray(self._lammps.per_atom("c_atom_energy"), dtype=np.float64)
        for part in self._group.gathered(own):
            for m, energies in part.items():
                found[m] = energies
        return found

    def relaxed(self, positions: Sequence[FloatArray], cell: FloatArray) -> list[Relaxation]:
        """The inherent structure of each, by ``minimize.in``."""
        self._lammps.commands(
            "thermo_style custom step pe c_sum fnorm fmax\nthermo_modify norm no format float %.10g"
        )
        own = {
            m: relaxation(self._lammps, self._script.each, positions[m], cell)
            for m in self._share(len(positions))
        }
        found = {m: one for part in self._group.gathered(own) for m, one in part.items()}
        return [found[m] for m in range(len(positions))]

    def _share(self, n_structures: int) -> range:
        """Structures of this rank of the group."""
        return range(self._group.rank, n_structures, self._group.size)

    def _evaluated(self, positions: FloatArray, cell: FloatArray) -> tuple[float, FloatArray]:
        """Energy and forces of one structure."""
        if not np.array_equal(self._lammps.cell(), cell):
            self._lammps.set_cell(cell)
        self._lammps.set_positions(positions)
        self._lammps.commands("run 0 post no")
        return self._lammps.thermo("pe"), np.asarray(self._lammps.per_atom("f"), dtype=np.float64)
