import numpy as np
import pytest
from ase import Atoms

from atomstates.potentials.validation.orderings import ordered_cell
from atomstates.potentials.validation.stays import stay, unwrapped

N_FRAMES = 40


def moved(start, displacements):
    """Frames 250 steps apart, each with all or some atoms displaced."""
    frames = []
    for number, displacement in enumerate(displacements):
        atoms = start.copy()
        atoms.positions += displacement
        atoms.wrap()
        atoms.info["step"] = 250 * number
        frames.append(atoms)
    return frames


@pytest.fixture
def start(unit, ordered):
    return ordered_cell(unit, ordered, (1, 1, 2))


def test_drift_of_the_whole_crystal_is_neither_diffusion_nor_collapse(start):
    found = stay(moved(start, [[0.5 * number, 0, 0] for number in range(N_FRAMES)]), "Li")
    assert found.diffusivity == pytest.approx(0, abs=1e-10)
    assert found.late_displacement == pytest.approx(0, abs=1e-8)
    assert found.time[-1] == pytest.approx(0.5 * (N_FRAMES - 1))


def test_ions_that_walk_leave_the_framework_where_it_is(start):
    is_ion = np.array(start.symbols) == "Li"
    steps = [np.outer(is_ion, [0.1 * number, 0, 0]) for number in range(N_FRAMES)]
    found = stay(moved(start, steps), "Li")
    assert found.late_displacement == pytest.approx(0, abs=1e-8)
    assert found.msd == pytest.approx((0.1 * N_FRAMES / 4) ** 2, rel=0.01)


def test_framework_that_melts_is_displaced(start):
    random = np.random.default_rng(3)
    walk = np.cumsum(random.normal(scale=0.2, size=(N_FRAMES, len(start), 3)), axis=0)
    found = stay(moved(start, walk), "Li")
    assert found.late_displacement == pytest.approx(0.2 * np.sqrt(3 * 0.87 * N_FRAMES), rel=0.1)


def test_unwrapped_path_goes_on_across_the_cells_face():
    frames = [Atoms("Li", [[x % 4.0, 0, 0]], cell=[4, 4, 4], pbc=True) for x in (3.0, 3.8, 4.6, 5.4)]
    np.testing.assert_allclose(unwrapped(frames)[:, 0, 0], [3.0, 3.8, 4.6, 5.4])
