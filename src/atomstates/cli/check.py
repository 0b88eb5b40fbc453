"""``atomstates check``: what is wrong with a campaign, and what it would cost."""

import os
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from atomstates.check.benchmark import Benchmark
from atomstates.check.campaign import Examination, MaterialEstimate, examination, size_text
from atomstates.check.estimate import as_content
from atomstates.cli.output import configure_logging
from atomstates.errors import USER_ERROR
from atomstates.products import as_json

_COLOURS = {"PASS": "green", "WARN": "yellow", "FAIL": "bold red"}
_BUSY = 0.9
"""Share of its cores below which a benchmark is said to have been disturbed."""


def check_campaign(campaign: Path, results: Path | None, *, timing: bool, json: bool) -> None:
    """Show verdicts and estimate, as lines or as JSON; exit code 1 when something must be mended."""
    configure_logging()
    if json:
        found = examination(campaign, results, timing=timing)
        print(as_json(_content(found)))
    else:
        with Console(stderr=True).status("looking at the campaign") as status:
            found = examination(campaign, results, timing=timing, tell=status.update)
        _show(found, timing)
    if found.failed:
        raise typer.Exit(USER_ERROR)


def _content(found: Examination) -> dict[str, Any]:
    """The examination as plain data."""
    return {
        "campaign": found.campaign,
        "results": found.results,
        "verdict": "FAIL" if found.failed else "PASS",
        "checks": [asdict(check) for check in found.checks],
        "estimates": [
            {
                "material": each.material,
                "n_atoms": each.n_atoms,
                "n_runs": each.n_runs,
                "benchmark": None if each.benchmark is None else asdict(each.benchmark),
                **as_content(each.time, each.disk),
            }
            for each in found.estimates
        ],
    }


def _show(found: Examination, timing: bool) -> None:
    """A line for each verdict, then the estimate and what it rests on."""
    console = Console(soft_wrap=True, highlight=False)
    for check in found.checks:
        console.print(f"[{_COLOURS[check.status]}]{check.status:4}[/] ", end="")
        console.print(f"{check.name}: {check.message}", markup=False)
    n_failed = sum(check.status == "FAIL" for check in found.checks)
    n_warned = sum(check.status == "WARN" for check in found.checks)
    if found.estimates:
        console.print()
        _show_estimates(console, found, timing)
    words = "it can run" if not n_failed else f"{n_failed} to mend before it can run"
    console.print(f"{found.campaign}: {words}" + (f", {n_warned} to think about" if n_warned else ""))


def _show_estimates(console: Console, found: Examination, timing: bool) -> None:
    table = Table(box=SIMPLE_HEAD, padding=(0, 2, 0, 0), title="Estimate", title_justify="left")
    columns = (
        "material", "atoms", "runs", "core-hours", "of them md", "minimize", "barriers", "GPU-hours", "disk"
    )  # fmt: skip
    for column in columns:
        table.add_column(column, justify="left" if column == "material" else "right", no_wrap=True)
    for each in found.estimates:
        table.add_row(
            each.material, str(each.n_atoms), str(each.n_runs), *_hours(each), size_text(each.disk.total)
        )
    if not console.is_terminal:
        console.width = 120
    console.print(table)
    for each in found.estimates:
        for line in _grounds(each):
            console.print(line, markup=False)
    if not timing:
        console.print("Times were not measured (--no-timing).")
    hours = [each.time for each in found.estimates if each.time is not None]
    if hours:
        cores = len(os.sched_getaffinity(0))
        jobs = max(1, cores // max(time.ranks for time in hours))
        longest = max(
            each.time.hours * each.time.cpu_use / each.n_runs
            for each in found.estimates
            if each.time is not None
        )
        wall = max(sum(time.hours * time.cpu_use for time in hours) / jobs, longest)
        console.print(
            f"Here, with {jobs} jobs at a time and nothing else to do: about {_duration(wall)}. Not "
            "counted: doas, transport and report (minutes), and the waiting in a queue."
        )


def _hours(each: MaterialEstimate) -> tuple[str, str, str, str, str]:
    """Core-hours in all, of the dynamics, of the relaxations and (at most) of the hops; GPU-hours."""
    time = each.time
    if time is None:
        return "not measured", "", "", "", ""
    cores = time.ranks * time.cpu_use
    gpu = "not measured" if time.gpu_hours is None else f"{time.gpu_hours:.3g}"
    return (
        f"{time.core_hours:.3g}",
        f"{time.md_hours * cores:.3g}",
        f"{time.minimize_hours * cores:.3g}",
        f"≤ {time.barriers_hours * cores:.3g}",
        gpu,
    )


def _grounds(each: MaterialEstimate) -> list[str]:
    """What an estimate rests on."""
    disk = each.disk
    parts = ", ".join(f"{name} {size_text(size)}" for name, size in asdict(disk).items())
    lines = [f"{each.material}: disk by the sizes of its files: {parts}."]
    if each.benchmark is not None:
        lines.insert(0, f"{each.material}: {_measured(each.benchmark)}")
    return lines


def _measured(speed: Benchmark) -> str:
    """What was measured, and how far it can be believed."""
    where = f"on {speed.gpu}" if speed.gpu else f"on {speed.ranks} core(s), no GPU"
    words = (
        f"measured {where} with {speed.n_atoms} atoms: {1000 * speed.seconds_a_step:.3g} ms a step "
        f"({speed.steps} steps), {speed.relaxation_seconds:.3g} s a relaxation "
        f"({speed.relaxation_steps} steps)."
    )
    if speed.cpu_use is not None and speed.cpu_use < _BUSY and not speed.gpu:
        words += (
            f" The machine was busy: LAMMPS had {100 * speed.cpu_use:.0f} % of its cores, so core-hours "
            "are counted by the time that it had them."
        )
    return words


def _duration(hours: float) -> str:
    return str(timedelta(seconds=round(hours * 3600))) if hours < 24 else f"{hours / 24:.1f} days"
