"""The verb ``doas``: a stage of a campaign, or states from elsewhere."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from atomstates.cli.options import MaterialName, ResultsFolder, RunName, Verbose

PANEL = "States from elsewhere"


class ZeroName(StrEnum):
    """Zeros of energies by name."""

    lowest = "lowest"
    coldest_mean = "coldest-mean"
    absolute = "absolute"


ForeignFiles = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE",
        help="Frames of any program with an energy for each atom (extended XYZ, relaxed.h5); no campaign.",
        rich_help_panel=PANEL,
    ),
]
Ion = Annotated[str | None, typer.Option(help="The mobile element, as Li.", rich_help_panel=PANEL)]
Anions = Annotated[str | None, typer.Option(help="The anions, as Cl,Br.", rich_help_panel=PANEL)]
FrameTemperature = Annotated[
    float | None,
    typer.Option(
        "--temperature-K",
        min=0.0,
        help="Of all frames (default: what each frame says).",
        rich_help_panel=PANEL,
    ),
]
EnergyColumn = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Per-atom column with the energies in eV (default: energies).",
        rich_help_panel=PANEL,
    ),
]
BinWidth = Annotated[
    float,
    typer.Option("--bin-width-eV", min=1e-4, help="Width of the bins.", rich_help_panel=PANEL),
]
BlockFrames = Annotated[
    int,
    typer.Option(
        min=1, help="Successive frames that are drawn together for errors.", rich_help_panel=PANEL
    ),
]
ZeroOfEnergies = Annotated[
    ZeroName,
    typer.Option(
        help="Zero of energies: lowest state, mean at the coldest temperature, or the potential's.",
        rich_help_panel=PANEL,
    ),
]
Smoothing = Annotated[
    float | None,
    typer.Option(
        "--smoothing-eV",
        min=0.0,
        help="Standard deviation of the smooth line's kernel (default: half a bin; 0: no line).",
        rich_help_panel=PANEL,
    ),
]
OutputFolder = Annotated[
    Path | None,
    typer.Option(help="Folder for it all (default: FILE-doas).", rich_help_panel=PANEL),
]


def doas(
    run: RunName = None,
    material: MaterialName = None,
    results: ResultsFolder = None,
    states: ForeignFiles = None,
    ion: Ion = None,
    anions: Anions = None,
    temperature: FrameTemperature = None,
    energy_column: EnergyColumn = None,
    bin_width: BinWidth = 0.02,
    block_frames: BlockFrames = 3,
    zero: ZeroOfEnergies = ZeroName.lowest,
    smoothing: Smoothing = None,
    output: OutputFolder = None,
    verbose: Verbose = False,
) -> None:
    """States of a run, and the density of states of a material (also under mpiexec)."""
    if not states:
        from atomstates.cli.stage import do_stage

        do_stage("doas", results, run, material)
        return
    if run or material:
        raise typer.BadParameter("--states has no campaign; leave --run and --material out")
    from atomstates.cli.states import analyse_states
    from atomstates.doas.assumptions import Question

    question = Question(
        ion=ion or "",
        anions=tuple(word.strip() for word in (anions or "").split(",") if word.strip()),
        temperature=temperature,
        energy_column=energy_column,
        bin_width=bin_width,
        block_snapshots=block_frames,
        zero=zero.value,
        smoothing=smoothing,
    )
    analyse_states(states, question, output)
