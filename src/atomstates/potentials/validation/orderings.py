"""Orderings of the materials: filled and vacant sites of a cell, and how the model relaxes them."""

import zlib
from collections.abc import Sequence

import numpy as np
from ase import Atoms
from numpy.random import Generator

from atomstates.potentials.configurations import replaced
from atomstates.potentials.host import FloatArray, Host, Source
from atomstates.potentials.validation.settings import Cell, Material, Position

_SAME_SITE = 0.5
"""Å."""


def filled_sites(unit: Host, positions: Sequence[Position]) -> list[int]:
    """Indices of the sites nearest to these fractional positions of the unit cell."""
    gap = np.asarray(positions)[:, None] - unit.sites[None]
    gap -= np.round(gap)
    nearest = np.linalg.norm(gap @ unit.framework.cell[:], axis=2).argmin(axis=1)
    return [int(index) for index in nearest]


def ordered_cell(unit: Host, filled: Sequence[int], cell: Cell) -> Atoms:
    """The crystal with these sites filled in each of ``cell`` unit cells."""
    large = unit.repeated(cell)
    return large.filled(large.sites[_in_every_cell(unit, filled, cell)])


def end_points(
    unit: Host, filled: Sequence[int], cell: Cell, start: Position, end: Position
) -> tuple[Atoms, Atoms]:
    """Before and after one ion's jump from a filled to a vacant site in one of ``cell`` unit cells."""
    large = unit.repeated(cell)
    positions = large.sites[_in_every_cell(unit, filled, cell)]
    before, after = filled_sites(unit, [start, end])
    moved = positions.copy()
    # The jump takes place in the first image of the unit cell.
    moved[list(filled).index(before)] = large.sites[after]
    return large.filled(positions), large.filled(moved)


def _in_every_cell(unit: Host, filled: Sequence[int], cell: Cell) -> np.ndarray:
    """Indices of the sites of the repeated cell that are filled."""
    images = np.arange(int(np.prod(cell)))
    chosen: np.ndarray = (images[:, None] * len(unit.sites) + np.array(filled)).ravel()
    return chosen


def vacant_sites(unit: Host, cell: Cell, atoms: Atoms) -> FloatArray:
    """Fractional positions (n, 3) of the sites that no mobile ion of an unrelaxed structure fills."""
    sites = unit.repeated(cell).sites
    ions = atoms.get_scaled_positions()[np.array(atoms.symbols) == unit.mobile]
    gap = sites[:, None] - ions[None]
    gap -= np.round(gap)
    nearest = np.linalg.norm(gap @ atoms.cell[:], axis=2).min(axis=1)
    free: FloatArray = sites[nearest > _SAME_SITE]
    return free


def generator(seed: int, name: str, purpose: str) -> Generator:
    """Random numbers of one material for one purpose, whatever other materials there are."""
    return np.random.default_rng([seed, zlib.crc32(name.encode()), zlib.crc32(purpose.encode())])


def drawn_orderings(source: Source, material: Material, name: str, count: int, seed: int) -> list[Atoms]:
    """Orderings of a material, the one that it names first; atoms are replaced at random in each.

    Without replacement no ordering comes twice: there are as many as there are, at most ``count``.
    """
    random = generator(seed, name, "orderings")
    known = source.fillings["orderings"]
    order = [known[i] for i in random.permutation(len(known))]
    if material.ordered is not None:
        first = tuple(sorted(filled_sites(source.unit, material.ordered)))
        order = [first, *(one for one in order if one != first)]
    if material.replacement is not None:
        order = [order[i % len(order)] for i in range(count)]
    found = []
    for number, filled in enumerate(order[:count]):
        atoms = ordered_cell(source.unit, filled, material.cell)
        if material.replacement is not None:
            atoms = replaced(atoms, material.replacement, source.unit.elements, random)
        atoms.info = {"material": name, "ordering": number}
        found.append(atoms)
    return found


def large_cell(atoms: Atoms, material: Material, elements: Sequence[str]) -> Atoms:
    """A relaxed ordering repeated to the material's large cell, sorted by element."""
    whole = atoms.repeat(material.copies)
    rank = [elements.index(symbol) for symbol in whole.symbols]
    chosen: Atoms = whole[np.argsort(rank, kind="stable")]
    return Atoms(chosen.symbols, chosen.positions, cell=chosen.cell, pbc=True)


def folder_name(name: str) -> str:
    """Name of a material as that of a folder."""
    return name.replace(" ", "_")
