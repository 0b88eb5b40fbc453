"""How far a teacher sees: what a potential with a cutoff cannot learn from it, however long it is trained.

    python benchmarks/locality.py FOLDER --teacher-python PYTHON [--recipe YAML] [--frames 4] [--write]

FOLDER is the work folder of a training (``atomstates potentials train``). In frames that its rounds held
out, of dynamics and relaxed, all atoms farther than a cutoff from one ion are displaced at random, and the
teacher is asked by how much the force on that ion and its energy change. A model with this cutoff cannot
know of it.
The teacher's answers are kept in ``FOLDER/locality``. ``--write`` puts the table into
``benchmarks/README.md``.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.geometry import get_distances
from readme import write_table

from atomstates.potentials.labelling import all_labels, label_frames, labels_of
from atomstates.potentials.recipe import Recipe, read_recipe
from atomstates.resources import workflow_folder

CUTOFFS_A = (5.5, 6.5, 7.5)
WIDTH_A = 19.0
"""Frames are repeated until they are so wide: an atom's nearest image is the only one that matters."""
DISPLACEMENT_A = 0.2
"""Of each coordinate: chlorine's in Li3YCl6 is 0.15 at 300 K and 0.23 at 600 K."""
IONS = 3
"""Of the mobile kind, and as many anions, in each frame."""


@dataclass(frozen=True)
class Question:
    """A frame in which all atoms beyond the cutoff from one ion were displaced."""

    ion: int
    cutoff: float
    before: Atoms
    after: Atoms


def wide(atoms: Atoms) -> Atoms:
    """The frame repeated to the least width in all directions."""
    heights = atoms.get_volume() / np.linalg.norm(
        np.cross(atoms.cell[[1, 2, 0]], atoms.cell[[2, 0, 1]]), axis=1
    )
    repeated: Atoms = atoms.repeat(tuple(int(number) for number in np.ceil(WIDTH_A / heights)))
    return repeated


def questions(frames: Sequence[Atoms], recipe: Recipe) -> list[Question]:
    """Some ions of each kind in each frame, at each cutoff with the same displacements."""
    random = np.random.default_rng(recipe.seed)
    asked = []
    for atoms in map(wide, frames):
        moves = random.normal(scale=DISPLACEMENT_A, size=(len(atoms), 3))
        symbols = np.array(atoms.symbols)
        for kind in (recipe.mobile, recipe.anion):
            for ion in random.choice(np.flatnonzero(symbols == kind), IONS, replace=False):
                _, distances = get_distances(
                    atoms.positions[[ion]], atoms.positions, cell=atoms.cell, pbc=True
                )
                for cutoff in CUTOFFS_A:
                    after = atoms.copy()
                    after.positions[distances[0] > cutoff] += moves[distances[0] > cutoff]
                    asked.append(Question(int(ion), cutoff, atoms, after))
    return asked


def changes(asked: Sequence[Question], shop: Path, recipe: Recipe, python: str) -> np.ndarray:
    """Change of the force on each question's ion and of its energy, shape (n, 4): eV/Å, eV."""
    unique = list({id(one.before): one.before for one in asked}.values())
    frames = [*unique, *(one.after for one in asked)]
    label_frames(frames, shop, recipe.teacher, python, processes=1)
    answers = labels_of(frames, shop)
    place = {id(atoms): i for i, atoms in enumerate(unique)}
    rows = []
    for one, after in zip(asked, answers[len(unique) :], strict=True):
        before = answers[place[id(one.before)]]
        force = after.get_forces()[one.ion] - before.get_forces()[one.ion]
        energy = after.get_potential_energies()[one.ion] - before.get_potential_energies()[one.ion]
        rows.append([*force, energy])
    return np.array(rows)


def table(asked: Sequence[Question], found: np.ndarray, recipe: Recipe) -> str:
    """Root mean squares by cutoff."""
    kinds = np.array([one.before.symbols[one.ion] for one in asked])
    cutoffs = np.array([one.cutoff for one in asked])
    mobile, anion = kinds == recipe.mobile, kinds == recipe.anion
    lines = [
        f"{len(asked) // len(CUTOFFS_A)} ions in {len({id(one.before) for one in asked})} frames that "
        f"were held out; all atoms beyond the cutoff displaced by {DISPLACEMENT_A:g} Å in each coordinate; "
        "root mean squares of what that changes:\n",
        f"| cutoff, Å | force on {recipe.mobile}, meV/Å | force on {recipe.anion}, meV/Å "
        f"| energy of {recipe.mobile}, meV |",
        "| --- | --- | --- | --- |",
    ]
    for cutoff in CUTOFFS_A:
        here = cutoffs == cutoff
        force = [1e3 * float(np.sqrt(np.mean(found[here & kind, :3] ** 2))) for kind in (mobile, anion)]
        energy = 1e3 * float(np.sqrt(np.mean(found[here & mobile, 3] ** 2)))
        lines.append(f"| {cutoff:g} | {force[0]:.0f} | {force[1]:.0f} | {energy:.1f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--recipe", type=Path, default=workflow_folder() / "potentials" / "li-y-cl-br.yaml")
    parser.add_argument("--teacher-python", required=True)
    parser.add_argument("--frames", type=int, default=4)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    recipe = read_recipe(asked.recipe)
    folders = sorted(asked.folder.glob("round-*/held-out"))
    held_out = [atoms for folder in folders for atoms in all_labels(folder)]
    chosen = np.linspace(0, len(held_out) - 1, asked.frames).round().astype(int)
    frames = [held_out[i] for i in chosen]
    put = questions(frames, recipe)
    text = table(put, changes(put, asked.folder / "locality", recipe, asked.teacher_python), recipe)
    print(text)
    if asked.write:
        write_table("locality.py", text)


if __name__ == "__main__":
    main()
