"""Does the density percolate? Windings of the region that is denser than a threshold.

The voxels of a periodic cell are the nodes of a graph, joined through their faces. A way through
the graph that ends where it began, but in another image of the cell, *winds*: the vector of whole
numbers of cells that it has crossed is its winding. The region {rho ≥ value} percolates along an
axis if a closed way inside it has a winding whose component along that axis is not zero.

No threshold has to be tried. An edge exists at thresholds up to the smaller density of its two
voxels; let T be the spanning forest with the largest of these weights. Restricted to the edges
above any threshold, T spans the region at that threshold, and every other edge closes one way
through T on which no voxel is rarer than its own ends. The windings of these fundamental ways
generate all windings of the region, so

    highest value that percolates along axis i = max over edges outside T with winding_i ≠ 0 of weight,

which costs one spanning forest. It is the maximin path of graph theory with windings added.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, minimum_spanning_tree

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Percolation:
    """Up to which number of visits the map percolates; 0 where no way of visited voxels winds.

    Attributes
    ----------
    along
        For each axis, the visits of the rarest voxel on the best way that winds around it, shape (3,).
    dimensions
        The same for the first connected region that percolates in one, two and three independent
        directions, whatever these are: does not depend on the choice of the cell, shape (3,).
    peak
        Visits of the most visited voxel.
    """

    along: Integers
    dimensions: Integers
    peak: int


@dataclass(frozen=True)
class _Ways:
    """Edges outside the forest that close a way which winds: ends (E, 2), winding (E, 3), weight (E,)."""

    ends: Integers
    winding: Integers
    weight: Integers


def percolation(counts: Integers) -> Percolation:
    """Thresholds of percolation of a periodic map of visits.

    Parameters
    ----------
    counts
        Visits of each voxel, shape (n_a, n_b, n_c), three voxels along each axis at least.

    Raises
    ------
    ValueError
        Too few voxels, negative visits, or no visit at all.

    Notes
    -----
    The maximum spanning forest has the best bottleneck between any two of its nodes: T. C. Hu, Oper.
    Res. 9 (1961) 898. Windings of a graph in a periodic cell: S. J. Chung, Th. Hahn, W. E. Klee,
    Acta Cryst. A 40 (1984) 42.
    """
    counts = np.asarray(counts, dtype=np.int64)
    if counts.ndim != 3 or min(counts.shape) < 3:
        raise ValueError(f"{counts.shape} voxels; three are needed along each axis")
    if counts.min() < 0 or counts.max() == 0:
        raise ValueError("visits are counts, and one voxel at least must have been visited")
    ends, weight = _edges(counts)
    ways = _winding_ways(counts, ends, weight)
    along = [int(ways.weight[ways.winding[:, axis] != 0].max(initial=0)) for axis in range(3)]
    dimensions = [_highest(counts, ends, weight, ways, rank) for rank in (1, 2, 3)]
    return Percolation(np.array(along), np.array(dimensions), int(counts.max()))


def _edges(counts: Integers) -> tuple[Integers, Integers]:
    """Pairs of visited voxels that share a face (E, 2) and the smaller of their visits (E,)."""
    index = np.arange(counts.size).reshape(counts.shape)
    ends, weight = [], []
    for axis in range(3):
        least = np.minimum(counts, np.roll(counts, -1, axis))
        visited = least > 0
        ends.append(np.stack([index[visited], np.roll(index, -1, axis)[visited]], axis=1))
        weight.append(least[visited])
    return np.concatenate(ends), np.concatenate(weight)


def _winding_ways(counts: Integers, ends: Integers, weight: Integers) -> _Ways:
    """The fundamental ways of the maximum spanning forest that wind."""
    parent = _forest(counts.size, ends, weight)
    image = _images(parent, counts.shape)
    u, v = ends.T
    # Edges of the forest close no way: their winding comes out as zero.
    winding = image[u] + _crossing(u, v, counts.shape) - image[v]
    winds = np.any(winding != 0, axis=1)
    return _Ways(ends[winds], winding[winds], weight[winds])


def _forest(n_voxels: int, ends: Integers, weight: Integers) -> Integers:
    """Parent of each voxel in the spanning forest of largest weights; a root is its own, shape (n,)."""
    # The cheapest edges are the most visited ones, and no cost may be zero.
    cost = (weight.max(initial=0) + 1 - weight).astype(np.float64)
    graph = coo_array((cost, (ends[:, 0], ends[:, 1])), shape=(n_voxels, n_voxels)).tocsr()
    tree = minimum_spanning_tree(graph).tocoo()
    _, component = connected_components(tree, directed=False)
    roots = np.unique(component, return_index=True)[1]
    # One node more joins the roots, so that one search visits all trees.
    rows = np.concatenate([tree.row, np.full(len(roots), n_voxels)])
    columns = np.concatenate([tree.col, roots])
    joined = coo_array((np.ones(len(rows)), (rows, columns)), shape=(n_voxels + 1,) * 2).tocsr()
    found = breadth_first_order(joined, n_voxels, directed=False)[1]
    parent: Integers = found[:n_voxels].astype(np.int64)
    parent[roots] = roots
    return parent


def _images(parent: Integers, shape: tuple[int, ...]) -> Integers:
    """In which image of the cell each voxel lies if one walks to it along its tree, shape (n, 3)."""
    image = _crossing(parent, np.arange(len(parent)), shape)
    # Each turn doubles the stretch of the walk from the root that has been added up.
    while np.any(parent != parent[parent]):
        image = image + image[parent]
        parent = parent[parent]
    return image


def _crossing(u: Integers, v: Integers, shape: tuple[int, ...]) -> Integers:
    """Cell borders crossed on the step from each u to its neighbour v, shape (E, 3)."""
    step = np.stack(np.unravel_index(v, shape), axis=1) - np.stack(np.unravel_index(u, shape), axis=1)
    # A step from the last voxel of an axis to the first one leaves the cell forwards.
    crossing: Integers = np.where(step < -1, 1, np.where(step > 1, -1, 0)).astype(np.int64)
    return crossing


def _highest(counts: Integers, ends: Integers, weight: Integers, ways: _Ways, rank: int) -> int:
    """Highest threshold at which a connected region winds in ``rank`` independent directions; or 0."""
    levels = np.unique(weight)  # two regions may also meet where nothing winds
    low, high = 0, len(levels)
    # At ever lower thresholds regions only grow: the rank rises, and the highest one is bisected.
    while low < high:
        middle = (low + high) // 2
        if _largest_rank(counts, ends, weight, ways, int(levels[middle])) >= rank:
            low = middle + 1
        else:
            high = middle
    return int(levels[low - 1]) if low else 0


def _largest_rank(counts: Integers, ends: Integers, weight: Integers, ways: _Ways, level: int) -> int:
    """Independent windings of the one region above a threshold that has most of them."""
    u, v = ends[weight >= level].T
    joined = coo_array((np.ones(len(u)), (u, v)), shape=(counts.size, counts.size)).tocsr()
    _, component = connected_components(joined, directed=False)
    open_ = ways.weight >= level
    region, winding = component[ways.ends[open_, 0]], ways.winding[open_]
    distinct = np.unique(np.column_stack([region, winding]), axis=0)
    ranks = [
        int(np.linalg.matrix_rank(distinct[distinct[:, 0] == one, 1:])) for one in np.unique(distinct[:, 0])
    ]
    return max(ranks, default=0)
