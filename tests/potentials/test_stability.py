import numpy as np
import pytest
from ase import Atoms

from atomstates.potentials.exploration import FRAMES, Trip
from atomstates.potentials.hop import end_points, ordered_cell
from atomstates.potentials.recipe import Expedition
from atomstates.potentials.stability import stay, unwrapped

N_FRAMES = 40


def write_dump(path, frames):
    """A LAMMPS dump of frames whose cell has only a tilt in the plane, 250 steps apart."""
    lines = []
    for number, atoms in enumerate(frames):
        (lx, _, _), (xy, ly, _), (_, _, lz) = atoms.cell[:]
        lines += ["ITEM: TIMESTEP", str(250 * number), "ITEM: NUMBER OF ATOMS", str(len(atoms))]
        lines += ["ITEM: BOX BOUNDS xy xz yz pp pp pp", f"{min(0, xy)} {lx + max(0, xy)} {xy}"]
        lines += [f"0 {ly} 0", f"0 {lz} 0", "ITEM: ATOMS id element x y z"]
        lines += [
            f"{i + 1} {atom.symbol} {atom.x} {atom.y} {atom.z}" for i, atom in enumerate(atoms.copy())
        ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def stayed(recipe, tmp_path, frames, cell):
    expedition = Expedition(
        origin="test", filling="channels", temperatures_K=(300,), run_ps=20, frame_every_ps=0.5
    )
    write_dump(tmp_path / FRAMES, frames)
    trip = Trip(tmp_path, frames[0], 300.0, expedition, 1)
    return stay(trip, True, recipe.mobile, recipe.channels, cell)


def test_crystal_that_stands_still_is_ordered_and_has_no_diffusion(recipe, unit, tmp_path):
    cell = (1, 1, 2)
    atoms = ordered_cell(unit, recipe.validation.ordered, cell)
    found = stayed(recipe, tmp_path, [atoms] * N_FRAMES, cell)
    np.testing.assert_allclose(found.order, 1.0)
    assert found.cage_drift == pytest.approx(0, abs=1e-6)
    assert found.diffusivity == pytest.approx(0, abs=1e-12)


def test_drift_of_the_whole_crystal_is_no_diffusion(recipe, unit, tmp_path):
    cell = (1, 1, 2)
    start = ordered_cell(unit, recipe.validation.ordered, cell)
    frames = []
    for number in range(N_FRAMES):
        atoms = start.copy()
        atoms.positions += [0.5 * number, 0, 0]
        atoms.wrap()
        frames.append(atoms)
    assert stayed(recipe, tmp_path, frames, cell).diffusivity == pytest.approx(0, abs=1e-10)


def test_hop_moves_one_ion_to_the_neighbouring_column(recipe, unit):
    start, end = end_points(unit, recipe.validation.ordered, recipe.validation.hop)
    moved = end.get_scaled_positions() - start.get_scaled_positions()
    moved -= np.round(moved)
    lengths = np.linalg.norm(moved @ start.cell[:], axis=1)
    assert np.count_nonzero(lengths > 1e-6) == 1
    assert lengths.max() == pytest.approx(0.336 * 11.199, rel=1e-3)


def test_unwrapped_path_goes_on_across_the_cells_face():
    frames = [Atoms("Li", [[x % 4.0, 0, 0]], cell=[4, 4, 4], pbc=True) for x in (3.0, 3.8, 4.6, 5.4)]
    np.testing.assert_allclose(unwrapped(frames)[:, 0, 0], [3.0, 3.8, 4.6, 5.4])
