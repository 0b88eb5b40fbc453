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


def is_verbose() -> bool:
    """Whether everything is to be shown."""
    return os.environ.get("ATOMSTATES_VERBOSE", "0") not in ("", "0")
