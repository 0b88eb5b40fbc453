"""Figures of energies of whole snapshots: one function draws one result on one axes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from atomstates.products import Measured
from atomstates.report.curves import Curve, drawn_at, point, tell
from atomstates.report.style import INK, PALE
from atomstates.report.tables import Array
from atomstates.report.wording import measured_text


@dataclass(frozen=True)
class SnapshotEnergies:
    """One energy of the S relaxed snapshots at one temperature: ``energy`` (S,) eV from the lowest of all.

    ``error`` is that of the mean, or NaN.
    """

    temperature: float
    colour: str
    energy: Array
    error: float

    @property
    def mean(self) -> float:
        return float(self.energy.mean())


@dataclass(frozen=True)
class HeatCapacities:
    """Heat capacity (k per ion) at T temperatures from fluctuations, and in the T - 1 intervals between.

    ``value`` and ``error`` are (T,), ``ends`` (T - 1, 2) K; NaN where there is none.
    """

    temperature: Array
    value: Array
    error: Array
    ends: Array
    difference: Array
    difference_error: Array


def draw_cumulated(ax: Axes, shown: Sequence[SnapshotEnergies]) -> None:
    """Share of the snapshots up to each energy, a step for every snapshot: no bins to choose."""
    for one in shown:
        name = f"{one.temperature:g} K"
        with drawn_at(ax, one.temperature):
            ax.ecdf(one.energy, color=one.colour, lw=1.1, label=name)
        energy, share = np.sort(one.energy), np.arange(1, len(one.energy) + 1) / len(one.energy)
        tell(ax, Curve(name, one.colour, energy, share, temperature=one.temperature))
    ax.set_ylim(0, 1.02)
    ax.grid()
    ax.set_axisbelow(True)


def draw_means(ax: Axes, shown: Sequence[SnapshotEnergies]) -> None:
    """Temperature against the mean energy, so that an axis of energies may be shared."""
    means, temperatures = [one.mean for one in shown], [one.temperature for one in shown]
    ax.plot(means, temperatures, color=PALE, lw=0.8, zorder=1)
    for one in shown:
        error = one.error if np.isfinite(one.error) else None
        with drawn_at(ax, one.temperature):
            ax.errorbar(
                one.mean,
                one.temperature,
                xerr=error,
                marker="o",
                color=one.colour,
                elinewidth=0.9,
                mec="white",
                mew=0.5,
            )
        said = f"mean {measured_text(Measured(one.mean, error, 'eV', len(one.energy)))} eV"
        name, at = f"{one.temperature:g} K", (one.mean, one.temperature)
        tell(ax, point(name, one.colour, *at, temperature=one.temperature, said=said))
    ax.margins(y=0.12)
    ax.locator_params(axis="x", nbins=5)  # long labels
    ax.grid()
    ax.set_axisbelow(True)


def draw_heat_capacities(ax: Axes, found: HeatCapacities) -> None:
    """Fluctuations as points at their temperature, differences as bars over their interval."""
    ax.axhline(0, color="#bbbbbb", lw=0.6, zorder=0)
    middle = found.ends.mean(axis=1)
    ax.errorbar(
        middle,
        found.difference,
        xerr=np.diff(found.ends, axis=1)[:, 0] / 2,
        yerr=np.nan_to_num(found.difference_error),
        ls="none",
        color="#D55E00",
        elinewidth=1.1,
        capsize=0,
        label="d⟨E⟩/dT between\ntwo temperatures",
    )
    ax.errorbar(
        found.temperature,
        found.value,
        yerr=np.nan_to_num(found.error),
        ls="none",
        marker="o",
        color=INK,
        elinewidth=0.9,
        mec="white",
        mew=0.5,
        label="fluctuation of E at\none temperature",
    )
    tell(
        ax,
        Curve(
            "difference of two temperatures", "#D55E00", middle, found.difference, found.difference_error
        ),
        Curve("fluctuation", INK, found.temperature, found.value, found.error),
    )
    ax.set_xlabel("temperature, K")
    ax.set_ylabel("heat capacity, k per ion")
    ax.grid(axis="y")
    ax.set_axisbelow(True)
