"""Density of the mobile ions folded into the unit cell of the crystal, from counts on a grid."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

BLOCK = 2
"""Voxels along each edge of a block. A map for the eye wants finer voxels than the visits of its
rarest places allow: what is said of those is said of blocks, which have eight times the visits."""

FEWEST_BLOCKS = 3
"""Blocks along an axis: with fewer, the two neighbours of a block along it are one and the same."""


@dataclass(frozen=True)
class DensityMap:
    """How often ions were found in each voxel of the unit cell.

    Voxel (i, j, k) is the parallelepiped *centred* on the fractional position (i/n_a, j/n_b, k/n_c).

    Attributes
    ----------
    counts
        Visits of each voxel, shape (n_a, n_b, n_c).
    cell
        Vectors of the unit cell as rows, Å, shape (3, 3).
    n_samples
        Unit cells looked at: frames times unit cells of the simulated one.
    """

    counts: Integers
    cell: Floats
    n_samples: int

    def __post_init__(self) -> None:
        if self.counts.ndim != 3 or any(n % BLOCK or n < BLOCK * FEWEST_BLOCKS for n in self.counts.shape):
            raise ValueError(
                f"{self.counts.shape} voxels; blocks of {BLOCK}, and {FEWEST_BLOCKS} of them, are needed "
                "along each axis"
            )
        if self.cell.shape != (3, 3) or self.n_samples < 1:
            raise ValueError(
                f"a cell of shape {self.cell.shape} and {self.n_samples} samples make no density"
            )

    @property
    def voxel_volume(self) -> float:
        """Å³."""
        return abs(float(np.linalg.det(self.cell))) / self.counts.size

    @property
    def density(self) -> Floats:
        """rho = counts / (samples × voxel volume), 1/Å³, shape (n_a, n_b, n_c)."""
        density: Floats = self.counts / (self.n_samples * self.voxel_volume)
        return density

    @property
    def ions_per_cell(self) -> float:
        """∫ rho dV over the unit cell."""
        return float(self.counts.sum()) / self.n_samples

    def projection(self, axis: int) -> Floats:
        """∫ rho dl along the lattice vector of ``axis``, 1/Å², by the voxels along the other two.

        The area that it is a density on is the one perpendicular to the lattice vector, so its
        integral over the cell as seen along that vector is the number of ions per cell.
        """
        length = float(np.linalg.norm(self.cell[axis]))
        along: Floats = self.density.sum(axis=axis) * (length / self.counts.shape[axis])
        return along


def grid_shape(cell: Floats, spacing: float) -> tuple[int, int, int]:
    """Voxels along each vector of a cell (rows, Å): as near to ``spacing`` (Å) as whole blocks allow."""
    lengths = np.linalg.norm(cell, axis=1)
    a, b, c = (BLOCK * max(FEWEST_BLOCKS, round(float(length) / (BLOCK * spacing))) for length in lengths)
    return a, b, c


def block_counts(counts: Integers) -> Integers:
    """Visits of blocks of 2 × 2 × 2 voxels, shape (..., n_a/2, n_b/2, n_c/2), of (..., n_a, n_b, n_c)."""
    a, b, c = (n // BLOCK for n in counts.shape[-3:])
    found: Integers = counts.reshape(*counts.shape[:-3], a, BLOCK, b, BLOCK, c, BLOCK).sum(
        axis=(-5, -3, -1)
    )
    return found


def voxel_counts(fractional: Floats, shape: Sequence[int]) -> Integers:
    """How many positions lie in each voxel of a periodic grid, shape ``shape``.

    Parameters
    ----------
    fractional
        Positions as fractions of the unit cell, of any image, shape (..., 3).
    shape
        Voxels along each axis; voxel 0 is centred on the origin.
    """
    voxels = np.floor(fractional.reshape(-1, 3) * np.array(shape) + 0.5).astype(np.int64) % np.array(shape)
    flat = np.ravel_multi_index((voxels[:, 0], voxels[:, 1], voxels[:, 2]), tuple(shape))
    counts: Integers = np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape)
    return counts


def merged_maps(maps: Sequence[DensityMap]) -> DensityMap:
    """Maps of runs of one crystal as one; the cell is their mean, weighted by their samples."""
    shapes = {one.counts.shape for one in maps}
    if len(shapes) != 1:
        raise ValueError(f"maps on the grids {sorted(shapes)} cannot be merged")
    samples = np.array([one.n_samples for one in maps])
    cell = np.average([one.cell for one in maps], axis=0, weights=samples)
    return DensityMap(np.sum([one.counts for one in maps], axis=0), cell, int(samples.sum()))


def folded_sites(
    fractional: Floats, elements: NDArray[np.str_], cell: Floats, same: float = 1.0
) -> list[tuple[str, tuple[float, float, float]]]:
    """Atoms of all unit cells of a crystal as sites of one: element and fractional position in [0, 1).

    Atoms of one element nearer than ``same`` (Å) to the first that is found there are one site, at
    the mean of their places.

    Parameters
    ----------
    fractional
        Positions as fractions of the unit cell, of any image, shape (N, 3).
    elements
        Their elements, shape (N,).
    cell
        Vectors of the unit cell as rows, Å, shape (3, 3).
    """
    sites: list[tuple[str, tuple[float, float, float]]] = []
    for element in sorted(set(elements.tolist())):
        left = fractional[elements == element]
        while len(left):
            apart = left - left[0]
            apart -= np.round(apart)
            here = np.linalg.norm(apart @ cell, axis=1) < same
            # the last digits of a mean must not decide between 0 and 1
            x, y, z = (round(float(value), 6) % 1.0 for value in left[0] + apart[here].mean(axis=0))
            sites.append((element, (x, y, z)))
            left = left[~here]
    return sites
