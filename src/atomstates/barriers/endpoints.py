"""Ends of a path: relaxed, minima, apart from each other, and with the sites filled that shall be."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomstates.barriers.band import minimum_image_path, nearest_image
from atomstates.barriers.landscape import Landscape
from atomstates.barriers.neb import NebSettings
from atomstates.barriers.profile import Failure
from atomstates.minimize.relaxation import Relaxation

FloatArray = NDArray[np.float64]

Occupation = Callable[[int, FloatArray], str | None]
"""Given 0 (start) or 1 (end) and relaxed positions (N, 3) in Å: None if the sites are filled as they
shall be, else what is found instead, in words."""

_NAMES = ("start", "end")
_NUDGE = 0.01
"""Å, on the atom that moves most, for differences of forces."""
_TOO_CLOSE = 0.7
"""Å between an ion that moves and another atom; no potential knows what to do with less."""
_LANCZOS_STEPS = 8
_NO_MINIMUM = -0.02
"""eV/Å²: a curvature below is that of a saddle; above it may be noise of a single-precision model."""


@dataclass(frozen=True)
class EndPoints:
    """Two minima of the same atoms."""

    start: Relaxation
    end: Relaxation
    """With each atom in the image nearest to its start, and no drift of the crystal as a whole."""


def end_points(
    landscape: Landscape,
    start: FloatArray,
    end: FloatArray,
    cell: FloatArray,
    settings: NebSettings,
    occupation: Occupation | None = None,
) -> EndPoints | Failure:
    """Relax both ends at fixed cell and see what they are.

    Parameters
    ----------
    landscape
        The potential.
    start, end
        Å, shape (N, 3), in any images.
    cell
        Å, vectors as rows.
    settings
        Tolerances.
    occupation
        Says whether the relaxed ends have the sites filled that they shall have.

    Returns
    -------
    EndPoints or Failure
        ``end_not_relaxed``, ``other_occupation``, ``ends_coincide`` or ``end_no_minimum``; the first
        fault counts.
    """
    distance = np.linalg.norm(minimum_image_path(start, end, cell) - start, axis=1)
    moves = np.flatnonzero(distance >= settings.least_displacement)
    for name, positions in zip(_NAMES, (start, end), strict=True):
        if (closest := _closest(positions, moves, cell)) < _TOO_CLOSE:
            return Failure(
                "end_not_relaxed",
                f"the {name} has an ion {closest:.2f} Å from another atom, {_TOO_CLOSE:g} are needed: its "
                "place is taken",
            )
    relaxed = landscape.relaxed([start, end], cell)
    for name, one in zip(_NAMES, relaxed, strict=True):
        if not one.largest_force <= settings.end_force_tolerance:
            return Failure(
                "end_not_relaxed",
                f"the {name} has a force of {one.largest_force:.4f} eV/Å left after {one.n_steps} steps, "
                f"{settings.end_force_tolerance:g} are allowed",
            )
    if occupation is not None:
        for which, one in enumerate(relaxed):
            if (found := occupation(which, one.positions)) is not None:
                return Failure("other_occupation", f"the {_NAMES[which]} relaxed to other sites: {found}")
    moved = minimum_image_path(relaxed[0].positions, relaxed[1].positions, cell)
    # most atoms belong to the framework: what they have in common is a drift
    moved -= np.median(moved - relaxed[0].positions, axis=0)
    relaxed[1] = _placed(relaxed[1], minimum_image_path(relaxed[0].positions, moved, cell))
    apart = farthest_apart(relaxed[0].positions, relaxed[1].positions, cell)
    if apart < settings.least_displacement:
        return Failure(
            "ends_coincide",
            f"start and end relaxed to within {apart:.3f} Å of each other, "
            f"{settings.least_displacement:g} are needed: they are the same minimum",
        )
    path = relaxed[1].positions - relaxed[0].positions
    for name, one in zip(_NAMES, relaxed, strict=True):
        curvature = lowest_curvature(landscape, one.positions, cell, path)
        if curvature < _NO_MINIMUM:
            return Failure(
                "end_no_minimum",
                f"the {name} has a direction of curvature {curvature:.3f} eV/Å²: it relaxed to a saddle",
            )
    return EndPoints(relaxed[0], relaxed[1])


def _closest(positions: FloatArray, rows: NDArray[np.intp], cell: FloatArray) -> float:
    """Shortest distance of some atoms from any other, Å."""
    found = np.inf
    for row in rows:
        apart = nearest_image(np.delete(positions, row, axis=0) - positions[row], cell)
        found = min(found, float(np.min(np.linalg.norm(apart, axis=1), initial=np.inf)))
    return found


def farthest_apart(first: FloatArray, second: FloatArray, cell: FloatArray) -> float:
    """Distance of the atom that is farthest from its other place, Å, over nearest images."""
    return float(np.max(np.linalg.norm(minimum_image_path(first, second, cell) - first, axis=1)))


def _placed(one: Relaxation, positions: FloatArray) -> Relaxation:
    """The same structure in other images."""
    return Relaxation(positions, one.atom_energy, one.potential_energy, one.largest_force, one.n_steps)


def lowest_curvature(
    landscape: Landscape, positions: FloatArray, cell: FloatArray, direction: FloatArray
) -> float:
    """Upper bound of the lowest curvature of the energy, eV/Å², from a few steps of Lanczos.

    The lowest eigenvalue of the Hessian in the Krylov space of ``direction``, which is never below the
    lowest of all (Ritz): where it is negative the structure is no minimum. Products with the Hessian are
    central differences of forces,

        H v = -(F(x + h v) - F(x - h v)) / 2h

    Parameters
    ----------
    landscape
        The potential.
    positions
        Å, shape (N, 3), where the forces vanish.
    cell
        Å, vectors as rows.
    direction
        Where the search begins, shape (N, 3), not zero: a saddle between two ends falls along the path.
    """
    vector = direction / np.linalg.norm(direction)
    basis: list[FloatArray] = []
    diagonal: list[float] = []
    off_diagonal: list[float] = []
    for _ in range(min(_LANCZOS_STEPS, 3 * len(positions))):
        basis.append(vector)
        nudge = _NUDGE / float(np.max(np.linalg.norm(vector, axis=1)))
        pair = positions + nudge * np.array([vector, -vector])
        forces = landscape.energies_and_forces(pair, cell)[1]
        product = (forces[1] - forces[0]) / (2 * nudge)
        diagonal.append(float(np.sum(vector * product)))
        # orthogonal to all before, twice: differences of forces are noisy
        for _ in range(2):
            for other in basis:
                product = product - np.sum(other * product) * other
        norm = float(np.linalg.norm(product))
        if norm < 1e-3:
            break
        off_diagonal.append(norm)
        vector = product / norm
    n = len(diagonal)
    inner = off_diagonal[: n - 1]
    return float(np.linalg.eigvalsh(np.diag(diagonal) + np.diag(inner, 1) + np.diag(inner, -1))[0])
