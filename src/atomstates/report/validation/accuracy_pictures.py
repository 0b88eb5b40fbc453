"""Figures of the errors on single frames: parity, and errors by temperature."""

from collections.abc import Mapping

from atomstates.potentials.validation.settings import Targets
from atomstates.report.style import blank_figure
from atomstates.report.validation.parity import draw_density, draw_errors, draw_scatter, relative
from atomstates.report.validation.picture import PANEL, Tables, TestedPicture, legend_above


def parity_picture(tables: Tables, colours: Mapping[str, str], ion: str) -> TestedPicture | None:
    """Energies, forces, stresses, atomic energies of the mobile ions."""
    if "forces" not in tables:
        return None
    panels = 2 + ("stresses" in tables) + ("ion_energies" in tables)
    figure = blank_figure(height=PANEL * ((panels + 1) // 2))
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
    legend_above(figure, colours)
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
