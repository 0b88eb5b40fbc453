"""The figures of a potential's tests, with their words, from the tables of the tests."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from atomstates.potentials.validation.settings import Targets
from atomstates.report.style import blank_figure, material_colours, style
from atomstates.report.validation.curves import (
    draw_drift,
    draw_expansion,
    draw_lattice,
    draw_profile,
    draw_stays,
    draw_volumes,
)
from atomstates.report.validation.parity import draw_density, draw_errors, draw_scatter, relative

_SIDE = 3.2
"""Inches, of one of two panels side by side."""


@dataclass(frozen=True)
class TestedPicture:
    """A figure of the tests: name of its files, title, words, and the tables behind it."""

    name: str
    title: str
    caption: str
    alt: str
    data: tuple[str, ...]
    figure: Figure


Tables = Mapping[str, pd.DataFrame]


def pictures(tables: Tables, names: list[str], targets: Targets, ion: str) -> list[TestedPicture]:
    """Every figure that the tables allow; ``names`` are the materials, ``ion`` the mobile element."""
    colours = material_colours(names)
    with style():
        found = [
            parity_picture(tables, colours, ion),
            errors_picture(tables, colours, targets),
            lattice_picture(tables, colours, targets),
            volumes_picture(tables, colours),
            orderings_picture(tables, colours),
            barriers_picture(tables, colours),
            profiles_picture(tables, colours),
            drift_picture(tables, colours),
            stays_picture(tables, colours, targets),
        ]
    return [picture for picture in found if picture is not None]


def parity_picture(tables: Tables, colours: Mapping[str, str], ion: str) -> TestedPicture | None:
    """Energies, forces, stresses, atomic energies of the mobile ions."""
    if "forces" not in tables:
        return None
    panels = 2 + ("stresses" in tables) + ("ion_energies" in tables)
    figure = blank_figure(height=_SIDE * ((panels + 1) // 2))
    axes = list(figure.subplots((panels + 1) // 2, 2, squeeze=False).flat)
    energies = relative(tables["energies"], "eV_per_atom")
    draw_scatter(axes[0], energies, "eV_per_atom", colours, "energy (meV/atom)", 1e3)
    draw_density(axes[1], tables["forces"], "eV_per_A", "force (eV/Å)")
    used, data = 2, ["energies", "forces"]
    if "stresses" in tables:
        draw_scatter(axes[used], tables["stresses"], "GPa", colours, "stress (GPa)")
        used, data = used + 1, [*data, "stresses"]
    if "ion_energies" in tables:
        label = f"energy of {ion} (eV)"
        draw_density(axes[used], relative(tables["ion_energies"], "eV"), "eV", label)
        used, data = used + 1, [*data, "ion_energies"]
    for ax in axes[used:]:
        ax.remove()
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), markerscale=2)
    return TestedPicture(
        name="parity",
        title="Student against teacher",
        caption=(
            "Frames that no training saw: the student's own dynamics, relaxed snapshots and images of "
            "bands. Energies of frames"
            + (f" and of {ion}" if "ion_energies" in tables else "")
            + " are relative to the teacher's mean over each material. Where points would lie upon each "
            "other, colour counts them on a logarithmic scale."
        ),
        alt=f"Parity plots of {len(energies)} frames: " + ", ".join(data).replace("_", " ") + ".",
        data=tuple(data),
        figure=figure,
    )


def errors_picture(tables: Tables, colours: Mapping[str, str], targets: Targets) -> TestedPicture | None:
    """Errors of force and energy against temperature."""
    if "errors_by_temperature" not in tables:
        return None
    table = tables["errors_by_temperature"]
    figure = blank_figure(height=2.9)
    left, right = figure.subplots(1, 2)
    for ax, column, target, label in (
        (left, "force_rmse_meV_per_A", targets.force_rmse_meV_per_A, "force RMSE (meV/Å)"),
        (right, "energy_rmse_meV_per_atom", targets.energy_rmse_meV_per_atom, "energy RMSE (meV/atom)"),
    ):
        draw_errors(ax, table, column, target, colours)
        ax.set_ylabel(label)
    _named(figure, colours)
    return TestedPicture(
        name="errors",
        title="Errors by material and temperature",
        caption=(
            "Circles and full lines: fixed cell; squares and dashed lines: free cell; open triangles: "
            "relaxed snapshots of either; diamonds: images of bands. Dotted: the target, which holds for "
            "all frames together."
        ),
        alt="Errors of forces and energies against temperature.",
        data=("errors_by_temperature",),
        figure=figure,
    )


def lattice_picture(tables: Tables, colours: Mapping[str, str], targets: Targets) -> TestedPicture | None:
    """Relaxed lengths against the teacher's, and thermal expansion."""
    if "lattice" not in tables:
        return None
    figure = blank_figure(height=2.9)
    left, right = figure.subplots(1, 2)
    draw_lattice(left, tables["lattice"], 100 * targets.lattice, colours)
    draw_expansion(right, tables["expansion"], colours)
    _named(figure, colours)
    return TestedPicture(
        name="lattice",
        title="Lattice, relaxed and with temperature",
        caption=(
            "Left: lengths of the relaxed reference ordering against the teacher's; dotted: the target. "
            "Right: growth of the volume in the student's dynamics with free cell lengths at 1 bar, "
            "against the relaxed ordering that each run started from; bars: half the gap of two quarters "
            "of the run."
        ),
        alt="Deviation of relaxed lengths, and growth of the volume against temperature.",
        data=("lattice", "expansion"),
        figure=figure,
    )


def volumes_picture(tables: Tables, colours: Mapping[str, str]) -> TestedPicture | None:
    """Energy against volume."""
    if "volumes" not in tables:
        return None
    columns = min(len(colours), 3)
    rows = -(-len(colours) // columns)
    figure = blank_figure(height=2.4 * rows)
    axes = list(figure.subplots(rows, columns, squeeze=False).flat)
    for ax, (name, colour) in zip(axes, colours.items(), strict=False):
        draw_volumes(ax, tables["volumes"], name, colour)
    for ax in axes[len(colours) :]:
        ax.remove()
    return TestedPicture(
        name="volumes",
        title="Energy against volume",
        caption=(
            "Reference ordering as relaxed by the teacher, scaled with its atoms at the same fractional "
            "positions. Circles: teacher; line: student, less the mean gap between the two curves."
        ),
        alt="Energy against volume of each material, student and teacher.",
        data=("volumes",),
        figure=figure,
    )


def orderings_picture(tables: Tables, colours: Mapping[str, str]) -> TestedPicture | None:
    """Relative energies of relaxed orderings."""
    if "orderings" not in tables:
        return None
    figure = blank_figure(height=_SIDE, width=_SIDE + 0.4)
    table = tables["orderings"]
    ax = figure.subplots()
    draw_scatter(ax, table, "meV_per_atom", colours, "ordering (meV/atom)")
    ax.legend(loc="upper left")
    return TestedPicture(
        name="orderings",
        title="Relaxed orderings",
        caption=(
            "Energy of each relaxed ordering, relative to the mean over its material; each side relaxed "
            "positions and cell by itself, the teacher from where the student ended."
        ),
        alt=f"Energies of {len(table)} relaxed orderings, student against teacher.",
        data=("orderings",),
        figure=figure,
    )


def barriers_picture(tables: Tables, colours: Mapping[str, str]) -> TestedPicture | None:
    """Barriers, student against teacher."""
    if "hops" not in tables:
        return None
    figure = blank_figure(height=_SIDE, width=_SIDE + 0.4)
    ax, table = figure.subplots(), tables["hops"]
    draw_scatter(ax, _both_ways(table), "eV", colours, "barrier (eV)")
    ax.legend(loc="upper left")
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
        figure=figure,
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
    _named(figure, colours)
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
    _named(figure, colours)
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


def _named(figure: Figure, colours: Mapping[str, str]) -> None:
    """One legend of the materials above all panels."""
    handles: dict[str, Any] = {}
    for ax in figure.axes:
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
    if not handles:
        ax = figure.axes[0]
        handles = {name: ax.plot([], [], "-", color=colour)[0] for name, colour in colours.items()}
    figure.legend(list(handles.values()), list(handles), loc="outside upper center", ncols=len(handles))
