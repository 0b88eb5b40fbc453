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

    Raises
    ------
    InputError
        There is none of that name.
    """
    folder = _PACKAGE / "potentials" / "shipped"
    model = folder / name / "model.pb"
    if not model.is_file():
        known = ", ".join(sorted(path.parent.name for path in folder.glob("*/model.pb"))) or "none"
        raise InputError(f"no shipped potential is named {name!r}; there are: {known}")
    return model
