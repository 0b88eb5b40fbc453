"""Entry point: the commands, and what becomes of errors. Exit codes stand in ``teaching.py``."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from atomstates import __version__
from atomstates.cli import campaigns
from atomstates.cli.arrhenius import arrhenius
from atomstates.cli.doas import doas
from atomstates.cli.options import Json, MaterialName, ResultsFolder, RunName, Verbose
from atomstates.cli.teaching import main_epilogue, shown_examples
from atomstates.cli.transport import transport
from atomstates.errors import AtomStatesError
from atomstates.lammps.running import QUIET_AND_SERIAL

app = typer.Typer(
    help="The density of atomistic states of superionic conductors, from crystal to report.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    epilog=main_epilogue(),
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


for verb, examples in campaigns.EXAMPLES.items():
    app.command(rich_help_panel="Campaigns", epilog=shown_examples(examples))(verb)
app.command(hidden=True)(campaigns.task)
app.command(hidden=True)(campaigns.probe)


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
        from atomstates.cli.potentials import app as training

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
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """The page with all figures and numbers; with --json also its answers and checks."""
    from atomstates.cli.stage import report_what_is_there, show_report

    if incomplete:
        report_what_is_there(results)
    else:
        _do("report", results)
    if json:
        show_report(results)


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
