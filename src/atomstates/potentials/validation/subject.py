"""The model that is tested, its recipe at work, and where what the tests make lies."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ase import Atoms

from atomstates.errors import InputError
from atomstates.lammps.deepmd_model import model_elements
from atomstates.potentials.labelling import label_frames, labels_of, refuse_missing_teacher
from atomstates.potentials.recipe import Recipe, Teacher
from atomstates.potentials.validation.settings import Validation
from atomstates.potentials.workshop import Workshop
from atomstates.products import file_hash, read_json, write_json

_SETTINGS = "settings.json"


@dataclass(frozen=True)
class Subject:
    """A model under test; all that its tests make lies in ``folder``."""

    shop: Workshop
    model: Path
    folder: Path

    @property
    def recipe(self) -> Recipe:
        """The recipe that the model was trained by."""
        return self.shop.recipe

    @property
    def asked(self) -> Validation:
        """What the recipe says of tests."""
        return self.shop.recipe.validation

    @property
    def processes(self) -> int:
        """Runs, bands and labellings at a time."""
        return self.shop.n_processes

    def labelled(self, frames: Sequence[Atoms], folder: Path, *, relax: bool = False) -> list[Atoms]:
        """The frames with the teacher's labels; with ``relax`` as relaxed by it, positions and cell."""
        teacher, interpreter = self.recipe.teacher, self.shop.interpreter
        label_frames(frames, folder, teacher, interpreter, processes=self.processes, relax=relax)
        return labels_of(frames, folder)

    def relaxed_by_model(self, frames: Sequence[Atoms], folder: Path) -> list[Atoms]:
        """The frames relaxed by the model, positions and cell."""
        student = student_as_teacher(self.model)
        label_frames(frames, folder, student, sys.executable, processes=self.processes, relax=True)
        return labels_of(frames, folder)


def student_as_teacher(model: Path) -> Teacher:
    """The model in the teacher's place, so that the same worker relaxes with it."""
    return Teacher(
        title="student",
        licence="",
        calculator="deepmd.calculator.DP",
        arguments={"model": str(model.resolve())},
    )


def subject(shop: Workshop, model: Path) -> Subject:
    """The model under test, after a look at what would fail later.

    Raises
    ------
    InputError
        The model does not know all elements of the recipe, the teacher is not installed, or the
        folder was begun with other settings.
    """
    known, recipe = model_elements(model), shop.recipe
    missing = [element for element in recipe.elements if element not in known]
    if missing:
        raise InputError(
            f"{model}: the model's type map is {' '.join(known)}; the recipe {recipe.name} needs "
            f"{' '.join(missing)} as well. Typical cause: a model of another recipe."
        )
    refuse_missing_teacher(recipe.teacher, shop.interpreter)
    folder = shop.folder / "validation" / file_hash(model)[:12]
    _refuse_other_settings(recipe, folder / _SETTINGS)
    return Subject(shop, model, folder)


def _refuse_other_settings(recipe: Recipe, path: Path) -> None:
    """What lies in the folder must have been made with today's settings; targets may change."""
    told = {
        "elements": recipe.elements,
        "seed": recipe.seed,
        "teacher": recipe.teacher.model_dump(mode="json", include={"calculator", "arguments"}),
        "crystals": {name: one.model_dump(mode="json") for name, one in recipe.crystals.items()},
        "limits": recipe.limits.model_dump(mode="json"),
        **recipe.validation.model_dump(mode="json", exclude={"targets"}),
    }
    if not path.is_file():
        write_json(path, told)
    write_json(now := path.with_name(f".{_SETTINGS}"), told)
    before, today = read_json(path), read_json(now)
    now.unlink()
    other = [key for key in today if before.get(key) != today[key]]
    if other:
        raise InputError(
            f"{path.parent}: begun with other settings of the recipe ({', '.join(other)}). Set the folder "
            "aside to have all tests made with today's."
        )
