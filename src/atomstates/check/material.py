"""What is wrong with a material: its files, composition, charges, supercell and model."""

from pathlib import Path

from pymatgen.core.periodic_table import Element
from pymatgen.core.structure import Structure

from atomstates.campaign.input_files import files_and_problems
from atomstates.campaign.schema import Campaign, Material
from atomstates.check.channels import examine_channels
from atomstates.check.composition import examine_ordering
from atomstates.check.geometry import nearest_site_distance, widths
from atomstates.check.settings import timestep_check
from atomstates.check.verdicts import Examined
from atomstates.errors import InputError
from atomstates.lammps.deepmd_model import model_cutoff
from atomstates.lammps.potential import atom_style, stored_files
from atomstates.potentials.model_check import checked_models
from atomstates.structures.crystal import average_structure, crystal_elements
from atomstates.structures.stage import material_elements

_HOP_FACTOR = 1.5
"""Hops are between neighbouring sites: a length that is so much longer or shorter is likely a slip."""


def examined(material: Material, file: Path, campaign: Campaign) -> Examined:
    """All that can be said of a material before anything runs; each part is looked at for itself."""
    found = Examined(material)
    found.files, problems = files_and_problems(material, file.parent)
    for problem in problems:
        found.say("files", "FAIL", problem)
    if not problems:
        found.say("files", "PASS", ", ".join(path.name for path in found.files.values()) or "none needed")
    if material.crystal.cif is None or "cif" in found.files:
        _examine_crystal(found)
    if found.structure is not None:
        _examine_names(found)
        _examine_hop(found)
        examine_channels(found)
        lightest = min(found.elements, key=lambda element: float(Element(element).atomic_mass))
        mass = float(Element(lightest).atomic_mass)
        timestep = timestep_check(campaign, lightest, mass)
        found.say(timestep.name, timestep.status, timestep.message)
        examine_ordering(found, campaign.seed)
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
        f"{words}: {2 * cutoff:.1f} Å are wanted, since {seen}; raise "
        f"supercell ({list(found.material.supercell)})",
    )


def _examine_crystal(found: Examined) -> None:
    material = found.material
    for substitution in material.substitution:
        if not Element.is_valid_symbol(substitution.by):
            found.say("substitution", "FAIL", f"by names {substitution.by!r}, which is no chemical symbol")
            return
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
