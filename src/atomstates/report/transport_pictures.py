"""Figures of motion and transport: which panels there are, and what is said about them."""

from atomstates.report.contents import MaterialContents
from atomstates.report.picture import Picture
from atomstates.report.series import squared_displacements, thermo_series
from atomstates.report.style import blank_figure
from atomstates.report.transport_figures import (
    draw_squared_displacement,
    draw_time_series,
)


def displacement_picture(material: MaterialContents) -> Picture | None:
    """Mean squared displacement of every run."""
    runs = squared_displacements(material)
    if not runs:
        return None
    figure = blank_figure(height=3.1)
    ax = figure.subplots()
    draw_squared_displacement(ax, runs)
    handles = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
    figure.legend(handles.values(), handles.keys(), loc="outside right upper")
    refused = list(dict.fromkeys(run.label for run in runs if run.fitted is None))
    ends = "; ".join(f"{run.label}: {run.value[-1]:.3g} Å² after {run.lag[-1]:.3g} ps" for run in runs)
    return Picture(
        name="msd",
        material=material.name,
        title="Mean squared displacement",
        caption=(
            f"Mean squared displacement of {material.mobile} relative to the framework's centre of "
            "mass, over all time origins; bands are one standard error. The thick part is where the "
            "slope was fitted"
            + (
                f"; no slope was fitted at {', '.join(refused)}, where the ions moved too little."
                if refused
                else "."
            )
        ),
        alt=f"Mean squared displacement against lag time on logarithmic axes. {ends}.",
        data=tuple(f"runs/{run.id}/transport/msd.csv" for run in material.runs if run.msd is not None),
        figure=figure,
    )


def thermo_picture(material: MaterialContents) -> Picture | None:
    """Temperature and energy of every run against time."""
    temperatures = thermo_series(material, ("temperature",))
    energies = thermo_series(material, ("total_energy", "potential", "energy"), relative=True)
    if not temperatures or not energies:
        return None
    figure = blank_figure(height=2.3)
    left, right = figure.subplots(1, 2)
    draw_time_series(left, temperatures)
    left.set_ylabel("temperature, K")
    draw_time_series(right, energies)
    right.set_ylabel("energy above the coldest run, eV")
    return Picture(
        name="thermo",
        material=material.name,
        title="Molecular dynamics: temperature and energy",
        caption=(
            "Temperature and energy of every run against time, one colour for each temperature as "
            "above: a run that drifts or jumps shows here."
        ),
        alt="Temperature and energy against time. Mean temperatures: "
        + ", ".join(f"{run.label}: {run.value.mean():.1f} K" for run in temperatures)
        + ".",
        data=tuple(f"runs/{run.id}/md/thermo.csv" for run in material.runs if run.thermo is not None),
        figure=figure,
    )
