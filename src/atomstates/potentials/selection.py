"""Selection: the potential picks the ordering with the lowest energy."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomstates.errors import InputError
from atomstates.potentials.cell import Evaluation, Relaxed, relaxed
from atomstates.structures.candidates import Candidate, OrderedCell

FloatArray = NDArray[np.float64]

NEARLY_EQUAL = 1e-3
"""eV/atom: orderings nearer than this to the lowest are within the error of any potential."""


@dataclass(frozen=True)
class Ranked:
    """A candidate as the potential sees it.

    ``rank`` is its place by electrostatic energy (1 is lowest), ``energy`` in eV/atom.
    """

    rank: int
    candidate: Candidate
    relaxation: Relaxed
    energy: float

    @property
    def cell(self) -> OrderedCell:
        """The relaxed cell."""
        return OrderedCell(self.relaxation.lattice, self.candidate.cell.elements, self.relaxation.positions)


def ranked(
    candidates: Sequence[Candidate],
    evaluation: Callable[[FloatArray, FloatArray], Evaluation],
    lattice: FloatArray,
    strains: FloatArray,
    shown: Callable[[Iterable[int]], Iterable[int]] = iter,
) -> list[Ranked]:
    """Every candidate relaxed, lowest energy first; equal ones by electrostatic energy.

    Parameters
    ----------
    candidates
        Cells with the same elements in the same order and the same lattice.
    evaluation
        Energy, forces and stress of (lattice, fractional positions).
    lattice
        Their lattice in LAMMPS' frame.
    strains
        Strains that are free (none: atoms only).
    shown
        Wraps the loop to show its progress.

    Raises
    ------
    InputError
        Not one candidate relaxes: the potential does not hold this crystal.
    """
    found = []
    for i in shown(range(len(candidates))):
        result = relaxed(evaluation, lattice, candidates[i].cell.positions, strains)
        found.append(Ranked(i + 1, candidates[i], result, result.energy / candidates[i].cell.n_atoms))
    sound = [entry for entry in found if entry.relaxation.converged]
    if not sound:
        worst = found[0].relaxation
        raise InputError(
            f"none of {len(found)} orderings relaxes with this potential (the first is left with forces "
            f"of {worst.largest_force:.3g} eV/Å and {worst.largest_pressure:.3g} bar after "
            f"{worst.n_evaluations} steps). Typical cause: a potential that was not made for this crystal, "
            "or wrong positions."
        )
    # What did not converge stands last, whatever its energy.
    return sorted(found, key=lambda r: (not r.relaxation.converged, round(r.energy, 7), r.rank))


def nearly_equal(ordered: Sequence[Ranked]) -> list[Ranked]:
    """The orderings within ``NEARLY_EQUAL`` of the lowest, itself left out."""
    return [
        entry
        for entry in ordered[1:]
        if entry.relaxation.converged and entry.energy - ordered[0].energy < NEARLY_EQUAL
    ]
