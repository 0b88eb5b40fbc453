"""Relaxed snapshots with the energy, the environment and the polyhedron of every ion, for the explorer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomstates.doas.assignment import Roles
from atomstates.doas.classes import classes_of, rows_in
from atomstates.doas.collection import run_polyhedra
from atomstates.doas.environments import Corners, cation_corners, ion_corners
from atomstates.doas.polyhedra import Polyhedra
from atomstates.doas.sites import ion_sites
from atomstates.doas.states import States
from atomstates.minimize.relaxed import Relaxed
from atomstates.report.interactive.packing import packed, packed_fractions

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NONE = 2**16 - 1
"""Stands where a polyhedron has fewer corners than others."""
MOST_ATOMS = 2**18
"""In all snapshots of a material on the page together: about 2.8 MB of it."""


@dataclass(frozen=True)
class Snapshots:
    """K relaxed snapshots of N atoms, of which n are ions and m are immobile cations.

    Attributes
    ----------
    step
        Shape (K,).
    cell
        Vectors as rows, Å, shape (K, 3, 3).
    fractional
        Positions, shape (K, N, 3).
    energy
        Of the ions, eV, raw, shape (K, n).
    environment
        Rows in the table of classes, shape (K, n).
    corners
        Atoms at the corners of the anion polyhedra of ions and then of cations, ``NONE`` where there are no
        more, shape (K, n + m, C).
    """

    step: Integers
    cell: Floats
    fractional: Floats
    energy: Floats
    environment: Integers
    corners: Integers


def evenly_spaced(n_there: int, n_wanted: int) -> Integers:
    """Which of several things to take, so that they are as far apart as they can be."""
    n_taken = min(n_there, max(n_wanted, 1))
    return np.floor((np.arange(n_taken) + 0.5) * n_there / n_taken).astype(np.int64)


def snapshots(
    relaxed: Relaxed, states: States, parts: Roles, classes: Integers, chosen: Sequence[int]
) -> Snapshots:
    """Some snapshots of a run.

    Parameters
    ----------
    relaxed, states
        Of the run.
    parts
        Roles of the atoms.
    classes
        Table of all environments, shape (E, C).
    chosen
        Which of the snapshots that have states.
    """
    rows = np.asarray(chosen, dtype=np.int64)
    own = np.flatnonzero(relaxed.converged)[rows]
    n_ions = int(parts.mobile.sum())
    framework = run_polyhedra(relaxed, parts)
    corners = [_corners(relaxed.positions[s], relaxed.cell[s], parts, framework) for s in own]
    width = max(table.shape[1] for table in corners)
    environment = rows_in(classes_of(states), classes).reshape(-1, n_ions)
    return Snapshots(
        step=relaxed.step[own],
        cell=relaxed.cell[own],
        fractional=relaxed.positions[own] @ np.linalg.inv(relaxed.cell[own]),
        energy=states.energy.reshape(-1, n_ions)[rows],
        environment=environment[rows],
        corners=np.array([_widened(table, width) for table in corners]),
    )


def _corners(positions: Floats, cell: Floats, parts: Roles, framework: Polyhedra) -> Integers:
    """Atoms at the corners of the polyhedra of the ions and then of the cations, shape (n + m, C)."""
    anions = np.flatnonzero(parts.anions)
    sites = ion_sites(positions[parts.mobile], positions[anions], cell, framework)
    tables = [
        corner_table(ion_corners(sites), int(parts.mobile.sum()), anions),
        corner_table(cation_corners(sites, positions[parts.cations]), int(parts.cations.sum()), anions),
    ]
    width = max(table.shape[1] for table in tables)
    return np.concatenate([_widened(table, width) for table in tables])


def corner_table(corners: Corners, n_atoms: int, anions: Integers) -> Integers:
    """Corners of the polyhedra of ``n_atoms`` atoms, one row each: rows of the anions among all atoms."""
    order = np.argsort(corners.atom, kind="stable")
    atom = corners.atom[order]
    numbers = np.bincount(atom, minlength=n_atoms)
    column = np.arange(len(atom)) - np.repeat(numbers.cumsum() - numbers, numbers)
    table = np.full((n_atoms, int(numbers.max(initial=0))), NONE, dtype=np.int64)
    table[atom, column] = anions[corners.anion[order]]
    return table


def _widened(table: Integers, width: int) -> Integers:
    """The table with as many columns."""
    return np.pad(table, ((0, 0), (0, width - table.shape[1])), constant_values=NONE)


def snapshots_data(found: Snapshots, run: str) -> dict[str, Any]:
    """Snapshots of one run as plain data."""
    return {
        "run": run,
        "step": found.step.tolist(),
        "cell": packed(found.cell, "f4"),
        "fractional": packed_fractions(found.fractional),
        "energy": packed(found.energy, "f4"),
        "environment": packed(found.environment, "u2"),
        "corners": packed(found.corners, "u2"),
    }
