"""A nudged elastic band of the model between two minima that one ion's hop connects."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.mep import NEB
from ase.optimize import FIRE

from atomstates.potentials.host import FloatArray
from atomstates.potentials.student import ase_calculator

_FREE_IMAGES = 5
_BAND_FORCE = 0.05
"""eV/Å."""
_END_FORCE = 0.01
"""eV/Å."""
_MOST_STEPS = 300
_MOST_BANDS = 3
_HOPPED = 1.2
"""Å: an ion that moves farther between two minima has hopped."""


@dataclass(frozen=True)
class Candidate:
    """An ion of a relaxed structure, and the way (Å) to a vacant site beside it."""

    atoms: Atoms
    ion: int
    step: tuple[float, float, float]


def first_path(candidates: Sequence[Candidate], model: Path) -> list[Atoms]:
    """Images of the first path that converges, of three bands at most; else of the first of them.

    Empty when no candidate is a hop. ``info``: that of the candidate, ion, converged, tried.
    """
    calculator = ase_calculator(model)
    unconverged: list[list[Atoms]] = []
    for number, candidate in enumerate(candidates):
        ends = _ends(candidate, calculator)
        if ends is None:
            continue
        images, converged = _band(*ends, calculator)
        for image in images:
            image.info = candidate.atoms.info | {
                "ion": candidate.ion,
                "converged": converged,
                "tried": number + 1,
            }
        if converged:
            return images
        unconverged.append(images)
        if len(unconverged) == _MOST_BANDS:
            break
    return unconverged[0] if unconverged else []


def _ends(candidate: Candidate, calculator: Any) -> tuple[Atoms, Atoms] | None:
    """Relaxed ends at fixed cell; None where this ion, and no other, has not hopped between them."""
    first, last = candidate.atoms.copy(), candidate.atoms.copy()
    last.positions[candidate.ion] += candidate.step
    for atoms in (first, last):
        atoms.calc = calculator
        if not FIRE(atoms, logfile=None).run(fmax=_END_FORCE, steps=1000):
            return None
    moved = np.flatnonzero(np.linalg.norm(_way(first, last), axis=1) > _HOPPED)
    return (first, last) if moved.tolist() == [candidate.ion] else None


def _way(first: Atoms, last: Atoms) -> FloatArray:
    """Shortest displacement of each atom (n, 3) between two structures of the same cell, Å."""
    cell = first.cell[:]
    gap = np.linalg.solve(cell.T, (last.positions - first.positions).T).T
    gap -= np.round(gap)
    way: FloatArray = gap @ cell
    return way


def _band(first: Atoms, last: Atoms, calculator: Any) -> tuple[list[Atoms], bool]:
    """Images of a climbing band, and whether it converged."""
    last = last.copy()
    last.positions = first.positions + _way(first, last)
    images = [first.copy() for _ in range(_FREE_IMAGES + 1)] + [last]
    band = NEB(images, climb=False, method="improvedtangent", allow_shared_calculator=True)
    band.interpolate(method="idpp")
    for image in images:
        image.calc = calculator
    FIRE(band, logfile=None).run(fmax=0.3, steps=_MOST_STEPS)
    band.climb = True
    converged = FIRE(band, logfile=None).run(fmax=_BAND_FORCE, steps=_MOST_STEPS)
    bare = [Atoms(image.symbols, image.positions, cell=image.cell, pbc=True) for image in images]
    return bare, bool(converged)
