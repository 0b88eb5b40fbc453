"""The density map of a material as the page needs it for isosurfaces."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomstates.report.interactive.packing import packed
from atomstates.transport.maps.density_map import BLOCK, DensityMap, block_counts
from atomstates.units import BOLTZMANN

Floats = NDArray[np.float64]
Sites = Sequence[tuple[str, tuple[float, float, float]]]

MOST_POINTS = 2**17
"""Of one temperature; of finer maps every second point along each axis is drawn."""
_LEVELS = 254


@dataclass(frozen=True)
class Field:
    """Density on points of a periodic cell.

    Attributes
    ----------
    visits
        Mean visits of a voxel around each point, shape (n_a, n_b, n_c).
    first
        Fractional position of the first point; the others follow at 1/n.
    per_visit
        Density of one visit of a voxel, 1/Å³.
    """

    visits: Floats
    first: tuple[float, float, float]
    per_visit: float


def smoothed(found: DensityMap) -> Field:
    """Density at the corners of voxels, each the mean of the eight voxels that meet there.

    These are densities of blocks as those by which percolation is judged, at every place where such a
    block may lie. Maps of more than ``MOST_POINTS`` voxels keep every second one along each axis.
    """
    visits = found.counts.astype(np.float64)
    for axis in range(3):
        visits = (visits + np.roll(visits, -1, axis=axis)) / 2
    a, b, c = (0.5 / n for n in found.counts.shape)
    while visits.size > MOST_POINTS and not any(n % 2 for n in visits.shape):
        visits = visits[::2, ::2, ::2]
    return Field(visits, (a, b, c), 1 / (found.n_samples * found.voxel_volume))


def levels(field: Field) -> tuple[NDArray[np.uint8], float, float]:
    """The density in steps of equal ratio, and the density (1/Å³) of steps 1 and 255; 0 is no visit.

    Step 1 is one visit of a block, which is the least that there can be, step 255 the highest density.
    """
    least, top = 1 / BLOCK**3, max(float(field.visits.max()), 2 / BLOCK**3)
    with np.errstate(divide="ignore"):
        steps = 1 + _LEVELS * np.log(field.visits / least) / np.log(top / least)
    found = np.where(field.visits > 0, np.round(np.maximum(steps, 1)), 0).astype(np.uint8)
    return found, least * field.per_visit, top * field.per_visit


def isosurface_data(
    ion: str,
    framework: Sites,
    maps: Sequence[tuple[float, DensityMap]],
    thresholds: Sequence[dict[str, float]],
    colours: dict[str, str],
) -> dict[str, Any]:
    """Plain data of the panel.

    Parameters
    ----------
    ion
        The mobile element.
    framework
        Elements and fractional positions of the other atoms.
    maps
        Temperature (K) and density map, in the order in which they are offered. The peak by which their
        levels are measured is that of the blocks by which percolation is judged.
    thresholds
        For each, the greatest level (1/Å³) at which the density percolates along ``a``, ``b``, ``c``; axes
        along which it does not are left out.
    colours
        Of the elements.
    """
    entries = []
    for (temperature, found), along in zip(maps, thresholds, strict=True):
        field = smoothed(found)
        steps, least, top = levels(field)
        most_visits = int(block_counts(found.counts).max())
        entries.append(
            {
                "temperature": temperature,
                "cell": np.round(found.cell, 5).tolist(),
                "steps": packed(steps, "u1"),
                "first": [round(x, 6) for x in field.first],
                "least": least,
                "top": top,
                "peak": max(most_visits / BLOCK**3 * field.per_visit, least),
                "mean": found.ions_per_cell / abs(float(np.linalg.det(found.cell))),
                "ions_per_cell": found.ions_per_cell,
                "kT": BOLTZMANN * temperature,
                "thresholds": along,
            }
        )
    return {
        "ion": ion,
        "framework": [
            {"element": element, "fraction": [round(x, 5) for x in place]} for element, place in framework
        ],
        "colours": colours,
        "temperatures": entries,
    }
