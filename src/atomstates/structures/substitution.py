"""Substitution: a share of one element replaced at random by another, reproducibly."""

from collections.abc import Sequence

import numpy as np

from atomstates.campaign.schema import Substitution
from atomstates.errors import InputError
from atomstates.structures.candidates import OrderedCell


def substituted(cell: OrderedCell, substitutions: Sequence[Substitution], seed: int) -> OrderedCell:
    """The cell with a share of its atoms replaced, one substitution after the other.

    Parameters
    ----------
    cell
        The ordered supercell.
    substitutions
        What is replaced by what, and which fraction of the atoms of that element.
    seed
        The campaign's seed; each substitution draws from (seed, its own seed, its place in the list).

    Raises
    ------
    InputError
        There is no such element, or the fraction is no whole number of atoms.
    """
    elements = list(cell.elements)
    for place, substitution in enumerate(substitutions):
        sites = [i for i, element in enumerate(elements) if element == substitution.replace]
        n_replaced = _number_replaced(substitution, len(sites))
        random = np.random.default_rng([seed, substitution.seed, place])
        for i in random.choice(sites, size=n_replaced, replace=False):
            elements[i] = substitution.by
    return OrderedCell(cell.lattice, tuple(elements), cell.positions)


def _number_replaced(substitution: Substitution, n_sites: int) -> int:
    """The number of atoms to replace, which must be whole."""
    where = f"substitution of {substitution.replace} by {substitution.by}"
    if n_sites == 0:
        raise InputError(f"{where}: the supercell has no {substitution.replace}")
    number = substitution.fraction * n_sites
    if abs(number - round(number)) > 1e-6 * n_sites:
        raise InputError(
            f"{where}: a fraction of {substitution.fraction:g} is {number:.3f} of the {n_sites} "
            f"{substitution.replace} in the supercell, but whole atoms are needed. Use "
            f"{round(number)}/{n_sites} = {round(number) / n_sites:.6f}, or another supercell."
        )
    return round(number)
