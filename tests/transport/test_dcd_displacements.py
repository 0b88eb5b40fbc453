"""From DCD files to displacements: cells, segments, memory."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from MDAnalysis.lib.formats.libdcd import DCDFile

from atomstates.errors import ProductError
from atomstates.lammps.dump import DcdFile
from atomstates.md.segments import Trajectory
from atomstates.parallel import Serial
from atomstates.transport.reading import run_displacements

CUBE = [30.0, 90.0, 30.0, 90.0, 90.0, 30.0]
MEMORY = Path(__file__).with_name("memory_script.py")


def write(path, positions, cells=None):
    with DCDFile(str(path), "w") as file:
        file.write_header("", positions.shape[1], 0, 1, 1.0, 1)
        for number, frame in enumerate(positions.astype(np.float32)):
            file.write(frame, CUBE if cells is None else cells[number])
    return DcdFile(path)


def trajectory(*parts):
    steps = np.arange(sum(len(frames) for _, frames in parts))
    return Trajectory(0.1, steps, ("Li",) * parts[0][0].n_atoms, np.eye(3), parts)


def displacements(trajectory):
    ions, framework = np.arange(5), np.arange(5, 8)
    return run_displacements(
        trajectory, ions, framework, np.ones(3), longest_fraction=0.5, most_lags=30, comm=Serial()
    )


@pytest.fixture
def walk():
    return np.random.default_rng(3).normal(size=(90, 8, 3)).cumsum(axis=0)


def test_cell_that_tilts_and_breathes_does_not_enter_unwrapped_displacements(tmp_path, walk):
    generator = np.random.default_rng(4)
    lengths, angles = generator.uniform(20, 40, size=(90, 3)), generator.uniform(60, 120, size=(90, 3))
    cells = np.column_stack([lengths[:, 0], angles[:, 0], lengths[:, 1], angles[:, 1:], lengths[:, 2]])
    still, moving = write(tmp_path / "a.dcd", walk), write(tmp_path / "b.dcd", walk, cells)
    frames = np.arange(90)
    expected, found = (displacements(trajectory((file, frames))) for file in (still, moving))
    np.testing.assert_array_equal(found.whole.tensor, expected.whole.tensor)
    np.testing.assert_array_equal(found.collective, expected.collective)


def test_segments_that_overlap_are_the_run_without_a_break(tmp_path, walk):
    whole = trajectory((write(tmp_path / "whole.dcd", walk), np.arange(90)))
    first, second = write(tmp_path / "1.dcd", walk[:50]), write(tmp_path / "2.dcd", walk[38:])
    joined = trajectory((first, np.arange(40)), (second, np.arange(2, 52)))
    np.testing.assert_array_equal(joined.read(30, 60), whole.read(30, 60))
    np.testing.assert_array_equal(joined.planes(30, 60), whole.planes(30, 60))
    np.testing.assert_array_equal(
        displacements(joined).whole.tensor, displacements(whole).whole.tensor, strict=True
    )


def test_planes_are_the_positions_in_single_precision(tmp_path, walk):
    file = write(tmp_path / "a.dcd", walk)
    found = trajectory((file, np.array([0, 1, 2, 7, 8, 30])))
    expected = walk[[0, 1, 2, 7, 8, 30]].astype(np.float32)
    np.testing.assert_array_equal(found.planes(0, 6).transpose(0, 2, 1), expected)
    np.testing.assert_array_equal(found.read(1, 5, [6, 2]), expected[1:5, [6, 2]])
    assert found.read(2, 2).shape == (0, 8, 3)
    assert found.planes(2, 2).shape == (0, 3, 8)


def test_damaged_frame_is_named(tmp_path, walk):
    file = write(tmp_path / "a.dcd", walk)
    content = bytearray(file.path.read_bytes())
    size = 56 + 3 * (8 * 4 + 8)
    content[len(content) - 4 * size + 56 : len(content) - 4 * size + 60] = b"oops"
    file.path.write_bytes(content)
    assert file.planes(0, 86).shape == (86, 3, 8)
    with pytest.raises(ProductError, match="frame 86 is damaged"):
        displacements(trajectory((file, np.arange(90))))


def test_trajectory_larger_than_the_memory_given(tmp_path):
    # 125 MB of positions, 8 MiB for paths, 8 MB for sums
    grown = subprocess.run(
        [sys.executable, MEMORY, tmp_path / "long.dcd"], check=True, capture_output=True, text=True
    )
    assert float(grown.stdout) < 50


def test_displacements_of_what_is_read_in_parts_are_those_of_the_array(tmp_path, walk):
    from atomstates.transport import framework_drift_removed, mean_squared_displacement

    stored = walk.astype(np.float32).astype(np.float64)
    found = displacements(trajectory((write(tmp_path / "a.dcd", walk), np.arange(90)))).whole
    relative = framework_drift_removed(stored[:, :5], stored[:, 5:], np.ones(3))
    expected = mean_squared_displacement(relative, found.lags)
    np.testing.assert_allclose(found.mean, expected.mean, rtol=1e-12)
