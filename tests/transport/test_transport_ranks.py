import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from rank_script import SyntheticTrajectory, arrays, coarse_arrays, displacements

from atomstates.parallel import Serial
from atomstates.transport import (
    collective_squared_displacement,
    framework_drift_removed,
    mean_squared_displacement,
)

MPIEXEC = Path(sys.executable).parent / "mpiexec"
SCRIPT = Path(__file__).with_name("rank_script.py")


def test_number_of_ranks_leaves_no_trace(tmp_path):
    subprocess.run(
        [MPIEXEC, "-n", "2", sys.executable, SCRIPT, tmp_path / "two.npz"], check=True, timeout=120
    )
    two = np.load(tmp_path / "two.npz")
    one = arrays(displacements(Serial())) | coarse_arrays(Serial())
    assert two["ranks"] == 2
    for name, values in one.items():
        np.testing.assert_array_equal(two[name], values, err_msg=name)


@pytest.mark.parametrize("bytes_of_paths", [1, 24 * 80 * 2 * 3])
def test_memory_given_leaves_no_trace(bytes_of_paths):
    few, many = (arrays(displacements(Serial(), size)) for size in (bytes_of_paths, 2**28))
    for name, values in many.items():
        np.testing.assert_array_equal(few[name], values, err_msg=name)


def test_reading_gives_what_the_array_functions_give():
    trajectory, found = SyntheticTrajectory(), displacements(Serial())
    ions, framework = trajectory.positions[:, :20], trajectory.positions[:, 20:]
    positions = framework_drift_removed(ions, framework, np.linspace(1, 9, 9))
    lags = found.whole.lags
    np.testing.assert_allclose(
        found.whole.tensor, mean_squared_displacement(positions, lags).tensor, rtol=1e-9, atol=1e-9
    )
    np.testing.assert_allclose(
        found.collective, collective_squared_displacement(positions, lags), rtol=1e-9
    )
    for piece, msd in zip(np.split(positions, 4), found.pieces, strict=True):
        np.testing.assert_allclose(mean_squared_displacement(piece, found.piece_lags).mean, msd, rtol=1e-9)
