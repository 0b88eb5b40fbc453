"""The materials that travel with the package are the crystals that they say they are."""

from pathlib import Path

import numpy as np
import pytest

from atomstates.campaign.reading import read_material
from atomstates.campaign.schema import Material
from atomstates.structures.crystal import average_structure
from atomstates.structures.ordering import Orderings, orderings
from atomstates.structures.stage import candidate_order, material_elements
from atomstates.structures.substitution import substituted
from atomstates.structures.symmetry import average_symmetry


def shipped(name: str):
    """The material and its average structure."""
    material, file = read_material(name, Path())
    cif = None if material.crystal.cif is None else file.parent / material.crystal.cif
    return material, average_structure(material.crystal, cif)


def searched(material: Material, structure) -> Orderings:
    return orderings(structure, material.charges, material.ordering, np.random.default_rng(1))


@pytest.mark.parametrize(
    ("name", "space_group", "elements", "distinct"),
    [
        ("li3ycl6-p3m1", 164, ("Li", "Y", "Cl"), 24),
        ("li3ycl6-pnma", 62, ("Li", "Y", "Cl"), 252),
        ("li3ybr1.5cl4.5", 164, ("Li", "Y", "Cl", "Br"), 24),
    ],
)
def test_shipped_material_has_its_space_group_and_lists_all_its_orderings(
    name, space_group, elements, distinct
) -> None:
    material, structure = shipped(name)
    assert average_symmetry(structure).number == space_group
    assert material_elements(structure, material) == elements
    found = searched(material, structure)
    assert found.n_looked_at == found.n_possible
    assert found.n_distinct == len(found.candidates) == distinct


def test_formal_charges_fill_every_other_column_of_pnma() -> None:
    """The lowest is Pna2_1, 0.184 eV a formula unit below the next: four columns full, four half full."""
    material, structure = shipped("li3ycl6-pnma")
    lowest, second = searched(material, structure).candidates[:2]
    gap = second.electrostatic_energy - lowest.electrostatic_energy
    assert gap / 4 == pytest.approx(0.184, rel=0.01)
    assert candidate_order(lowest, material) == 1.0


def test_bromide_is_the_trigonal_chloride_with_a_quarter_of_its_anions_replaced() -> None:
    material, structure = shipped("li3ybr1.5cl4.5")
    _, chloride = shipped("li3ycl6-p3m1")
    apart = structure.lattice.get_all_distances(structure.frac_coords, chloride.frac_coords)
    assert apart.min(axis=1).max() < 1e-4
    cell = substituted(
        searched(material, structure).candidates[0].cell.repeated(material.supercell),
        material.substitution,
        seed=1,
    )
    counts = {element: cell.elements.count(element) for element in ("Li", "Y", "Cl", "Br")}
    assert counts == {"Li": 72, "Y": 24, "Cl": 108, "Br": 36}
