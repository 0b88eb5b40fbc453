"""Density maps: integral, geometry, framework drift, files read back by another program."""

import numpy as np
import pytest
from ase.io.cube import read_cube
from ase.units import Bohr
from hypothesis import given, settings
from hypothesis import strategies as st

from atomstates.parallel import Serial
from atomstates.potentials.crystal import Crystal
from atomstates.transport.maps.density_map import (
    DensityMap,
    block_counts,
    folded_sites,
    grid_shape,
    merged_maps,
    voxel_counts,
)
from atomstates.transport.maps.products import (
    RunVisits,
    read_visits,
    temperature_map,
    write_cube,
    write_visits,
)
from atomstates.transport.maps.reading import run_visits

HEXAGONAL = np.array([[6.0, 0.0, 0.0], [-3.0, 3.0 * np.sqrt(3), 0.0], [0.0, 0.0, 4.0]])
TRICLINIC = np.array([[5.0, 0.0, 0.0], [-1.5, 6.0, 0.0], [0.7, 1.1, 7.0]])


def some_map(cell=TRICLINIC, seed=1, n=4000):
    shape = grid_shape(cell, 0.5)
    fractional = np.random.default_rng(seed).normal(0.3, 0.2, (n, 3))
    return DensityMap(voxel_counts(fractional, shape), cell, n_samples=500)


def test_voxels_are_centred_on_their_places_and_images_are_folded():
    counts = voxel_counts(np.array([[0, 0, 0], [0.99, 1.01, -0.01], [0.26, 0.5, -0.5]]), (10, 10, 10))
    assert counts.sum() == 3
    assert counts[0, 0, 0] == 2
    assert counts[3, 5, 5] == 1


def test_integral_of_the_density_is_the_number_of_ions_in_a_cell():
    found = some_map()
    assert found.density.sum() * found.voxel_volume == pytest.approx(8.0, rel=1e-12)
    assert found.ions_per_cell == 8.0


@pytest.mark.parametrize("axis", range(3))
def test_integral_of_a_projection_over_the_cell_as_seen_is_the_number_of_ions(axis):
    found = some_map()
    area = np.linalg.det(TRICLINIC) / np.linalg.norm(TRICLINIC[axis])
    seen = found.projection(axis)
    assert seen.sum() * area / seen.size == pytest.approx(8.0, rel=1e-12)


def test_blocks_keep_every_visit():
    counts = np.arange(6 * 8 * 10).reshape(6, 8, 10)
    blocks = block_counts(counts)
    assert blocks.shape == (3, 4, 5)
    assert blocks[1, 2, 3] == counts[2:4, 4:6, 6:8].sum()
    assert blocks.sum() == counts.sum()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_rotated_crystal_has_the_same_map(seed):
    generator = np.random.default_rng(seed)
    rotation = np.linalg.qr(generator.normal(size=(3, 3)))[0]
    positions, shape = generator.uniform(-20, 20, (60, 3)), grid_shape(TRICLINIC, 0.5)
    turned = TRICLINIC @ rotation
    assert grid_shape(turned, 0.5) == shape
    before = voxel_counts(positions @ np.linalg.inv(TRICLINIC), shape)
    after = voxel_counts(positions @ rotation @ np.linalg.inv(turned), shape)
    assert np.array_equal(before, after)


def test_merged_map_weighs_runs_by_their_length():
    one, two = some_map(seed=1), some_map(seed=2)
    longer = DensityMap(two.counts * 3, two.cell, two.n_samples * 3)
    both = merged_maps([one, longer])
    np.testing.assert_allclose(both.density, (one.density + 3 * two.density) / 4, rtol=1e-12)
    with pytest.raises(ValueError, match="grids"):
        merged_maps([one, some_map(cell=HEXAGONAL)])


def test_atoms_of_all_unit_cells_fold_to_the_sites_of_one():
    rattle = np.random.default_rng(3).normal(0, 0.004, (8, 3))
    cells = np.array([(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    fractional = np.concatenate([cells + rattle, cells + 0.5 - rattle])
    elements = np.array(["Y"] * 8 + ["Cl"] * 8)
    (cl, at_cl), (y, at_y) = folded_sites(fractional, elements, TRICLINIC)
    assert (cl, y) == ("Cl", "Y")
    assert at_cl == pytest.approx((0.5, 0.5, 0.5), abs=0.01)
    assert np.abs(np.array(at_y) - np.round(at_y)).max() < 0.01


def test_cube_file_is_read_back_by_ase(tmp_path):
    found = some_map()
    write_cube(tmp_path / "map.cube", found, "Li", [("Y", (0.0, 0.0, 0.0)), ("Cl", (0.25, 0.5, 0.75))])
    with (tmp_path / "map.cube").open() as handle:
        content = read_cube(handle)
    atoms, data = content["atoms"], content["data"]
    np.testing.assert_allclose(atoms.cell[:], TRICLINIC, rtol=0, atol=1e-4)
    np.testing.assert_allclose(content["origin"], 0, atol=0)
    assert atoms.get_chemical_symbols() == ["Y", "Cl"]
    np.testing.assert_allclose(atoms.get_scaled_positions()[1], (0.25, 0.5, 0.75), rtol=1e-4)
    np.testing.assert_allclose(data / Bohr**3, found.density, rtol=1e-5)
    # ions per cell in the units of the file, as other programs integrate it
    assert data.sum() * atoms.cell.volume / Bohr**3 / data.size == pytest.approx(8.0, rel=1e-4)


class Drifting:
    """Two ions on known sites of a 2 × 1 × 1 supercell; a framework that drifts and shakes."""

    n_frames, n_atoms = 30, 5
    supercell = np.diag([2.0, 1.0, 1.0]) @ TRICLINIC
    crystal = Crystal(
        id=np.arange(1, 6),
        element=np.array(["Li", "Li", "Y", "Cl", "Cl"]),
        positions=np.array([[0.1, 0.2, 0.3], [0.6, 0.2, 0.3], [0, 0, 0], [0.25, 0.5, 0.5], [0.9, 0.9, 0.9]])
        @ supercell,
        cell=supercell,
        supercell=(2, 1, 1),
    )
    masses = np.array([88.9, 35.45, 35.45])

    def __init__(self, wrapped=False):
        generator = np.random.default_rng(5)
        shake = generator.normal(0, 0.1, (self.n_frames, 3, 3))
        shake -= np.average(shake, axis=1, weights=self.masses)[:, None, :]
        drift = np.linspace(4.0, 60.0, self.n_frames)[:, None, None] * np.array([1.0, -0.5, 0.3])
        self.positions = np.repeat(self.crystal.positions[None], self.n_frames, axis=0) + drift
        self.positions[:, 2:] += shake
        if wrapped:  # images of framework atoms that no longer are those of the crystal
            self.positions[:, 3] += self.supercell[0] - self.supercell[2]

    def read(self, start, stop):
        return self.positions[start:stop]


@pytest.mark.parametrize("wrapped", [False, True])
def test_ions_are_where_they_are_in_the_crystal_however_the_framework_drifts(wrapped):
    run, shape = Drifting(wrapped), (10, 10, 10)
    visits, frames = run_visits(
        run, run.supercell, np.arange(2), np.arange(2, 5), run.masses, run.crystal, shape, Serial()
    )
    assert frames.sum() == run.n_frames
    # fraction 0.1 of the supercell is 0.2 of the unit cell, and 0.6 is 1.2
    assert np.argwhere(visits.sum(axis=0)).tolist() == [[2, 2, 3]]
    assert visits.sum(axis=(1, 2, 3)).tolist() == (2 * frames).tolist()


def test_replicas_of_a_temperature_are_one_map(tmp_path):
    generator, shape = np.random.default_rng(8), grid_shape(TRICLINIC, 0.5)
    runs = []
    for number in range(2):
        visits = generator.poisson(5, (4, *shape))
        run = RunVisits(visits, np.full(4, 25), TRICLINIC, n_cells=2, temperature=600.0)
        write_visits(tmp_path / f"{number}.h5", run)
        runs.append(read_visits(tmp_path / f"{number}.h5"))
        assert np.array_equal(runs[-1].visits, visits)
    found = temperature_map(runs)
    assert (found.n_runs, found.n_frames, found.map.n_samples) == (2, 200, 400)
    assert found.map.counts.sum() == runs[0].visits.sum() + runs[1].visits.sum()
    assert found.passages.axes == "abc"
    assert found.passages.dimensions == 3
