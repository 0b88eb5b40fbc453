"""The ordered crystal with one ion moved, relaxed: which of these structures are states of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from atomstates.barriers.harvest import other_sites
from atomstates.barriers.landscape import LammpsLandscape, PotentialFiles
from atomstates.barriers.neb import NebSettings
from atomstates.barriers.ordered import OrderedCrystal
from atomstates.barriers.profile import Failure
from atomstates.doas.identity import KeyArray
from atomstates.parallel import Communicator
from atomstates.products import as_json, provenance, readable, written_whole

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class RelaxedEnds:
    """K relaxed structures of the crystal with one ion moved."""

    positions: FloatArray
    """(K, N, 3) Å"""
    energy: FloatArray
    """(K,) eV"""
    largest_force: FloatArray
    """(K,) eV/Å"""


@dataclass(frozen=True)
class EndState:
    """A relaxed end: the crystal with one ion in another site."""

    positions: FloatArray
    energy: float
    """eV, above the ordered crystal."""
    keys: tuple[KeyArray, KeyArray]
    """Sites of all ions in the crystal, and in this state."""


def end_state(
    crystal: OrderedCrystal, unrelaxed: FloatArray, relaxed: RelaxedEnds, number: int, settings: NebSettings
) -> EndState | Failure:
    """A relaxed end if it is what was wanted; else why not."""
    names, cell = crystal.names, crystal.cell
    wanted = names.keys(unrelaxed, cell)
    for what, one in (("ordered crystal", 0), ("end", number)):
        if not (force := float(relaxed.largest_force[one])) <= settings.end_force_tolerance:
            allowed = f"{settings.end_force_tolerance:g} are allowed: raise minimize.most_steps"
            return Failure("end_not_relaxed", f"the {what} has a force of {force:.4f} eV/Å left, {allowed}")
    found = names.keys(relaxed.positions[number], cell)
    problem = other_sites(found, wanted, names.crystal.id[names.parts.mobile])
    if problem is not None:
        return Failure("other_occupation", f"the end relaxed to other sites: {problem}")
    energy = float(relaxed.energy[number] - relaxed.energy[0])
    return EndState(relaxed.positions[number], energy, (names.keys(crystal.positions, cell), wanted))


def relaxed_ends(
    structures: Sequence[FloatArray],
    cell: FloatArray,
    files: PotentialFiles,
    settings: NebSettings,
    path: Path,
    digest: str,
    comm: Communicator,
) -> RelaxedEnds:
    """Structures relaxed at fixed cell, dealt out over ranks; kept in a file of their own."""
    kept = comm.from_first(_read(path, digest, len(structures)))
    if kept is not None:
        return kept
    own = {}
    with LammpsLandscape(
        files,
        path.parent / f"log.ends-{comm.rank}",
        force_tolerance=settings.end_force_tolerance,
        most_steps=settings.end_steps,
    ) as landscape:
        for number in comm.dealt(len(structures)):
            (own[number],) = landscape.relaxed([structures[number]], cell)
    made = {number: one for part in comm.gathered(own) for number, one in part.items()}
    ones = [made[number] for number in range(len(structures))]
    found = RelaxedEnds(
        positions=np.array([one.positions for one in ones]),
        energy=np.array([one.potential_energy for one in ones]),
        largest_force=np.array([one.largest_force for one in ones]),
    )
    if comm.rank == 0:
        with written_whole(path) as unfinished, h5py.File(unfinished, "w") as file:
            file.attrs["fingerprint"] = digest
            file.attrs["provenance"] = as_json(provenance(), compact=True)
            for name in ("positions", "energy", "largest_force"):
                file[name] = getattr(found, name)
    comm.barrier()
    return found


def _read(path: Path, digest: str, number: int) -> RelaxedEnds | None:
    """What was relaxed before; None where there is nothing, or it is of other settings."""
    if not path.is_file():
        return None
    with readable(path), h5py.File(path, "r") as file:
        if file.attrs["fingerprint"] != digest or len(file["energy"]) != number:
            return None
        return RelaxedEnds(file["positions"][:], file["energy"][:], file["largest_force"][:])
