"""Relaxation of atoms and cell to zero force and zero pressure, by gradients alone.

The energies of single-precision potentials are too noisy for a line search to find zero
pressure (10 bar change the energy of a 30-atom cell by 1e-7 eV); forces and stresses are not.
So a limited-memory BFGS walks on gradients, with a bound on its steps and no line search.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomstates.units import BAR_PER_GPA, EV_PER_A3_TO_GPA

FloatArray = NDArray[np.float64]

EV_PER_A3_TO_BAR = EV_PER_A3_TO_GPA * BAR_PER_GPA

_LONGEST_STEP = 0.1
"""Å, of any atom (or of the cell, in its scaled strain) in one step."""
_FIRST_CURVATURE = 20.0
"""eV/Å²: between soft halides and stiff oxides; only the first step depends on it."""
_MEMORY = 30
_FELL_APART = 0.2
"""A cell that is strained by more than this has left the crystal that it was."""


@dataclass(frozen=True)
class Evaluation:
    """Energy (eV), forces (N, 3) in eV/Å and stress (3, 3) in eV/Å³ (tension is positive)."""

    energy: float
    forces: FloatArray
    stress: FloatArray


@dataclass(frozen=True)
class Relaxed:
    """A relaxed cell.

    Attributes
    ----------
    lattice, positions
        Rows in Å (3, 3) and fractional positions (N, 3).
    energy
        eV.
    largest_force, largest_pressure
        What is left: eV/Å, and bar in the strains that were free.
    converged
        Whether both are below their tolerances.
    n_evaluations
        Energies computed.
    """

    lattice: FloatArray
    positions: FloatArray
    energy: float
    largest_force: float
    largest_pressure: float
    converged: bool
    n_evaluations: int


def free_strains(crystal_system: str, lattice: FloatArray) -> FloatArray:
    """Strains that keep the lattice in its family, shape (k, 3, 3), in LAMMPS' frame.

    The lattice becomes L (I + sum_k w_k B_k) with orthonormal, lower triangular B_k, so the
    first vector stays on x and the second in the xy plane. Ordering lowers the symmetry of a
    crystal; coupling the strains keeps a = b and the right angles of the parent, which is what
    the disordered crystal has on average and what all its orderings can share. The price is a
    residual difference of pressures in the plane (some 0.1 GPa in Li3YCl6).

    Parameters
    ----------
    crystal_system
        Of the average crystal: cubic, hexagonal, trigonal, tetragonal, orthorhombic, ...
    lattice
        Unit cell in LAMMPS' frame; a setting whose axes do not lie along x, y, z as the family
        has them (rhombohedral axes, monoclinic and triclinic cells) is left wholly free.
    """
    x, y, z = (np.diag(row) for row in np.eye(3))
    tilts = np.abs(lattice[[1, 2, 2], [0, 0, 1]]) > 1e-4 * lattice[0, 0]
    along_z = not (tilts[1] or tilts[2])
    if crystal_system == "cubic":
        return np.array([(x + y + z) / np.sqrt(3)])
    if crystal_system in ("hexagonal", "trigonal", "tetragonal") and along_z:
        return np.array([(x + y) / np.sqrt(2), z])
    if crystal_system == "orthorhombic" and not tilts.any():
        return np.array([x, y, z])
    shears = np.zeros((3, 3, 3))
    shears[[0, 1, 2], [1, 2, 2], [0, 0, 1]] = 1.0
    return np.concatenate([np.array([x, y, z]), shears])


def relaxed(
    evaluation: Callable[[FloatArray, FloatArray], Evaluation],
    lattice: FloatArray,
    positions: FloatArray,
    strains: FloatArray,
    *,
    force_tolerance: float = 0.003,
    pressure_tolerance: float = 10.0,
    most_evaluations: int = 600,
) -> Relaxed:
    """Relax the atoms, and the cell in the given strains, to zero force and pressure.

    Variables are the atoms' Cartesian positions u in the undeformed lattice L and the
    amplitudes w, scaled by the root of the number of atoms to be as stiff as an atom:

        D = I + sum_k w_k B_k / sqrt(N),   r = u D,   cell = L D
        dE/du = -f D^T,   dE/dw_k = V sum_ij (D^-T sigma)_ij B_k,ij / sqrt(N)

    Parameters
    ----------
    evaluation
        Energy, forces and stress of (lattice, fractional positions).
    lattice, positions
        Where to start.
    strains
        ``free_strains``, or an array of shape (0, 3, 3) for a fixed cell.
    force_tolerance, pressure_tolerance
        eV/Å for every component of every force, and bar for every free strain.
    most_evaluations
        After these the cell is returned as it is, not converged.
    """
    n_atoms, scale = len(positions), np.sqrt(len(positions))
    variables = np.concatenate([(positions @ lattice).ravel(), np.zeros(len(strains))])
    memory: deque[tuple[FloatArray, FloatArray]] = deque(maxlen=_MEMORY)
    inverse, step, before = np.linalg.inv(lattice), np.zeros_like(variables), np.zeros_like(variables)
    for n_evaluations in range(1, most_evaluations + 1):
        deformation = np.eye(3) + np.tensordot(variables[3 * n_atoms :] / scale, strains, axes=1)
        cell = lattice @ deformation
        fractional = variables[: 3 * n_atoms].reshape(-1, 3) @ inverse
        found = evaluation(cell, fractional)
        volume = float(np.linalg.det(cell))
        pull = volume * np.einsum("ij,kij->k", np.linalg.inv(deformation).T @ found.stress, strains)
        gradient = np.concatenate([-(found.forces @ deformation.T).ravel(), pull / scale])
        force = float(np.abs(found.forces).max())
        pressure = float(np.abs(pull).max(initial=0.0)) / volume * EV_PER_A3_TO_BAR
        fell_apart = bool(np.abs(deformation - np.eye(3)).max() > _FELL_APART)
        converged = force < force_tolerance and pressure < pressure_tolerance and not fell_apart
        if converged or fell_apart or n_evaluations == most_evaluations:
            break
        if n_evaluations > 1 and step @ (gradient - before) > 0:
            memory.append((step, gradient - before))
        before, step = gradient, _bounded(-_inverse_hessian_times(gradient, memory))
        variables = variables + step
    return Relaxed(cell, fractional, found.energy, force, pressure, converged, n_evaluations)


def _inverse_hessian_times(
    gradient: FloatArray, memory: deque[tuple[FloatArray, FloatArray]]
) -> FloatArray:
    """Two-loop recursion of L-BFGS (Nocedal, Math. Comput. 35 (1980) 773)."""
    direction = gradient.copy()
    shares = []
    for step, change in reversed(memory):
        shares.append((step @ direction) / (step @ change))
        direction -= shares[-1] * change
    if memory:
        step, change = memory[-1]
        direction *= (step @ change) / (change @ change)
    else:
        direction /= _FIRST_CURVATURE
    for (step, change), share in zip(memory, reversed(shares), strict=True):
        direction += (share - (change @ direction) / (step @ change)) * step
    return direction


def _bounded(step: FloatArray) -> FloatArray:
    """The step, shortened as a whole where a component is too long."""
    return step * min(1.0, _LONGEST_STEP / max(float(np.abs(step).max()), 1e-30))
