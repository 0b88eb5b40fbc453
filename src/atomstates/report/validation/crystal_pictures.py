"""Figures of relaxed crystals: lattices, energy against volume, orderings."""

from collections.abc import Mapping

from atomstates.potentials.validation.settings import Targets
from atomstates.report.style import blank_figure
from atomstates.report.validation.curves import draw_expansion, draw_lattice, draw_volumes
from atomstates.report.validation.picture import Tables, TestedPicture, legend_above, square_scatter


def lattice_picture(tables: Tables, colours: Mapping[str, str], targets: Targets) -> TestedPicture | None:
    """Relaxed lengths against the teacher's, and thermal expansion."""
    if "lattice" not in tables:
        return None
    figure = blank_figure(height=2.9)
    left, right = figure.subplots(1, 2)
    draw_lattice(left, tables["lattice"], 100 * targets.lattice, colours)
    draw_expansion(right, tables["expansion"], colours)
    legend_above(figure, colours)
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
    table = tables["orderings"]
    return TestedPicture(
        name="orderings",
        title="Relaxed orderings",
        caption=(
            "Energy of each relaxed ordering, relative to the mean over its material; each side relaxed "
            "positions and cell by itself, the teacher from where the student ended."
        ),
        alt=f"Energies of {len(table)} relaxed orderings, student against teacher.",
        data=("orderings",),
        figure=square_scatter(table, "meV_per_atom", colours, "ordering (meV/atom)"),
    )
