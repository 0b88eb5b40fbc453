"""One ion in a frozen fcc crystal of Lennard-Jones atoms: every saddle lies on a line of known symmetry.

Octahedral and tetrahedral holes lie on a threefold axis, and so does the way between them through the
shared face of three atoms: the highest energy on that line is the saddle. The cell is the primitive one,
whose angles are 60°.
"""

from itertools import product
from pathlib import Path

import numpy as np

from atomstates.barriers.landscape import PotentialFiles
from atomstates.lammps.data import data_text, lammps_frame

A = 5.7
EPSILON, SIGMA, CUTOFF = 0.05, 2.4, 7.0
CELLS = 3
PRIMITIVE = lammps_frame(A / 2 * np.array([[0.0, 1, 1], [1, 0, 1], [1, 1, 0]]))
CELL = CELLS * PRIMITIVE

HOST = np.array(list(product(range(CELLS), repeat=3)), dtype=float)
"""In units of the primitive vectors, as are the holes."""

OCTAHEDRAL, TETRAHEDRAL, OTHER_TETRAHEDRAL = np.full(3, 0.5), np.full(3, 0.25), np.full(3, 0.75)
NEXT_OCTAHEDRAL = np.array([0.5, 0.5, -0.5])


def structure(hole: np.ndarray) -> np.ndarray:
    """Positions with the ion, the first atom, at this place (units of the primitive vectors)."""
    return np.concatenate([[hole], HOST]) @ PRIMITIVE


def energy(place: np.ndarray) -> float:
    """Of the ion at a Cartesian place, eV, by a sum over all hosts within the cutoff."""
    shifts = np.array(list(product(range(-2, 3), repeat=3)), dtype=float) * CELLS
    hosts = (HOST[None] + shifts[:, None]).reshape(-1, 3) @ PRIMITIVE
    r = np.linalg.norm(hosts - place, axis=1)
    return float(sum(_pair(r[r < CUTOFF]) - _pair(CUTOFF)))


def _pair(r):
    return 4 * EPSILON * ((SIGMA / r) ** 12 - (SIGMA / r) ** 6)


def saddle_between(start: np.ndarray, end: np.ndarray, n: int = 4001) -> float:
    """Highest energy on a straight line."""
    return max(energy((start + (end - start) * t) @ PRIMITIVE) for t in np.linspace(0, 1, n))


def write_files(folder: Path) -> PotentialFiles:
    """The crystal and its potential as LAMMPS reads them; hosts feel no force."""
    folder.mkdir(parents=True, exist_ok=True)
    masses = {"Ar": 39.948, "Kr": 83.798}
    elements = ["Ar"] + ["Kr"] * len(HOST)
    fractional = structure(OCTAHEDRAL) @ np.linalg.inv(CELL)
    (folder / "structure.data").write_text(data_text(CELL, fractional, elements, masses))
    (folder / "before.in").write_text("atom_style atomic\nbox tilt large\n")
    (folder / "potential.in").write_text(
        f"pair_style lj/cut {CUTOFF}\npair_modify shift yes\npair_coeff * * 0.0 1.0\n"
        f"pair_coeff 1 2 {EPSILON} {SIGMA}\ngroup host type 2\nfix frozen host setforce 0 0 0\n"
    )
    return PotentialFiles(folder / "structure.data", folder)
