"""The structure that stands for an environment: which state it is, and what its files say."""

import io

import numpy as np
import pytest
from crystals import li3ycl6
from test_density import blocks_of, states_from

from atomstates.doas.assignment import roles
from atomstates.doas.clusters import ROLES, cluster_text, local_cluster
from atomstates.doas.representatives import (
    cell_text,
    class_means,
    environment_name,
    nearest_states,
)


def lyc(repeats=(2, 2, 1)):
    """Positions, cell, elements, ids and roles of a crystal with all octahedra of both kinds full."""
    crystal = li3ycl6(repeats)
    parts = [crystal[name] for name in ("poor", "rich", "Y", "Cl")]
    element = np.repeat(["Li", "Li", "Y", "Cl"], [len(part) for part in parts])
    positions = np.concatenate(parts)
    return (
        positions,
        crystal["cell"],
        element,
        np.arange(11, 11 + len(element)),
        roles(element, "Li", ("Cl",)),
    )


def test_representative_is_nearest_to_the_mean_of_its_environment():
    energy = np.array([[-1.0, -1.0, -0.25], [-0.5, -0.75, -0.5]])
    states = states_from(energy, [[0, 0, 1], [0, 0, 1]])
    blocks = blocks_of(states)
    means = class_means(blocks)
    assert means == pytest.approx([-3.25 / 4, -0.375], rel=1e-12)
    found = nearest_states(states, 3, blocks.classes, means)
    assert (found[0].step, found[0].ion, found[0].energy) == (1000, 2, -0.75)
    # -0.25 and -0.5 are as near: the earlier one
    assert (found[1].step, found[1].ion, found[1].run) == (0, 3, 3)
    # of two runs the nearer one, then the first
    assert min(found[1], nearest_states(states, 1, blocks.classes, means)[1]).run == 1


def test_cluster_of_a_y_rich_octahedron_is_three_octahedra_that_share_edges():
    positions, cell, element, ids, parts = lyc()
    ion = int(ids[len(li3ycl6((2, 2, 1))["poor"])])
    found = local_cluster(positions + 7.3, cell, parts, element, ids, ion)
    assert found.id[0] == ion
    assert found.positions[0] == pytest.approx([0, 0, 0], abs=1e-12)
    assert found.shared == (6, 2, 2)
    assert [len(one) for one in found.polyhedra] == [7, 7, 7]
    numbers = {role: int(np.sum(found.role == role)) for role in ROLES}
    # two of the six anions of each Y are the ion's own
    assert numbers == {"ion": 1, "anion": 6, "cation": 2, "cation_anion": 8}
    assert set(found.element[found.role == "cation"]) == {"Y"}
    for centre, *corners in found.polyhedra:
        arms = np.linalg.norm(found.positions[corners] - found.positions[centre], axis=1)
        # ideal hcp: sqrt(a²/3 + c²/16)
        assert arms == pytest.approx(np.full(6, np.hypot(3.7406 / np.sqrt(3), 6.0552 / 4)), rel=1e-4)


def test_cluster_file_is_read_by_others_with_ids_and_roles():
    ase_io = pytest.importorskip("ase.io")
    positions, cell, element, ids, parts = lyc()
    found = local_cluster(positions, cell, parts, element, ids, int(ids[0]))
    atoms = ase_io.read(io.StringIO(cluster_text(found, {"run": "a b", "step": "5"})), format="extxyz")
    assert atoms.get_chemical_symbols() == found.element.tolist()
    assert atoms.positions == pytest.approx(found.positions, abs=1e-6)
    assert atoms.arrays["id"].tolist() == found.id.tolist()
    assert atoms.arrays["role"].tolist() == found.role.tolist()
    assert atoms.info["run"] == "a b"
    assert not atoms.pbc.any()


def test_cell_file_has_the_ion_in_its_middle_and_the_distances_of_the_snapshot():
    from pymatgen.io.cif import CifParser

    positions, cell, element, ids, _ = lyc()
    wandered = positions + np.array([[5.0, -3.0, 2.0]]) @ cell
    text = cell_text(wandered, cell, element, ids, int(ids[4]))
    structure = CifParser.from_str(text).parse_structures(primitive=False, on_error="ignore")[0]
    assert "Li15_ion" in text
    assert text.count("_ion") == 1
    middle = [site for site in structure if site.label == "Li15_ion"]
    assert middle[0].frac_coords == pytest.approx([0.5, 0.5, 0.5], abs=1e-6)
    nearest = sorted(neighbour.nn_distance for neighbour in structure.get_neighbors(middle[0], 2.8))
    apart = positions - positions[4]
    apart -= np.round(apart @ np.linalg.inv(cell)) @ cell
    expected = np.sort(np.linalg.norm(apart, axis=1))[1:7]
    assert nearest == pytest.approx(expected, rel=1e-4)


def test_environment_has_a_name_for_files():
    assert environment_name([0, 1, 0], ()) == "octahedral_1_edge_0_face"
    assert environment_name([1, 2, 1, 0, 4], ("Br", "Cl")) == "tetrahedral_2_edge_1_face_Cl4"
