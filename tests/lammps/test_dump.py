"""No file is believed: columns by name, atoms by id, what is cut short left out."""

import numpy as np
import pytest

from atomstates.errors import ProductError
from atomstates.lammps.dump import DcdFile, read_snapshots

FRAME = """ITEM: TIMESTEP
{step}
ITEM: NUMBER OF ATOMS
2
ITEM: BOX BOUNDS xy xz yz pp pp pp
-1.0 13.0 3.0
0.0 9.0 0.0
0.0 8.0 0.0
ITEM: ATOMS element zu id xu yu
Cl 3.0 2 {x} 2.0
Li 6.0 1 4.0 5.0
"""


def write(path, *frames):
    path.write_text("".join(FRAME.format(step=step, x=x) for step, x in frames))
    return path


def test_atoms_are_sorted_by_id_and_columns_found_by_name(tmp_path):
    (snapshot,) = read_snapshots(write(tmp_path / "a", (7, 1.0)))
    assert snapshot.step == 7
    assert snapshot.element == ("Li", "Cl")
    # relative to the cell's origin (-1, 0, 0)
    np.testing.assert_allclose(snapshot.positions, [[5, 5, 6], [2, 2, 3]], rtol=1e-15)


def test_tilted_cell_is_unpacked_from_the_box_around_it(tmp_path):
    (snapshot,) = read_snapshots(write(tmp_path / "a", (7, 1.0)))
    # the box from -1 to 13 holds a cell of 11 and a tilt of 3
    np.testing.assert_allclose(snapshot.cell, [[11, 0, 0], [3, 9, 0], [0, 0, 8]], rtol=1e-15)


def test_frame_that_was_being_written_is_left_out(tmp_path):
    path = write(tmp_path / "a", (0, 1.0), (10, 2.0))
    whole = path.read_text()
    for missing in (1, 3, 30, 100):
        path.write_text(whole[:-missing])
        assert [snapshot.step for snapshot in read_snapshots(path)] == [0]


def test_of_two_frames_of_one_step_the_later_counts(tmp_path):
    found = read_snapshots(write(tmp_path / "a", (0, 1.0), (10, 2.0), (10, 3.0)))
    assert [snapshot.step for snapshot in found] == [0, 10]
    assert found[1].positions[1, 0] == 4.0


def test_damage_before_the_end_is_an_error(tmp_path):
    path = write(tmp_path / "a", (0, 1.0), (10, 2.0))
    path.write_text(path.read_text().replace("Li 6.0 1 4.0 5.0\nITEM: TIMESTEP\n10", "ITEM: TIMESTEP\n10"))
    with pytest.raises(ProductError, match="the frame at line 1 is damaged"):
        read_snapshots(path)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(ProductError, match=r"gone\.dcd"):
        DcdFile(tmp_path / "gone.dcd")
    with pytest.raises(ProductError, match="gone"):
        read_snapshots(tmp_path / "gone")


def test_file_that_is_no_trajectory_is_refused(tmp_path):
    (tmp_path / "x.dcd").write_bytes(b"x" * 400)
    with pytest.raises(ProductError, match="no DCD trajectory"):
        DcdFile(tmp_path / "x.dcd")


def test_trajectory_without_a_whole_frame_has_none(tmp_path):
    (tmp_path / "x.dcd").write_bytes(b"")
    assert DcdFile(tmp_path / "x.dcd").n_frames == 0
