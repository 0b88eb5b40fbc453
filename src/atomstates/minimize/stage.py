"""The ``minimize`` stage: every snapshot of a run to its inherent structure."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from atomstates.campaign import RunFolder
from atomstates.errors import ProductError
from atomstates.lammps.dump import Snapshot
from atomstates.lammps.instance import LammpsInstance
from atomstates.lammps.potential import POTENTIAL, of_model, potential_hashes
from atomstates.lammps.script import read_script, render
from atomstates.md.segments import snapshots
from atomstates.minimize.framework import FARTHEST_FROM_SITE, distances_from_sites
from atomstates.minimize.outcome import of_all_models, summary
from atomstates.minimize.relaxation import Relaxation, relaxation, script_parts, status
from atomstates.minimize.relaxed import Relaxed, write_relaxed
from atomstates.parallel import Communicator
from atomstates.potentials.crystal import Crystal, read_crystal
from atomstates.products import Summary, written_whole
from atomstates.resources import lammps_inputs_folder

RELAXED = "relaxed.h5"
SCRIPT = "minimize.in"

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

    Where the material has several models, each relaxes all of them: ``relaxed.model-1.h5``, ... Each
    rank has one LAMMPS, which loads the potential once; a rank that is free takes the next snapshot.
    Snapshots are independent, so their number of ranks changes nothing but time.

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
    hashes = potential_hashes(place.material.potential, place.material_folder.file_hashes)
    found = []
    for number, potential in enumerate(hashes):
        own = _relaxed_share(place, frames, crystal, number, comm)
        dealt = {s: one for ranks in comm.gathered(own) for s, one in ranks.items()}
        ones = [dealt[s] for s in range(len(frames))]
        relaxed = _relaxed(place, frames, crystal, ones, potential)
        if comm.rank == 0:
            write_relaxed(place.stage_path("minimize") / of_model(RELAXED, number), relaxed)
        farthest = max(one.farthest for one in ones)
        found.append(
            summary(relaxed, [one.found.n_steps for one in ones], farthest, place.campaign.minimize.style)
        )
    return of_all_models(found)


def _relaxed(
    place: RunFolder, frames: list[Snapshot], crystal: Crystal, ones: list[_One], potential: str
) -> Relaxed:
    """The product of one model."""
    return Relaxed(
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
        potential=potential,
    )


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
    place: RunFolder, frames: list[Snapshot], crystal: Crystal, number: int, comm: Communicator
) -> dict[int, _One]:
    """What this rank relaxes with the model of that number, by index of the snapshot."""
    folder, settings = place.stage_path("minimize"), place.campaign.minimize
    text = _rendered(place, number)
    if comm.rank == 0:
        with written_whole(folder / of_model(SCRIPT, number)) as unfinished:
            unfinished.write_text(text, encoding="utf-8")
    script = script_parts(text)
    framework = crystal.element != place.material.mobile
    sum_tolerance = _SUM_DOUBLE if place.material.potential.deepmd is None else _SUM_SINGLE
    own = {}
    with LammpsInstance(
        folder / (f"log.rank-{comm.rank}" + (f".model-{number}" if number else ""))
    ) as lammps:
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


def _rendered(place: RunFolder, number: int) -> str:
    """The script with the values of this run: all that is needed to do the first structure by hand."""
    potentials, settings = place.material_folder.stage_path("potentials"), place.campaign.minimize
    return render(
        read_script(lammps_inputs_folder() / SCRIPT),
        {
            "structure": (potentials / "structure.data").resolve(),
            "potential_folder": potentials.resolve(),
            "potential": of_model(POTENTIAL, number),
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
