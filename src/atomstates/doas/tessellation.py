"""Periodic tessellations: tetrahedra that fill a cell without a gap, as numbers of atoms and cells.

A corner is an atom with the cells by which it is moved; one whole number (*code*) stands for both, such
that moving by cells is adding.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from atomstates.doas.neighbours import FloatArray, Images, IntArray, cross

BoolArray = NDArray[np.bool_]

FACES = np.array([[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]])
"""Face opposite to each corner of a tetrahedron."""
EDGES = np.array([[0, 1], [0, 2], [0, 3], [2, 3], [1, 3], [1, 2]])
"""Edges of a tetrahedron; the opposite one of edge e is e + 3."""


class Corners(NamedTuple):
    """Anions with the cells by which each is moved."""

    atom: IntArray
    shift: IntArray


def signed_volumes(fractional: FloatArray, pieces: Corners) -> FloatArray:
    """Six times the signed volume of tetrahedra, of cells, shape (T,)."""
    corners = fractional[pieces.atom] + pieces.shift
    one, two, three = (corners[:, i] - corners[:, 0] for i in (1, 2, 3))
    return np.asarray(np.einsum("nd,nd->n", one, cross(two, three)), dtype=np.float64)


def turned_right(pieces: Corners, places: FloatArray) -> Corners:
    """The same tetrahedra with corners in an order in which all volumes are positive."""
    order = np.tile(np.arange(4), (len(pieces.atom), 1))
    order[signed_volumes(places, pieces) < 0] = [0, 1, 3, 2]
    index = np.take_along_axis(pieces.atom, order, axis=1)
    return Corners(index, np.take_along_axis(pieces.shift, order[..., None], axis=1))


def codes_of(corners: Corners) -> tuple[IntArray, int]:
    """One number for each anion with its cell, in which moves by cells are sums; and its base."""
    base = 8 * int(np.abs(corners.shift).max(initial=0)) + 5
    return corners.atom * base**3 + code(corners.shift, base), base


def code(shift: IntArray, base: int) -> IntArray:
    """Number that a move by cells adds."""
    return np.asarray(shift @ np.array([base**2, base, 1]), dtype=np.int64)


def decoded(codes: IntArray, base: int) -> Corners:
    """Anions and cells from their numbers."""
    middle = base // 2
    rest = codes + code(np.array([middle] * 3), base)
    shift = np.stack([rest // base**2 % base, rest // base % base, rest % base], axis=-1) - middle
    return Corners(rest // base**3, shift)


def delaunay(images: Images) -> Corners:
    """Each tetrahedron once: corners in order of their numbers, the first one in its own cell."""
    simplices = Delaunay(images.positions).simplices
    index, shift = images.index[simplices], images.shift[simplices]
    middle = images.positions[simplices].mean(axis=1) @ np.linalg.inv(images.cell)
    near = np.all((middle > -1e-6) & (middle < 1 + 1e-6), axis=1)
    codes, base = codes_of(Corners(index[near], shift[near]))
    codes.sort(axis=1)
    codes -= code(decoded(codes[:, 0], base).shift, base)[:, None]
    return decoded(np.unique(codes, axis=0), base)


def pieces_beyond(pieces: Corners) -> tuple[IntArray, IntArray] | None:
    """Piece beyond each face and the cells by which it is moved; None if a face is not between two."""
    codes, base = codes_of(pieces)
    faces = np.sort(codes[:, FACES].reshape(-1, 3), axis=1)
    own = decoded(faces[:, 0], base).shift
    faces -= code(own, base)[:, None]
    _, same, times = np.unique(faces, axis=0, return_inverse=True, return_counts=True)
    if not len(times) or np.any(times != 2):
        return None
    pairs = np.argsort(same.ravel(), kind="stable").reshape(-1, 2)
    other = np.empty(len(faces), dtype=np.int64)
    other[pairs[:, 0]], other[pairs[:, 1]] = pairs[:, 1], pairs[:, 0]
    return (other // 4).reshape(-1, 4), (own - own[other]).reshape(-1, 4, 3)
