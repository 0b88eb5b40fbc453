"""The ``potentials`` stage: the potential is checked, picks the ordering and relaxes the cell."""

import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pymatgen.core.periodic_table import Element

from atomstates.campaign import MaterialFolder
from atomstates.campaign.schema import Material
from atomstates.errors import InputError
from atomstates.lammps.data import data_text, lammps_frame
from atomstates.lammps.potential import (
    BEFORE,
    POTENTIAL,
    atom_style,
    before_text,
    of_model,
    potential_text,
    stored_files,
)
from atomstates.parallel import Communicator
from atomstates.potentials.cell import Relaxed, free_strains, relaxed
from atomstates.potentials.evaluation import CellInLammps
from atomstates.potentials.model_check import checked_models
from atomstates.potentials.outcome import (
    Outcome,
    channel_check,
    lattice_check,
    structure_content,
    summary,
)
from atomstates.potentials.selection import Ranked, ranked
from atomstates.products import Check, Summary, read_json, write_json, written_whole
from atomstates.structures.candidates import Candidate, OrderedCell, read_candidates_file
from atomstates.structures.stage import CANDIDATES, STRUCTURES
from atomstates.structures.substitution import substituted

DATA = "structure.data"
STRUCTURE = "structure.json"
LOG = "lammps.log"
_SEARCH_DATA = "search.data"

FloatArray = NDArray[np.float64]


def write_structure(place: MaterialFolder, comm: Communicator) -> Summary:
    """Check the potential, choose the ordering, relax the cell; write the cell of all runs.

    Writes ``potential.in`` and ``before.in`` with the potential's files, ``structure.data`` and
    ``structure.json``. Rank 0 works: the candidates are few and small.

    Raises
    ------
    InputError
        A model cannot be read or lacks an element, or the crystal does not hold together.
    ProgramError
        LAMMPS is missing or refuses the potential.
    """
    return comm.from_first(_written(place) if comm.rank == 0 else Summary())


def _written(place: MaterialFolder) -> Summary:
    """The stage on rank 0."""
    material, folder = place.material, place.stage_path("potentials")
    folder.mkdir(parents=True, exist_ok=True)
    candidates, elements = read_candidates_file(place.stage_path("structures") / CANDIDATES)
    crystal_system = read_json(place.stage_path("structures") / STRUCTURES)["crystal_system"]
    model = _write_potential(place, folder, elements)

    given = lammps_frame(candidates[0].cell.lattice)
    unit = given / np.array(material.ordering.cell)[:, None]
    keeps_cell = place.campaign.md.cell == "given"
    strains = np.empty((0, 3, 3)) if keeps_cell else free_strains(crystal_system, unit)
    order = _ranked_in_lammps(folder, material, candidates, elements, given, strains)
    whole, last = _supercell(folder, place, order[0], elements, strains)

    outcome = Outcome(material, elements, keeps_cell, crystal_system, unit, order, whole, last)
    _write_data(folder / DATA, whole, material, elements, f"{material.name}: ordering {order[0].rank}")
    write_json(folder / STRUCTURE, structure_content(outcome, place.campaign.seed))
    checks: list[Check] = [model] if model else []
    return summary(outcome, (*checks, lattice_check(outcome), *channel_check(outcome)))


def _write_potential(place: MaterialFolder, folder: Path, elements: tuple[str, ...]) -> Check | None:
    """``potential.in``, those of further models, ``before.in`` and files; the models are checked first."""
    potential = place.material.potential
    stored = stored_files(potential, place.files)
    check = checked_models(stored, elements) if potential.deepmd is not None else None
    for name, source in stored.items():
        with written_whole(folder / name) as unfinished:
            shutil.copyfile(source, unfinished)
    models = [tuple(stored)] if potential.deepmd is None else [(name,) for name in stored]
    texts = {
        of_model(POTENTIAL, number): potential_text(potential, elements, names)
        for number, names in enumerate(models)
    }
    for name, text in {BEFORE: before_text(potential), **texts}.items():
        with written_whole(folder / name) as unfinished:
            unfinished.write_text(text, encoding="utf-8")
    return check


def _write_data(
    path: Path, cell: OrderedCell, material: Material, elements: tuple[str, ...], title: str
) -> None:
    """A cell in LAMMPS' frame as a data file."""
    masses = {element: float(Element(element).atomic_mass) for element in elements}
    charges = dict(material.charges) if atom_style(material.potential) == "charge" else None
    missing = [element for element in elements if charges is not None and element not in charges]
    if missing:
        raise InputError(f"charges: the charge of {', '.join(missing)} is missing; the atom style needs it")
    text = data_text(cell.lattice, cell.positions, cell.elements, masses, charges, title)
    with written_whole(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")


def _ranked_in_lammps(
    folder: Path,
    material: Material,
    candidates: list[Candidate],
    elements: tuple[str, ...],
    lattice: FloatArray,
    strains: FloatArray,
) -> list[Ranked]:
    """All candidates relaxed in one LAMMPS process."""
    first = candidates[0].cell
    search = folder / _SEARCH_DATA
    _write_data(
        search, OrderedCell(lattice, first.elements, first.positions), material, elements, "search cell"
    )
    with CellInLammps(search, folder / BEFORE, folder / POTENTIAL, folder / LOG) as cell:
        order = ranked(candidates, cell.evaluation, lattice, strains, _with_progress)
    search.unlink()
    return order


def _supercell(
    folder: Path, place: MaterialFolder, chosen: Ranked, elements: tuple[str, ...], strains: FloatArray
) -> tuple[OrderedCell, Relaxed]:
    """The chosen cell repeated and substituted; substitution moves atoms and cell, so it relaxes again."""
    material = place.material
    repeats = tuple(w // p for w, p in zip(material.supercell, material.ordering.cell, strict=True))
    whole = chosen.cell.repeated(repeats)
    if not material.substitution:
        return whole.sorted_by(elements), chosen.relaxation
    whole = substituted(whole, material.substitution, place.campaign.seed).sorted_by(elements)
    _write_data(folder / _SEARCH_DATA, whole, material, elements, "substituted supercell")
    with CellInLammps(folder / _SEARCH_DATA, folder / BEFORE, folder / POTENTIAL, folder / LOG) as cell:
        last = relaxed(cell.evaluation, whole.lattice, whole.positions, strains)
    (folder / _SEARCH_DATA).unlink()
    return OrderedCell(last.lattice, whole.elements, last.positions), last


def _with_progress(items: Iterable[int]) -> Iterable[int]:
    """A progress bar where there is a terminal."""
    if not sys.stderr.isatty():
        return items
    from rich.console import Console
    from rich.progress import track

    return track(items, description="relaxing orderings", console=Console(stderr=True), transient=True)
