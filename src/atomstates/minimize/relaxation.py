"""One structure to its inherent structure, in a LAMMPS that has the potential loaded."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomstates.lammps.instance import LammpsInstance
from atomstates.minimize.relaxed import CONVERGED, FRAMEWORK_CHANGED, NOT_CONVERGED, SUM_MISMATCH

FloatArray = NDArray[np.float64]

_EACH = "# ---- for each structure"


@dataclass(frozen=True)
class Script:
    """``minimize.in`` in two parts."""

    once: str
    each: str


@dataclass(frozen=True)
class Relaxation:
    """A relaxed structure of N atoms, in order of id."""

    positions: FloatArray
    """(N, 3) Å, unwrapped."""
    atom_energy: FloatArray
    """(N,) eV"""
    potential_energy: float
    """eV"""
    largest_force: float
    """eV/Å, on an atom."""
    n_steps: int


def script_parts(text: str) -> Script:
    """The script, cut where what is done for each structure begins.

    Raises
    ------
    ValueError
        The line that separates them is missing.
    """
    once, found, each = text.partition(_EACH)
    if not found:
        raise ValueError(f"the script has no line {_EACH!r}")
    return Script(once, each)


def relaxation(lammps: LammpsInstance, each: str, positions: FloatArray, cell: FloatArray) -> Relaxation:
    """Relax one structure at fixed cell.

    Parameters
    ----------
    lammps
        With everything done that ``minimize.in`` does once.
    each
        What is done for each structure.
    positions, cell
        Å, shapes (N, 3) and (3, 3) with vectors as rows, a lower triangle.
    """
    # A change of box costs a neighbour list; all snapshots of a run share their cell.
    if not np.array_equal(lammps.cell(), cell):
        lammps.set_cell(cell)
    lammps.set_positions(positions)
    lammps.commands(each)
    forces = lammps.per_atom("f")
    return Relaxation(
        positions=lammps.positions(),
        atom_energy=np.asarray(lammps.per_atom("c_atom_energy"), dtype=np.float64),
        potential_energy=lammps.thermo("pe"),
        largest_force=float(np.sqrt(np.max(np.sum(forces**2, axis=1)))),
        n_steps=int(lammps.thermo("step")),
    )


def status(
    found: Relaxation,
    farthest_framework: float,
    force_tolerance: float,
    sum_tolerance: float,
    farthest: float,
) -> int:
    """What a relaxation is worth: index into ``STATUSES``; the first fault counts.

    Parameters
    ----------
    found
        Relaxed structure.
    farthest_framework
        Å, largest distance of a framework atom from its own place in the crystal.
    force_tolerance
        eV/Å
    sum_tolerance
        eV per atom, between the sum of the atoms' energies and the potential energy.
    farthest
        Å, that a framework atom may be away.
    """
    # Written so that NaN is a fault.
    if not found.largest_force <= force_tolerance:
        return NOT_CONVERGED
    apart = abs(float(found.atom_energy.sum()) - found.potential_energy) / len(found.atom_energy)
    if not apart <= sum_tolerance:
        return SUM_MISMATCH
    if not farthest_framework <= farthest:
        return FRAMEWORK_CHANGED
    return CONVERGED
