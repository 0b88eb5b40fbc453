"""Anion packings whose holes are known by construction."""

from itertools import product

import numpy as np

A_HCP, C_HCP = 3.7406, 6.0552


def hexagonal(a, c):
    return np.array([[a, 0, 0], [-a / 2, a * np.sqrt(3) / 2, 0], [0, 0, c]])


def repeated(fractional, cell, repeats):
    """Cartesian positions in a supercell, and its cell."""
    shifts = np.array(list(product(*map(range, repeats))))
    positions = (np.asarray(fractional)[None] + shifts[:, None]).reshape(-1, 3) @ cell
    return positions, cell * np.array(repeats)[:, None]


def fcc(repeats, a=5.2):
    """Anions, octahedral holes and cell of a face-centred cubic packing."""
    anions = [[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]]
    octahedra = [[0.5, 0, 0], [0, 0.5, 0], [0, 0, 0.5], [0.5, 0.5, 0.5]]
    cell = np.eye(3) * a
    return repeated(anions, cell, repeats)[0], *repeated(octahedra, cell, repeats)


def hcp(repeats):
    """The same of a hexagonal close packing."""
    cell = hexagonal(A_HCP, C_HCP)
    anions = [[1 / 3, 2 / 3, 0.25], [2 / 3, 1 / 3, 0.75]]
    return repeated(anions, cell, repeats)[0], *repeated([[0, 0, 0], [0, 0, 0.5]], cell, repeats)


def li3ycl6(repeats):
    """Ideal-hcp Li3YCl6 in P-3m1: its 12 octahedra for Li (six Y-poor first), Y, Cl and the cell."""
    cell = hexagonal(3 * A_HCP, C_HCP)
    chlorine = [
        sign * np.array(turn) @ position
        for position in ((1 / 9, -1 / 9, 3 / 4), (2 / 9, -2 / 9, 1 / 4), (4 / 9, -4 / 9, 3 / 4))
        for turn in (
            [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
            [[0, -1, 0], [1, -1, 0], [0, 0, 1]],
            [[-1, 1, 0], [-1, 0, 0], [0, 0, 1]],
        )
        for sign in (1, -1)
    ]
    columns = [[1 / 3, 0], [0, 1 / 3], [2 / 3, 2 / 3], [2 / 3, 0], [0, 2 / 3], [1 / 3, 1 / 3]]
    lithium = [[*column, height] for height in (0, 0.5) for column in columns]
    yttrium = [[0, 0, 0], [1 / 3, 2 / 3, 1 / 2], [2 / 3, 1 / 3, 1 / 2]]
    parts = {"Li": lithium, "Y": yttrium, "Cl": chlorine}
    return {name: repeated(points, cell, repeats)[0] for name, points in parts.items()}, repeated(
        yttrium, cell, repeats
    )[1]
