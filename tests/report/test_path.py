from dataclasses import replace

import numpy as np
import pytest
from analytic_path import BARRIER, EDGE, rock_salt_path

from atomstates.report.interactive.path import along, continuous, path_panel, surroundings

COLOURS = {"Li": "#6a4fa0", "Cl": "#7fb069", "Y": "#222222"}


def test_path_across_a_border_is_continuous():
    path, way = rock_salt_path()
    whole = continuous(path.frames, path.cell)
    assert np.abs(np.diff(whole[:, 0], axis=0)).max() < 1.5
    np.testing.assert_allclose(np.diff(whole[:, 0], axis=0), np.diff(way, axis=0), rtol=0, atol=1e-12)


def test_length_of_a_straight_way_is_its_distance():
    frames = np.linspace([[0.0, 0, 0]], [[3.0, 4.0, 0]], 6)
    np.testing.assert_allclose(along(frames, 0), np.linspace(0, 5, 6))


def test_atoms_around_the_way_are_those_of_brute_force():
    path, _ = rock_salt_path()
    atoms, places = surroundings(path.frames, path.cell, 0, reach=6.0)
    whole = continuous(path.frames, path.cell)
    shifts = np.array([(i, j, k) for i in range(-3, 4) for j in range(-3, 4) for k in range(-3, 4)])
    found = 0
    for atom in range(len(path.elements)):
        for shift in shifts:
            apart = whole[:, atom] + shift @ path.cell - whole[:, 0]
            found += bool(np.linalg.norm(apart, axis=-1).min() <= 6.0)
    assert len(atoms) == places.shape[1] == found
    assert atoms[0] == 0


def test_way_of_the_ion_is_kept_and_is_around_the_middle():
    path, way = rock_salt_path()
    _, places = surroundings(path.frames, path.cell, 0, reach=6.0)
    np.testing.assert_allclose(places[:, 0], way - way.mean(axis=0), rtol=0, atol=1e-12)


def test_origin_of_the_cell_does_not_matter():
    path, _ = rock_salt_path()
    atoms, places = surroundings(path.frames, path.cell, 0, reach=5.0)
    moved, others = surroundings(path.frames + np.array([1.7, -3.1, 40.0]), path.cell, 0, reach=5.0)
    assert sorted(atoms) == sorted(moved)
    distances = [np.sort(np.linalg.norm(p[0] - p[0, 0], axis=-1)) for p in (places, others)]
    np.testing.assert_allclose(*distances, rtol=0, atol=1e-9)


def test_barrier_is_the_highest_energy_above_the_first_image():
    path, _ = rock_salt_path()
    assert path.barrier == pytest.approx(BARRIER)
    panel = path_panel("A hop", [path], ["Cl"], COLOURS)
    assert "oct–tet–oct: 0.300 eV" in panel.label
    assert panel.data["paths"][0]["energies"][0] == 0
    assert panel.data["paths"][0]["along"][-1] > EDGE / np.sqrt(2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"energies": np.zeros(4)}, "4 energies"),
        ({"ion": 99}, "ion 99 of"),
        ({"cell": np.eye(2)}, r"shape \(2, 2\)"),
        ({"errors": np.zeros(3)}, "3 errors of 9"),
        ({"energies": np.full(9, np.nan)}, "not finite"),
    ],
)
def test_path_that_does_not_fit_together_is_refused(change, words):
    path, _ = rock_salt_path()
    with pytest.raises(ValueError, match=words):
        replace(path, **change)


def test_player_without_a_path_is_refused():
    with pytest.raises(ValueError, match="needs a path"):
        path_panel("A hop", [], ["Cl"], COLOURS)
