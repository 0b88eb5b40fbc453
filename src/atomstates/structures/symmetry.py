"""Space groups of average structures, as spglib finds them."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import spglib
from numpy.typing import NDArray
from pymatgen.core.structure import Structure

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_TOLERANCE = 0.02
"""Å: positions that symmetry maps onto each other within this are one site."""

# Last number of the space groups of each system (International Tables A).
_SYSTEMS = (
    (2, "triclinic"),
    (15, "monoclinic"),
    (74, "orthorhombic"),
    (142, "tetragonal"),
    (167, "trigonal"),
    (194, "hexagonal"),
    (230, "cubic"),
)


@dataclass(frozen=True)
class Symmetry:
    """Space group (symbol, number, crystal system) and its operations.

    ``rotations`` (P, 3, 3) and ``translations`` (P, 3) act on fractional positions.
    """

    symbol: str
    number: int
    system: str
    rotations: IntArray
    translations: FloatArray


def symmetry(
    lattice: FloatArray, positions: FloatArray, kinds: list[int], tolerance: float = _TOLERANCE
) -> Symmetry:
    """Symmetry of a cell whose sites are of the given kinds; the identity where spglib finds none.

    ``tolerance`` (Å) is the distance within which positions are the same.
    """
    with warnings.catch_warnings():
        # spglib 2.7 announces another way to report failures; both are met below.
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        try:
            cell: Any = (lattice, positions, kinds)
            found: Any = spglib.get_symmetry_dataset(cell, symprec=tolerance)
        except spglib.SpglibError:
            found = None
    if found is None:
        return Symmetry("P1", 1, "triclinic", np.eye(3, dtype=np.int64)[None], np.zeros((1, 3)))
    system = next(name for last, name in _SYSTEMS if found.number <= last)
    rotations = np.asarray(found.rotations, dtype=np.int64)
    return Symmetry(found.international, int(found.number), system, rotations, found.translations)


def average_symmetry(structure: Structure) -> Symmetry:
    """Symmetry of a structure with partial occupancies: sites of equal occupation are of one kind."""
    species = [site.species_string for site in structure]
    kinds = {name: i for i, name in enumerate(dict.fromkeys(species))}
    return symmetry(
        np.array(structure.lattice.matrix), np.array(structure.frac_coords), [kinds[s] for s in species]
    )
