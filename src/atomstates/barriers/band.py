"""The first band between two structures: nearest images, replicas, and ways around what is in the way."""

from itertools import product

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_FEWEST, _MOST = 5, 21
_SPACING = 0.42
"""Å along the path between replicas. Twice that cuts the corners of a path through a tetrahedron: such
a band takes several times as many steps and may skip the higher of two passes."""
_IN_THE_WAY = 0.78
"""A straight path that comes nearer to another atom than this share of the distance at its ends is crossed:
the middle of an edge of an octahedron has 0.71 of the distance to its centre, the middle of a face 0.82."""
_LEAP, _LEAP_OF_STRAIGHT = 1.5, 3.0
"""Å, and even steps on the straight line: neighbouring replicas in which an atom is farther apart than both
are on no path. Octahedra and tetrahedra are 2.2 Å apart; in sound bands no atom is farther than 0.8 Å."""
_BUMP = 0.9
"""Å aside at the middle: most of the way from the middle of an edge to the centre of its tetrahedron."""


def nearest_image(vectors: FloatArray, cell: FloatArray) -> FloatArray:
    """Shortest periodic images of vectors in any cell, however skewed.

    An image v + s that is not longer than |v| needs |s| <= 2 |v|, so that at most 2 |v| / h cells along an
    axis with distance h between its planes are looked at, once v was folded.

    Parameters
    ----------
    vectors
        Å, shape (..., 3).
    cell
        Å, shape (3, 3), vectors as rows.
    """
    inverse = np.linalg.inv(cell)
    folded = vectors - np.round(vectors @ inverse) @ cell
    longest = np.sqrt(np.max(np.sum(folded**2, axis=-1), initial=0.0))
    heights = 1 / np.linalg.norm(inverse, axis=0)
    reach = np.floor(2 * longest / heights + 1e-9).astype(int)
    shifts = np.array(list(product(*(range(-n, n + 1) for n in reach)))) @ cell
    # the folded one comes first, so that it stays where two are equally long
    shifts = shifts[np.argsort(np.sum(shifts**2, axis=1), kind="stable")]
    images = folded[..., None, :] + shifts
    best = np.argmin(np.round(np.sum(images**2, axis=-1), 9), axis=-1)
    return np.asarray(np.take_along_axis(images, best[..., None, None], axis=-2)[..., 0, :])


def minimum_image_path(start: FloatArray, end: FloatArray, cell: FloatArray) -> FloatArray:
    """The end with each atom in the image that is nearest to where the atom starts.

    Parameters
    ----------
    start, end
        Å, shape (N, 3), in the same order.
    cell
        Å, vectors as rows.
    """
    return np.asarray(start + nearest_image(end - start, cell))


def path_length(positions: FloatArray) -> float:
    """Length of a path in the space of all N atoms, Å: sum of |R_{i+1} - R_i| over (R, N, 3)."""
    return float(np.sum(np.sqrt(np.sum(np.diff(positions, axis=0) ** 2, axis=(1, 2)))))


def has_left_its_path(positions: FloatArray) -> bool:
    """Whether an atom leaps from one replica to the next, in a band of shape (R, N, 3), Å."""
    leap = np.linalg.norm(np.diff(positions, axis=0), axis=2).max()
    straight = np.linalg.norm(positions[-1] - positions[0], axis=1).max() / (len(positions) - 1)
    return bool(leap > max(_LEAP, _LEAP_OF_STRAIGHT * straight))


def n_replicas_for(length: float) -> int:
    """Replicas, ends included, for a path of this length (Å): an odd number from 5 to 21."""
    number = 2 * int(length / _SPACING / 2 + 0.5) + 1
    return int(np.clip(number, _FEWEST, _MOST))


def initial_band(
    start: FloatArray,
    end: FloatArray,
    cell: FloatArray,
    n_replicas: int | None = None,
    via: FloatArray | None = None,
) -> FloatArray:
    """Replicas at equal distances on a straight line, or on two by way of a point.

    Parameters
    ----------
    start, end
        Å, shape (N, 3); each atom goes to the nearest image of its end.
    cell
        Å, vectors as rows.
    n_replicas
        Ends included; as many as fit to the length of the path when not given.
    via
        All atoms where the path shall pass, Å, shape (N, 3), in any image; see ``bumps``.

    Returns
    -------
    FloatArray
        Shape (R, N, 3); no atom jumps by a cell.
    """
    corners = [start]
    for corner in (end,) if via is None else (via, end):
        corners.append(minimum_image_path(corners[-1], corner, cell))
    line = np.array(corners)
    return spread_evenly(line, n_replicas_for(path_length(line)) if n_replicas is None else n_replicas)


def spread_evenly(positions: FloatArray, n_replicas: int) -> FloatArray:
    """Another number of replicas on the same path of straight pieces, at equal distances."""
    if n_replicas < 3:
        raise ValueError(f"a band needs 3 replicas at least, found {n_replicas}")
    steps = np.sqrt(np.sum(np.diff(positions, axis=0) ** 2, axis=(1, 2)))
    at = np.concatenate([[0.0], np.cumsum(steps)])
    if at[-1] == 0.0:
        raise ValueError("start and end are the same: there is no path between them")
    wanted = np.linspace(0, at[-1], n_replicas)
    piece = np.clip(np.searchsorted(at, wanted, side="right") - 1, 0, len(steps) - 1)
    share = (wanted - at[piece]) / np.where(steps[piece] > 0, steps[piece], 1.0)
    before, after = positions[piece], positions[piece + 1]
    spread = np.asarray(before + share[:, None, None] * (after - before))
    spread[[0, -1]] = positions[[0, -1]]  # to the last digit
    return spread


def farthest_moved(start: FloatArray, end: FloatArray, cell: FloatArray) -> int:
    """Row of the atom that moves farthest."""
    return int(np.argmax(np.linalg.norm(nearest_image(end - start, cell), axis=1)))


def bumps(start: FloatArray, end: FloatArray, cell: FloatArray) -> list[FloatArray]:
    """Ways around what a straight hop would cross; none where it has room.

    The straight line between the centres of two octahedra that share an edge crosses that edge. With d the
    direction of the hop and u that of the edge, the tetrahedra to either side lie at ± d × u. The edge is
    between the two atoms nearest to the middle of the path that are across it.

    Parameters
    ----------
    start, end
        Å, shape (N, 3).
    cell
        Å, vectors as rows.

    Returns
    -------
    list of FloatArray
        All atoms half way, with the one that moves farthest to either side, to be given as ``via``.
    """
    end = minimum_image_path(start, end, cell)
    mover = farthest_moved(start, end, cell)
    middle, others = (start + end) / 2, np.delete(np.arange(len(start)), mover)
    room = [float(np.min(_distances(x, mover, others, cell))) for x in (start, middle, end)]
    if room[1] >= _IN_THE_WAY * min(room[0], room[2]):
        return []
    direction = end[mover] - start[mover]
    direction = direction / np.linalg.norm(direction)
    apart = nearest_image(middle[others] - middle[mover], cell)
    near = apart[np.argsort(np.sum(apart**2, axis=1), kind="stable")]
    # of one atom in the way, or two on either side
    edge = near[0] - near[1]
    aside = np.cross(direction, edge)
    if np.linalg.norm(aside) < 0.5 * np.linalg.norm(edge):
        aside = np.cross(direction, near[0])
    found = []
    for sign in (1.0, -1.0):
        via = middle.copy()
        via[mover] += sign * _BUMP * aside / np.linalg.norm(aside)
        found.append(via)
    return found


def _distances(positions: FloatArray, one: int, others: NDArray[np.int64], cell: FloatArray) -> FloatArray:
    """From one atom to others, Å."""
    return np.asarray(np.linalg.norm(nearest_image(positions[others] - positions[one], cell), axis=1))
