"""Octahedral, tetrahedral, other: in which polyhedron of anions a mobile ion is.

The polyhedron is found from the anions as they are, not from known site positions, so that any
anion framework (hcp, fcc, mixed anions, strained) works. For k = 4 and 6, start at the ion and move
to the mean of the k nearest anions until these are the same k: the *cage*. It is a polyhedron of
the framework if it is well set off from the next anion and if it has the right shape, and it is
the ion's if the ion is inside:

    tetrahedron  all four barycentric coordinates of the ion are positive
    octahedron   the ion is on the inner side of all eight faces

In a close packing tetrahedra and octahedra fill space: each ion has one site. What is in neither
is ``other`` and is counted.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from atomstates.doas.neighbours import FloatArray, Images, IntArray, folded, periodic_images

SITES = ("octahedral", "tetrahedral", "other")
OCTAHEDRAL, TETRAHEDRAL, OTHER = range(3)

MOST_ANIONS = 6
"""Anions of the largest polyhedron."""
_SEARCHED = 9
_MOVES = 12
_LEAST_GAP = 1.12
"""Next anion's distance from a cage's centre over that of its farthest own one: 1.65 in an ideal
tetrahedron, 1.73 in an ideal octahedron, 1 where the k nearest anions are no polyhedron."""
_MOST_SPREAD = 1.4
"""Farthest over nearest of a cage's own anions: 1.41 in a bipyramid of two tetrahedra."""
_STEP = 0.6
"""Start of a search away from an anion, in distances to the nearest one."""
_FLAT = 1.0
"""Å³: six times the volume of four anions in one plane is below this."""
_OPPOSITE = -0.7
"""Opposite corners of an octahedron are seen from its centre at a cosine below this (ideal: -1;
corners of an edge: 0)."""

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Sites:
    """Site of each of N ions."""

    kind: NDArray[np.uint8]
    """Index into ``SITES``, shape (N,)."""
    clarity: FloatArray
    """How clear-cut, shape (N,): 1 at the centre of its polyhedron, 0 on a face; 0 for other."""
    anions: IntArray
    """Rows of its anions in ``images``, shape (N, 6); -1 where there are fewer."""
    images: Images
    """The anions."""


def ion_sites(ions: FloatArray, anions: FloatArray, cell: FloatArray) -> Sites:
    """Site of each ion among the anions.

    Parameters
    ----------
    ions, anions
        Positions, Å, shapes (N, 3) and (A, 3); wrapped or not.
    cell
        Cell vectors as rows, Å, shape (3, 3); any shape of cell.

    Source
    ------
    Containment in anion polyhedra as in site-analysis (B. J. Morgan); cages and clarity are ours.
    """
    images = periodic_images(np.asarray(anions, dtype=np.float64), cell, _SEARCHED)
    points = folded(np.asarray(ions, dtype=np.float64), cell)
    return _sites(points, _starts(points, images), images)


def sites_beyond(points: FloatArray, images: Images) -> Sites:
    """Site at each point (P, 3), Å, from a search that starts at the point alone.

    Enough, and a seventh of the work of ``ion_sites``, for points near the middle of a polyhedron.
    """
    inside = folded(np.asarray(points, dtype=np.float64), images.cell)
    return _sites(inside, inside[:, None], images)


def _sites(points: FloatArray, starts: FloatArray, images: Images) -> Sites:
    """Site at each point in the cell, from searches with these starts (P, S, 3)."""
    four, in_four = _deepest(points, starts, images, 4)
    six, in_six = _deepest(points, starts, images, 6)
    # Four corners of a distorted octahedron can pass for a tetrahedron, hardly the other way round.
    kind = np.where(in_six > 0, OCTAHEDRAL, np.where(in_four > 0, TETRAHEDRAL, OTHER)).astype(np.uint8)
    depth = np.where(in_six > 0, in_six, in_four)
    own = np.full((len(points), MOST_ANIONS), -1, dtype=np.int64)
    own[:, :4] = four
    # What is in no polyhedron keeps its six nearest anions as its surroundings.
    others, nearest = kind == OTHER, images.nearest(points, MOST_ANIONS)[1]
    own[kind == OCTAHEDRAL], own[others] = six[kind == OCTAHEDRAL], nearest[others]
    return Sites(kind, np.clip(depth, 0.0, 1.0), own, images)


def _starts(points: FloatArray, images: Images) -> FloatArray:
    """The ion, and steps away from each of its nearest anions, shape (P, S, 3).

    An ion far off its centre may be nearer to anions of the next polyhedron than to its own.
    """
    distances, rows = images.nearest(points, MOST_ANIONS)
    away = points[:, None] - images.positions[rows]
    away *= (_STEP * distances[:, :1] / distances)[..., None]
    return np.concatenate([points[:, None], points[:, None] + away], axis=1)


def _deepest(points: FloatArray, starts: FloatArray, images: Images, k: int) -> tuple[IntArray, FloatArray]:
    """Rows of the k anions of the cage in which each ion is deepest, and how deep (0: in none)."""
    n_points, n_starts = starts.shape[:2]
    cages = _cage(starts.reshape(-1, 3), images, k)
    corners, inside = images.positions[cages], np.repeat(points, n_starts, axis=0)
    centres = _circumcentres(corners) if k == 4 else corners.mean(axis=1)
    depth = _depth_in_tetrahedron(inside, corners) if k == 4 else _depth_in_octahedron(inside, corners)
    depth = np.where(_set_off(centres, images, k), depth, 0.0).clip(min=0.0).reshape(n_points, n_starts)
    best = depth.argmax(axis=1)
    rows = np.arange(n_points)
    return cages.reshape(n_points, n_starts, k)[rows, best], depth[rows, best]


def _cage(points: FloatArray, images: Images, k: int) -> IntArray:
    """Rows of the k anions around each point, shape (P, k)."""
    centres, rows = points, np.empty((len(points), k), dtype=np.int64)
    for _ in range(_MOVES):
        before = rows
        rows = np.sort(images.nearest(centres, k)[1], axis=1)
        if np.array_equal(rows, before):
            break
        centres = images.positions[rows].mean(axis=1)
    return rows


def _set_off(centres: FloatArray, images: Images, k: int) -> BoolArray:
    """Whether the k anions nearest to a centre are alike in distance and the next one is farther."""
    distances = images.tree.query(centres, k=k + 1)[0]
    alike = distances[:, k - 1] < _MOST_SPREAD * distances[:, 0]
    return np.asarray(alike & (distances[:, k] > _LEAST_GAP * distances[:, k - 1]))


def _circumcentres(corners: FloatArray) -> FloatArray:
    """Centre of the sphere through four corners; that of four of an octahedron's is the octahedron's.

    2 (c_i - c_0) . x = |c_i - c_0|^2, x from c_0.
    """
    edges = corners[:, 1:] - corners[:, :1]
    flat = np.abs(np.linalg.det(edges)) < _FLAT
    edges[flat] = np.eye(3)
    from_first = np.linalg.solve(2 * edges, np.sum(edges**2, axis=2)[..., None])[..., 0]
    return np.where(flat[:, None], corners.mean(axis=1), corners[:, 0] + from_first)


def _depth_in_tetrahedron(points: FloatArray, corners: FloatArray) -> FloatArray:
    """Four times the smallest barycentric coordinate: 1 at the centroid, 0 on a face, negative outside."""
    edges = corners[:, 1:] - corners[:, :1]
    flat = np.abs(np.linalg.det(edges)) < _FLAT
    edges[flat] = np.eye(3)
    # point - c0 = sum_i b_i (c_i - c0): rows of edges are the vectors
    three = np.linalg.solve(np.swapaxes(edges, 1, 2), (points - corners[:, 0])[..., None])[..., 0]
    all_four = np.concatenate([1.0 - three.sum(axis=1, keepdims=True), three], axis=1)
    return np.where(flat, -1.0, 4.0 * all_four.min(axis=1))


def _depth_in_octahedron(points: FloatArray, corners: FloatArray) -> FloatArray:
    """Smallest distance to a face, relative to the centre's: 1 at the centre, 0 on a face.

    -1 where the six corners are not three pairs of opposite ones.
    """
    centres = corners.mean(axis=1)
    arms = corners - centres[:, None]
    directions = arms / np.linalg.norm(arms, axis=2, keepdims=True)
    cosines = np.einsum("nid,njd->nij", directions, directions)
    opposite = cosines.argmin(axis=2)
    mutual = np.take_along_axis(opposite, opposite, axis=1) == np.arange(6)
    octahedral = np.all(mutual, axis=1) & (cosines.min(axis=2).max(axis=1) < _OPPOSITE)
    depth = np.full(len(points), -1.0)
    if not octahedral.any():
        return depth
    pairs = _three_pairs(opposite[octahedral])
    arms, inside = arms[octahedral], (points - centres)[octahedral]
    depths = []
    for signs in product((0, 1), repeat=3):
        a, b, c = (
            np.take_along_axis(arms, pairs[:, i, s, None, None], axis=1)[:, 0] for i, s in enumerate(signs)
        )
        normal = np.cross(b - a, c - a)
        # Face plane: normal . x = normal . a; the centre is the origin.
        depths.append(1.0 - np.sum(normal * inside, axis=1) / np.sum(normal * a, axis=1))
    depth[octahedral] = np.min(depths, axis=0)
    return depth


def _three_pairs(opposite: IntArray) -> IntArray:
    """Pairs of opposite corners, shape (N, 3, 2), from the opposite of each corner, shape (N, 6)."""
    first = opposite > np.arange(6)
    corners = np.broadcast_to(np.arange(6), opposite.shape)
    return np.stack([corners[first].reshape(-1, 3), opposite[first].reshape(-1, 3)], axis=2)
