"""Crystals in which the sites of the mobile ions are known: anions, sites by kind, and the cell."""

from dataclasses import dataclass

import numpy as np
from crystals import hcp_holes, repeated
from numpy.typing import NDArray
from pymatgen.symmetry.groups import SpaceGroup

FloatArray = NDArray[np.float64]

GARNET, ARGYRODITE = 12.98, 9.86
"""Å: lattice constants."""


@dataclass(frozen=True)
class Framework:
    """Anions and sites with their known kind, Å."""

    name: str
    cell: FloatArray
    anions: FloatArray
    octahedral: FloatArray
    tetrahedral: FloatArray

    @property
    def sites(self) -> FloatArray:
        return np.concatenate([self.octahedral, self.tetrahedral])

    @property
    def is_octahedral(self) -> NDArray[np.bool_]:
        return np.arange(len(self.sites)) < len(self.octahedral)


def wyckoff(group: str, *positions: tuple[float, float, float]) -> FloatArray:
    """All positions in the cell that are symmetric to some, fractional."""
    found = np.concatenate(
        [
            [operation.operate(position) for operation in SpaceGroup(group).symmetry_ops]
            for position in positions
        ]
    )
    return np.unique(np.round(found % 1.0, 6) % 1.0, axis=0)


def _framework(name, cell, repeats, anions, octahedral, tetrahedral):
    """A supercell from fractional coordinates."""
    parts = [repeated(part, cell, repeats)[0] for part in (anions, octahedral, tetrahedral)]
    return Framework(name, cell * np.array(repeats)[:, None], *parts)


def hcp() -> Framework:
    anions, octahedral, tetrahedral, cell = hcp_holes((4, 4, 3))
    return Framework("hcp", cell, anions, octahedral, tetrahedral)


def fcc() -> Framework:
    anions = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    tetrahedral = np.concatenate([anions + 0.25, anions + 0.75])
    return _framework("fcc", 5.2 * np.eye(3), (3, 3, 3), anions, anions + 0.5, tetrahedral)


def bcc() -> Framework:
    """As alpha-AgI: a = 5.06 Å, twelve tetrahedra 12d (1/4, 0, 1/2) a cell, which fill it.

    Strock, Z. phys. Chem. B 1934, 25, 441.
    """
    anions = np.array([[0, 0, 0], [0.5, 0.5, 0.5]])
    tetrahedral = wyckoff("Im-3m", (0.25, 0, 0.5))
    return _framework("bcc", 5.06 * np.eye(3), (3, 3, 3), anions, np.empty((0, 3)), tetrahedral)


def garnet() -> Framework:
    """Cubic Li7La3Zr2O12, Ia-3d: Li 24d in tetrahedra, 48g and the split 96h in octahedra.

    O 96h (-0.031, 0.055, 0.149), Li 24d (3/8, 0, 1/4), 48g (1/8, y, 1/4 - y), 96h (0.097, 0.686, 0.577),
    rounded: the structure type, not a refinement.
    """
    return _framework(
        "garnet",
        GARNET * np.eye(3),
        (1, 1, 1),
        wyckoff("Ia-3d", (-0.031, 0.055, 0.149)),
        wyckoff("Ia-3d", (0.125, 0.683, 0.567), (0.097, 0.686, 0.577)),
        wyckoff("Ia-3d", (0.375, 0, 0.25)),
    )


def argyrodite() -> Framework:
    """Li6PS5Cl, F-43m: Li 48h and the middle of each tetrahedron of sulfur around phosphorus.

    Cl 4a, S 4c (1/4, 1/4, 3/4) and 16e (0.119, -0.119, 0.619), P 4b (0, 0, 1/2), Li 48h (0.309, 0.025,
    0.691), rounded: the structure type, not a refinement. All holes are tetrahedral.
    """
    return _framework(
        "argyrodite",
        ARGYRODITE * np.eye(3),
        (2, 2, 2),
        wyckoff("F-43m", (0, 0, 0), (0.25, 0.25, 0.75), (0.119, -0.119, 0.619)),
        np.empty((0, 3)),
        wyckoff("F-43m", (0, 0, 0.5), (0.309, 0.025, 0.691)),
    )


FRAMEWORKS = (hcp, fcc, bcc, garnet, argyrodite)
