"""LAMMPS data files: cells written as text in the frame that LAMMPS wants."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def lammps_frame(lattice: FloatArray) -> FloatArray:
    """The same cell turned so that its first vector lies on x and its second in the xy plane.

    With G = L L^T the metric, the turned lattice is the lower triangle of its Cholesky factor.
    Fractional positions stay what they are.

    Parameters
    ----------
    lattice
        Right-handed vectors, rows, Å, shape (3, 3).

    Raises
    ------
    ValueError
        The vectors are left-handed or lie in a plane.
    """
    if np.linalg.det(lattice) <= 0:
        raise ValueError("a LAMMPS cell needs right-handed vectors that span a volume")
    turned = np.linalg.cholesky(lattice @ lattice.T).astype(np.float64)
    # Rounding of right angles would leave tilts of 1e-16.
    turned[np.abs(turned) < 1e-10] = 0.0
    return turned


def data_text(
    lattice: FloatArray,
    positions: FloatArray,
    elements: Sequence[str],
    masses: Mapping[str, float],
    charges: Mapping[str, float] | None = None,
    title: str = "",
) -> str:
    """A LAMMPS data file of a periodic cell.

    Parameters
    ----------
    lattice
        Vectors in LAMMPS' frame (lower triangle), rows, Å, shape (3, 3).
    positions
        Fractional positions, shape (N, 3); written folded into the cell.
    elements
        Element of each atom, length N.
    masses
        Mass of each element, u; its order is that of the atom types.
    charges
        Charge of each element, e: the file has atom style ``charge`` when given, else ``atomic``.
    title
        First line.
    """
    if np.any(np.triu(lattice, k=1)):
        raise ValueError("the lattice is not in LAMMPS' frame: turn it with lammps_frame")
    types = {element: number for number, element in enumerate(masses, start=1)}
    cartesian = (np.round(positions, 12) % 1.0) @ lattice
    style = "atomic" if charges is None else "charge"
    lines = [
        f"# {title or 'cell'}",
        "",
        f"{len(elements)} atoms",
        f"{len(types)} atom types",
        "",
        f"0.0 {lattice[0, 0]:.12f} xlo xhi",
        f"0.0 {lattice[1, 1]:.12f} ylo yhi",
        f"0.0 {lattice[2, 2]:.12f} zlo zhi",
        # Written even when zero, so that the cell may be sheared later.
        f"{lattice[1, 0]:.12f} {lattice[2, 0]:.12f} {lattice[2, 1]:.12f} xy xz yz",
        "",
        "Masses",
        "",
        *(f"{types[element]} {mass:.6f}  # {element}" for element, mass in masses.items()),
        "",
        f"Atoms  # {style}",
        "",
    ]
    for number, (element, (x, y, z)) in enumerate(zip(elements, cartesian, strict=True), start=1):
        charge = "" if charges is None else f"{charges[element]:.10g} "
        lines.append(f"{number} {types[element]} {charge}{x:.12f} {y:.12f} {z:.12f}")
    return "\n".join(lines) + "\n"
