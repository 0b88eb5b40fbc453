"""Options that several commands share."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Profile(StrEnum):
    """Who does the jobs of a campaign."""

    default = "default"
    slurm = "slurm"


def _turn_verbose(wanted: bool) -> None:
    # in the environment, because jobs and rooms that run programs must know it too
    if wanted:
        os.environ["ATOMSTATES_VERBOSE"] = "1"


Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose",
        callback=_turn_verbose,
        is_eager=True,
        help="Show everything, also the noise of the programs that do the work.",
    ),
]
ResultsFolder = Annotated[
    Path | None,
    typer.Option(
        "--results",
        envvar="ATOMSTATES_RESULTS",
        help="Results folder (default: this folder, or the only one in results).",
    ),
]
RunName = Annotated[
    str | None, typer.Option("--run", metavar="ID", help="A run, by its ID or the path of its folder.")
]
MaterialName = Annotated[
    str | None, typer.Option("--material", metavar="NAME", help="A material, by its name or its folder.")
]
Force = Annotated[
    str | None,
    typer.Option(
        metavar="STAGE",
        help="Do this stage again from its beginning (its products are removed), and what depends on it.",
    ),
]

_ELSEWHERE = "States from elsewhere"
ForeignFiles = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE",
        help="Frames of any program with an energy for each atom (extended XYZ, relaxed.h5); no campaign.",
        rich_help_panel=_ELSEWHERE,
    ),
]
Ion = Annotated[str | None, typer.Option(help="The mobile element, as Li.", rich_help_panel=_ELSEWHERE)]
Anions = Annotated[str | None, typer.Option(help="The anions, as Cl,Br.", rich_help_panel=_ELSEWHERE)]
FrameTemperature = Annotated[
    float | None,
    typer.Option(
        "--temperature-K",
        min=0.0,
        help="Of all frames (default: what each frame says).",
        rich_help_panel=_ELSEWHERE,
    ),
]
EnergyColumn = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Per-atom column with the energies in eV (default: energies).",
        rich_help_panel=_ELSEWHERE,
    ),
]
BinWidth = Annotated[
    float,
    typer.Option("--bin-width-eV", min=1e-4, help="Width of the bins.", rich_help_panel=_ELSEWHERE),
]
BlockFrames = Annotated[
    int,
    typer.Option(
        min=1, help="Successive frames that are drawn together for errors.", rich_help_panel=_ELSEWHERE
    ),
]
OutputFolder = Annotated[
    Path | None,
    typer.Option(help="Folder for it all (default: FILE-doas).", rich_help_panel=_ELSEWHERE),
]


def is_verbose() -> bool:
    """Whether everything is to be shown."""
    return os.environ.get("ATOMSTATES_VERBOSE", "0") not in ("", "0")
