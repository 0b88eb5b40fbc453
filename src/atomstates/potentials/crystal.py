"""The crystal that a run began as: each atom's own place, from the products of ``potentials``."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atomstates.errors import ProductError
from atomstates.products import read_json, readable

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Crystal:
    """Atoms in order of their id, with where they belong."""

    id: NDArray[np.int64]
    """(N,)"""
    element: NDArray[np.str_]
    """(N,)"""
    positions: FloatArray
    """(N, 3) Å"""
    cell: FloatArray
    """(3, 3) Å, vectors as rows, from the cell's lower corner."""
    supercell: tuple[int, int, int]
    """Unit cells along each vector."""

    def __post_init__(self) -> None:
        n_atoms = len(self.id)
        if self.positions.shape != (n_atoms, 3) or self.element.shape != (n_atoms,):
            raise ValueError(
                f"{n_atoms} ids, {self.positions.shape} positions, {self.element.shape} elements"
            )
        if not np.array_equal(self.id, np.sort(self.id)):
            raise ValueError("atoms are not in order of id")


def read_crystal(data: Path, description: Path) -> Crystal:
    """Crystal from ``structure.data`` and ``structure.json``.

    Raises
    ------
    ProductError
        One of them is missing or not what was expected.
    """
    described = read_json(description)
    with readable(data):
        lines = data.read_text(encoding="utf-8").splitlines()
        sections = [line.split("#")[0].split() for line in lines]
        cell = _cell(sections)
        start = next(i for i, words in enumerate(sections) if words[:1] == ["Atoms"])
        style = lines[start].split("#")[1].split()[0] if "#" in lines[start] else "atomic"
        # id type [q] x y z
        first = {"atomic": 2, "charge": 3}[style]
        rows = []
        for words in sections[start + 2 :]:
            if not words or not words[0].isdigit():
                break
            rows.append([float(word) for word in words[: first + 3]])
    table = np.array(rows)
    if len(table) != described["n_atoms"]:
        raise ProductError(
            f"{data}: found {len(table)} atoms, needed {described['n_atoms']} ({description.name}). "
            "Remove both and run `potentials` again."
        )
    table = table[np.argsort(table[:, 0])]
    elements = np.array(described["elements"], dtype=np.str_)
    a, b, c = (int(n) for n in described["supercell"])
    return Crystal(
        id=table[:, 0].astype(np.int64),
        element=elements[table[:, 1].astype(np.int64) - 1],
        positions=table[:, first:],
        cell=cell,
        supercell=(a, b, c),
    )


def _cell(sections: list[list[str]]) -> FloatArray:
    """Vectors from the bounds and tilts of the header; the lower corner must be the origin."""
    header = {
        tuple(words[-2:]): [float(w) for w in words[:2]]
        for words in sections
        if words[-1:] in (["xhi"], ["yhi"], ["zhi"])
    }
    tilts = next(
        ([float(w) for w in words[:3]] for words in sections if words[-3:] == ["xy", "xz", "yz"]), [0.0] * 3
    )
    (x0, x1), (y0, y1), (z0, z1) = (
        header[axis] for axis in (("xlo", "xhi"), ("ylo", "yhi"), ("zlo", "zhi"))
    )
    if (x0, y0, z0) != (0.0, 0.0, 0.0):
        raise ValueError(f"the cell begins at {(x0, y0, z0)}, needed is the origin")
    return np.array([[x1, 0.0, 0.0], [tilts[0], y1, 0.0], [tilts[1], tilts[2], z1]])
