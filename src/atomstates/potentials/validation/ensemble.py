"""What the models of an ensemble get wrong alike: the error that is not the chance of one training."""

import re
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from ase import Atoms

from atomstates.lammps.deepmd_model import model_elements
from atomstates.potentials.host import FloatArray
from atomstates.potentials.student import answers
from atomstates.potentials.validation.accuracy import (
    Comparison,
    Errors,
    error,
    errors_of,
    relative_error,
)
from atomstates.potentials.validation.subject import Subject
from atomstates.potentials.validation.verdict import Part, Verdict, reported

_NUMBERED = re.compile(r"(.+)-(\d+)")


def further_models(model: Path) -> list[Path]:
    """The others of the model's ensemble, by their numbers; none where it stands alone.

    They are ``model-2/model.pb`` beside ``model-1/model.pb``, as in a work folder, or
    ``model-2.pb`` beside ``model.pb``, as in a shipped potential.
    """
    home = model.parent
    if own := _NUMBERED.fullmatch(home.name):
        kind, found = own[1], [folder / model.name for folder in home.parent.iterdir()]
    else:
        kind, found = model.stem, list(home.glob(f"*{model.suffix}"))
    numbered = {
        int(match[2]): path
        for path in found
        if path != model
        and path.is_file()
        and (match := _NUMBERED.fullmatch(_name(path)))
        and match[1] == kind
    }
    return [numbered[number] for number in sorted(numbered)]


def _name(model: Path) -> str:
    """What a model is called among its like: its folder's name where that has a number, else its own."""
    return model.parent.name if _NUMBERED.fullmatch(model.parent.name) else model.stem


def shared_error(errors: Sequence[FloatArray]) -> float:
    """What several models get wrong alike: root of the mean product of two models' errors.

        E_shared = sqrt( < e_a e_b > ),   averages over the values and the pairs a != b.

    Where e_a = c + d_a with independent deviations d_a, it is the root mean square of c: the error
    that the mean of infinitely many such models keeps.

    Parameters
    ----------
    errors
        Of each model on the same values, shape (n,) each, any unit.

    Raises
    ------
    ValueError
        There are fewer than two models.
    """
    if len(errors) < 2:
        raise ValueError(f"{len(errors)} model shares its error with no other, two at least are needed")
    alike = float(np.mean([np.mean(one * other) for one, other in combinations(errors, 2)]))
    return float(np.sqrt(max(alike, 0.0)))


def ensemble_tests(subject: Subject, own: Errors, frames: Sequence[Atoms]) -> Part:
    """Errors of every model of the ensemble on the labelled ``frames``, and what they share.

    The frames are of the dynamics of the model under test, whose errors are ``own``. Numbered models
    beside it that do not know the recipe's elements are of another potential.
    """
    wanted = set(subject.recipe.elements)
    others = [path for path in further_models(subject.model) if wanted <= set(model_elements(path))]
    if not others:
        return Part(())
    mobile = subject.recipe.mobile
    everyone = [own, *(errors_of(Comparison(frames, answers(path, frames)), mobile) for path in others)]
    wholes = pd.concat([one.by() for one in everyone], ignore_index=True)
    columns = [name for name in wholes.columns if "rmse_meV" in name]
    table = wholes[columns]
    table.insert(0, "model", [_name(path) for path in (subject.model, *others)])
    shared: dict[str, float] = {
        "energy_rmse_meV_per_atom": _alike([error(one.energies, "eV_per_atom") for one in everyone]),
        "force_rmse_meV_per_A": _alike([error(one.forces, "eV_per_A") for one in everyone]),
    }
    ions = [relative_error(one.ions, "eV") for one in everyone if one.ions is not None]
    if ions:
        shared["ion_energy_rmse_meV"] = _alike(ions)
    table = pd.concat([table, pd.DataFrame([{"model": "shared", **shared}])], ignore_index=True)
    return Part(tuple(_shares(table, mobile)), {"ensemble": table})


def _alike(errors: Sequence[FloatArray]) -> float:
    """The shared error in thousandths."""
    return 1e3 * shared_error(errors)


def _shares(table: pd.DataFrame, mobile: str) -> list[Verdict]:
    """What is shared, reported."""
    kinds = {
        "force_rmse_meV_per_A": ("force error that the models share", "meV/Å", ".1f"),
        "ion_energy_rmse_meV": (f"{mobile} atomic energy error that the models share", "meV", ".1f"),
    }
    rows = []
    for column, (name, unit, form) in kinds.items():
        if column in table:
            *each, shared = table[column]
            said = ", ".join(f"{value:{form}}" for value in each)
            rows.append(reported(name, shared, unit, f"the {len(each)} models of the ensemble: {said}"))
    return rows
