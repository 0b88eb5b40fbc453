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
    found, problems = files_and_problems(material, beside)
    if problems:
        raise InputError("\n".join(problems))
    return found


def files_and_problems(material: Material, beside: Path) -> tuple[dict[str, Path], list[str]]:
    """The input files that are there, and a sentence for each that is not."""
    named: dict[str, str] = {}
    if material.crystal.cif:
        named["cif"] = material.crystal.cif
    if material.potential.deepmd:
        named |= {f"model-{i}": file for i, file in enumerate(material.potential.deepmd.models)}
    if material.potential.lammps:
        named |= {f"file-{i}": file for i, file in enumerate(material.potential.lammps.files)}
    found: dict[str, Path] = {}
    problems: list[str] = []
    for key, file in named.items():
        try:
            path = _path(file, beside)
        except InputError as error:
            problems.append(f"material {material.name!r}: {error}")
            continue
        if path.is_file():
            found[key] = path.resolve()
        else:
            problems.append(
                f"material {material.name!r}: the file {file!r} ({key}) does not exist; looked for "
                f"{path.resolve()}"
            )
    return found, problems


def _path(file: str, beside: Path) -> Path:
    """Where a file that a material names should lie."""
    return shipped_model(file.removeprefix("shipped:")) if file.startswith("shipped:") else beside / file
