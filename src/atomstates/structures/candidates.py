"""Ordered cells, and the product in which they are kept (``candidates.json``)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomstates.errors import ProductError
from atomstates.products import read_json, write_json

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class OrderedCell:
    """A cell in which every site holds one atom.

    Attributes
    ----------
    lattice
        Vectors as rows, Å, shape (3, 3).
    elements
        Element of each atom, length N.
    positions
        Fractional positions, shape (N, 3).
    """

    lattice: FloatArray
    elements: tuple[str, ...]
    positions: FloatArray

    def __post_init__(self) -> None:
        if self.lattice.shape != (3, 3) or self.positions.shape != (len(self.elements), 3):
            raise ValueError(
                f"lattice {self.lattice.shape} and positions {self.positions.shape} do not fit "
                f"{len(self.elements)} elements"
            )

    @property
    def n_atoms(self) -> int:
        return len(self.elements)

    @property
    def volume(self) -> float:
        """Å³."""
        return float(abs(np.linalg.det(self.lattice)))

    def of_element(self, element: str) -> FloatArray:
        """Fractional positions of the atoms of one element, shape (n, 3)."""
        chosen: FloatArray = self.positions[np.array(self.elements) == element]
        return chosen

    def sorted_by(self, order: tuple[str, ...]) -> "OrderedCell":
        """The same cell with its atoms in the order of their elements."""
        rank = np.argsort([order.index(element) for element in self.elements], kind="stable")
        elements = tuple(self.elements[i] for i in rank)
        return OrderedCell(self.lattice, elements, self.positions[rank])

    def repeated(self, multiples: tuple[int, ...]) -> "OrderedCell":
        """The cell repeated along its vectors; image by image, atoms in their order."""
        shifts = np.array(list(np.ndindex(*multiples)), dtype=np.float64)
        positions = (shifts[:, None, :] + self.positions[None, :, :]).reshape(-1, 3) / np.array(multiples)
        lattice = self.lattice * np.array(multiples, dtype=np.float64)[:, None]
        return OrderedCell(lattice, self.elements * len(shifts), positions)


@dataclass(frozen=True)
class Candidate:
    """One of the symmetry-distinct orderings.

    ``degeneracy`` is the number of orderings of the same cell that symmetry makes equal to it;
    ``electrostatic_energy`` the Ewald energy of formal point charges, eV per cell.
    """

    cell: OrderedCell
    degeneracy: int
    electrostatic_energy: float


def write_candidates_file(path: Path, candidates: list[Candidate], elements: tuple[str, ...]) -> None:
    """Write the candidates; ``elements`` is the order of the atom types."""
    write_json(
        path,
        {
            "elements": elements,
            "candidates": [
                {
                    "degeneracy": candidate.degeneracy,
                    "electrostatic_energy_eV": candidate.electrostatic_energy,
                    "lattice_A": candidate.cell.lattice,
                    "elements": candidate.cell.elements,
                    "fractional_positions": candidate.cell.positions,
                }
                for candidate in candidates
            ],
        },
    )


def read_candidates_file(path: Path) -> tuple[list[Candidate], tuple[str, ...]]:
    """The candidates, and the order of the atom types.

    Raises
    ------
    ProductError
        The product is missing or damaged.
    """
    content = read_json(path)
    try:
        return [_candidate(entry) for entry in content["candidates"]], tuple(content["elements"])
    except (KeyError, TypeError, ValueError) as error:
        raise ProductError(
            f"{path}: is not what the structures stage writes ({error}). Remove it and run the stage again."
        ) from error


def _candidate(entry: dict[str, Any]) -> Candidate:
    """A candidate from its JSON form."""
    cell = OrderedCell(
        np.array(entry["lattice_A"], dtype=np.float64),
        tuple(entry["elements"]),
        np.array(entry["fractional_positions"], dtype=np.float64),
    )
    return Candidate(cell, int(entry["degeneracy"]), float(entry["electrostatic_energy_eV"]))
