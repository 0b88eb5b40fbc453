"""Order parameter of the channels: which columns of sites along the third axis are full."""

import numpy as np
from numpy.typing import NDArray

from atomstates.campaign.schema import Channels

FloatArray = NDArray[np.float64]


def channel_order(
    positions: FloatArray, channels: Channels, n_cells: int, lattice: FloatArray
) -> FloatArray:
    """Staggered filling of the two families of channels.

        phi = |<n_A> - <n_B>|

    with n the number of ions per channel and unit cell along it: 1 when the channels of one
    family are full (2) and those of the other half full (1), 0 when all are alike. An ion
    belongs to the column nearest to it in the plane of the first two axes.

    Parameters
    ----------
    positions
        Mobile ions in fractional coordinates of the *unit cell*, shape (..., N, 3); images
        are folded back, so positions of a supercell need only be given in unit cells.
    channels
        In-plane fractional positions of the columns of either family.
    n_cells
        Unit cells in the simulated cell.
    lattice
        Unit-cell vectors, rows, Å, shape (3, 3): distances in the plane are true distances.

    Returns
    -------
    NDArray
        phi, shape (...).

    Source
    ------
    Order of the Li sublattice of Li3YCl6 as it follows from relaxed orderings of its cell.
    """
    columns = np.array(channels.a + channels.b, dtype=np.float64)
    in_plane = np.asarray(positions, dtype=np.float64)[..., :2]
    nearest = distances_from_columns(in_plane, columns, lattice).argmin(axis=-1)
    in_a = np.count_nonzero(nearest < len(channels.a), axis=-1)
    in_b = nearest.shape[-1] - in_a
    per_a, per_b = in_a / (len(channels.a) * n_cells), in_b / (len(channels.b) * n_cells)
    return np.asarray(np.abs(per_a - per_b), dtype=np.float64)


def distances_from_columns(in_plane: FloatArray, columns: FloatArray, lattice: FloatArray) -> FloatArray:
    """Distance of each position from each column, across the third axis and over periodic images.

    Parameters
    ----------
    in_plane
        First two fractional coordinates, shape (..., N, 2).
    columns
        The same of the columns, shape (K, 2).
    lattice
        Unit-cell vectors, rows, Å, shape (3, 3).

    Returns
    -------
    NDArray
        Å, shape (..., N, K).
    """
    axis = lattice[2] / np.linalg.norm(lattice[2])
    # Only the parts of a and b across the channels count.
    across = lattice[:2] - np.outer(lattice[:2] @ axis, axis)
    apart = in_plane[..., None, :] - columns
    apart -= np.round(apart)
    # In an oblique cell the rounded image need not be the nearest: look at its neighbours too.
    images = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)], dtype=np.float64)
    vectors = (apart[..., None, :] + images) @ across
    return np.asarray(np.sqrt(np.sum(vectors**2, axis=-1).min(axis=-1)), dtype=np.float64)
