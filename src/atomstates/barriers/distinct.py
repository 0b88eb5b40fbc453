"""Ways of ions that no symmetry of the crystal makes equal, found with spglib."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from atomstates.barriers.routes import Node, Route
from atomstates.structures.symmetry import symmetry

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_FARTHEST = 0.1
"""Å: the middles of polyhedra are means of anions, which obey the symmetry within a few hundredths."""


@dataclass(frozen=True)
class Permutations:
    """Operations x -> R x + t on fractional coordinates, and what they do to P points of the crystal."""

    rotations: IntArray
    """(G, 3, 3)"""
    image: IntArray
    """(G, P) the point to which each point is taken."""
    shift: IntArray
    """(G, P, 3) ... and the cells by which that one is moved."""
    miss: FloatArray
    """(P,) Å by which any operation misses the point to which it takes each point, at most."""
    space_group: str
    """Hermann-Mauguin symbol."""


@dataclass(frozen=True)
class DistinctRoute:
    """One of a set of ways that are equal by symmetry."""

    route: Route
    degeneracy: int
    """Ways in the set."""


def permutations(
    positions: FloatArray, cell: FloatArray, element: NDArray[np.str_], points: FloatArray
) -> Permutations:
    """Symmetry of a crystal, translations within the cell included, and how it permutes points.

    Parameters
    ----------
    positions, cell
        Å, shapes (N, 3) and (3, 3) with vectors as rows.
    element
        (N,)
    points
        Places that the symmetry permutes, as fractions of the cell, (P, 3).

    Source
    ------
    Togo, Shinohara and Tanaka, Sci. Technol. Adv. Mater. Methods 4, 2384822 (2024): spglib.
    """
    kinds = np.unique(element, return_inverse=True)[1].tolist()
    found = symmetry(cell, positions @ np.linalg.inv(cell), kinds)
    moved = np.einsum("gij,pj->gpi", found.rotations, points) + found.translations[:, None]
    tree = cKDTree(_folded(points), boxsize=1.0)
    image = tree.query(_folded(moved))[1]
    apart = moved - points[image]
    shift = np.round(apart).astype(np.int64)
    miss = np.linalg.norm((apart - shift) @ cell, axis=-1).max(axis=0)
    return Permutations(found.rotations, image.astype(np.int64), shift, miss, found.symbol)


def _folded(points: FloatArray) -> FloatArray:
    """Fractional coordinates from 0 to below 1."""
    folded = points - np.floor(points)
    return np.where(folded >= 1.0, 0.0, folded)


def distinct_routes(found: list[Route], group: Permutations) -> list[DistinctRoute]:
    """One way of each set that the symmetry makes equal: the first in order of its nodes.

    A way and its reverse are not equal: they begin in different crystals, one with the vacancy elsewhere.

    Raises
    ------
    ValueError
        An operation takes a site of a way to where there is none.
    """
    miss = max((float(group.miss[p]) for route in found for p, _ in route.nodes), default=0.0)
    if miss > _FARTHEST:
        raise ValueError(f"a symmetry of the crystal misses the next site by {miss:.2g} Å")
    members: dict[tuple[Node, ...], int] = {}
    first: dict[tuple[Node, ...], Route] = {}
    for route in sorted(found, key=lambda route: route.nodes):
        name = _canonical(route, group)
        members[name] = members.get(name, 0) + 1
        first.setdefault(name, route)
    return [DistinctRoute(first[name], members[name]) for name in first]


def _canonical(route: Route, group: Permutations) -> tuple[Node, ...]:
    """The first, in order, of all ways that the symmetry makes of this one."""
    index = [polyhedron for polyhedron, _ in route.nodes]
    shift = np.array([moved for _, moved in route.nodes])
    images = group.image[:, index]
    # a point c + s goes to R c + t + R s, which is its image moved by ``shift`` and R s
    cells = group.shift[:, index] + np.einsum("gij,nj->gni", group.rotations, shift)
    cells = cells - cells[:, :1]
    rows = np.concatenate([images[..., None], cells], axis=2).reshape(len(images), -1)
    best = rows[np.lexsort(rows.T[::-1])[0]].reshape(-1, 4).tolist()
    return tuple((p, (a, b, c)) for p, a, b, c in best)
