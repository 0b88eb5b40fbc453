"""Where the files that travel with the package lie: in the wheel, or in a checkout."""

from pathlib import Path

from atomstates.errors import InputError

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parents[1]


def _folder(name: str) -> Path:
    """The installed folder, or that of the checkout when the package runs from one."""
    for folder in (_PACKAGE / "_files" / name, _CHECKOUT / name):
        if folder.is_dir():
            return folder
    raise InputError(f"the folder {name}/ is missing from the installation at {_PACKAGE}: reinstall")


def workflow_folder() -> Path:
    """``workflow/``: Snakefile, rules, shipped campaigns and materials."""
    return _folder("workflow")


def lammps_inputs_folder() -> Path:
    """``lammps_inputs/``: the LAMMPS scripts."""
    return _folder("lammps_inputs")


def slurm_folder() -> Path:
    """``slurm/``: the site file and the job scripts."""
    return _folder("slurm")


def shipped_model(name: str) -> Path:
    """Model file of a potential that travels with the package.

    Parameters
    ----------
    name
        ``NAME`` for the first model of the potential, ``NAME/2`` for the second of its ensemble.

    Raises
    ------
    InputError
        There is none of that name, or its ensemble has no such model.
    """
    potential, _, number = name.partition("/")
    models = shipped_models(potential)
    if not number and "/" not in name:
        return models[0]
    if number.isascii() and number.isdigit() and 1 <= int(number) <= len(models):
        return models[int(number) - 1]
    there = ", ".join(_model_name(potential, place) for place in range(1, len(models) + 1))
    raise InputError(f"the shipped potential {potential!r} has no model {number!r}; there are: {there}")


def shipped_models(name: str) -> tuple[Path, ...]:
    """Model files of the ensemble of a shipped potential: ``model.pb``, ``model-2.pb``, ...

    Raises
    ------
    InputError
        There is no potential of that name.
    """
    folder = _PACKAGE / "potentials" / "shipped"
    first = folder / name / "model.pb"
    if not first.is_file():
        known = ", ".join(sorted(path.parent.name for path in folder.glob("*/model.pb"))) or "none"
        raise InputError(f"no shipped potential is named {name!r}; there are: {known}")
    models = [first]
    while (further := first.with_name(f"model-{len(models) + 1}.pb")).is_file():
        models.append(further)
    return tuple(models)


def _model_name(potential: str, place: int) -> str:
    """What a material calls a model of a shipped potential."""
    return potential if place == 1 else f"{potential}/{place}"
