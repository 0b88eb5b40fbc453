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
        A file is missing; the message says which, and where it was looked for.
    """
    named: dict[str, str] = {}
    if material.crystal.cif:
        named["cif"] = material.crystal.cif
    if material.potential.deepmd:
        named |= {f"model-{i}": file for i, file in enumerate(material.potential.deepmd.models)}
    if material.potential.lammps:
        named |= {f"file-{i}": file for i, file in enumerate(material.potential.lammps.files)}
    return {key: _existing(file, beside, material.name, key) for key, file in named.items()}


def _existing(file: str, beside: Path, material: str, key: str) -> Path:
    """The file, which must exist."""
    path = shipped_model(file.removeprefix("shipped:")) if file.startswith("shipped:") else beside / file
    if not path.is_file():
        raise InputError(
            f"material {material!r}: the file {file!r} ({key}) does not exist; looked for {path.resolve()}"
        )
    return path.resolve()
