"""Whether a crystal becomes an ordered, neutral supercell: what the ``structures`` stage would refuse."""

import numpy as np
from pymatgen.core.structure import Structure

from atomstates.campaign.schema import Material
from atomstates.check.verdicts import Examined
from atomstates.errors import InputError
from atomstates.structures.ordering import Orderings, orderings
from atomstates.structures.substitution import substituted

_MOST_LOOKED_AT = 3000
"""Occupations; a sample of so many takes seconds."""


def examine_ordering(found: Examined, seed: int) -> None:
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
