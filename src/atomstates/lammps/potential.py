"""A material's potential as LAMMPS includes: ``before.in`` and ``potential.in``."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from atomstates.campaign.schema import LammpsPotential, Potential
from atomstates.errors import InputError
from atomstates.products import fingerprint

BEFORE = "before.in"
POTENTIAL = "potential.in"

_FOLDER = "${potential_folder}"


def stored_files(potential: Potential, files: Mapping[str, Path]) -> dict[str, Path]:
    """Files of the potential by the names under which they lie beside ``potential.in``.

    Models are called ``model-0.pb``, ``model-1.pb``, ...; parameter files keep their names.

    Parameters
    ----------
    potential
        The material's potential.
    files
        Input files by key (``model-0``, ..., ``file-0``, ...).

    Raises
    ------
    InputError
        Two parameter files have the same name.
    """
    if potential.deepmd is not None:
        keys = [f"model-{i}" for i in range(len(potential.deepmd.models))]
        return {key + files[key].suffix: files[key] for key in keys}
    n_files = 0 if potential.lammps is None else len(potential.lammps.files)
    paths = [files[f"file-{i}"] for i in range(n_files)]
    stored = {path.name: path for path in paths}
    if len(stored) < len(paths):
        names = ", ".join(path.name for path in paths)
        raise InputError(
            f"potential.lammps.files: two of the files have the same name ({names}); rename one"
        )
    return stored


def atom_style(potential: Potential) -> str:
    """Atom style that the potential needs."""
    return "atomic" if potential.lammps is None else potential.lammps.atom_style


def before_text(potential: Potential) -> str:
    """Lines to include before the data file is read."""
    extra = () if potential.lammps is None else potential.lammps.before_read
    lines = [
        "# What the potential needs before the data file is read.",
        f"atom_style {atom_style(potential)}",
        "box tilt large  # supercells of oblique cells keep the tilt of their unit cell",
        *extra,
    ]
    return "\n".join(lines) + "\n"


def of_model(name: str, number: int) -> str:
    """Name of the file that a further model has beside the first one's: ``potential.model-1.in``.

    Parameters
    ----------
    name
        Of the first model's file.
    number
        Place of the model in the list; 0 is the first, which drives.
    """
    stem, _, suffix = name.rpartition(".")
    return name if number == 0 else f"{stem}.model-{number}.{suffix}"


def potential_hashes(potential: Potential, file_hashes: Mapping[str, str]) -> tuple[str, ...]:
    """A hash for each model of the potential: what gives atoms their energies, whatever it is called.

    Parameters
    ----------
    potential
        The material's potential.
    file_hashes
        Hashes of the input files by key (``model-0``, ..., ``file-0``, ...).
    """
    if potential.deepmd is not None:
        n_models = len(potential.deepmd.models)
        return tuple(fingerprint("deepmd", file_hashes[f"model-{i}"]) for i in range(n_models))
    files = {key: digest for key, digest in file_hashes.items() if key.startswith("file-")}
    settings = None if potential.lammps is None else potential.lammps.model_dump(exclude={"files"})
    return (fingerprint("lammps", settings, files),)


def potential_text(potential: Potential, elements: Sequence[str], names: Sequence[str]) -> str:
    """Lines to include after the data file was read.

    Parameters
    ----------
    potential
        The material's potential.
    elements
        Elements in type order.
    names
        Names of the stored files, in order (``stored_files``); for DeePMD of the one model.
    """
    head = [
        f"# Elements in type order: {' '.join(elements)}",
        "variable potential_folder index .  # folder of the model and parameter files",
    ]
    body = (
        _deepmd_lines(elements, names)
        if potential.lammps is None
        else _pair_lines(potential.lammps, elements, names)
    )
    return "\n".join(head + body) + "\n"


def _deepmd_lines(elements: Sequence[str], names: Sequence[str]) -> list[str]:
    """``pair_style deepmd`` with one model: further ones are evaluated on their own, afterwards."""
    (name,) = names
    return [f"pair_style deepmd {_FOLDER}/{name}", f"pair_coeff * * {' '.join(elements)}"]


def _pair_lines(potential: LammpsPotential, elements: Sequence[str], names: Sequence[str]) -> list[str]:
    """The user's own lines, with elements and files put in."""

    def filled(line: str) -> str:
        words = line.replace("{elements}", " ".join(elements)).split()
        return " ".join(f"{_FOLDER}/{word}" if word in names else word for word in words)

    return [
        f"pair_style {filled(potential.pair_style)}",
        *(f"pair_coeff {filled(line)}" for line in potential.pair_coeff),
        *(filled(line) for line in potential.commands),
    ]
