"""Figures of ions and crystals in motion: barriers, paths, energy without thermostat, long runs."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from atomstates.potentials.validation.settings import Targets
from atomstates.report.style import blank_figure
from atomstates.report.validation.curves import draw_drift, draw_profile, draw_stays
from atomstates.report.validation.picture import Tables, TestedPicture, legend_above, square_scatter


def barriers_picture(tables: Tables, colours: Mapping[str, str]) -> TestedPicture | None:
    """Barriers, student against teacher."""
    if "hops" not in tables:
        return None
    table = tables["hops"]
    return TestedPicture(
        name="barriers",
        title="Barriers of single hops",
        caption=(
            "Highest energy on the student's converged path above either of its ends; the teacher's "
            "energies are those of the same images (it has not searched for minima and paths of its own). "
            "Each hop both ways."
        ),
        alt=f"Barriers of {len(table)} hops, student against teacher.",
        data=("hops",),
        figure=square_scatter(_both_ways(table), "eV", colours, "barrier (eV)"),
    )


def _both_ways(table: pd.DataFrame) -> pd.DataFrame:
    """Forward and backward barriers below each other."""
    ways = [
        table[["material"]].assign(
            student_eV=table[f"student_{way}_eV"], teacher_eV=table[f"teacher_{way}_eV"]
        )
        for way in ("forward", "backward")
    ]
    return pd.concat(ways, ignore_index=True)


def profiles_picture(tables: Tables, colours: Mapping[str, str]) -> TestedPicture | None:
    """Energy along each path."""
    if "profiles" not in tables:
        return None
    table = tables["profiles"]
    hops = table["hop"].unique().tolist()
    columns = min(len(hops), 5)
    rows = -(-len(hops) // columns)
    figure = blank_figure(height=1.5 * rows + 0.4)
    axes = figure.subplots(rows, columns, squeeze=False)
    for ax, hop in zip(axes.flat, hops, strict=False):
        name = table.loc[table["hop"] == hop, "material"].iloc[0]
        draw_profile(ax, table, hop, colours[name])
    for ax in list(axes.flat)[len(hops) :]:
        ax.remove()
    figure.supxlabel("path (Å)", fontsize="medium")
    figure.supylabel("energy (eV)", fontsize="medium")
    legend_above(figure, colours)
    return TestedPicture(
        name="profiles",
        title="Energy along the paths",
        caption=(
            "Lines: student, on its own nudged elastic bands; circles: the teacher's energies of the same "
            "images. The path's length counts the displacements of all atoms."
        ),
        alt=f"Energy profiles of {len(hops)} hops.",
        data=("profiles",),
        figure=figure,
    )


def drift_picture(tables: Tables, colours: Mapping[str, str]) -> TestedPicture | None:
    """Energy of isolated crystals."""
    if "drift_energies" not in tables:
        return None
    table = tables["drift_energies"]
    temperatures = np.unique(table["temperature_K"])
    figure = blank_figure(height=2.6)
    axes = figure.subplots(1, len(temperatures), sharey=True, squeeze=False)[0]
    for ax, temperature in zip(axes, temperatures, strict=True):
        draw_drift(ax, table, temperature, colours)
    legend_above(figure, colours)
    return TestedPicture(
        name="drift",
        title="Energy without thermostat",
        caption="Total energy (NVE), means over a hundredth of the run; zero: mean of the first twentieth.",
        alt="Change of the total energy against time.",
        data=("drift", "drift_energies"),
        figure=figure,
    )


def stays_picture(tables: Tables, colours: Mapping[str, str], targets: Targets) -> TestedPicture | None:
    """Long runs."""
    if "stay_displacements" not in tables:
        return None
    figure = blank_figure(height=2.6, width=4.6)
    ax = figure.subplots()
    draw_stays(ax, tables["stay_displacements"], targets.framework_displacement_A, colours)
    ax.legend()
    return TestedPicture(
        name="stays",
        title="Long runs",
        caption=(
            "Root-mean-square displacement of all atoms but the mobile ones from the relaxed crystal, "
            "vibrations included; dotted: the most that a crystal may have in the last quarter."
        ),
        alt="Displacement of the framework against time.",
        data=("stays", "stay_displacements"),
        figure=figure,
    )
