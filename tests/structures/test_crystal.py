from itertools import permutations

import numpy as np
import pytest

from atomstates.campaign.schema import Crystal
from atomstates.errors import InputError
from atomstates.structures.crystal import average_structure, crystal_elements

CIF = """data_LYC
_cell_length_a 11.2217
_cell_length_b 11.2217
_cell_length_c 6.05517
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 120
_symmetry_space_group_name_H-M 'P -3 m 1'
_symmetry_Int_Tables_number 164
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
Li1 Li+ 0.326 0 0 0.75
Li2 Li+ 0.332 0 0.5 0.75
Y1 Y3+ 0 0 0 1
Y2 Y3+ 0.33333 0.66667 0.5 1
Cl1 Cl- 0.1133 0.8867 0.7827 1
Cl2 Cl- 0.2136 0.7864 0.2561 1
Cl3 Cl- 0.4367 0.5633 0.7461 1
"""


def test_all_images_of_the_sites_make_the_formula(li3ycl6) -> None:
    structure = average_structure(li3ycl6.crystal)
    assert len(structure) == 12 + 3 + 18
    assert structure.composition.as_dict() == pytest.approx({"Li": 9, "Y": 3, "Cl": 18})
    assert crystal_elements(structure) == ("Li", "Y", "Cl")


def test_a_cif_gives_the_crystal_that_its_sites_give(li3ycl6, tmp_path) -> None:
    (tmp_path / "lyc.cif").write_text(CIF)
    read = average_structure(Crystal(cif="lyc.cif"), tmp_path / "lyc.cif")
    given = average_structure(li3ycl6.crystal)
    assert len(read) == len(given)
    assert read.composition == given.composition
    distances = read.lattice.get_all_distances(read.frac_coords, given.frac_coords)
    nearest = distances.argmin(axis=1)
    assert distances.min(axis=1).max() < 1e-3
    assert [read[i].species for i in range(len(read))] == [given[j].species for j in nearest]


ROWS = [line for line in CIF.splitlines() if line.startswith(("Li", "Y", "Cl"))]


@pytest.mark.parametrize("elements", list(permutations(("Li", "Y", "Cl"))), ids="-".join)
def test_elements_of_a_cif_keep_the_order_of_the_file(tmp_path, elements) -> None:
    head = CIF.partition(ROWS[0])[0]
    rows = [row for element in elements for row in ROWS if row.startswith(element)]
    (tmp_path / "lyc.cif").write_text(head + "\n".join(rows) + "\n")
    read = average_structure(Crystal(cif="lyc.cif"), tmp_path / "lyc.cif")
    assert crystal_elements(read) == elements


SHARED = """data_shared
_cell_length_a 5
_cell_length_b 5
_cell_length_c 5
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
loop_
{columns}
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
{rows}
"""


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        ("_atom_site_label", ["Y1 0 0 0 0.5", "CL1A 0.5 0.5 0.5 1", "C2 0.5 0 0 1", "Li1+ 0 0 0 0.5"]),
        (
            "_atom_site_label\n_atom_site_type_symbol",
            ["Y Y3+ 0 0 0 0.5", "Cl Cl- 0.5 0.5 0.5 1", "Ca C 0.5 0 0 1", "Y Li1+ 0 0 0 0.5"],
        ),
    ],
    ids=["labels", "symbols"],
)
def test_elements_that_share_a_site_have_each_its_own_place_in_the_order(tmp_path, columns, rows) -> None:
    file = tmp_path / "shared.cif"
    file.write_text(SHARED.format(columns=columns, rows="\n".join(rows)))
    structure = average_structure(Crystal(cif="shared.cif"), file)
    assert len(structure) == 3
    assert crystal_elements(structure) == ("Y", "Cl", "C", "Li")


def test_a_third_written_with_four_digits_is_the_special_position() -> None:
    site = {"label": "Y", "element": "Y", "position": [0.3333, 0.6667, 0.5]}
    crystal = Crystal.model_validate(
        {"space_group": 164, "lattice_A": [11, 11, 6], "angles_deg": [90, 90, 120], "sites": [site]}
    )
    structure = average_structure(crystal)
    assert len(structure) == 2
    assert np.allclose(sorted(structure.frac_coords[:, 0]), [1 / 3, 2 / 3], atol=1e-8)


def _pair(distance: float, occupancies: tuple[float, float], elements: tuple[str, str]) -> Crystal:
    """Two sites in a cubic cell of 10 Å."""
    sites = [
        {"label": f"{e}{i}", "element": e, "position": [i * distance / 10, 0, 0], "occupancy": o}
        for i, (e, o) in enumerate(zip(elements, occupancies, strict=True))
    ]
    return Crystal.model_validate({"space_group": 1, "lattice_A": [10, 10, 10], "sites": sites})


@pytest.mark.parametrize("occupancies", [(1.0, 1.0), (0.6, 0.6)])
def test_sites_that_cannot_both_be_occupied_are_refused_by_name(occupancies) -> None:
    with pytest.raises(InputError, match=r"Li0 .* Y1 .*0\.300 Å"):
        average_structure(_pair(0.3, occupancies, ("Li", "Y")))


def test_halves_of_a_split_site_may_be_near_each_other() -> None:
    assert len(average_structure(_pair(0.3, (0.5, 0.5), ("Li", "Li")))) == 2


def test_two_elements_on_one_site_share_it() -> None:
    structure = average_structure(_pair(0.0, (0.25, 0.75), ("Br", "Cl")))
    assert len(structure) == 1
    assert structure.composition.as_dict() == pytest.approx({"Br": 0.25, "Cl": 0.75})


def test_an_unknown_element_is_named() -> None:
    with pytest.raises(InputError, match=r"'Lj0' has the element 'Lj'"):
        average_structure(_pair(3.0, (1, 1), ("Lj", "Cl")))


def test_a_lattice_without_the_symmetry_is_refused() -> None:
    site = {"label": "Y", "element": "Y", "position": [0, 0, 0]}
    crystal = Crystal.model_validate({"space_group": 164, "lattice_A": [11, 11, 6], "sites": [site]})
    with pytest.raises(InputError, match="does not have the symmetry of space group 164"):
        average_structure(crystal)


def test_a_file_that_is_no_cif_is_named(tmp_path) -> None:
    (tmp_path / "x.cif").write_text("this is no crystal\n")
    with pytest.raises(InputError, match=r"x\.cif"):
        average_structure(Crystal(cif="x.cif"), tmp_path / "x.cif")
