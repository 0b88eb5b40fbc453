"""The ``minimize`` stage: every snapshot of a run to its inherent structure."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from atomstates.campaign import RunFolder
from atomstates.errors import ProductError
from atomstates.lammps.dump import Snapshot
from atomstates.lammps.instance import LammpsInstance
from atomstates.lammps.script import read_script, render
from atomstates.md.segments import snapshots
from atomstates.minimize.framework import FARTHEST_FROM_SITE, distances_from_sites
from atomstates.minimize.relaxation import Relaxation, relaxation, script_parts, status
from atomstates.minimize.relaxed import CONVERGED, STATUSES, Relaxed, write_relaxed
from atomstates.parallel import Communicator
from atomstates.potentials.crystal import Crystal, read_crystal
from atomstates.products import Check, Measured, Summary, written_whole
from atomstates.resources import lammps_inputs_folder

FloatArray = NDArray[np.float64]

RELAXED = "relaxed.h5"
SCRIPT = "minimize.in"

_MOST_FAILED = 0.2
"""Share of the snapshots; the rest would be a chosen sample."""
_SUM_SINGLE, _SUM_DOUBLE = 1e-6, 1e-9
"""eV per atom between the sum of the atoms' energies and the cell's: single-precision models
(DeePMD) add their atoms in another order than their total."""


@dataclass(frozen=True)
class _One:
    """One relaxed snapshot."""

    found: Relaxation
    status: int
    farthest: float


def relax_snapshots(place: RunFolder, comm: Communicator) -> Summary:
    """Relax all snapshots of a run at the run's cell and write ``relaxed.h5``.

    Each rank has one LAMMPS, which loads the potential once; a rank that is free takes the next
    snapshot. Snapshots are independent, so their number of ranks changes nothing but time.

    Raises
    ------
    ProductError
        The run has no snapshots, or they hold other atoms than the crystal.
    ProgramError
        LAMMPS refuses the potential or a snapshot.
    """
    potentials = place.material_folder.stage_path("potentials")
    crystal = read_crystal(potentials / "structure.data", potentials / "structure.json")
    frames = list(snapshots(place.stage_path("md")))
    _refuse_other_atoms(place, frames, crystal)
    own = _relaxed_share(place, frames, crystal, comm)
    found = {s: one for ranks in comm.gathered(own) for s, one in ranks.items()}
    ones = [found[s] for s in range(len(frames))]
    relaxed = Relaxed(
        step=np.array([frame.step for frame in frames], dtype=np.int64),
        positions=np.array([one.found.positions for one in ones]),
        snapshot_positions=np.array([frame.positions for frame in frames]),
        cell=np.array([frame.cell for frame in frames]),
        atom_energy=np.array([one.found.atom_energy for one in ones]),
        potential_energy=np.array([one.found.potential_energy for one in ones]),
        largest_force=np.array([one.found.largest_force for one in ones]),
        status=np.array([one.status for one in ones], dtype=np.uint8),
        element=crystal.element,
        id=crystal.id,
        temperature=place.temperature,
    )
    if comm.rank == 0:
        write_relaxed(place.stage_path("minimize") / RELAXED, relaxed)
    return _summary(place, relaxed, ones)


def _refuse_other_atoms(place: RunFolder, frames: list[Snapshot], crystal: Crystal) -> None:
    """There must be snapshots, and of the atoms of the crystal."""
    if not frames:
        raise ProductError(
            f"{place.id}: the run has no snapshots, one at least is needed. Make produce_ps longer than "
            "snapshot_every_ps and run `md` again."
        )
    for frame in frames:
        if frame.element != tuple(crystal.element.tolist()):
            raise ProductError(
                f"{place.id}: the snapshot of step {frame.step} has {len(frame.id)} atoms that are not "
                f"those of structure.data ({len(crystal.id)}). Run `md` again."
            )


def _relaxed_share(
    place: RunFolder, frames: list[Snapshot], crystal: Crystal, comm: Communicator
) -> dict[int, _One]:
    """What this rank relaxes, by index of the snapshot."""
    folder, settings = place.stage_path("minimize"), place.campaign.minimize
    text = _rendered(place)
    if comm.rank == 0:
        with written_whole(folder / SCRIPT) as unfinished:
            unfinished.write_text(text, encoding="utf-8")
    script = script_parts(text)
    framework = crystal.element != place.material.mobile
    sum_tolerance = _SUM_DOUBLE if place.material.potential.deepmd is None else _SUM_SINGLE
    own = {}
    with LammpsInstance(folder / f"log.rank-{comm.rank}") as lammps:
        lammps.commands(script.once)
        for s in _with_progress(comm.dealt(len(frames)), len(frames), comm):
            found = relaxation(lammps, script.each, frames[s].positions, frames[s].cell)
            away = distances_from_sites(
                found.positions[framework], frames[s].cell, crystal.positions[framework], crystal.cell
            )
            farthest = float(away.max(initial=0.0))
            verdict = status(
                found, farthest, settings.force_tolerance_eV_per_A, sum_tolerance, FARTHEST_FROM_SITE
            )
            own[s] = _One(found, verdict, farthest)
    return own


def _rendered(place: RunFolder) -> str:
    """The script with the values of this run: all that is needed to do the first structure by hand."""
    potentials, settings = place.material_folder.stage_path("potentials"), place.campaign.minimize
    return render(
        read_script(lammps_inputs_folder() / SCRIPT),
        {
            "structure": (potentials / "structure.data").resolve(),
            "potential_folder": potentials.resolve(),
            "style": settings.style,
            "force_tolerance": settings.force_tolerance_eV_per_A,
            "most_steps": settings.most_steps,
        },
    )


def _with_progress(items: Iterator[int], n_items: int, comm: Communicator) -> Iterable[int]:
    """A progress bar of rank 0's share where there is a terminal."""
    if comm.rank or not sys.stderr.isatty():
        return items
    from rich.console import Console
    from rich.progress import track

    total = n_items / comm.size
    return track(items, "relaxing snapshots", total=total, console=Console(stderr=True), transient=True)


def _summary(place: RunFolder, relaxed: Relaxed, ones: list[_One]) -> Summary:
    """Numbers and checks: how many failed, and which and why."""
    n_snapshots, n_atoms = len(ones), len(relaxed.id)
    failed = np.flatnonzero(relaxed.status != CONVERGED)
    shown = ", ".join(f"step {relaxed.step[s]}: {STATUSES[relaxed.status[s]]}" for s in failed[:10])
    more = f" and {len(failed) - 10} more" if len(failed) > 10 else ""
    share_failed = len(failed) / n_snapshots
    state: Literal["PASS", "WARN", "FAIL"] = "WARN" if share_failed <= _MOST_FAILED else "FAIL"
    advice = f" ({shown}{more}; see largest_force and status in {RELAXED})" if len(failed) else ""
    apart = np.abs(relaxed.atom_energy.sum(axis=1) - relaxed.potential_energy) / n_atoms
    steps = np.array([one.found.n_steps for one in ones], dtype=np.float64)
    energy = relaxed.potential_energy[relaxed.converged] / n_atoms
    return Summary(
        numbers={
            "steps": _mean(steps, "1", "minimiser steps of a snapshot"),
            "cell_energy": _mean(energy, "eV", "per atom, relaxed; error without correlation of snapshots"),
        },
        checks=(
            Check(
                "snapshots",
                state if len(failed) else "PASS",
                f"{len(failed)} of {n_snapshots} snapshots failed a check{advice}",
            ),
            Check(
                "energies",
                "PASS" if not np.any(relaxed.status == STATUSES.index("sum_mismatch")) else "WARN",
                f"the atoms' energies add up to the cell's within {apart.max():.1e} eV per atom",
            ),
            Check(
                "framework",
                "PASS" if not np.any(relaxed.status == STATUSES.index("framework_changed")) else "WARN",
                f"framework atoms are within {max(one.farthest for one in ones):.2f} Å of their places "
                f"in the crystal ({FARTHEST_FROM_SITE:g} Å are allowed)",
            ),
        ),
        facts={
            "n_snapshots": n_snapshots,
            "n_converged": int(relaxed.converged.sum()),
            "failed": {name: int(np.sum(relaxed.status == s)) for s, name in enumerate(STATUSES) if s},
            "largest_force_eV_per_A": float(relaxed.largest_force.max()),
            "style": place.campaign.minimize.style,
        },
    )


def _mean(values: FloatArray, unit: str, note: str) -> Measured:
    """Mean with the standard error of independent values."""
    if len(values) == 0:
        return Measured(None, None, unit, 0, "no snapshot passed the checks")
    error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else None
    return Measured(float(values.mean()), error, unit, len(values), note)
