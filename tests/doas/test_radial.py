import numpy as np
import pytest
from crystals import A_HCP, C_HCP, hcp_holes

from atomstates.doas.assignment import Roles
from atomstates.doas.broadening import first_minimum, radial_content, radial_rows, temperature_radial
from atomstates.doas.radial import (
    PAIRS,
    SHELL,
    RadialCounts,
    pairs_at_any_distance,
    radial_counts,
    radial_distribution,
    read_radial_file,
    shells,
    write_radial_file,
)

CUBE = 20.0 * np.eye(3)
NEAREST = np.sqrt(A_HCP**2 / 3 + C_HCP**2 / 16)
"""Å from an octahedral hole of hcp to its six anions."""


def octahedra(repeats=(5, 5, 3)):
    """Ions in the octahedral holes of hcp anions: positions, cell, roles."""
    anions, holes, _, cell = hcp_holes(repeats)
    mobile = np.arange(len(holes) + len(anions)) < len(holes)
    return np.concatenate([holes, anions]), cell, Roles(mobile, ~mobile)


def counted(frames, cell, parts):
    """What a run of frames holds that do not change when they relax."""
    edges = shells(np.array([cell]))
    counts = np.array([[radial_counts(f, cell, parts, edges)] * 2 for f in frames])
    volume = np.full(len(frames), np.linalg.det(cell))
    return RadialCounts(counts, volume, edges, int(parts.mobile.sum()), pairs_at_any_distance(parts))


def test_ideal_gas_has_a_distribution_of_one():
    generator, mobile = np.random.default_rng(1), np.arange(90) < 40
    parts = Roles(mobile, np.arange(90) >= 70)
    run = counted(generator.uniform(0, 20, size=(40, 90, 3)), CUBE, parts)
    found = temperature_radial(300.0, [run], 4, 50, 1)
    far = found.edges[:-1] > 3
    assert np.abs(found.values[..., far].mean(axis=-1) - 1).max() < 0.03
    pulls = (found.values[0, ..., far] - 1) / found.errors[0, ..., far]
    assert 0.8 < pulls.std() < 1.3


def test_octahedral_hole_has_six_anions_at_the_distance_of_the_crystal():
    positions, cell, parts = octahedra()
    run = counted([positions], cell, parts)
    anions = run.counts[0, 1, PAIRS.index("ion_anion")]
    first = np.flatnonzero(anions)[0]
    assert run.edges[first] <= NEAREST < run.edges[first + 1]
    assert anions[: first + 2].sum() == 6 * run.n_ions
    # the nearest holes: two along the axis at c/2, six in the plane at a
    ions = run.counts[0, 1, PAIRS.index("ion_ion")]
    assert ions[: int(3.5 / SHELL)].sum() == 2 * run.n_ions
    assert ions[: int(3.9 / SHELL)].sum() == 8 * run.n_ions


def test_integral_of_the_distribution_counts_neighbours():
    positions, cell, parts = octahedra()
    run = counted([positions], cell, parts)
    n_pairs, volume = run.n_pairs[1], run.volume[0]
    distribution = radial_distribution(run.counts[0, 1, 1], n_pairs, volume, run.edges)
    middle = (run.edges[1:] + run.edges[:-1]) / 2
    density = n_pairs / run.n_ions / volume
    upto = middle < 3.0
    integral = np.sum(4 * np.pi * middle**2 * density * distribution * SHELL, where=upto)
    assert integral == pytest.approx(6, rel=1e-3)


def test_same_crystal_in_another_cell_has_the_same_distances():
    positions, cell, parts = octahedra()
    skewed = cell.copy()
    skewed[1] += cell[0]
    skewed[2] += cell[1]
    edges = shells(np.array([cell, skewed]))
    np.testing.assert_array_equal(
        radial_counts(positions, skewed, parts, edges), radial_counts(positions, cell, parts, edges)
    )


def test_width_of_the_first_shell_is_that_of_the_vibrations():
    positions, cell, parts = octahedra()
    generator, sigma = np.random.default_rng(2), 0.12
    frames = positions + generator.normal(0, sigma, size=(20, *positions.shape))
    content = radial_content("x", [temperature_radial(300.0, [counted(frames, cell, parts)], 2, 60, 1)])
    found = content["temperatures"][0]["relaxed"]["ion_anion"]
    # both ends of a distance move
    assert found["width"].value == pytest.approx(np.sqrt(2) * sigma, rel=0.03)
    assert found["coordination"].value == pytest.approx(6, rel=0.01)
    assert found["mean"].value == pytest.approx(NEAREST, rel=0.01)
    assert 0 < found["width"].error < 0.05 * found["width"].value


def test_crystal_without_cations_has_no_row_of_them():
    positions, cell, parts = octahedra()
    found = temperature_radial(300.0, [counted([positions], cell, parts)], 1, 10, 1)
    content = radial_content("x", [found])
    assert content["first_shell_to_A"]["ion_cation"] is None
    assert "ion_cation" not in content["temperatures"][0]["thermal"]
    assert next(iter(radial_rows([found])))[-4:] == ["", "", "", ""]


def test_one_block_of_snapshots_gives_no_error():
    positions, cell, parts = octahedra()
    found = temperature_radial(300.0, [counted([positions], cell, parts)], 1, 10, 1)
    number = radial_content("x", [found])["temperatures"][0]["thermal"]["ion_anion"]["width"]
    assert number.error is None
    assert "one block of snapshots" in number.note


def test_first_minimum_lies_between_two_peaks():
    r = (np.arange(200) + 0.5) * SHELL
    two_peaks = 3 * np.exp(-((r - 3.0) ** 2) / 0.1) + 2 * np.exp(-((r - 5.0) ** 2) / 0.2)
    assert first_minimum(two_peaks) == pytest.approx(3.9, abs=0.2)
    assert first_minimum(np.where(r < 9, 0.0, 2.0 * (r - 9))) == pytest.approx(10.0)


def test_file_holds_what_was_written(tmp_path):
    positions, cell, parts = octahedra((4, 4, 2))
    run = counted([positions], cell, parts)
    write_radial_file(tmp_path / "radial.h5", run)
    found = read_radial_file(tmp_path / "radial.h5")
    np.testing.assert_array_equal(found.counts, run.counts)
    np.testing.assert_array_equal(found.edges, run.edges)
    assert found.n_ions == run.n_ions
