"""Which tetrahedral piece of a tessellation holds each point, in many frames at once.

Start at a piece near the point and go to the neighbour beyond the face on whose outer side the point is,
until it is on the inner side of all four: all barycentric coordinates

    r = sum_i b_i c_i,  sum_i b_i = 1

of the point at r among the corners c_i are positive.
"""

from typing import NamedTuple

import numpy as np

from atomstates.doas.neighbours import FloatArray, IntArray, cross
from atomstates.doas.polyhedra import Polyhedra

_MOVES = 40
_INSIDE = -1e-9
"""Barycentric coordinates above this are inside: a point on a face must not go back and forth."""
_CANDIDATES = 32
_VOLUMELESS = 1e-30


class Located(NamedTuple):
    """Where points are among the pieces of a tessellation."""

    piece: IntArray
    """Piece that holds each point, (..., N)."""
    moved: IntArray
    """Cells by which it is moved from where the tessellation has it, (..., N, 3)."""
    barycentric: FloatArray
    """Barycentric coordinates in it, (..., N, 4)."""


def pieces_around(points: FloatArray, drift: FloatArray, polyhedra: Polyhedra, home: FloatArray) -> Located:
    """Piece that holds each of N points in each of F frames.

    Parameters
    ----------
    points
        Fractional coordinates in the cell, shape (F, N, 3).
    drift
        Of the anions from their places, fractional, shape (F, 3).
    home
        Fractional coordinates of the anions, each in the cell in which ``polyhedra`` has it, (F, A, 3).
    """
    n_frames, n_points = points.shape[:2]
    at_rest = (points - drift[:, None]).reshape(-1, 3)
    points, anions = points.reshape(-1, 3), home.reshape(-1, 3)
    # Row of the first anion of each point's frame.
    first = np.repeat(np.arange(n_frames) * home.shape[1], n_points)
    cells = np.floor(at_rest)
    nearest = polyhedra.centroids.nearest((at_rest - cells) @ polyhedra.cell, 1)[1]
    piece, moved = _stored(nearest[:, 0], polyhedra, cells)
    barycentric = np.empty((len(points), 4))
    left = np.arange(len(points))
    for _ in range(_MOVES):
        here = piece[left]
        now = _barycentric(points[left] - moved[left], here, polyhedra, anions, first[left])
        barycentric[left] = now
        lowest = now.argmin(axis=1)
        outside = np.flatnonzero(now[np.arange(len(now)), lowest] < _INSIDE)
        left, here, lowest = left[outside], here[outside], lowest[outside]
        if not len(left):
            break
        moved[left] += polyhedra.neighbour_shift[here, lowest]
        piece[left] = polyhedra.neighbour[here, lowest]
    else:
        # Where pieces are flat a walk can turn in a circle: try all that are near.
        for one in left:
            at = (at_rest[one] - cells[one]) @ polyhedra.cell
            rows = polyhedra.centroids.tree.query(at, k=min(_CANDIDATES, polyhedra.centroids.tree.n))[1]
            near, shifts = _stored(rows, polyhedra, cells[one])
            of_all = _barycentric(points[one] - shifts, near, polyhedra, anions, first[[one]])
            best = of_all.min(axis=1).argmax()
            piece[one], moved[one], barycentric[one] = near[best], shifts[best], of_all[best]
    shape = (n_frames, n_points)
    return Located(piece.reshape(shape), moved.reshape(*shape, 3), barycentric.reshape(*shape, 4))


def _stored(rows: IntArray, polyhedra: Polyhedra, cells: FloatArray) -> tuple[IntArray, IntArray]:
    """Pieces whose centroids are these images, and the cells by which they are moved in all."""
    centroids = polyhedra.centroids
    piece = centroids.index[rows]
    return piece, cells.astype(np.int64) + centroids.shift[rows] - polyhedra.centroid_cells[piece]


def _barycentric(
    points: FloatArray, piece: IntArray, polyhedra: Polyhedra, anions: FloatArray, first: IntArray
) -> FloatArray:
    """Barycentric coordinates of points among the corners of a piece each, shape (N, 4).

    They do not depend on the axes, so fractional coordinates will do.
    """
    corners = anions[polyhedra.pieces.atom[piece] + first[:, None]] + polyhedra.pieces.shift[piece]
    edges = corners[:, 1:] - corners[:, :1]
    # Normals of the faces through the first corner, as long as the volume over the height on each.
    normals = cross(edges[:, [1, 2, 0]], edges[:, [2, 0, 1]])
    volume = np.einsum("nd,nd->n", edges[:, 0], normals[:, 0])
    found = np.empty((len(points), 4))
    found[:, 1:] = np.einsum("nid,nd->ni", normals, points - corners[:, 0])
    found[:, 1:] /= np.where(np.abs(volume) > _VOLUMELESS, volume, _VOLUMELESS)[:, None]
    found[:, 0] = 1.0 - found[:, 1:].sum(axis=1)
    return found
