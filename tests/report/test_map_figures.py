"""The unit cell from three sides."""

import numpy as np
import pytest
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from atomstates.report.contents import contents
from atomstates.report.map_figures import draw_side_view, edges_on_paper, side_view
from atomstates.report.map_pictures import density_map_picture

HEXAGONAL = np.array([[6.0, 0, 0], [-3.0, 3 * np.sqrt(3), 0], [0, 0, 4.0]])
TRICLINIC = np.array([[5.0, 0.0, 0.0], [-1.5, 6.0, 0.0], [0.7, 1.1, 7.0]])


def test_hexagonal_cell_is_oblique_along_c_and_a_rectangle_along_a():
    root = 3 * np.sqrt(3)
    np.testing.assert_allclose(edges_on_paper(HEXAGONAL, 2), [[6, 0], [-3, root]], atol=1e-12)
    np.testing.assert_allclose(edges_on_paper(HEXAGONAL, 0), [[root, 0], [0, 4]], atol=1e-12)
    np.testing.assert_allclose(edges_on_paper(HEXAGONAL, 1), [[root, 0], [0, 4]], atol=1e-12)


@pytest.mark.parametrize("axis", range(3))
def test_cell_on_paper_has_the_area_across_the_line_of_sight_however_it_is_turned(axis):
    rotation = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))[0]
    rotation *= np.sign(np.linalg.det(rotation))
    edges = edges_on_paper(TRICLINIC, axis)
    area = np.linalg.det(TRICLINIC) / np.linalg.norm(TRICLINIC[axis])
    assert np.linalg.det(edges) == pytest.approx(area, rel=1e-12)
    np.testing.assert_allclose(edges_on_paper(TRICLINIC @ rotation, axis), edges, atol=1e-12)


def test_sites_on_the_border_are_drawn_at_all_their_images():
    framework = [("Y", np.zeros(3)), ("Cl", np.array([0.5, 0.25, 0.5])), ("O", np.array([0.99, 0.5, 0]))]
    ax = Figure().subplots()
    draw_side_view(ax, side_view(HEXAGONAL, 2, np.ones((6, 6)), framework), Normalize(0, 1))
    drawn = {str(line.get_label()): len(line.get_xdata()) for line in ax.lines}
    assert drawn == {"Y": 4, "Cl": 1, "O": 2}


def test_pixel_of_a_voxel_lies_about_its_place():
    density = np.zeros((4, 5))
    density[1, 2] = 3.0
    ax = Figure().subplots()
    mesh = draw_side_view(ax, side_view(HEXAGONAL, 2, density, []), Normalize(0, 3))
    values, corners = np.asarray(mesh.get_array()), np.asarray(mesh.get_coordinates())
    assert values.shape == (5, 6)  # the first voxels are drawn once more at the far border
    (i, j), *others = np.argwhere(values == 3.0).tolist()
    assert not others
    centre = corners[i : i + 2, j : j + 2].mean(axis=(0, 1))
    np.testing.assert_allclose(centre, np.array([1 / 4, 2 / 5]) @ edges_on_paper(HEXAGONAL, 2), rtol=1e-12)


def test_caption_names_the_axes_of_the_paths_and_bounds_where_there_are_none(results):
    picture = density_map_picture(contents(results)[0])
    assert "At 300 K there is no such path (barriers above 0." in picture.caption
    assert "At 700 K it percolates along c (0." in picture.caption
    assert "in one dimension; along a, b no path was visited often enough" in picture.caption
    titles = [ax.get_title(loc="left") for ax in picture.figure.axes]
    assert "300 K: no path visited often enough" in titles
    assert "700 K: paths along c" in titles
    assert sum(name.endswith(".cube") for name in picture.data) == 4


def test_barrier_along_every_axis_is_a_row_of_the_numbers(results):
    text = (results.path / "report" / "numbers.csv").read_text(encoding="utf-8")
    rows = [row for row in text.splitlines() if row.startswith("percolation barrier along ")]
    assert len(rows) == 3 * 4
    assert (results.path / "report" / "data" / "li3ycl6-p3m1_density_700K.cube").is_file()
