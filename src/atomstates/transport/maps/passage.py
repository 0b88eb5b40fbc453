"""Free-energy barriers that a density map shows along each axis, and how well they are sampled."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from atomstates.transport.maps.percolation import Percolation, percolation
from atomstates.units import BOLTZMANN

Integers = NDArray[np.int64]

FEWEST_VISITS = 5
"""A path counts when every voxel on it was visited as often: the density of the rarest is then known to
half of itself, and its free energy to half of kT."""


@dataclass(frozen=True)
class Passage:
    """The easiest way along one axis.

    Attributes
    ----------
    visits
        Visits of its rarest voxel; 0 where no way of visited voxels leads along the axis.
    barrier, error
        Free energy of that voxel above the most visited one, and one standard error, eV; None where
        it was visited too seldom.
    bound
        Where it was: the barrier is above this with 95 %, eV; None otherwise.
    """

    visits: int
    barrier: float | None
    error: float | None
    bound: float | None


@dataclass(frozen=True)
class Passages:
    """Ways along the three axes; ``peak`` visits of the most visited voxel; ``dimensions`` 0 to 3.

    ``dimensions`` are the independent directions in which one connected region percolates.
    """

    along: tuple[Passage, Passage, Passage]
    peak: int
    dimensions: int

    @property
    def axes(self) -> str:
        """The axes along which the map percolates, such as ``"ac"``."""
        return "".join(name for name, one in zip("abc", self.along, strict=True) if one.barrier is not None)


def passages(
    groups: Integers,
    temperature: float,
    finer: Percolation | None = None,
    fewest_visits: int = FEWEST_VISITS,
) -> Passages:
    """Along which axes ions pass, and over which barrier.

        ΔF_i = −kT ln(rho_i/rho_max)

    with rho_i the highest density at which the region {rho ≥ rho_i} percolates along axis i: the
    highest point of the easiest path. Its error is the larger one of that of independent visits,
    kT/√n for n at the rarest voxel, and of the jackknife over groups of frames, whose visits
    follow each other and are not independent. Voxels average over steep places and so make barriers too
    low: where finer voxels were visited as often as needed, the difference to their barrier is added
    in quadrature. Where the rarest voxel was visited too seldom, the bound
    is that of the largest mean that such visits leave likely, were they independent.

    Parameters
    ----------
    groups
        Visits of each voxel in each of G ≥ 2 groups of frames of like number, shape (G, n_a, n_b, n_c).
    temperature
        K.
    finer
        Percolation of the same visits on finer voxels.
    fewest_visits
        A path with a voxel that was visited less often does not count.
    """
    total: Integers = groups.sum(axis=0)
    whole = percolation(total)
    unit = BOLTZMANN * temperature
    # leaving out a group may close the path: half a visit then stands for none
    left_out = unit * np.array([_barriers(percolation(total - one)) for one in groups])
    spread = np.sqrt((len(groups) - 1) * left_out.var(axis=0))
    barriers = unit * _barriers(whole)
    of_grid = np.zeros(3)
    if finer is not None:
        of_grid = np.where(finer.along >= fewest_visits, unit * _barriers(finer) - barriers, 0.0)
    along = []
    for axis, visits in enumerate(whole.along.tolist()):
        if visits >= fewest_visits:
            sampling = max(float(spread[axis]), unit / float(np.sqrt(visits)))
            error = float(np.hypot(sampling, of_grid[axis]))
            along.append(Passage(visits, float(barriers[axis]), error, None))
        else:
            # a Poisson variable of a larger mean would be larger than this with 95 %
            most = float(gammaincinv(visits + 1, 0.95))
            along.append(Passage(visits, None, None, unit * float(np.log(max(1.0, whole.peak / most)))))
    dimensions = int(np.count_nonzero(whole.dimensions >= fewest_visits))
    return Passages((along[0], along[1], along[2]), whole.peak, dimensions)


def _barriers(found: Percolation) -> NDArray[np.float64]:
    """ln(peak/bottleneck) along each axis, (3,); half a visit where there is none."""
    barriers: NDArray[np.float64] = np.log(found.peak / np.maximum(found.along, 0.5))
    return barriers
