"""``atomstates validate``: small jobs that tell whether a cluster does what campaigns need."""

from pathlib import Path

import typer
from rich.console import Console

from atomstates.cli.output import configure_logging
from atomstates.errors import USER_ERROR, InputError
from atomstates.parallel import all_end_together, world
from atomstates.slurm.probe import probe_after, probe_node, probe_ranks
from atomstates.slurm.site import read_site
from atomstates.slurm.validation import validated

_COLOURS = {"PASSED": "green", "WARN": "yellow", "ERROR": "bold red"}


def validate_cluster(site_file: Path | None, folder: Path, minutes: float) -> None:
    """Show a line for each thing that was looked at; exit code 1 when one of them is an error."""
    site, file = read_site(site_file)
    console = Console(soft_wrap=True, highlight=False)
    n_errors = 0
    for finding in validated(site, file, folder, minutes):
        n_errors += finding.status == "ERROR"
        colour = _COLOURS[finding.status]
        console.print(f"[{colour}]{finding.status:6}[/] ", end="")
        console.print(f"{finding.what}: {finding.found}", markup=False)
        if finding.to_do:
            console.print(f"       to do: {finding.to_do}", markup=False)
    if n_errors:
        raise typer.Exit(USER_ERROR)


def probe_here(kind: str, folder: Path) -> None:
    """Do one probe, on the node that a job was given.

    Raises
    ------
    InputError
        There is no such probe, or the launcher did not start the ranks that it was told to start.
    """
    comm = world()
    configure_logging(comm.rank)
    with all_end_together(comm):
        if kind == "ranks":
            probe_ranks(folder, comm)
        elif kind == "node":
            probe_node(folder)
        elif kind == "after":
            probe_after(folder)
        else:
            raise InputError(f"there is no probe {kind!r}; there are node, after and ranks")
