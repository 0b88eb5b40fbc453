"""One attempt at a run: LAMMPS from the crystal or the newest restart file, as far as it gets."""

import logging
import os
import re
from pathlib import Path
from typing import Any

from atomstates.campaign import RunFolder
from atomstates.errors import HopelessRun, InputError, ProgramError, Unfinished
from atomstates.lammps.running import run_lammps
from atomstates.lammps.script import read_script, render
from atomstates.md.plan import Plan
from atomstates.md.progress import last_speed, shown_progress
from atomstates.md.record import file_names, note, now, segments, start_facts
from atomstates.md.restarts import forget_old_restarts, forget_restarts, restart_files
from atomstates.md.thermo import read_rows
from atomstates.products import read_json, written_whole
from atomstates.resources import lammps_inputs_folder

log = logging.getLogger(__name__)

TIMEOUT = "ATOMSTATES_TIMEOUT"
"""Environment variable: H:MM:SS after which a run ends cleanly, to be gone on with."""

_HOPELESS = ("Lost atoms", "Non-numeric", "Out of range atoms", "Fix halt condition")


def reached_step(folder: Path, steps: Plan) -> int:
    """Step of the newest whole restart file, or the step before all."""
    return max(restart_files(folder), default=steps.first_step - 1)


def advance(place: RunFolder, steps: Plan, lock: int) -> None:
    """One segment: from the crystal or the newest whole restart file as far as it gets."""
    folder = place.stage_path("md")
    newest = max(restart_files(folder), default=None)
    forget_restarts(folder, after=-1 if newest is None else newest)
    number = max((segment.number for segment in segments(folder)), default=0) + 1
    script = folder / f"segment.{number:03d}.in"
    with written_whole(script) as unfinished:
        text = render(read_script(lammps_inputs_folder() / "md.in"), _values(place, steps, number, newest))
        unfinished.write_text(text, encoding="utf-8")
    note(folder, number, first_step=steps.first_step if newest is None else newest, **start_facts())
    if newest is not None:
        log.info("%s: goes on from step %d of %d", place.id, newest, steps.last_step)
    try:
        with shown_progress(folder, steps, place.id) as update:

            def watch() -> None:
                forget_old_restarts(folder)
                update()

            run_lammps(script, place.campaign.lammps_command, progress=watch, keep_open=(lock,))
    except ProgramError as error:
        note(folder, number, ended=now(), failure=str(error).splitlines()[0])
        if newest is not None and re.search(r"ERROR.*restart", str(error)):
            log.warning("%s: LAMMPS cannot read restart.%d; trying an older one", place.id, newest)
            (folder / f"restart.{newest}").unlink()
            return
        raise _judged(place, error) from error
    rows = read_rows(folder / file_names(number)["thermo_file"], 1024)
    reached = int(rows[-1, 0]) if len(rows) else None
    note(folder, number, ended=now(), last_step=reached, ns_per_day=last_speed(folder, steps.timestep))


def _judged(place: RunFolder, error: ProgramError) -> ProgramError | HopelessRun:
    """A crystal that fell apart would fall apart again; other failures may be mended."""
    if not any(mark in str(error) for mark in _HOPELESS):
        return ProgramError(f"{place.id}: {error}")
    return HopelessRun(
        f"{place.id}: the crystal fell apart at {place.temperature:g} K, and would again. Typical causes: "
        f"a timestep that is too long, or a potential outside of what it was trained on.\n{error}"
    )


def check_advanced(place: RunFolder, steps: Plan, before: int) -> None:
    """LAMMPS ended well: at its last step, at its time limit, or after an unreadable restart file."""
    reached = reached_step(place.stage_path("md"), steps)
    if reached >= steps.last_step or reached < before:
        return
    limit = _timeout()
    if limit == "off":
        raise ProgramError(
            f"{place.id}: LAMMPS ended at step {reached} of {steps.last_step} without an error. "
            f"Look into the newest log in {place.stage_path('md')}."
        )
    if reached == before:
        raise InputError(
            f"{place.id}: {TIMEOUT}={limit} was over before the next restart file. Give it more time, or "
            "lower md.restart_every_ps (the averaging half of md.npt_ps leaves none)."
        )
    share = (reached - steps.first_step) / (steps.last_step - steps.first_step)
    raise Unfinished(f"{place.id}: {100 * share:.0f} % done in the time of {TIMEOUT}={limit}; run it again")


def _timeout() -> str:
    """The time limit as LAMMPS reads it."""
    limit = os.environ.get(TIMEOUT, "off")
    if limit != "off" and not re.fullmatch(r"\d+(:\d\d){0,2}", limit):
        raise InputError(
            f"{TIMEOUT}: found {limit!r}, needed hours, minutes and seconds as 1:30:00, or off"
        )
    return limit


def _values(place: RunFolder, steps: Plan, number: int, restart: int | None) -> dict[str, Any]:
    """The knobs of ``md.in``."""
    potentials, settings = place.material_folder.stage_path("potentials"), place.campaign.md
    folder = os.path.relpath(potentials.resolve(), place.stage_path("md").resolve())
    structure = read_json(potentials / "structure.json")
    barostat, couple = _barostat(structure.get("crystal_system", ""))
    return {
        "structure": f"{folder}/structure.data",
        "potential_folder": folder,
        "restart_step": -1 if restart is None else restart,
        "elements": " ".join(structure["elements"]),
        "temperature": place.temperature,
        "timestep": steps.timestep,
        "thermostat_damping": settings.thermostat_damping_ps,
        "barostat_damping": settings.barostat_damping_ps,
        "barostat": barostat,
        "couple": couple,
        "seed": place.seed,
        "first_step": steps.first_step,
        "npt_average_step": steps.npt_average_step,
        "npt_last_step": steps.npt_last_step,
        "produce_step": steps.produce_step,
        "last_step": steps.last_step,
        "frame_every": steps.frame_every,
        "snapshot_every": steps.snapshot_every,
        "thermo_every": steps.thermo_every,
        "restart_every": steps.restart_every,
        **file_names(number),
        "hottest": max(4 * place.temperature, place.temperature + 2000),
        "timeout": _timeout(),
    }


def _barostat(crystal_system: str) -> tuple[str, str]:
    """Which sides of the cell may change, so that the mean cell keeps the crystal's system."""
    if crystal_system == "cubic":
        return "iso", "none"
    if crystal_system in ("hexagonal", "trigonal", "tetragonal"):
        return "aniso", "xy"
    return ("aniso", "none") if crystal_system == "orthorhombic" else ("tri", "none")
