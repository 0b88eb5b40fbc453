"""Drawing lattices, volumes, orderings, hops, drifts and long runs of a model under test."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from atomstates.report.style import INK, PALE
from atomstates.report.validation.parity import sides


def draw_lattice(ax: Axes, table: pd.DataFrame, target: float, colours: Mapping[str, str]) -> None:
    """Deviation of each relaxed length from the teacher's (percent), materials side by side."""
    width = 0.8 / len(colours)
    for number, (name, colour) in enumerate(colours.items()):
        mine = table[(table["material"] == name) & (table["unit"] == "Å")]
        deviation = 100 * (np.asarray(mine["student"] / mine["teacher"], dtype=float) - 1)
        places = np.arange(len(mine)) + (number - (len(colours) - 1) / 2) * width
        ax.bar(places, deviation, 0.9 * width, color=colour, label=name)
    for level in (-target, target):
        ax.axhline(level, color=INK, linestyle=":", linewidth=0.9)
    ax.axhline(0, color=PALE, linewidth=0.7)
    ax.set_xticks(range(3), ["a", "b", "c"])
    ax.set_ylabel("relaxed length, student − teacher (%)")


def draw_expansion(ax: Axes, table: pd.DataFrame, colours: Mapping[str, str]) -> None:
    """Growth of the volume of free cells against temperature."""
    for name, colour in colours.items():
        mine = table[table["material"] == name].sort_values("temperature_K")
        ax.errorbar(
            mine["temperature_K"],
            mine["growth_of_volume_percent"],
            mine["error_of_growth_percent"],
            fmt="o-",
            color=colour,
            label=name,
        )
    ax.axhline(0, color=PALE, linewidth=0.7)
    ax.set_xlim(left=0)
    ax.set_xlabel("temperature (K)")
    ax.set_ylabel("growth of the volume (%)")


def draw_volumes(ax: Axes, table: pd.DataFrame, name: str, colour: str) -> None:
    """Energy of one material against volume, less the mean gap; zero at the teacher's lowest."""
    mine = table[table["material"] == name].sort_values("volume_A3_per_atom")
    own, other = sides(mine, "eV_per_atom", 1e3)
    own = own - (own - other).mean()
    volume = mine["volume_A3_per_atom"]
    ax.plot(volume, other - other.min(), "o", color=INK, fillstyle="none", label="teacher")
    ax.plot(volume, own - other.min(), "-", color=colour, label="student")
    ax.set_title(name)
    ax.set_xlabel("volume (Å³/atom)")
    ax.set_ylabel("energy (meV/atom)")


def draw_profile(ax: Axes, table: pd.DataFrame, hop: int, colour: str) -> None:
    """Energies along the path of one hop."""
    mine = table[table["hop"] == hop]
    ax.plot(mine["path_A"], mine["teacher_eV"], "o", color=INK, fillstyle="none", markersize=3.5)
    ax.plot(mine["path_A"], mine["student_eV"], "-", color=colour)
    ax.set_title(f"hop {hop}")


def draw_drift(ax: Axes, table: pd.DataFrame, temperature: float, colours: Mapping[str, str]) -> None:
    """Energy of isolated crystals at one temperature against time."""
    for name, colour in colours.items():
        mine = table[(table["material"] == name) & (table["temperature_K"] == temperature)]
        if len(mine):
            ax.plot(mine["time_ps"], mine["energy_meV_per_atom"], color=colour, linewidth=0.8, label=name)
    ax.axhline(0, color=PALE, linewidth=0.7)
    ax.set_title(f"{temperature:g} K")
    ax.set_xlabel("time (ps)")
    ax.set_ylabel("energy, change (meV/atom)")


def draw_stays(ax: Axes, table: pd.DataFrame, target: float, colours: Mapping[str, str]) -> None:
    """Displacement of the framework against time, and the most that a crystal may have."""
    for name, colour in colours.items():
        mine = table[table["material"] == name]
        if len(mine):
            ax.plot(mine["time_ps"], mine["displacement_A"], color=colour, linewidth=0.9, label=name)
    ax.axhline(target, color=INK, linestyle=":", linewidth=0.9)
    ax.set_ylim(bottom=0)
    ax.set_xlabel("time (ps)")
    ax.set_ylabel("framework displacement (Å)")
