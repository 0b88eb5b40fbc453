"""Entry point: the commands, and what becomes of errors.

Exit codes: 0 done, 1 the user's to mend (or a bug, with its traceback), 2 wrong usage,
65 hopeless, 75 more to do, 130 interrupted.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from atomstates import __version__
from atomstates.cli.arrhenius import arrhenius
from atomstates.cli.doas import doas
from atomstates.cli.options import Force, MaterialName, Profile, ResultsFolder, RunName, Verbose
from atomstates.cli.transport import transport
from atomstates.errors import AtomStatesError
from atomstates.lammps.running import QUIET_AND_SERIAL

app = typer.Typer(
    help="The density of atomistic states of superionic conductors, from crystal to report.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"atomstates {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    verbose: Verbose = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


@app.command(rich_help_panel="Campaigns")
def run(
    campaign: Annotated[str, typer.Argument(help="YAML file of a campaign, or the name of a shipped one.")],
    stages: Annotated[
        list[str] | None,
        typer.Argument(metavar="[STAGE]...", help="Only these stages and those before them."),
    ] = None,
    results: ResultsFolder = None,
    cores: Annotated[
        int | None, typer.Option(min=1, help="Jobs at a time (default: the cores of this machine).")
    ] = None,
    force: Force = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Say what would be done; do nothing.")
    ] = False,
    profile: Annotated[
        Profile, typer.Option(help="Where: on this machine, or by job arrays of SLURM.")
    ] = Profile.default,
    site: Annotated[Path | None, typer.Option(help="Site file of the profile slurm.")] = None,
    verbose: Verbose = False,
) -> None:
    """Do all that is left of a campaign, from crystal to report."""
    from atomstates.cli.run import run_campaign

    run_campaign(
        Path(campaign),
        tuple(stages or ()),
        results,
        cores=cores,
        force=force,
        dry_run=dry_run,
        profile=profile.value,
        site=site,
    )


@app.command(rich_help_panel="Campaigns")
def submit(
    campaign: Annotated[str, typer.Argument(help="YAML file of a campaign, or the name of a shipped one.")],
    stages: Annotated[
        list[str] | None,
        typer.Argument(metavar="[STAGE]...", help="Only these stages and those before them."),
    ] = None,
    results: ResultsFolder = None,
    site: Annotated[
        Path | None, typer.Option(help="Site file (default: slurm/site.yaml here, else the shipped one).")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it is done, or cannot be.")] = False,
    verbose: Verbose = False,
) -> None:
    """Submit all that is left of a campaign to SLURM; the same again fills the holes only."""
    from atomstates.cli.submit import submit_campaign

    submit_campaign(Path(campaign), tuple(stages or ()), results, site, wait=wait)


@app.command(hidden=True)
def task(
    stage: str,
    results: Path,
    submitted: Annotated[Path | None, typer.Argument(metavar="[LIST]")] = None,
) -> None:
    """Do what a task of a job array has to do (called by the job scripts)."""
    from atomstates.cli.output import configure_logging
    from atomstates.slurm.task import do_task

    configure_logging()
    raise typer.Exit(do_task(stage, results, submitted))


@app.command(rich_help_panel="Campaigns")
def validate(
    site: Annotated[
        Path | None, typer.Option(help="Site file (default: slurm/site.yaml here, else the shipped one).")
    ] = None,
    folder: Annotated[
        Path, typer.Option(help="Where the jobs write what they find; all nodes must see it.")
    ] = Path("slurm-validation"),
    minutes: Annotated[float, typer.Option(min=0.1, help="How long to wait for the jobs.")] = 10.0,
    verbose: Verbose = False,
) -> None:
    """Find out with small jobs whether a SLURM cluster does what campaigns need."""
    from atomstates.cli.validate import validate_cluster

    validate_cluster(site, folder, minutes)


@app.command(hidden=True)
def probe(kind: str, folder: Path) -> None:
    """Find out what a node has (called by the jobs of `validate`)."""
    from atomstates.cli.validate import probe_here

    probe_here(kind, folder)


@app.command(rich_help_panel="Campaigns")
def status(
    results: ResultsFolder = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show how far every run is: stages, percent, ns/day, time left."""
    from atomstates.cli.status import show_status

    show_status(results, as_json=json)


def _do(stage: str, results: Path | None, run: str | None = None, material: str | None = None) -> None:
    from atomstates.cli.stage import do_stage

    do_stage(stage, results, run, material)


STAGE = "Stages (without --run or --material: all that is left of the stage)"


@app.command(rich_help_panel=STAGE)
def structures(
    material: MaterialName = None, results: ResultsFolder = None, verbose: Verbose = False
) -> None:
    """List the orderings of a crystal, lowest electrostatic energy first."""
    _do("structures", results, material=material)


class _WithTraining(TyperGroup):
    """The `potentials` stage, whose subcommands are imported only when one is asked for."""

    def _training(self) -> TyperGroup:
        from atomstates.potentials.command import app as training

        return typer.main.get_group(training)

    def list_commands(self, ctx):  # type: ignore[no-untyped-def]  # its types are private to typer
        return self._training().list_commands(ctx)

    def get_command(self, ctx, cmd_name):  # type: ignore[no-untyped-def]  # the same
        return self._training().get_command(ctx, cmd_name)


potentials_app = typer.Typer(cls=_WithTraining, invoke_without_command=True)
app.add_typer(potentials_app, name="potentials", rich_help_panel=STAGE)


@potentials_app.callback()
def potentials(
    context: typer.Context,
    material: MaterialName = None,
    results: ResultsFolder = None,
    verbose: Verbose = False,
) -> None:
    """Let the potential choose the ordering and relax the cell; train and validate potentials."""
    if context.invoked_subcommand is None:
        _do("potentials", results, material=material)


@app.command(rich_help_panel=STAGE)
def md(run: RunName = None, results: ResultsFolder = None, verbose: Verbose = False) -> None:
    """Molecular dynamics of a run; goes on from its newest restart file."""
    _do("md", results, run)


@app.command(rich_help_panel=STAGE)
def minimize(run: RunName = None, results: ResultsFolder = None, verbose: Verbose = False) -> None:
    """Relax the snapshots of a run (also under mpiexec)."""
    _do("minimize", results, run)


app.command(rich_help_panel=STAGE)(doas)
app.command(rich_help_panel=STAGE)(transport)


@app.command(rich_help_panel=STAGE)
def barriers(
    run: RunName = None,
    material: MaterialName = None,
    results: ResultsFolder = None,
    verbose: Verbose = False,
) -> None:
    """Barriers of the hops of a run, and of the ordered crystal of a material (also under mpiexec)."""
    _do("barriers", results, run, material)


@app.command(rich_help_panel=STAGE)
def report(
    results: ResultsFolder = None,
    incomplete: Annotated[
        bool, typer.Option("--incomplete", help="Show what is there so far, when not all is done.")
    ] = False,
    verbose: Verbose = False,
) -> None:
    """The page with all figures and numbers."""
    from atomstates.cli.stage import report_what_is_there

    if incomplete:
        report_what_is_there(results)
    else:
        _do("report", results)


app.command(rich_help_panel="Tables")(arrhenius)


def main() -> None:
    """Run the command line."""
    _prepare_environment()
    try:
        app()
    except AtomStatesError as error:
        from atomstates.cli.output import show_error

        show_error(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


def _prepare_environment() -> None:
    """Programs beside this Python are found, and each process uses one core unless told otherwise."""
    beside = str(Path(sys.executable).parent)
    if beside not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join(filter(None, (beside, os.environ.get("PATH"))))
    for name, value in QUIET_AND_SERIAL.items():
        os.environ.setdefault(name, value)
