"""The verbs that work on whole campaigns: options only; what they do stands in a file of its own name."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from atomstates.cli.options import (
    CampaignName,
    Force,
    Json,
    Profile,
    ResultsFolder,
    SiteFile,
    StageNames,
    Verbose,
)


class SettingsKind(StrEnum):
    """What a YAML file holds."""

    campaign = "campaign"
    material = "material"


def run(
    campaign: CampaignName,
    stages: StageNames = None,
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
    site: SiteFile = None,
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


def submit(
    campaign: CampaignName,
    stages: StageNames = None,
    results: ResultsFolder = None,
    site: SiteFile = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it is done, or cannot be.")] = False,
    verbose: Verbose = False,
) -> None:
    """Submit all that is left of a campaign to SLURM; the same again fills the holes only."""
    from atomstates.cli.submit import submit_campaign

    submit_campaign(Path(campaign), tuple(stages or ()), results, site, wait=wait)


def init(
    cif: Annotated[str | None, typer.Argument(metavar="[CIF]", help="CIF file of the crystal.")] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="DeePMD model, or shipped:NAME; again for an ensemble."),
    ] = None,
    pair_style: Annotated[
        str | None, typer.Option(metavar="STYLE", help="Any pair_style of LAMMPS, with its arguments.")
    ] = None,
    pair_coeff: Annotated[
        list[str] | None,
        typer.Option(metavar="ARGS", help="Arguments of a pair_coeff; {elements} stands for the elements."),
    ] = None,
    potential_file: Annotated[
        list[str] | None, typer.Option(metavar="FILE", help="Parameter file of the pair style.")
    ] = None,
    potential_command: Annotated[
        list[str] | None, typer.Option(metavar="LINE", help="Further line, as 'kspace_style pppm 1e-5'.")
    ] = None,
    atom_style: Annotated[
        str | None, typer.Option(help="atomic, or charge where the pair style needs charges.")
    ] = None,
    mobile: Annotated[str | None, typer.Option(metavar="ELEMENT", help="The mobile ion.")] = None,
    anions: Annotated[str | None, typer.Option(metavar="ELEMENTS", help="The anions, as Cl,Br.")] = None,
    charges: Annotated[str | None, typer.Option(help="Formal charges, as Li=1,Y=3,Cl=-1.")] = None,
    width: Annotated[
        str | None,
        typer.Option("--width-A", help="Least distance of opposite faces (default: twice the cut-off)."),
    ] = None,
    hop_length: Annotated[
        str | None, typer.Option("--hop-length-A", help="Distance between neighbouring sites of the ion.")
    ] = None,
    temperatures: Annotated[
        str | None, typer.Option("--temperatures-K", help="Temperatures of the runs, as 400,500,600.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the material and its campaign.")] = None,
    folder: Annotated[Path, typer.Option(help="Where the two files go.")] = Path(),
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; guesses are marked.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files of that name.")] = False,
    schemas: Annotated[
        bool, typer.Option("--schemas", help="Put the JSON schemas beside them, for editors.")
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Begin a campaign for your own crystal and potential; asks, or guesses and says so."""
    from atomstates.cli.init import start_campaign
    from atomstates.init.draft import Options

    options = Options(
        cif, tuple(model or ()), pair_style, tuple(pair_coeff or ()), tuple(potential_file or ()),
        tuple(potential_command or ()), atom_style,
        mobile, anions, charges, width, hop_length, temperatures, name,
    )  # fmt: skip
    start_campaign(options, folder, asks=not yes, overwrite=overwrite, schemas=schemas)


def check(
    campaign: CampaignName,
    results: ResultsFolder = None,
    no_timing: Annotated[
        bool, typer.Option("--no-timing", help="Do not run the potential to measure how fast it is.")
    ] = False,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Find all that is wrong with a campaign and estimate its core-hours and disk, before it runs."""
    from atomstates.cli.check import check_campaign

    check_campaign(Path(campaign), results, timing=not no_timing, json=json)


def schema(
    kind: Annotated[SettingsKind, typer.Argument(help="Which file.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file instead of showing it.")
    ] = None,
) -> None:
    """JSON schema of campaign or material files: editors complete keys, show meanings, mark mistakes."""
    from atomstates.cli.schema import show_schema

    show_schema(kind.value, output)


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


def validate(
    site: SiteFile = None,
    folder: Annotated[
        Path, typer.Option(help="Where the jobs write what they find; all nodes must see it.")
    ] = Path("slurm-validation"),
    minutes: Annotated[float, typer.Option(min=0.1, help="How long to wait for the jobs.")] = 10.0,
    verbose: Verbose = False,
) -> None:
    """Find out with small jobs whether a SLURM cluster does what campaigns need."""
    from atomstates.cli.validate import validate_cluster

    validate_cluster(site, folder, minutes)


def probe(kind: str, folder: Path) -> None:
    """Find out what a node has (called by the jobs of `validate`)."""
    from atomstates.cli.validate import probe_here

    probe_here(kind, folder)


def status(
    results: ResultsFolder = None,
    json: Json = False,
) -> None:
    """Show how far every run is: stages, percent, ns/day, time left."""
    from atomstates.cli.status import show_status

    show_status(results, as_json=json)


EXAMPLES: dict[Callable[..., None], dict[str, str]] = {
    init: {
        "atomstates init": "asks for all that it cannot know",
        "atomstates init mine.cif --model model.pb --mobile Li": "the rest is guessed and marked so",
        "atomstates init mine.cif --model shipped:li-y-cl-br --width-A 20": "a supercell of 20 Å at least",
        "atomstates init mine.cif --pair-style 'lj/cut 7' --pair-coeff '* * 0.01 3' --yes": "asks nothing",
    },
    check: {
        "atomstates check mine-campaign.yaml": "verdicts, core-hours, disk",
        "atomstates check mine-campaign.yaml --no-timing": "in seconds, without running the potential",
        "atomstates check mine-campaign.yaml --json": "for a script",
    },
    run: {
        "atomstates run tutorial": "all of a shipped campaign",
        "atomstates run tutorial doas": "up to the density of states",
        "atomstates run tutorial --dry-run": "what would be done",
        "atomstates run tutorial --force transport": "transport anew, and what stands on it",
    },
    submit: {
        "atomstates submit mine-campaign.yaml": "everything that is left, as job arrays",
        "atomstates submit mine-campaign.yaml --wait": "wait for the end",
    },
    status: {
        "atomstates status": "of the only results folder here",
        "atomstates status --json": "for a script",
    },
    validate: {"atomstates validate --site site.yaml": "before the first campaign on a cluster"},
    schema: {
        "atomstates schema campaign -o campaign.schema.json": "for the editor",
    },
}
"""Verbs in the order in which ``--help`` shows them, with examples."""
