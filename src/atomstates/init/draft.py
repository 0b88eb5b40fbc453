"""From a CIF and a potential to the answers that the two files need."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from pymatgen.core.structure import Structure

from atomstates.campaign.schema import Crystal, DeepmdPotential, LammpsPotential, Potential
from atomstates.errors import InputError
from atomstates.init import guesses
from atomstates.init.asking import (
    Asker,
    charges,
    charges_text,
    listed,
    positive,
    symbol,
    symbols,
    temperatures,
)
from atomstates.init.guesses import Guess
from atomstates.init.writing import Answers, Said
from atomstates.lammps.deepmd_model import model_cutoff
from atomstates.resources import shipped_model
from atomstates.structures.crystal import average_structure, crystal_elements
from atomstates.structures.ordering import ordered_composition

SHIPPED = "shipped:"
_WITH_CHARGES = ("coul", "reaxff", "comb")
"""In the names of pair styles that need charges on the atoms."""


@dataclass(frozen=True)
class Options:
    """What the command line gives, as it was typed; None is what it leaves out."""

    cif: str | None = None
    models: tuple[str, ...] = ()
    pair_style: str | None = None
    pair_coeff: tuple[str, ...] = ()
    potential_files: tuple[str, ...] = ()
    potential_commands: tuple[str, ...] = ()
    atom_style: str | None = None
    mobile: str | None = None
    anions: str | None = None
    charges: str | None = None
    width: str | None = None
    hop_length: str | None = None
    temperatures: str | None = None
    name: str | None = None


def draft(options: Options, asker: Asker, folder: Path) -> Answers:
    """Everything that the files in ``folder`` will say.

    Raises
    ------
    InputError
        The CIF or the potential cannot be read, or something is neither given nor to be guessed.
    """
    cif = _settled_path(options.cif, asker)
    structure = average_structure(Crystal(cif=str(cif)), cif)
    potential, cutoff = _potential(options, asker, folder)
    mobile = asker.settled("--mobile", "Mobile ion", options.mobile, guesses.mobile_ion(structure), symbol)
    _refuse_absent(structure, cif, "mobile", (mobile.value,))
    anions = asker.settled(
        "--anions", "Anions", options.anions, guesses.anions(structure, mobile.value), symbols, listed
    )
    _refuse_absent(structure, cif, "anions", anions.value)
    cell = guesses.ordering_cell(structure)
    found = guesses.charges(structure, ordered_composition(structure, cell.value), cif)
    settled = asker.settled("--charges", "Charges in e", options.charges, found, charges, charges_text)
    wide = guesses.cell_width(cutoff)
    width = asker.settled(
        "--width-A", "Least distance of opposite faces of the supercell in Å",
        options.width, wide, positive, lambda value: f"{value:g}",
    )  # fmt: skip
    supercell = guesses.supercell(structure, cell.value, width.value)
    because = f"{supercell.because}, {width.guessed}" if width.guessed else ""
    hop = asker.settled(
        "--hop-length-A", "Distance between neighbouring sites in Å", options.hop_length,
        _hop_guess(structure, mobile.value, options), positive, lambda value: f"{value:g}",
    )  # fmt: skip
    warm = asker.settled(
        "--temperatures-K", "Temperatures in K", options.temperatures,
        Guess(guesses.TEMPERATURES, "an even choice; a transition temperature wants seven"),
        temperatures, listed,
    )  # fmt: skip
    step = guesses.timestep(structure)
    partial = guesses.partial_sites(structure)
    formula = structure.composition.reduced_formula
    n_unit = sum(ordered_composition(structure, cell.value).values()) / np.prod(cell.value)
    return Answers(
        name=options.name or _name(cif.stem),
        title=formula,
        cif=os.path.relpath(cif.resolve(), folder.resolve()),
        formula=f"{formula}, {structure.get_space_group_info()[0]}" if not partial else formula,
        mobile=mobile,
        anions=anions,
        charges=settled,
        ordering=Said(cell.value, cell.because if partial else ""),
        supercell=Said(supercell.value, because),
        hop_length=hop,
        temperatures=warm,
        timestep=Said(step.value, step.because),
        partial=partial,
        n_atoms=round(n_unit * float(np.prod(supercell.value))),
        potential=potential,
        atom_style_guessed=potential.lammps is not None and options.atom_style is None,
    )


def _settled_path(given: str | None, asker: Asker) -> Path:
    def file(text: str) -> Path:
        path = Path(text).expanduser()
        if not path.is_file():
            raise ValueError("there is no such file")
        return path

    said = asker.settled("the first argument", "CIF file of the crystal", given, None, file)
    path: Path = said.value
    return path


def _potential(options: Options, asker: Asker, folder: Path) -> tuple[Potential, float | None]:
    """The potential, and its cut-off in Å where its file tells it."""
    models, style, coefficients, files = (
        options.models,
        options.pair_style,
        options.pair_coeff,
        options.potential_files,
    )
    if models and style:
        raise InputError("give either --model or --pair-style, not both")
    if not models and not style:
        if not asker.asks:
            raise InputError(
                "no potential: give --model FILE (DeePMD, or shipped:NAME), or --pair-style and "
                "--pair-coeff"
            )
        typed = asker.settled(
            "--model", f"Potential: DeePMD file, {SHIPPED}NAME, or a pair_style of LAMMPS", None, None, str
        ).value
        if typed.startswith(SHIPPED) or Path(typed).is_file():
            models = (typed,)
        else:
            style, coefficients = typed, asker.lines("pair_coeff (an empty line ends them)")
            files = asker.lines("Parameter file (an empty line ends them)")
    if models:
        paths = [_model_path(model) for model in models]
        cutoffs = [found for path in paths if (found := model_cutoff(path)) is not None]
        named = tuple(
            model if model.startswith(SHIPPED) else _beside(Path(model), folder) for model in models
        )
        return Potential(deepmd=DeepmdPotential(models=named)), max(cutoffs, default=None)
    if not coefficients:
        raise InputError("--pair-style needs at least one --pair-coeff (for hybrids too)")
    for file in files:
        if not Path(file).is_file():
            raise InputError(f"{file}: there is no such parameter file")
    assert style is not None
    lines = LammpsPotential(
        pair_style=style,
        pair_coeff=coefficients,
        commands=options.potential_commands,
        files=tuple(_beside(Path(file), folder) for file in files),
        atom_style=_atom_style(options, style),
    )
    return Potential(lammps=lines), None


def _atom_style(options: Options, pair_style: str) -> Literal["atomic", "charge"]:
    """The atom style that was given, or the one that pair styles of this name want."""
    if options.atom_style is None:
        return "charge" if any(word in pair_style for word in _WITH_CHARGES) else "atomic"
    if options.atom_style not in ("atomic", "charge"):
        raise InputError(f"--atom-style {options.atom_style}: needed is atomic or charge")
    return "charge" if options.atom_style == "charge" else "atomic"


def _model_path(model: str) -> Path:
    if model.startswith(SHIPPED):
        return shipped_model(model.removeprefix(SHIPPED))
    path = Path(model)
    if not path.is_file():
        raise InputError(f"{model}: there is no such model; shipped ones are named {SHIPPED}NAME")
    return path


def _beside(path: Path, folder: Path) -> str:
    """A path as the files in ``folder`` name it."""
    return os.path.relpath(path.resolve(), folder.resolve())


def _hop_guess(structure: Structure, mobile: str, options: Options) -> Guess[float] | None:
    return None if options.hop_length is not None else guesses.hop_length(structure, mobile)


def _refuse_absent(structure: Structure, cif: Path, key: str, named: tuple[str, ...]) -> None:
    """Elements that are named must be in the crystal."""
    there = crystal_elements(structure)
    if absent := [element for element in named if element not in there]:
        raise InputError(
            f"{cif}: {key} names {', '.join(absent)}, which is not in the crystal; there are: "
            f"{', '.join(there)}"
        )


def _name(stem: str) -> str:
    """A name of letters, digits, points and hyphens."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", stem).strip("-.").lower() or "crystal"
