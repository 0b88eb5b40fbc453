import warnings

import MDAnalysis
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atomstates.lammps.data import data_text, lammps_frame
from atomstates.lammps.instance import LammpsInstance

MASSES = {"Li": 6.94, "Y": 88.906, "Cl": 35.45}
HEXAGONAL = np.array([[5.61, -5.61 * np.sqrt(3), 0.0], [5.61, 5.61 * np.sqrt(3), 0.0], [0.0, 0.0, 6.06]])


def test_turning_keeps_lengths_and_angles() -> None:
    turned = lammps_frame(HEXAGONAL)
    assert np.allclose(turned @ turned.T, HEXAGONAL @ HEXAGONAL.T, rtol=1e-12)
    assert not np.triu(turned, k=1).any()


@given(st.lists(st.floats(-1, 1), min_size=9, max_size=9))
@settings(max_examples=50)
def test_turning_keeps_every_cell_right_handed_and_its_volume(numbers) -> None:
    lattice = 6 * np.eye(3) + np.array(numbers).reshape(3, 3)
    assert np.linalg.det(lammps_frame(lattice)) == pytest.approx(np.linalg.det(lattice), rel=1e-9)


def test_a_left_handed_cell_is_refused() -> None:
    with pytest.raises(ValueError, match="right-handed"):
        lammps_frame(HEXAGONAL[[1, 0, 2]])


def _text(charges: dict[str, float] | None = None) -> str:
    positions = np.array([[0.0, 0.0, 0.0], [0.25, 0.5, 0.75], [-0.1, 1.2, 0.5]])
    return data_text(lammps_frame(HEXAGONAL), positions, ("Y", "Li", "Cl"), MASSES, charges)


def test_mdanalysis_reads_what_was_written(tmp_path) -> None:
    path = tmp_path / "structure.data"
    path.write_text(_text())
    with warnings.catch_warnings():
        # MDAnalysis guesses names that a data file does not have.
        warnings.simplefilter("ignore")
        universe = MDAnalysis.Universe(path, format="DATA", atom_style="id type x y z")
    assert universe.atoms.types.tolist() == ["2", "1", "3"]
    assert universe.atoms.masses == pytest.approx([88.906, 6.94, 35.45])
    a = np.linalg.norm(HEXAGONAL[0])
    assert universe.dimensions == pytest.approx([a, a, 6.06, 90, 90, 120], rel=1e-4)
    expected = np.array([[0.0, 0.0, 0.0], [0.25, 0.5, 0.75], [0.9, 0.2, 0.5]]) @ lammps_frame(HEXAGONAL)
    assert np.allclose(universe.atoms.positions, expected, rtol=1e-5, atol=1e-5)


def test_lammps_reads_what_was_written(tmp_path) -> None:
    (tmp_path / "structure.data").write_text(_text({"Li": 1, "Y": 3, "Cl": -1}))
    with LammpsInstance(tmp_path / "log.read") as lammps:
        lammps.commands(f"units metal\natom_style charge\nread_data {tmp_path}/structure.data\n")
        found = [lammps.per_atom(name) for name in ("type", "q")]
        assert found[0].tolist() == [2, 1, 3]
        assert found[1] == pytest.approx([3, 1, -1])
        assert np.allclose(lammps.cell(), lammps_frame(HEXAGONAL), rtol=1e-9)
