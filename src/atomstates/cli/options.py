"""Options that several commands share."""

import os
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from atomstates.errors import AtomStatesError


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


# ---------------------------------------------------------------- what TAB completes


def _stages() -> list[str]:
    from atomstates.stages import NAMES

    return list(NAMES)


def _campaigns() -> list[str]:
    """YAML files here, and the names of shipped campaigns."""
    from atomstates.resources import workflow_folder

    shipped = sorted(path.stem for path in (workflow_folder() / "campaigns").glob("*.yaml"))
    return [*sorted(str(path) for path in Path().glob("*.y*ml")), *shipped]


def _places(level: str) -> Iterator[str]:
    """Runs or materials of the results folder that a command would find."""
    from atomstates.campaign.layout import open_results
    from atomstates.cli.finding import results_folder

    results = open_results(results_folder(None))
    yield from (run.id for run in results.runs) if level == "run" else (m.name for m in results.materials)


def _begun(words: Iterator[str] | list[str], incomplete: str) -> list[str]:
    """Words that begin as what was typed; none where they cannot be known."""
    try:
        return [word for word in words if word.startswith(incomplete)]
    except (AtomStatesError, OSError):
        return []


# ---------------------------------------------------------------- options


CampaignName = Annotated[
    str,
    typer.Argument(
        help="YAML file of a campaign, or the name of a shipped one.",
        autocompletion=lambda incomplete: _begun(_campaigns(), incomplete),
    ),
]
StageNames = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[STAGE]...",
        help="Only these stages and those before them.",
        autocompletion=lambda incomplete: _begun(_stages(), incomplete),
    ),
]
SiteFile = Annotated[
    Path | None, typer.Option(help="Site file (default: slurm/site.yaml here, else the shipped one).")
]
Json = Annotated[bool, typer.Option("--json", help="As JSON, for machines.")]
ResultsFolder = Annotated[
    Path | None,
    typer.Option(
        "--results",
        envvar="ATOMSTATES_RESULTS",
        help="Results folder (default: this folder, or the only one in results).",
    ),
]
RunName = Annotated[
    str | None,
    typer.Option(
        "--run",
        metavar="ID",
        help="A run, by its ID or the path of its folder.",
        autocompletion=lambda incomplete: _begun(_places("run"), incomplete),
    ),
]
MaterialName = Annotated[
    str | None,
    typer.Option(
        "--material",
        metavar="NAME",
        help="A material, by its name or its folder.",
        autocompletion=lambda incomplete: _begun(_places("material"), incomplete),
    ),
]
Force = Annotated[
    str | None,
    typer.Option(
        metavar="STAGE",
        autocompletion=lambda incomplete: _begun(_stages(), incomplete),
        help="Do this stage again from its beginning (its products are removed), and what depends on it.",
    ),
]


def is_verbose() -> bool:
    """Whether everything is to be shown."""
    return os.environ.get("ATOMSTATES_VERBOSE", "0") not in ("", "0")
