"""What a crystal tells of the settings that it needs; every guess says what it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product
from math import gcd, prod
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
from pymatgen.core.composition import Composition
from pymatgen.core.periodic_table import Element
from pymatgen.core.structure import Structure

from atomstates.check.geometry import nearest_site_distance, smallest_supercell, widths
from atomstates.check.settings import LONGEST_TIMESTEP_FS
from atomstates.errors import InputError
from atomstates.structures.crystal import crystal_elements, declared_charges
from atomstates.structures.ordering import ordered_composition

MOBILE = ("Li", "Na", "K", "Ag", "Cu", "Rb", "Mg", "Zn", "Ca", "H")
"""Elements that are the mobile cation of solid electrolytes, the likeliest first."""
_ANIONS = ("F", "Cl", "Br", "I", "O", "S", "Se", "Te", "N", "H")
_MOST_CELLS = 8
"""Unit cells of the largest ordering cell that is tried."""
_FULL = 0.995
WIDTH_WITHOUT_CUTOFF = 20.0
"""Å between opposite faces where the potential's cut-off is not known: twice a long one."""
LEAST_WIDTH = 12.0
"""Å between opposite faces at least, however short the cut-off."""
TEMPERATURES: tuple[float, ...] = (400.0, 500.0, 600.0, 700.0, 800.0, 900.0, 1000.0)

T = TypeVar("T")


@dataclass(frozen=True)
class Guess(Generic[T]):
    """A value and what it rests on."""

    value: T
    because: str


def mobile_ion(structure: Structure) -> Guess[str] | None:
    """The likeliest mobile cation; None where no element of the crystal is one."""
    elements = crystal_elements(structure)
    there = [element for element in MOBILE if element in elements]
    if not there:
        return None
    others = f", not {', '.join(there[1:])}" if there[1:] else ""
    return Guess(there[0], f"the usual mobile ion among {', '.join(elements)}{others}")


def anions(structure: Structure, mobile: str) -> Guess[tuple[str, ...]] | None:
    """Elements that are usually anions; None where there are none."""
    found = tuple(
        element for element in crystal_elements(structure) if element in _ANIONS and element != mobile
    )
    return Guess(found, "the elements that are usually anions") if found else None


def charges(
    structure: Structure, counts: Mapping[str, int], cif: Path | None
) -> Guess[dict[str, float]] | None:
    """Formal charges of a neutral crystal: those that the CIF declares, or the likeliest oxidation states.

    Parameters
    ----------
    structure
        Average structure.
    counts
        Atoms of each element in a cell, whole numbers.
    cif
        The file, where there is one.
    """
    elements = crystal_elements(structure)
    declared = declared_charges(cif) if cif is not None else {}
    if set(declared) >= set(elements) and _neutral(declared, counts):
        return Guess(
            {element: round(declared[element], 6) for element in elements}, "as the CIF declares them"
        )
    divisor = reduce(gcd, counts.values())
    formula = Composition({element: count // divisor for element, count in counts.items()})
    found = formula.oxi_state_guesses(max_sites=-1)
    if not found:
        return None
    first = {element: float(found[0][element]) for element in elements}
    return Guess(first, f"the likeliest oxidation states of neutral {formula.reduced_formula}")


def _neutral(charges: Mapping[str, float], counts: Mapping[str, int]) -> bool:
    return abs(sum(charges[element] * count for element, count in counts.items())) < 1e-3


def ordering_cell(structure: Structure) -> Guess[tuple[int, int, int]]:
    """The fewest unit cells with whole numbers of atoms; of equally many the most compact block.

    Raises
    ------
    InputError
        There are none up to eight; the message is that of the unit cell, with what to change.
    """
    apart = widths(np.asarray(structure.lattice.matrix, dtype=np.float64))
    sides = range(1, _MOST_CELLS + 1)
    cells = [(a, b, c) for a, b, c in product(sides, repeat=3) if a * b * c <= _MOST_CELLS]
    refusal: InputError | None = None
    for cell in sorted(cells, key=lambda cell: (prod(cell), float(np.max(apart * cell)), cell)):
        try:
            counts = ordered_composition(structure, cell)
        except InputError as error:
            refusal = refusal or error
            continue
        shown = " ".join(f"{element}{count}" for element, count in counts.items())
        return Guess(cell, f"whole numbers of atoms: {shown}")
    assert refusal is not None
    raise refusal


def supercell(structure: Structure, cell: Sequence[int], width: float) -> Guess[tuple[int, ...]]:
    """Multiples of the unit cell whose opposite faces are ``width`` (Å) apart at least."""
    lattice = np.asarray(structure.lattice.matrix, dtype=np.float64)
    found = smallest_supercell(lattice, width, cell)
    return Guess(found, f"opposite faces at least {width:g} Å apart")


def cell_width(cutoff: float | None) -> Guess[float]:
    """How far apart opposite faces should be, Å."""
    if cutoff is None:
        return Guess(WIDTH_WITHOUT_CUTOFF, "the cut-off of the potential is not known")
    if 2 * cutoff < LEAST_WIDTH:
        return Guess(LEAST_WIDTH, f"more than twice the potential's cut-off of {cutoff:g} Å")
    return Guess(2 * cutoff, f"twice the potential's cut-off of {cutoff:g} Å")


def hop_length(structure: Structure, mobile: str) -> Guess[float]:
    """Distance between neighbouring sites of the mobile ion, Å.

    Raises
    ------
    InputError
        It has no two sites.
    """
    nearest = nearest_site_distance(structure, mobile)
    if nearest is None:
        raise InputError(f"{mobile} has no two sites within 10 Å: say how far it hops with --hop-length-A")
    return Guess(round(nearest, 2), f"the shortest distance between two sites of {mobile}")


def timestep(structure: Structure) -> Guess[float]:
    """Timestep in fs, 2, 1 or 0.5 by the mass of the lightest element."""
    lightest = min(crystal_elements(structure), key=lambda element: float(Element(element).atomic_mass))
    longest = LONGEST_TIMESTEP_FS * float(Element(lightest).atomic_mass) ** 0.5
    return Guess(next((step for step in (2.0, 1.0) if step <= longest), 0.5), f"for {lightest}")


def partial_sites(structure: Structure) -> list[str]:
    """Partially occupied sites in words, one line for each kind of occupation."""
    lines: dict[str, tuple[int, list[str]]] = {}
    for site in structure:
        total = sum(site.species.values())
        if total >= _FULL and len(site.species) == 1:
            continue
        shares = " + ".join(f"{share:g} {species.symbol}" for species, share in site.species.items())
        number, labels = lines.get(shares, (0, []))
        lines[shares] = (number + 1, list(dict.fromkeys([*labels, str(site.label)])))
    return [f"{number} sites with {shares} ({_some(labels)})" for shares, (number, labels) in lines.items()]


def _some(labels: Sequence[str]) -> str:
    """The first labels."""
    return ", ".join(labels[:4]) + (", ..." if len(labels) > 4 else "")
