"""Tests of a model without dynamics: relaxed orderings, lattice, one hop, and compression."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ase.io
import numpy as np
from ase import Atoms

from atomstates.potentials.hop import end_points, filled_sites, lowest_path
from atomstates.potentials.host import distinct_orderings
from atomstates.potentials.labelling import all_labels, label_frames
from atomstates.potentials.pipeline import Workshop
from atomstates.potentials.recipe import Recipe, Teacher
from atomstates.potentials.student import answers
from atomstates.potentials.verdict import Verdict, at_most
from atomstates.products import written_whole
from atomstates.structures.channels import channel_order


def orderings(shop: Workshop, model: Path, folder: Path) -> tuple[list[Verdict], dict[str, Any], Atoms]:
    """Relaxed energies of all distinct orderings, lattice of the ordered one, against the teacher."""
    recipe, asked = shop.recipe, shop.recipe.validation
    unit = shop.host()
    distinct = distinct_orderings(unit)
    ordered = tuple(sorted(filled_sites(unit, asked.ordered)))
    reference = next(i for i, (chosen, _) in enumerate(distinct) if chosen == ordered)
    given = [unit.filled(unit.sites[list(chosen)]) for chosen, _ in distinct]
    student = relaxed_by(given, folder / "student", student_as_teacher(recipe, model), None)
    # The teacher starts from the student's relaxed structures: same valley, few steps.
    teacher = relaxed_by(student, folder / "teacher", recipe.teacher, shop.interpreter)
    energies = np.array(
        [
            [1e3 * atoms.get_potential_energy() / len(atoms) for atoms in group]
            for group in (student, teacher)
        ]
    )
    energies -= energies[:, [reference]]
    table = []
    for i, (chosen, degeneracy) in enumerate(distinct):
        phi = channel_order(unit.sites[list(chosen)], recipe.channels, 1, unit.framework.cell[:])
        table.append(
            {
                "degeneracy": degeneracy,
                "in_first_layer": int(np.sum(np.abs(unit.sites[list(chosen), 2]) < 0.25)),
                "phi": float(phi),
                "student_meV_per_atom": float(energies[0, i]),
                "teacher_meV_per_atom": float(energies[1, i]),
                "converged": bool(student[i].info["converged"] and teacher[i].info["converged"]),
            }
        )
    differences = energies[0] - energies[1]
    gap = np.abs(differences)
    staggered = np.array([row["phi"] for row in table]) > 0.99
    lattice = {
        f"{whose}_{name}_A": float(group[reference].cell.lengths()[axis])
        for whose, group in (("student", student), ("teacher", teacher))
        for name, axis in (("a", 0), ("c", 2))
    }
    tests = [
        at_most(
            "relaxed ordering, largest error",
            float(gap.max()),
            asked.ordering_tolerance_meV_per_atom,
            "meV/atom",
            f"of all {len(gap)}, against the reference ordering; RMS {np.sqrt(np.mean(gap**2)):.2f}, "
            f"largest of the staggered ones {gap[staggered].max():.2f}, "
            f"spread about the mean {differences.std():.2f}",
        ),
        *_lattice(lattice, asked.relaxed_tolerance),
    ]
    return tests, {"orderings": table, "lattice": lattice}, student[reference]


def _lattice(lattice: dict[str, float], tolerance: float) -> list[Verdict]:
    """Relaxed lattice parameters of the ordered cell against the teacher's."""
    tests = []
    for name in ("a", "c"):
        own, other = lattice[f"student_{name}_A"], lattice[f"teacher_{name}_A"]
        note = f"student {own:.4f} Å, teacher {other:.4f} Å"
        tests.append(at_most(f"relaxed {name}, deviation", abs(own / other - 1), tolerance, "", note))
    return tests


def student_as_teacher(recipe: Recipe, model: Path) -> Teacher:
    """The model in the teacher's place, so that the same worker relaxes with it."""
    return Teacher(
        title="student",
        licence="",
        calculator="deepmd.calculator.DP",
        arguments={"model": str(model.resolve())},
        processes=recipe.teacher.processes,
    )


def relaxed_by(
    frames: Sequence[Atoms], folder: Path, teacher: Teacher, interpreter: str | None
) -> list[Atoms]:
    """The frames relaxed in positions and cell by a calculator."""
    label_frames(frames, folder, teacher, interpreter or sys.executable, relax=True)
    return all_labels(folder)


def hop(shop: Workshop, model: Path, relaxed: Atoms, folder: Path) -> list[Verdict]:
    """Barrier along the student's converged path, against the teacher's energies on the same path."""
    recipe, asked = shop.recipe, shop.recipe.validation
    if not (folder / "path.xyz").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        with written_whole(folder / "path.xyz") as unfinished:
            ase.io.write(unfinished, _path(shop, model, relaxed), format="extxyz")
    path: Any = ase.io.read(folder / "path.xyz", index=":")
    label_frames(path, folder, recipe.teacher, shop.interpreter)
    images = all_labels(folder)
    own = np.array([one.energy for one in answers(model, images)])
    other = np.array([atoms.get_potential_energy() for atoms in images])
    student, teacher = float(own.max() - own[0]), float(other.max() - other[0])
    note = f"student {student:.3f} eV, teacher {teacher:.3f} eV on the student's path"
    if not images[0].info["converged"]:
        note += " (not converged)"
    return [
        at_most("hop, error of the barrier", abs(student - teacher), asked.barrier_tolerance_eV, "eV", note)
    ]


def _path(shop: Workshop, model: Path, relaxed: Atoms) -> list[Atoms]:
    """Images of the student's lowest band for the recipe's hop, in the student's relaxed lattice."""
    asked = shop.recipe.validation
    start, end = end_points(shop.host(), asked.ordered, asked.hop)
    cell = relaxed.cell[:] * np.array(asked.hop.cell)[:, None]
    for atoms in (start, end):
        atoms.set_cell(cell, scale_atoms=True)
    gap = end.get_scaled_positions() - start.get_scaled_positions()
    gap -= np.round(gap)
    mover = int(np.linalg.norm(gap @ cell, axis=1).argmax())
    path = lowest_path(start, end, model, mover)
    for image in path.images:
        image.info["converged"] = path.converged
    return list(path.images)


def compression(shop: Workshop, model: Path, uncompressed: Path, frames: Sequence[Atoms]) -> list[Verdict]:
    """Compressed against original model: energy per atom, and the largest difference of one atom."""
    some = frames[:: max(1, len(frames) // 10)]
    pairs = list(zip(answers(model, some), answers(uncompressed, some), strict=True))
    whole = max(1e3 * abs(a.energy - b.energy) / len(a.atomic_energies) for a, b in pairs)
    single = max(1e3 * np.abs(a.atomic_energies - b.atomic_energies).max() for a, b in pairs)
    asked = shop.recipe.validation.compression_tolerance_meV_per_atom
    return [
        at_most("compression, energy", float(whole), asked, "meV/atom"),
        at_most("compression, one atom's energy", float(single), 10 * asked, "meV"),
    ]
