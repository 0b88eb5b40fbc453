"""Ordering: from partial occupancies to the symmetry-distinct ordered cells of that composition."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from pymatgen.core.structure import Structure

from atomstates.campaign.schema import Ordering
from atomstates.errors import InputError
from atomstates.structures.candidates import Candidate, OrderedCell
from atomstates.structures.electrostatics import electrostatic_energies, interaction_matrix
from atomstates.structures.occupations import (
    Group,
    Occupations,
    all_occupations,
    distinct_occupations,
    drawn_occupations,
    n_occupations,
)
from atomstates.structures.symmetry import symmetry

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_INTEGER = 0.05
"""Atoms per cell: occupancies are published with two or three digits, so 8.96 is 9."""
_FULL = 0.995
_NEAREST_ATOMS = 1.0
"""Å: orderings in which two occupied sites are nearer than this (split sites) are left out."""


@dataclass(frozen=True)
class Orderings:
    """What the search for orderings found.

    ``n_possible`` counts all occupations, ``n_looked_at`` those enumerated or drawn,
    ``n_distinct`` the classes among them; ``candidates`` the electrostatically lowest of these.
    """

    candidates: list[Candidate]
    n_possible: int
    n_looked_at: int
    n_distinct: int


@dataclass(frozen=True)
class _Sites:
    """The sites of the search cell: which are fixed, which are to be filled, and how."""

    lattice: FloatArray
    positions: FloatArray
    occupancies: tuple[dict[str, float], ...]
    partial: IntArray
    elements: tuple[str, ...]
    groups: tuple[Group, ...]


def orderings(
    structure: Structure, charges: Mapping[str, float], settings: Ordering, random: Generator
) -> Orderings:
    """Symmetry-distinct ordered cells with the composition of the average structure.

    All sites over which an element is spread are filled together: the composition is fixed
    for the element, not for each Wyckoff position. Classes of orderings follow from the
    permutations of the sites under the space group of the average structure.

    Parameters
    ----------
    structure
        Average structure of one unit cell, with partial occupancies.
    charges
        Formal charges by element, e.
    settings
        Search cell, number of candidates, and from which number of occupations on they are drawn.
    random
        Draws occupations when there are too many.

    Raises
    ------
    InputError
        The composition is no whole number of atoms in the search cell, is not neutral, or no
        ordering keeps its atoms apart.
    """
    sites = _sites(structure, settings.cell)
    _refuse_charged(sites, charges)
    n_possible = n_occupations(sites.groups)
    if n_possible <= settings.most_enumerated:
        occupations = all_occupations(sites.groups, len(sites.partial))
    else:
        occupations = drawn_occupations(sites.groups, len(sites.partial), settings.most_enumerated, random)
    occupations = _without_overlaps(occupations, sites)
    rows, degeneracies = distinct_occupations(occupations, _site_permutations(sites))
    distinct = occupations[rows]
    matrix = interaction_matrix(sites.lattice, sites.positions)
    energies = electrostatic_energies(matrix, _site_charges(distinct, sites, charges))
    # Energies that differ by rounding only keep the order in which they were found.
    lowest = np.argsort(np.round(energies, 6), kind="stable")[: settings.candidates]
    found = [
        Candidate(_ordered_cell(distinct[i], sites), int(degeneracies[i]), float(energies[i]))
        for i in lowest
    ]
    return Orderings(found, n_possible, len(occupations), len(distinct))


def ordered_composition(structure: Structure, cell: tuple[int, int, int]) -> dict[str, int]:
    """Atoms of each element in an ordered cell of so many unit cells; InputError unless whole."""
    return _counts(_sites(structure, cell))


def _sites(structure: Structure, cell: tuple[int, int, int]) -> _Sites:
    """Sites of the search cell, with whole numbers of atoms for each element."""
    occupancies = [
        {species.symbol: float(share) for species, share in site.species.items()} for site in structure
    ]
    unit = OrderedCell(
        np.array(structure.lattice.matrix), ("",) * len(structure), np.array(structure.frac_coords)
    )
    whole = unit.repeated(cell)
    n_images = int(np.prod(cell))
    partial_unit = [len(o) > 1 or sum(o.values()) < _FULL for o in occupancies]
    repeated = tuple(occupancies) * n_images
    partial = np.flatnonzero(np.array(partial_unit * n_images))
    elements = tuple(dict.fromkeys(symbol for o in occupancies for symbol in o))
    groups = _groups([repeated[i] for i in partial], elements, cell)
    return _Sites(whole.lattice, whole.positions, repeated, partial, elements, groups)


def _groups(
    occupancies: list[dict[str, float]], elements: tuple[str, ...], cell: tuple[int, int, int]
) -> tuple[Group, ...]:
    """Partially occupied sites by the elements that they share."""
    families: list[set[str]] = []
    for occupancy in occupancies:
        linked = [family for family in families if family & set(occupancy)]
        families = [family for family in families if family not in linked]
        families.append(set(occupancy).union(*linked))
    groups = []
    for family in families:
        members = tuple(i for i, occupancy in enumerate(occupancies) if set(occupancy) <= family)
        counts, allowed = {}, {}
        for number, element in enumerate(elements, start=1):
            if element in family:
                atoms = sum(occupancies[i].get(element, 0.0) for i in members)
                counts[number] = _whole_number(atoms, element, len(members), cell)
                allowed[number] = frozenset(i for i in members if element in occupancies[i])
        groups.append(Group(members, counts, allowed))
    return tuple(groups)


def _whole_number(atoms: float, element: str, n_sites: int, cell: tuple[int, int, int]) -> int:
    """The number of atoms, which must be whole."""
    if abs(atoms - round(atoms)) <= _INTEGER:
        return round(atoms)
    share = Fraction(atoms / n_sites).limit_denominator(48)
    times = (share * n_sites).denominator
    nearest = max(round(atoms), 1)
    multiples = " x ".join(str(n) for n in cell)
    raise InputError(
        f"crystal: the occupancies give {atoms:.3f} {element} on {n_sites} partially occupied sites of the "
        f"ordering cell ({multiples} unit cells), but an ordered cell needs a whole number. Change the "
        f"occupancies (to {nearest / n_sites:.4f} on average: {nearest} {element}), or choose an "
        f"ordering.cell that is {max(times, 2)} times as large."
    )


def _refuse_charged(sites: _Sites, charges: Mapping[str, float]) -> None:
    """The ordered cell must be neutral, or its electrostatic energy means nothing."""
    missing = [element for element in sites.elements if element not in charges]
    if missing:
        raise InputError(f"charges: the formal charge of {', '.join(missing)} is missing")
    counts = _counts(sites)
    total = sum(charges[element] * count for element, count in counts.items())
    if abs(total) > 1e-3:
        shown = ", ".join(f"{count} {element}" for element, count in counts.items())
        raise InputError(
            f"charges: the ordered cell ({shown}) has the charge {total:+.3f} e; it must be neutral. "
            "Correct the occupancies or the formal charges."
        )


def _counts(sites: _Sites) -> dict[str, int]:
    """Atoms of each element in every ordering of the search cell."""
    full = np.delete(np.arange(len(sites.occupancies)), sites.partial)
    counts = Counter(next(iter(sites.occupancies[i])) for i in full)
    for group in sites.groups:
        counts.update({sites.elements[number - 1]: count for number, count in group.counts.items()})
    return {element: counts[element] for element in sites.elements}


def _without_overlaps(occupations: Occupations, sites: _Sites) -> Occupations:
    """Occupations in which no two atoms sit on sites that are too near each other."""
    positions = sites.positions[sites.partial]
    apart = positions[:, None, :] - positions[None, :, :]
    apart -= np.round(apart)
    distances = np.linalg.norm(apart @ sites.lattice, axis=-1)
    sound = np.ones(len(occupations), dtype=bool)
    for i, j in np.argwhere(np.triu(distances < _NEAREST_ATOMS, k=1)):
        sound &= (occupations[:, i] == 0) | (occupations[:, j] == 0)
    if not sound.any():
        raise InputError(
            f"crystal: none of {len(occupations)} orderings keeps all atoms {_NEAREST_ATOMS} Å apart: "
            "partially occupied sites are too near each other for their occupancies. Check the sites."
        )
    return occupations[sound]


def _site_permutations(sites: _Sites) -> IntArray:
    """How the operations of the average structure's space group permute the partial sites, shape (P, n)."""
    kinds = {key: i for i, key in enumerate(sorted({tuple(sorted(o)) for o in sites.occupancies}))}
    partial = set(sites.partial.tolist())
    # A full site of an element is another kind than a partial one of the same element.
    types = [2 * kinds[tuple(sorted(o))] + (i in partial) for i, o in enumerate(sites.occupancies)]
    group = symmetry(sites.lattice, sites.positions, types)
    positions = sites.positions[sites.partial]
    if len(positions) == 0:
        return np.empty((1, 0), dtype=np.int64)
    permutations = []
    for rotation, translation in zip(group.rotations, group.translations, strict=True):
        apart = (positions @ rotation.T + translation)[:, None, :] - positions[None, :, :]
        apart -= np.round(apart)
        permutations.append(np.linalg.norm(apart @ sites.lattice, axis=-1).argmin(axis=1))
    return np.array(permutations, dtype=np.int64)


def _site_charges(occupations: Occupations, sites: _Sites, charges: Mapping[str, float]) -> FloatArray:
    """Charge of every site in every occupation, shape (M, n)."""
    partial = set(sites.partial.tolist())
    fixed = [0.0 if i in partial else charges[next(iter(o))] for i, o in enumerate(sites.occupancies)]
    by_number = np.array([0.0, *(charges[element] for element in sites.elements)])
    whole = np.tile(np.array(fixed), (len(occupations), 1))
    whole[:, sites.partial] = by_number[occupations]
    return whole


def _ordered_cell(occupation: Occupations, sites: _Sites) -> OrderedCell:
    """The cell with that occupation, sorted by element."""
    names = [next(iter(occupancy)) for occupancy in sites.occupancies]
    for site, number in zip(sites.partial, occupation, strict=True):
        names[site] = sites.elements[number - 1] if number else ""
    kept = np.array([bool(name) for name in names])
    cell = OrderedCell(sites.lattice, tuple(filter(None, names)), sites.positions[kept])
    return cell.sorted_by(sites.elements)
