"""``atomstates arrhenius``: the options; what it does stands in ``fitted_table``."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from atomstates.cli.options import Verbose


class Fitted(StrEnum):
    """What follows an Arrhenius law."""

    conductivity = "conductivity"
    diffusivity = "diffusivity"


def arrhenius(
    table: Annotated[
        Path, typer.Argument(help="CSV with temperatures, conductivities or diffusivities, errors.")
    ],
    extrapolate_K: Annotated[
        float, typer.Option("--extrapolate-K", min=1, help="Temperature at which a value is wanted.")
    ] = 300.0,
    quantity: Annotated[Fitted | None, typer.Option(help="What to fit where the table has both.")] = None,
    relative_error: Annotated[
        float | None, typer.Option(min=1e-6, max=1, help="Error over value, for a table without errors.")
    ] = None,
    charge: Annotated[
        float | None,
        typer.Option(help="Charge of the ions in e: with their number, D becomes a conductivity."),
    ] = None,
    number_density_per_A3: Annotated[
        float | None, typer.Option("--number-density-per-A3", min=1e-9, help="Mobile ions per Å³.")
    ] = None,
    volume_A3: Annotated[
        float | None, typer.Option("--volume-A3", min=1e-9, help="Volume of the cell.")
    ] = None,
    n_ions: Annotated[int | None, typer.Option(min=1, help="Mobile ions in the cell.")] = None,
    figure: Annotated[Path | None, typer.Option(help="Draw it to this file (.png, .svg, .pdf).")] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    verbose: Verbose = False,
) -> None:
    """Activation energies, transition temperature and extrapolation of a table of T, D or σ, and errors."""
    from atomstates.cli.fitted_table import fit_table, ions

    fit_table(
        table,
        quantity=None if quantity is None else quantity.value,
        relative_error=relative_error,
        carriers=ions(charge, number_density_per_A3, volume_A3, n_ions),
        extrapolate=extrapolate_K,
        figure=figure,
        json=json,
    )
