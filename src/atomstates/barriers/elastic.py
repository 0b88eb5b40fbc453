"""Forces of a nudged elastic band, defined as in LAMMPS' ``fix neb`` and ASE's ``improvedtangent``."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
SpringKind = Literal["neighbours", "ideal"]


def tangents(positions: FloatArray, energy: FloatArray) -> FloatArray:
    """Unit tangents at the replicas between the ends, shape (R - 2, N, 3).

    Toward the higher neighbour where the energy goes on rising or falling; at an extremum both sides,
    weighted with the larger and the smaller of the two differences of energy (Henkelman and Jónsson,
    J. Chem. Phys. 113, 9978 (2000), equations 8-11).

    Parameters
    ----------
    positions
        Å, shape (R, N, 3).
    energy
        eV, shape (R,).
    """
    forward, backward = positions[2:] - positions[1:-1], positions[1:-1] - positions[:-2]
    up, down = np.abs(energy[2:] - energy[1:-1]), np.abs(energy[:-2] - energy[1:-1])
    larger, smaller = np.maximum(up, down), np.minimum(up, down)
    rising = (energy[2:] > energy[1:-1]) & (energy[1:-1] > energy[:-2])
    falling = (energy[2:] < energy[1:-1]) & (energy[1:-1] < energy[:-2])
    next_is_higher = energy[2:] > energy[:-2]
    of_forward = np.where(rising, 1.0, np.where(falling, 0.0, np.where(next_is_higher, larger, smaller)))
    of_backward = np.where(falling, 1.0, np.where(rising, 0.0, np.where(next_is_higher, smaller, larger)))
    # three replicas of exactly the same energy: the bisector
    level = (of_forward == 0) & (of_backward == 0)
    of_forward, of_backward = np.where(level, 1.0, of_forward), np.where(level, 1.0, of_backward)
    mixed = of_forward[:, None, None] * forward + of_backward[:, None, None] * backward
    return np.asarray(mixed / np.sqrt(np.sum(mixed**2, axis=(1, 2), keepdims=True)))


def band_forces(
    positions: FloatArray,
    energy: FloatArray,
    forces: FloatArray,
    spring: float,
    spring_kind: SpringKind = "neighbours",
    climbing: int = -1,
) -> FloatArray:
    """Forces that move the replicas between the ends, eV/Å, shape (R - 2, N, 3).

    With the unit tangent t and the force F of the potential,

        F - (F·t) t + k (|R_{i+1} - R_i| - |R_i - R_{i-1}|) t        (neighbours)
        F - (F·t) t - k (l_i - l_ideal,i) t                           (ideal)
        F - 2 (F·t) t                                                 (the replica that climbs)

    where l_i is the length of the path up to the replica, and l_ideal,i what it would be with all at equal
    distances on either side of the one that climbs.

    Parameters
    ----------
    positions
        Å, shape (R, N, 3).
    energy
        eV, shape (R,).
    forces
        eV/Å, shape (R - 2, N, 3), of the replicas between the ends.
    spring
        k, eV/Å².
    spring_kind
        ``neighbours`` or ``ideal``.
    climbing
        Row of the replica that climbs; -1 for none.
    """
    tangent = tangents(positions, energy)
    steps = np.sqrt(np.sum(np.diff(positions, axis=0) ** 2, axis=(1, 2)))
    if spring_kind == "neighbours":
        pull = spring * np.diff(steps)
    else:
        at = np.concatenate([[0.0], np.cumsum(steps)])
        fixed = [0, len(positions) - 1] if climbing < 0 else [0, climbing, len(positions) - 1]
        ideal = np.interp(np.arange(len(positions)), fixed, at[fixed])
        pull = -spring * (at - ideal)[1:-1]
    along = np.sum(forces * tangent, axis=(1, 2))
    added = pull - along
    if climbing >= 0:
        added[climbing - 1] = -2 * along[climbing - 1]
    return np.asarray(forces + added[:, None, None] * tangent)
