"""What is wrong with a material: its files, composition, charges, supercell and model."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pymatgen.core.periodic_table import Element
from pymatgen.core.structure import Structure

from atomstates.campaign.input_files import resolved_files
from atomstates.campaign.schema import Campaign, Material
from atomstates.check.geometry import nearest_site_distance, widths
from atomstates.check.settings import timestep_check
from atomstates.errors import InputError
from atomstates.lammps.deepmd_model import model_cutoff
from atomstates.lammps.potential import atom_style, stored_files
from atomstates.potentials.model_check import checked_models
from atomstates.products import Check
from atomstates.structures.candidates import OrderedCell
from atomstates.structures.crystal import average_structure, crystal_elements
from atomstates.structures.ordering import Orderings, orderings
from atomstates.structures.stage import material_elements
from atomstates.structures.substitution import substituted

_MOST_LOOKED_AT = 3000
_HOP_FACTOR = 1.5
"""Hops are between neighbouring sites: a length that is so much longer or shorter is likely a slip."""


@dataclass
class Examined:
    """A material as far as it makes sense, and the verdicts on it."""

    material: Material
    checks: list[Check] = field(default_factory=list)
    files: dict[str, Path] = field(default_factory=dict)
    structure: Structure | None = None
    elements: tuple[str, ...] = ()
    cell: OrderedCell | None = None
    """The supercell with the electrostatically lowest ordering, not relaxed."""
    n_orderings: int = 1
    """Symmetry-distinct orderings of the search cell."""
    cutoff: float | None = None
    """Å, where the model's file tells it."""

    def say(self, name: str, status: str, message: str) -> None:
        """Add a verdict."""
        assert status in ("PASS", "WARN", "FAIL")
        self.checks.append(Check(f"{self.material.name}: {name}", status, message))  # type: ignore[arg-type]  # asserted


def examined(material: Material, file: Path, campaign: Campaign) -> Examined:
    """All that can be said of a material before anything runs; each part is looked at for itself."""
    found = Examined(material)
    try:
        found.files = resolved_files(material, file.parent)
        found.say(
            "files", "PASS", f"{len(found.files)} files are there" if found.files else "none are needed"
        )
    except InputError as error:
        for line in str(error).splitlines():
            found.say("files", "FAIL", line)
    if material.crystal.cif is None or "cif" in found.files:
        _examine_crystal(found)
    if found.structure is not None:
        _examine_names(found)
        _examine_hop(found)
        lightest = min(found.elements, key=lambda element: float(Element(element).atomic_mass))
        mass = float(Element(lightest).atomic_mass)
        timestep = timestep_check(campaign, lightest, mass)
        found.say(timestep.name, timestep.status, timestep.message)
        _examine_ordering(found, campaign.seed)
    _examine_model(found)
    if found.cell is not None and found.cutoff is not None:
        examine_width(found, found.cutoff)
    return found


def examine_width(found: Examined, cutoff: float) -> None:
    """Whether atoms see images of their neighbours, or of themselves."""
    assert found.cell is not None
    narrow = float(widths(found.cell.lattice).min())
    words = f"opposite faces are {narrow:.1f} Å apart, the cut-off is {cutoff:.2f} Å"
    if narrow >= 2 * cutoff:
        found.say("supercell", "PASS", f"{found.cell.n_atoms} atoms; {words}")
        return
    seen = "an atom sees its own image" if narrow < cutoff else "an atom sees some neighbours twice"
    found.say(
        "supercell",
        "WARN",
        f"{words}: {2 * cutoff:.1f} Å are wanted, since {seen}, which orders the ions too much; raise "
        f"supercell ({list(found.material.supercell)})",
    )


def _examine_crystal(found: Examined) -> None:
    material = found.material
    try:
        found.structure = average_structure(material.crystal, found.files.get("cif"))
    except (InputError, ValueError) as error:
        found.say("crystal", "FAIL", str(error))
        return
    found.elements = material_elements(found.structure, material)
    partial = sum(
        1 for site in found.structure if not site.is_ordered or sum(site.species.values()) < 0.995
    )
    found.say(
        "crystal",
        "PASS",
        f"{_composition(found.structure)} in {found.structure.volume:.1f} Å³; {partial} of "
        f"{len(found.structure)} sites are partially occupied",
    )


def _composition(structure: Structure) -> str:
    """Atoms of each element in the unit cell, as `9 Li, 3 Y, 18 Cl`."""
    amounts = structure.composition.get_el_amt_dict()
    return ", ".join(f"{amounts[element]:.4g} {element}" for element in crystal_elements(structure))


def _examine_names(found: Examined) -> None:
    """Elements that other keys name are in the crystal, and make sense as what they are called."""
    material, elements = found.material, found.elements
    there = f"the crystal has {', '.join(elements)}"
    absent = [
        f"mobile names {material.mobile!r}" if material.mobile not in elements else "",
        *(f"anions names {anion!r}" for anion in material.anions if anion not in elements),
    ]
    for words in filter(None, absent):
        found.say("elements", "FAIL", f"{words}, which is not in the crystal; {there}")
    if material.mobile in material.anions:
        found.say(
            "elements", "FAIL", f"anions and mobile both name {material.mobile!r}: an ion is one of them"
        )
    charge = material.charges
    if charge.get(material.mobile) == 0:
        found.say("charges", "FAIL", f"the charge of {material.mobile} is 0: no conductivity follows")
    same = [a for a in material.anions if charge.get(a, 0) * charge.get(material.mobile, 0) > 0]
    if same:
        found.say(
            "charges", "WARN", f"{', '.join(same)} and {material.mobile} have charges of the same sign"
        )
    if unused := [element for element in charge if element not in elements]:
        found.say(
            "charges", "WARN", f"charges names {', '.join(map(str, unused))}, which no site has; {there}"
        )
    missing = [element for element in elements if element not in charge]
    if missing and atom_style(material.potential) == "charge":
        found.say(
            "charges", "FAIL", f"the charge of {', '.join(missing)} is missing; the atom style needs it"
        )


def _examine_hop(found: Examined) -> None:
    """The hop length against the nearest sites of the mobile ion."""
    assert found.structure is not None
    nearest, given = (
        nearest_site_distance(found.structure, found.material.mobile),
        found.material.hop_length_A,
    )
    if nearest is None:
        return
    words = (
        f"hop_length_A is {given:g}; the nearest sites of {found.material.mobile} are {nearest:.2f} Å apart"
    )
    off = not 1 / _HOP_FACTOR < given / nearest < _HOP_FACTOR
    found.say("hop length", "WARN" if off else "PASS", words)


def _examine_ordering(found: Examined, seed: int) -> None:
    """What the structures stage would say: whole numbers of atoms, neutral, supercell, substitution."""
    material, structure = found.material, found.structure
    assert structure is not None
    if any(w % p for w, p in zip(material.supercell, material.ordering.cell, strict=True)):
        found.say(
            "supercell",
            "FAIL",
            f"supercell {list(material.supercell)} is no multiple of ordering.cell "
            f"{list(material.ordering.cell)}",
        )
        return
    try:
        result = _some_orderings(structure, material, seed)
    except InputError as error:
        found.say("ordering", "FAIL", str(error))
        return
    found.n_orderings = result.n_distinct
    how = (
        "all looked at"
        if result.n_looked_at == result.n_possible
        else f"{result.n_looked_at} of them drawn"
    )
    found.say(
        "ordering",
        "PASS",
        f"neutral; {result.n_possible} occupations ({how}), {result.n_distinct} of them distinct",
    )
    repeats = tuple(w // p for w, p in zip(material.supercell, material.ordering.cell, strict=True))
    whole = result.candidates[0].cell.repeated(repeats)
    try:
        found.cell = substituted(whole, material.substitution, seed).sorted_by(found.elements)
    except InputError as error:
        found.say("substitution", "FAIL", str(error))
        return
    if material.substitution:
        _examine_substitution(found)


def _some_orderings(structure: Structure, material: Material, seed: int) -> Orderings:
    """The lowest of some orderings: all of them where they are few, else a sample that takes seconds."""
    settings, random = material.ordering, np.random.default_rng(seed)
    few = min(settings.most_enumerated, _MOST_LOOKED_AT)
    for most in dict.fromkeys((few, settings.most_enumerated)):
        try:
            chosen = settings.model_copy(update={"candidates": 1, "most_enumerated": most})
            return orderings(structure, material.charges, chosen, random)
        except InputError:
            # a small sample of crowded sites may hold no sound ordering
            if most == settings.most_enumerated:
                raise
    raise AssertionError("the last attempt returns or raises")


def _examine_substitution(found: Examined) -> None:
    """What is put in has the charge of what it replaces, or the cell is no longer neutral."""
    assert found.cell is not None
    charges, cell = found.material.charges, found.cell
    for substitution in found.material.substitution:
        if not Element.is_valid_symbol(substitution.by):
            found.say("substitution", "FAIL", f"by names {substitution.by!r}, which is no chemical symbol")
            return
    if any(element not in charges for element in cell.elements):
        found.say(
            "substitution", "PASS", f"{cell.n_atoms} atoms; the charge of what is put in is not known"
        )
        return
    total = sum(charges[element] for element in cell.elements)
    if abs(total) > 1e-3:
        found.say("substitution", "WARN", f"the substituted supercell has the charge {total:+g} e")
        return
    found.say("substitution", "PASS", "the substituted supercell is neutral")


def _examine_model(found: Examined) -> None:
    """Whether the model can be read and knows all elements, and its cut-off."""
    potential = found.material.potential
    if potential.deepmd is None:
        try:
            stored_files(potential, found.files)
        except InputError as error:
            found.say("potential", "FAIL", str(error))
        except KeyError:
            pass  # a file is missing, which has been said
        return
    models = {key: path for key, path in found.files.items() if key.startswith("model-")}
    if not models:
        return
    try:
        known = checked_models(models, found.elements)
        found.cutoff = max((cut for path in models.values() if (cut := model_cutoff(path))), default=None)
    except InputError as error:
        found.say("model", "FAIL", str(error))
        return
    reach = "" if found.cutoff is None else f"; cut-off {found.cutoff:g} Å"
    found.say("model", "PASS", f"{known.message}{reach}")
