from itertools import combinations

import numpy as np
import pytest

from atomstates.campaign.schema import Channels, Crystal, Material, Ordering, Substitution
from atomstates.errors import InputError
from atomstates.structures.candidates import OrderedCell, read_candidates_file, write_candidates_file
from atomstates.structures.channels import channel_order
from atomstates.structures.crystal import average_structure
from atomstates.structures.electrostatics import electrostatic_energies, interaction_matrix
from atomstates.structures.occupations import distinct_occupations
from atomstates.structures.ordering import Orderings, orderings
from atomstates.structures.stage import candidate_order
from atomstates.structures.substitution import substituted


def found(material: Material, **changes) -> Orderings:
    settings = Ordering(**{**material.ordering.model_dump(), **changes})
    return orderings(
        average_structure(material.crystal), material.charges, settings, np.random.default_rng(1)
    )


def with_sites(material: Material, **changes: dict) -> Material:
    """The material with keys of some sites changed, by label."""
    content = material.model_dump()
    for site in content["crystal"]["sites"]:
        site.update(changes.get(site["label"], {}))
    return Material.model_validate(content)


def test_220_orderings_of_li3ycl6_are_24_distinct_ones(li3ycl6) -> None:
    result = found(li3ycl6)
    assert (result.n_possible, result.n_looked_at, result.n_distinct) == (220, 220, 24)
    assert sum(candidate.degeneracy for candidate in result.candidates) == 220
    assert {12 % candidate.degeneracy for candidate in result.candidates} == {0}


def test_ewald_puts_six_ions_into_the_poor_layer_and_leaves_a_wide_gap(li3ycl6) -> None:
    # The published gap of 1.18 eV per cell belongs to Li on the ideal octahedral centres.
    ideal = with_sites(li3ycl6, Li1={"position": (1 / 3, 0, 0)}, Li2={"position": (1 / 3, 0, 0.5)})
    lowest, second = found(ideal).candidates[:2]
    heights = lowest.cell.of_element("Li")[:, 2]
    assert (np.isclose(heights, 0).sum(), np.isclose(heights, 0.5).sum()) == (6, 3)
    assert (lowest.degeneracy, second.degeneracy) == (2, 6)
    gap = second.electrostatic_energy - lowest.electrostatic_energy
    assert gap == pytest.approx(1.18, rel=0.01)


def test_interaction_matrix_gives_the_madelung_constant_of_rock_salt() -> None:
    positions = np.array([[i, j, k] for i in (0, 0.5) for j in (0, 0.5) for k in (0, 0.5)])
    charges = np.where(np.rint(2 * positions.sum(axis=1)).astype(int) % 2, -1.0, 1.0)
    lattice = 5.64 * np.eye(3)
    energy = electrostatic_energies(interaction_matrix(lattice, positions), charges[None])[0]
    # -M e²/(4 pi eps0 r) per pair, four pairs in the cell.
    assert energy == pytest.approx(-4 * 1.747564594633 * 14.3996454 / 2.82, rel=1e-5)


def test_classes_are_those_of_a_search_by_brute_force() -> None:
    rows = np.array(
        [[1 if i in chosen else 0 for i in range(6)] for chosen in combinations(range(6), 3)],
        dtype=np.uint8,
    )
    turns = np.array([[(i + k) % 6 for i in range(6)] for k in range(6)])
    representatives, sizes = distinct_occupations(rows, turns)
    classes = {frozenset(tuple(np.roll(row, k)) for k in range(6)) for row in rows}
    assert len(representatives) == len(classes) == 4
    assert sorted(sizes) == sorted(len(c) for c in classes) == [2, 6, 6, 6]


def test_many_sites_are_classed_as_few_are() -> None:
    rows = np.zeros((200, 100), dtype=np.uint8)
    rows[np.arange(200), np.arange(200) % 100] = 1
    rows[100:, 0] = 1
    turns = np.array([[(i + k) % 100 for i in range(100)] for k in range(100)])
    representatives, sizes = distinct_occupations(rows, turns)
    # One ion; two ions 1 .. 50 apart. The pair of 0 with itself is one ion.
    assert len(representatives) == 51
    assert sizes[0] == 100


def test_too_many_orderings_are_drawn_by_the_seed(li3ycl6) -> None:
    first, again = (found(li3ycl6, most_enumerated=100) for _ in range(2))
    assert first.n_looked_at <= 100 < first.n_possible
    assert first.n_distinct <= 24
    energies = [[c.electrostatic_energy for c in result.candidates] for result in (first, again)]
    assert energies[0] == energies[1]
    lithium = {len(c.cell.of_element("Li")) for c in first.candidates}
    assert lithium == {9}


def test_a_doubled_cell_has_the_orderings_of_the_single_one_among_its_own(li3ycl6) -> None:
    crystal = Crystal.model_validate(
        {
            "space_group": 221,
            "lattice_A": [4, 4, 4],
            "sites": [
                {"label": "Li", "element": "Li", "position": [0, 0, 0], "occupancy": 0.5},
                {"label": "Cl", "element": "Cl", "position": [0.5, 0.5, 0.5]},
            ],
        }
    )
    charges = {"Li": 2.0, "Cl": -1.0}
    random = np.random.default_rng(1)
    result = orderings(average_structure(crystal), charges, Ordering(cell=(2, 2, 1)), random)
    # Two ions on a square of four sites: side by side along x, along y, or across.
    assert (result.n_possible, result.n_distinct) == (6, 2)
    with pytest.raises(InputError, match=r"0\.500 Li .* \(1 x 1 x 1 unit cells\).* 2 times as large"):
        orderings(average_structure(crystal), charges, Ordering(), random)


def test_a_composition_that_cannot_be_ordered_is_refused_with_numbers(li3ycl6) -> None:
    broken = with_sites(li3ycl6, Li1={"occupancy": 0.77})
    with pytest.raises(InputError, match=r"9\.120 Li on 12 partially occupied sites"):
        found(broken)


def test_a_charged_cell_is_refused_with_its_charge(li3ycl6) -> None:
    charged = li3ycl6.model_copy(update={"charges": {"Li": 1, "Y": 2, "Cl": -1}})
    with pytest.raises(InputError, match=r"\(9 Li, 3 Y, 18 Cl\) has the charge -3\.000 e"):
        found(charged)


def test_two_elements_on_one_site_are_ordered_too() -> None:
    sites = [
        {"label": "Na", "element": "Na", "position": [0, 0, 0]},
        {"label": "Cl", "element": "Cl", "position": [0.5, 0.5, 0.5], "occupancy": 0.75},
        {"label": "Br", "element": "Br", "position": [0.5, 0.5, 0.5], "occupancy": 0.25},
    ]
    crystal = Crystal.model_validate({"space_group": 225, "lattice_A": [5.7] * 3, "sites": sites})
    result = orderings(
        average_structure(crystal), {"Na": 1, "Cl": -1, "Br": -1}, Ordering(), np.random.default_rng(1)
    )
    assert (result.n_possible, result.n_distinct) == (4, 1)
    elements = result.candidates[0].cell.elements
    assert (elements.count("Na"), elements.count("Cl"), elements.count("Br")) == (4, 3, 1)


def test_candidates_survive_their_file(li3ycl6, tmp_path) -> None:
    candidates = found(li3ycl6).candidates[:3]
    write_candidates_file(tmp_path / "c.json", candidates, ("Li", "Y", "Cl"))
    read, elements = read_candidates_file(tmp_path / "c.json")
    assert elements == ("Li", "Y", "Cl")
    assert [c.degeneracy for c in read] == [c.degeneracy for c in candidates]
    assert np.array_equal(read[1].cell.positions, candidates[1].cell.positions)


# ---------------------------------------------------------------- channels


def channels_of(material: Material) -> Channels:
    assert material.channels is not None
    return material.channels


def test_full_and_half_full_channels_have_order_one(li3ycl6) -> None:
    channels = channels_of(li3ycl6)
    lattice = np.array(average_structure(li3ycl6.crystal).lattice.matrix)
    full = [(x, y, z) for x, y in channels.a for z in (0.0, 0.5)]
    half = [(x, y, 0.25) for x, y in channels.b]
    ordered = np.array(full + half)
    mixed = np.array([*full[:4], *[(x, y, z) for x, y in channels.b[:2] for z in (0, 0.5)], full[4]])
    both = np.stack([ordered, mixed + np.array([3, -2, 5])])
    # In the mixed one A holds 5 ions in three channels, B 4.
    assert channel_order(both, channels, 1, lattice) == pytest.approx([1.0, 1 / 3])


def test_channel_order_does_not_depend_on_the_number_of_cells(li3ycl6) -> None:
    candidate = found(li3ycl6).candidates[0]
    assert candidate_order(candidate, li3ycl6) == pytest.approx(1.0)
    whole = candidate.cell.repeated((2, 2, 2))
    positions = whole.of_element("Li") * 2
    order = channel_order(positions, channels_of(li3ycl6), 8, candidate.cell.lattice)
    assert order == pytest.approx(1.0)


# ---------------------------------------------------------------- substitution


def supercell(material: Material) -> OrderedCell:
    return found(material).candidates[0].cell.repeated((2, 2, 1))


def test_the_same_seed_replaces_the_same_atoms(li3ycl6) -> None:
    quarter = [Substitution(replace="Cl", by="Br", fraction=0.25, seed=3)]
    first, again, other = (substituted(supercell(li3ycl6), quarter, seed) for seed in (1, 1, 2))
    assert first.elements == again.elements != other.elements
    assert (first.elements.count("Br"), first.elements.count("Cl")) == (18, 54)


def test_a_fraction_of_an_atom_is_not_replaced(li3ycl6) -> None:
    with pytest.raises(InputError, match=r"0\.3 is 21\.600 of the 72 Cl .* 22/72"):
        substituted(supercell(li3ycl6), [Substitution(replace="Cl", by="Br", fraction=0.3)], 1)


def test_an_element_that_is_not_there_is_not_replaced(li3ycl6) -> None:
    with pytest.raises(InputError, match="no F"):
        substituted(supercell(li3ycl6), [Substitution(replace="F", by="Br", fraction=0.5)], 1)
