import numpy as np
import pytest
from fabricated_environments import octahedra, tetrahedron
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from atomstates.report.environment_figures import draw_cluster, view
from atomstates.report.environment_pictures import environment_text, most_populous


def drawn(cluster):
    ax = Figure().subplots()
    draw_cluster(ax, cluster, "#D55E00", 6.0)
    faces = [patch for patch in ax.patches if isinstance(patch, Polygon)]
    return faces, ax.lines, ax.collections


def test_tetrahedron_is_drawn_with_four_faces_six_edges_and_five_atoms():
    faces, lines, atoms = drawn(tetrahedron())
    assert (len(faces), len(lines), len(atoms)) == (4, 6, 5)


def test_shared_edge_of_two_octahedra_is_drawn_thick():
    faces, lines, atoms = drawn(octahedra(1))
    # twelve edges of each, of which one is drawn by both, and once more because it is shared
    assert (len(faces), len(lines), len(atoms)) == (16, 25, 12)
    (thick,) = [line for line in lines if line.get_linewidth() > 1.5]
    assert thick.get_color() == "#D55E00"


def test_view_keeps_all_distances():
    positions = octahedra(2).positions
    seen = view(positions)
    apart = np.linalg.norm(seen[:, None] - seen, axis=2)
    assert apart == pytest.approx(
        np.linalg.norm(positions[:, None] - positions, axis=2), rel=1e-9, abs=1e-9
    )


def test_environment_in_words():
    entry = {"site": "octahedral", "edge_sharing": 1, "face_sharing": 0, "anions": {"Br": 2, "Cl": 4}}
    assert environment_text(entry, "Y") == "octahedral, 1 edge-sharing Y, 2 Br 4 Cl"
    assert environment_text(entry | {"edge_sharing": 0, "anions": {}}, "Y") == "octahedral, no Y beside"


def test_environments_of_other_anions_are_other_environments():
    def row(n_br, share):
        return {
            "site": "octahedral", "edge_sharing": 1, "face_sharing": 0,
            "anions": {"Br": n_br, "Cl": 6 - n_br}, "fraction": {"value": share},
        }  # fmt: skip

    doas = {
        "temperatures": [
            {"temperature_K": 300, "environments": [row(2, 0.2), row(3, 0.9)]},
            {"temperature_K": 600, "environments": [row(2, 0.3), row(3, 0.1)]},
        ]
    }
    assert most_populous(doas, row(2, 0.0))["temperature_K"] == 600
    assert most_populous(doas, row(3, 0.0))["temperature_K"] == 300
