"""Barriers of single hops in the relaxed orderings: the model's paths, the teacher's energies on them."""

import logging
import multiprocessing
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import ase.io
import numpy as np
import pandas as pd
from ase import Atoms

from atomstates.potentials.exploration import ONE_CORE
from atomstates.potentials.host import FloatArray
from atomstates.potentials.sharing import Piece, make_all
from atomstates.potentials.student import answers
from atomstates.potentials.validation.band import Candidate, first_path
from atomstates.potentials.validation.orderings import generator
from atomstates.potentials.validation.relaxed import RelaxedOrderings, bare
from atomstates.potentials.validation.subject import Subject
from atomstates.potentials.validation.verdict import Part, Verdict, at_most, reported
from atomstates.products import written_whole

PATH = "path.xyz"
BAND = "band"
_SHORTEST, _LONGEST = 1.5, 4.2
"""Å: jumps between neighbouring octahedral sites (3.0 to 3.8 Å in Li3YCl6), relaxed."""
_TRIES = 6
"""Candidates for one hop: an ion may fall back, or push another one on."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Slot:
    """One of the hops that are asked for: its folder, and the candidates for it in their order."""

    folder: Path
    candidates: tuple[Candidate, ...]


def slots(subject: Subject, found: Mapping[str, RelaxedOrderings]) -> list[Slot]:
    """The hops that are asked for; the materials take turns, and each has its own candidates."""
    names = list(found)
    numbers = {
        name: [n for n in range(subject.asked.hops) if names[n % len(names)] == name] for name in names
    }
    planned = []
    for name, own in numbers.items():
        candidates = _candidates(name, found[name], subject)
        for which, number in enumerate(own):
            folder = subject.folder / "hops" / f"{number:02d}"
            planned.append(Slot(folder, tuple(candidates[which :: len(own)][:_TRIES])))
    return sorted(planned, key=lambda slot: slot.folder.name)


def _candidates(name: str, one: RelaxedOrderings, subject: Subject) -> list[Candidate]:
    """Jumps of an ion to a vacant site in any of the model's relaxed orderings, shuffled."""
    found = []
    for ordering, (atoms, vacant) in enumerate(zip(one.student, one.vacant, strict=True)):
        still = bare(atoms, material=name, ordering=ordering)
        for ion in np.flatnonzero(np.array(atoms.symbols) == subject.recipe.mobile).tolist():
            gap = vacant - still.get_scaled_positions()[ion]
            gap -= np.round(gap)
            steps = gap @ still.cell[:]
            lengths = np.linalg.norm(steps, axis=1)
            for x, y, z in steps[(lengths > _SHORTEST) & (lengths < _LONGEST)].tolist():
                found.append(Candidate(still, ion, (x, y, z)))
    order = generator(subject.recipe.seed, name, "hops").permutation(len(found))
    return [found[i] for i in order]


def find_paths(subject: Subject, planned: Sequence[Slot]) -> list[Atoms]:
    """Images of the model's path of each hop, all hops below each other; paths that exist are kept.

    ``info`` has material, ordering, hop, image, ion, whether the band converged, and how many
    candidates were tried; a hop for which no candidate would do has no images.
    """
    # A process each: the optimiser's own Python is what takes the time beside the model.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(subject.processes, context, _one_core) as pool:

        def make(slot: Slot) -> None:
            images = pool.submit(first_path, slot.candidates, subject.model.resolve()).result()
            _log.info("hop %s: %d images", slot.folder.name, len(images))
            with written_whole(slot.folder / PATH) as unfinished:
                unfinished.touch()
                if images:
                    ase.io.write(unfinished, images, format="extxyz")

        pieces = [Piece(slot.folder / PATH, lambda slot=slot: make(slot)) for slot in planned]  # type: ignore[misc]
        make_all(pieces, subject.processes)
    found: list[Atoms] = []
    for number, slot in enumerate(planned):
        images = ase.io.read(slot.folder / PATH, index=":") if (slot.folder / PATH).stat().st_size else []
        for place, atoms in enumerate(images):
            atoms.info |= {"hop": number, "image": place, "origin": BAND, "temperature": 0.0}
            found.append(atoms)
    return found


def _one_core() -> None:
    """Settings of a worker before TensorFlow is there."""
    os.environ.update(ONE_CORE)


def hop_tests(subject: Subject, images: Sequence[Atoms]) -> tuple[Part, list[Atoms]]:
    """Barriers on the model's paths against the teacher's energies of the same images.

    Returns
    -------
    tuple
        Tests with their tables, and the labelled images.
    """
    labelled = subject.labelled(images, subject.folder / "hops" / "teacher") if images else []
    if not labelled:
        nothing = reported("barriers of hops", 0, "eV", "no candidate left a path between two minima")
        return Part((Verdict(nothing.name, 0.0, "eV", "a path", "FAIL", nothing.note),)), []
    own = np.array([one.energy for one in answers(subject.model, labelled)])
    other = np.array([atoms.get_potential_energy() for atoms in labelled])
    of_hop = np.array([atoms.info["hop"] for atoms in labelled])
    rows, profiles = [], []
    for hop in np.unique(of_hop).tolist():
        mine = np.flatnonzero(of_hop == hop)
        info = labelled[mine[0]].info
        energies = [side[mine] - side[mine[0]] for side in (own, other)]
        path = _path_length([labelled[i] for i in mine])
        rows.append(
            {
                "hop": hop + 1,
                "material": str(info["material"]),
                "ordering": info["ordering"],
                "length_A": path[-1],
                "student_forward_eV": energies[0].max(),
                "teacher_forward_eV": energies[1].max(),
                "student_backward_eV": energies[0].max() - energies[0][-1],
                "teacher_backward_eV": energies[1].max() - energies[1][-1],
                "converged": bool(info["converged"]),
            }
        )
        profiles.append(
            pd.DataFrame(
                {
                    "hop": hop + 1,
                    "material": str(info["material"]),
                    "path_A": path,
                    "student_eV": energies[0],
                    "teacher_eV": energies[1],
                }
            )
        )
    table = pd.DataFrame(rows)
    return Part((_verdict(table, subject),), {"hops": table, "profiles": pd.concat(profiles)}), labelled


def _verdict(table: pd.DataFrame, subject: Subject) -> Verdict:
    """Mean absolute error of the barriers."""
    gap = np.abs(np.asarray(table["student_forward_eV"] - table["teacher_forward_eV"]))
    loose = int((~table["converged"]).sum())
    few = len(table) < subject.asked.hops
    largest = table.iloc[int(gap.argmax())]
    note = (
        f"{len(table)} hops of {subject.asked.hops} on the model's own paths; largest {gap.max():.3f} "
        f"(hop {largest['hop']}, {largest['material']})"
    )
    if loose:
        note += f"; {loose} bands not converged"
    back = np.abs(np.asarray(table["student_backward_eV"] - table["teacher_backward_eV"]))
    return at_most(
        "barriers of hops, mean absolute error",
        gap.mean(),
        subject.asked.targets.barrier_eV,
        "eV",
        f"{note}; backward {back.mean():.3f}",
        error=float(gap.std(ddof=1) / np.sqrt(len(gap))) if len(gap) > 2 else None,
        doubt=few or loose > 0,
    )


def _path_length(images: Sequence[Atoms]) -> FloatArray:
    """Length of the path from its start (Å, all atoms), at each image."""
    cell = images[0].cell[:]
    fractions = np.array([np.linalg.solve(cell.T, atoms.positions.T).T for atoms in images])
    steps = np.diff(fractions, axis=0)
    steps -= np.round(steps)
    lengths = np.sqrt(np.sum((steps @ cell) ** 2, axis=(1, 2)))
    return np.concatenate([[0.0], np.cumsum(lengths)])
