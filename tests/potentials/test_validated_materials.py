import numpy as np
import pytest
import yaml

from atomstates.errors import InputError
from atomstates.potentials.recipe import read_recipe
from atomstates.potentials.validation.orderings import (
    drawn_orderings,
    end_points,
    filled_sites,
    large_cell,
    ordered_cell,
    vacant_sites,
)
from atomstates.potentials.validation.settings import Material

MIXED = {"replace": "Cl", "by": "Br", "fraction": (0.25, 0.25), "expansion": 0.065}


@pytest.fixture
def plain(recipe):
    (material,) = recipe.validation.materials.values()
    return material


@pytest.fixture
def mixed():
    return Material(crystal="P-3m1", cell=(1, 1, 2), large_cell=(2, 2, 2), replacement=MIXED)


def test_hop_moves_one_ion_to_the_neighbouring_column(unit, ordered):
    start, end = end_points(unit, ordered, (1, 1, 2), (0.332, 0.0, 0.5), (0.668, 0.0, 0.5))
    moved = end.get_scaled_positions() - start.get_scaled_positions()
    moved -= np.round(moved)
    lengths = np.linalg.norm(moved @ start.cell[:], axis=1)
    assert np.count_nonzero(lengths > 1e-6) == 1
    assert lengths.max() == pytest.approx(0.336 * 11.199, rel=1e-3)


def test_vacant_sites_are_those_that_no_ion_fills(unit, ordered):
    atoms = ordered_cell(unit, ordered, (1, 1, 2))
    vacant = vacant_sites(unit, (1, 1, 2), atoms)
    assert len(vacant) == 2 * (len(unit.sites) - unit.n_mobile)
    ions = atoms[np.array(atoms.symbols) == "Li"].get_scaled_positions()
    gap = vacant[:, None] - ions
    gap -= np.round(gap)
    assert np.linalg.norm(gap @ atoms.cell[:], axis=2).min() > 2


def test_ordering_that_is_named_comes_first_and_none_comes_twice(source, plain, ordered):
    found = drawn_orderings(source, plain, "plain", 6, 1)
    reference = ordered_cell(source.unit, ordered, plain.cell)
    assert {tuple(row) for row in found[0].positions.round(6)} == {
        tuple(row) for row in reference.positions.round(6)
    }
    fillings = {
        tuple(sorted(filled_sites(source.unit, atoms[:18].get_scaled_positions() * plain.cell)))
        for atoms in found
    }
    assert len(fillings) == 6
    assert [atoms.info["ordering"] for atoms in found] == [*range(6)]


def test_there_are_no_more_orderings_than_the_crystal_has(source, plain):
    known = len(source.fillings["orderings"])
    assert len(drawn_orderings(source, plain, "plain", known + 50, 1)) == known


def test_composition_of_a_material_is_that_of_its_replacement(sources, mixed):
    for atoms in drawn_orderings(sources["P-3m1"], mixed, "mixed", 3, 1):
        assert atoms.get_chemical_formula(mode="reduce") == "Li18Y6Cl27Br9"
        assert atoms.cell.lengths()[0] == pytest.approx(11.199 * (1 + 0.25 * 0.065))


def test_orderings_of_a_material_do_not_depend_on_others_or_on_the_call(sources, mixed):
    first, again, other = (
        drawn_orderings(sources["P-3m1"], mixed, name, 3, 1) for name in ("one", "one", "two")
    )
    assert all(a == b for a, b in zip(first, again, strict=True))
    assert not all(a == b for a, b in zip(first, other, strict=True))


def test_large_cell_is_the_small_one_repeated_and_sorted(unit, ordered, plain):
    small = ordered_cell(unit, ordered, plain.cell)
    large = large_cell(small, plain, ("Li", "Y", "Cl"))
    assert len(large) == 4 * len(small)
    assert str(large.symbols) == "Li72Y24Cl144"
    assert large.get_volume() == pytest.approx(4 * small.get_volume())


def changed(recipe_file, tmp_path, change):
    content = yaml.safe_load(recipe_file.read_text(encoding="utf-8"))
    change(content["validation"])
    path = tmp_path / "recipe.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("material", "words"),
    [
        ({"crystal": "Fm-3m", "cell": [1, 1, 1], "large_cell": [1, 1, 1]}, "no crystal Fm-3m among"),
        ({"crystal": "P-3m1", "cell": [1, 1, 2], "large_cell": [1, 1, 3]}, "must be a multiple of cell"),
        (
            {"crystal": "P-3m1", "cell": [1, 1, 1], "large_cell": [1, 1, 1], "replacement": MIXED},
            "Br is not one of the elements",
        ),
    ],
)
def test_materials_that_cannot_be_are_named(recipe_file, tmp_path, material, words):
    material = yaml.safe_load(yaml.safe_dump(material).replace("!!python/tuple", ""))
    path = changed(recipe_file, tmp_path, lambda asked: asked["materials"].update(other=material))
    with pytest.raises(InputError, match=words):
        read_recipe(path)


def test_material_names_become_folders_and_may_not_leave_them(recipe_file, tmp_path):
    def change(asked):
        asked["materials"]["../up"] = next(iter(asked["materials"].values()))

    with pytest.raises(InputError, match=r"validation\.materials"):
        read_recipe(changed(recipe_file, tmp_path, change))


def test_mixed_recipe_names_its_three_materials(mixed_recipe):
    assert [*mixed_recipe.validation.materials] == [
        "Li3YCl6 P-3m1",
        "Li3YCl6 Pnma",
        "Li3YBr1.5Cl4.5 P-3m1",
    ]
