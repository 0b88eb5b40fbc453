"""Ideal hcp and Li3YCl6-like crystals whose sites and neighbours are known by construction."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

A_HCP, C_HCP = 3.7406, 6.0552
A_LYC, C_LYC = 3 * A_HCP, C_HCP


def hexagonal(a: float, c: float) -> FloatArray:
    return np.array([[a, 0, 0], [-a / 2, a * np.sqrt(3) / 2, 0], [0, 0, c]])


def repeated(
    fractional: FloatArray, cell: FloatArray, repeats: tuple[int, int, int]
) -> tuple[FloatArray, FloatArray]:
    """Cartesian positions of a supercell and its cell."""
    shifts = np.array(
        [(i, j, k) for i in range(repeats[0]) for j in range(repeats[1]) for k in range(repeats[2])]
    )
    positions = (fractional[None] + shifts[:, None]).reshape(-1, 3) @ cell
    return positions, cell * np.array(repeats)[:, None]


def hcp_holes(repeats: tuple[int, int, int]) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Anions, octahedral holes, tetrahedral holes, cell of hcp.

    Anions at z = 1/4 (1/3, 2/3) and 3/4 (2/3, 1/3), octahedra at the origin and half way up, and
    tetrahedra 3/8 of the axis above and below every anion.
    """
    cell = hexagonal(A_HCP, C_HCP)
    anions = np.array([[1 / 3, 2 / 3, 0.25], [2 / 3, 1 / 3, 0.75]])
    octahedra = np.array([[0, 0, 0], [0, 0, 0.5]])
    up = np.array([0, 0, 0.375])
    tetrahedra = np.concatenate([anions + up, anions - up])
    supercell = repeated(anions, cell, repeats)[1]
    return *(repeated(points, cell, repeats)[0] for points in (anions, octahedra, tetrahedra)), supercell


_THREEFOLD = (
    [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    [[0, -1, 0], [1, -1, 0], [0, 0, 1]],
    [[-1, 1, 0], [-1, 0, 0], [0, 0, 1]],
)


def _orbit(position: tuple[float, float, float]) -> FloatArray:
    images = [np.array(turn) @ np.array(position) for turn in _THREEFOLD]
    images += [-image for image in images]
    folded = np.round(np.array(images), 9) % 1.0
    return np.unique(np.round(folded, 9) % 1.0, axis=0)


def li3ycl6(repeats: tuple[int, int, int]) -> dict[str, FloatArray]:
    """Ideal-hcp Li3YCl6 in P-3m1: all Y-poor (6g) and Y-rich (6h) octahedra, Y, Cl and the cell."""
    cell = hexagonal(A_LYC, C_LYC)
    chlorine = np.concatenate(
        [_orbit((1 / 9, -1 / 9, 3 / 4)), _orbit((2 / 9, -2 / 9, 1 / 4)), _orbit((4 / 9, -4 / 9, 3 / 4))]
    )
    yttrium = np.array([[0, 0, 0], [1 / 3, 2 / 3, 1 / 2], [2 / 3, 1 / 3, 1 / 2]])
    parts = {"poor": _orbit((1 / 3, 0, 0)), "rich": _orbit((1 / 3, 0, 1 / 2)), "Y": yttrium, "Cl": chlorine}
    crystal = {name: repeated(points, cell, repeats)[0] for name, points in parts.items()}
    return crystal | {"cell": repeated(yttrium, cell, repeats)[1]}
