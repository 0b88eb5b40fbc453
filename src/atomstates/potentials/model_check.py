"""Can this model describe this material: it is readable and knows all elements."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from atomstates.errors import InputError
from atomstates.lammps.deepmd_model import model_elements
from atomstates.products import Check


def checked_models(models: Mapping[str, Path], elements: Sequence[str]) -> Check:
    """That every DeePMD model knows every element of the material.

    Parameters
    ----------
    models
        Model files by name.
    elements
        Elements of the material.

    Raises
    ------
    InputError
        A model cannot be read, or lacks an element.
    """
    known = {}
    for path in models.values():
        known[path] = model_elements(path)
        lacking = [element for element in elements if element not in known[path]]
        if lacking:
            raise InputError(
                f"{path}: the model knows {', '.join(known[path])}, but the material also has "
                f"{', '.join(lacking)}. Give a model that was trained with "
                f"{'these' if lacking[1:] else 'this'}, or change the crystal or its substitution."
            )
    shown = "; ".join(f"{path.name}: {' '.join(found)}" for path, found in known.items())
    return Check("model", "PASS", f"all of {', '.join(elements)} are known ({shown})")
