"""Input files of a material: the CIF and the files of its potential, found and named."""

from pathlib import Path

from atomstates.campaign.schema import Material
from atomstates.errors import InputError
from atomstates.resources import shipped_model


def resolved_files(material: Material, beside: Path) -> dict[str, Path]:
    """Absolute paths of the input files by name (``cif``, ``model-0``, ..., ``file-0``, ...).

    Raises
    ------
    InputError
        Files are missing; the message says which, and where they were looked for.
    """
    named: dict[str, str] = {}
    if material.crystal.cif:
        named["cif"] = material.crystal.cif
    if material.potential.deepmd:
        named |= {f"model-{i}": file for i, file in enumerate(material.potential.deepmd.models)}
    if material.potential.lammps:
        named |= {f"file-{i}": file for i, file in enumerate(material.potential.lammps.files)}
    found = {key: _path(file, beside) for key, file in named.items()}
    if missing := [key for key, path in found.items() if not path.is_file()]:
        raise InputError(
            "\n".join(
                f"material {material.name!r}: the file {named[key]!r} ({key}) does not exist; looked for "
                f"{found[key].resolve()}"
                for key in missing
            )
        )
    return {key: path.resolve() for key, path in found.items()}


def _path(file: str, beside: Path) -> Path:
    """Where a file that a material names should lie."""
    return shipped_model(file.removeprefix("shipped:")) if file.startswith("shipped:") else beside / file
