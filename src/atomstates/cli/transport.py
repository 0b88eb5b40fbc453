"""The verb ``transport``: a stage of a campaign, or the analysis of a trajectory of another program."""

from pathlib import Path
from typing import Annotated

import typer

from atomstates.cli.options import MaterialName, ResultsFolder, RunName, Verbose

PANEL = "Trajectories of other programs"

TrajectoryFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--trajectory",
        metavar="FILE [FILE]...",
        help="A trajectory in one or more files, in their order: LAMMPS text dump (also gz, bz2, zst), "
        "DCD, XTC, TRR, XDATCAR, H5MD, extxyz and what else MDAnalysis reads.",
        rich_help_panel=PANEL,
    ),
]
MoreFiles = Annotated[list[Path] | None, typer.Argument(metavar="FILE", hidden=True)]
Topology = Annotated[
    Path | None,
    typer.Option(
        help="File that names the atoms where the trajectory does not (DCD, XTC, TRR): LAMMPS data, PDB, "
        "GRO ...",
        rich_help_panel=PANEL,
    ),
]
TrajectoryFormat = Annotated[
    str | None,
    typer.Option(
        "--format",
        help="lammps-dump, xdatcar, ase, or as MDAnalysis names it (default: found by content and name).",
        rich_help_panel=PANEL,
    ),
]
Elements = Annotated[
    str | None,
    typer.Option(metavar="Li,Y,Cl", help="Elements of the types 1, 2, 3, ...", rich_help_panel=PANEL),
]
Ion = Annotated[
    str | None,
    typer.Option(
        metavar="LABEL",
        help="The mobile ions: element, or type or name where the file has no elements.",
        rich_help_panel=PANEL,
    ),
]
FrameworkLabels = Annotated[
    str | None,
    typer.Option(
        "--framework",
        metavar="Y,Cl|all",
        help="Atoms whose centre of mass is held still (default: all but the ions).",
        rich_help_panel=PANEL,
    ),
]
Timestep = Annotated[
    float | None,
    typer.Option(
        "--timestep-ps", help="Time step of the dynamics; files have step numbers.", rich_help_panel=PANEL
    ),
]
FrameInterval = Annotated[
    float | None,
    typer.Option(
        "--frame-interval-ps",
        help="Time between frames, whatever the files say.",
        rich_help_panel=PANEL,
    ),
]
StartTime = Annotated[
    float,
    typer.Option("--start-ps", min=0, help="Leave out what comes before.", rich_help_panel=PANEL),
]
FramesEvery = Annotated[
    int, typer.Option("--frames-every", min=1, help="Take every Nth frame only.", rich_help_panel=PANEL)
]
Unwrapped = Annotated[
    bool,
    typer.Option(
        "--unwrapped",
        help="Positions are unwrapped already (default: by nearest images, unless the file says).",
        rich_help_panel=PANEL,
    ),
]
Charge = Annotated[float | None, typer.Option(help="Charge of an ion in e.", rich_help_panel=PANEL)]
Temperature = Annotated[
    float | None,
    typer.Option("--temperature-K", help="Temperature of the run.", rich_help_panel=PANEL),
]
Volume = Annotated[
    float | None,
    typer.Option("--volume-A3", help="Volume (default: mean of the cells).", rich_help_panel=PANEL),
]
HopLength = Annotated[
    float | None,
    typer.Option("--hop-length-A", help="Distance between sites (default: 3).", rich_help_panel=PANEL),
]
FitWindow = Annotated[
    tuple[float, float] | None,
    typer.Option(
        "--fit-window-ps",
        metavar="FROM TO",
        help="Lags between which the slope is fitted (default: found by itself).",
        rich_help_panel=PANEL,
    ),
]
OutputFolder = Annotated[
    Path | None,
    typer.Option(
        help="Write diffusion.json, msd.csv and the figure of the MSD there.", rich_help_panel=PANEL
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="What a trajectory says, as JSON.", rich_help_panel=PANEL)
]


def transport(
    files: MoreFiles = None,
    run: RunName = None,
    material: MaterialName = None,
    results: ResultsFolder = None,
    trajectory: TrajectoryFiles = None,
    topology: Topology = None,
    form: TrajectoryFormat = None,
    elements: Elements = None,
    ion: Ion = None,
    framework: FrameworkLabels = None,
    timestep: Timestep = None,
    interval: FrameInterval = None,
    start: StartTime = 0.0,
    every: FramesEvery = 1,
    unwrapped: Unwrapped = False,
    charge: Charge = None,
    temperature: Temperature = None,
    volume: Volume = None,
    hop_length: HopLength = None,
    window: FitWindow = None,
    output: OutputFolder = None,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Diffusivity of a run or of any trajectory; Arrhenius line of a material (also under mpiexec)."""
    from atomstates.cli.stage import do_stage
    from atomstates.cli.trajectory import Request, analyse_trajectory

    request = Request(
        files=(*(trajectory or ()), *(files or ())),
        topology=topology,
        form=form,
        elements=elements,
        ion=ion,
        framework=framework,
        timestep=timestep,
        interval=interval,
        start=start,
        every=every,
        unwrapped=unwrapped,
        charge=charge,
        temperature=temperature,
        volume=volume,
        hop_length=hop_length,
        window=window,
        output=output,
        as_json=json,
    )
    if trajectory is None and request != Request():
        raise typer.BadParameter("found a file or an option of a trajectory, but no --trajectory FILE")
    if trajectory is None:
        do_stage("transport", results, run, material)
    elif (run, material) != (None, None):
        raise typer.BadParameter("--trajectory is no run of a campaign: leave --run and --material out")
    else:
        analyse_trajectory(request)
