"""Figure of the spread over models: one function draws one result on one axes."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from atomstates.report.curves import bars, tell
from atomstates.report.style import INK, PALE
from atomstates.report.tables import Array

BAND, WITH_ERROR = "#c4c4c4", "#e8e8e8"


@dataclass(frozen=True)
class DensityBand:
    """Densities of several models at one temperature: arrays (B,) over bins of equal width, eV and 1/eV.

    ``band`` and ``with_error`` are (2, B), lowest and highest; the first of ``models`` drives.
    """

    temperature: float
    energy: Array
    band: Array
    with_error: Array
    models: Mapping[str, Array]

    @property
    def edges(self) -> Array:
        """Edges of the bins, shape (B + 1,)."""
        width = float(np.median(np.diff(self.energy))) if len(self.energy) > 1 else 0.02
        return np.append(self.energy - width / 2, self.energy[-1] + width / 2)


def draw_density_band(ax: Axes, found: DensityBand, colours: Mapping[str, str]) -> None:
    """From the lowest to the highest model as a band, widened by the statistical error, and each model."""
    for (low, high), colour in ((found.with_error, WITH_ERROR), (found.band, BAND)):
        ax.stairs(high, found.edges, baseline=low, fill=True, color=colour, lw=0)
    for name, density in reversed(list(found.models.items())):  # the driving model on top
        colour = colours.get(name, PALE)
        ax.stairs(density, found.edges, color=colour, lw=1.1 if colour == INK else 0.8)
        tell(
            ax,
            bars(f"{found.temperature:g} K, {name}", colour, found.edges, density, None, found.temperature),
        )
    ax.set_ylim(bottom=0)
