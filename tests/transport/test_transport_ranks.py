import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from rank_script import (
    SHORT,
    TRAJECTORIES,
    SyntheticTrajectory,
    arrays,
    coarse_arrays,
    displacements,
    visits,
)

from atomstates.errors import ProductError
from atomstates.parallel import Serial
from atomstates.transport import (
    collective_squared_displacement,
    framework_drift_removed,
    mean_squared_displacement,
)

MPIEXEC = Path(sys.executable).parent / "mpiexec"
SCRIPT = Path(__file__).with_name("rank_script.py")


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch):
    monkeypatch.setattr("atomstates.transport.paths._NUMBERS_AT_ONCE", SHORT)


@pytest.mark.parametrize("n_ranks", [2, 3])
def test_number_of_ranks_leaves_no_trace(tmp_path, n_ranks):
    command = [MPIEXEC, "-n", str(n_ranks), sys.executable, SCRIPT, tmp_path / "found"]
    subprocess.run(command, check=True, timeout=120)
    for kind in TRAJECTORIES:
        one = arrays(displacements(Serial(), kind))
        for most_bytes in (1, 2**20):
            many = np.load(tmp_path / f"found.{kind}.{most_bytes}.npz")
            assert many["ranks"] == n_ranks
            for name, values in one.items():
                np.testing.assert_array_equal(many[name], values, err_msg=name)
    few = np.load(tmp_path / "found.few.npz")
    for name, values in (coarse_arrays(Serial()) | visits(Serial())).items():
        np.testing.assert_array_equal(few[name], values, err_msg=name)


@pytest.mark.parametrize("most_bytes", [1, 24 * 80 * 2 * 3])
def test_memory_given_leaves_no_trace(most_bytes):
    few, many = (arrays(displacements(Serial(), most_bytes=size)) for size in (most_bytes, None))
    for name, values in many.items():
        np.testing.assert_array_equal(few[name], values, err_msg=name)


def test_reading_gives_what_the_array_functions_give():
    trajectory, found = SyntheticTrajectory(), displacements(Serial())
    ions, framework = (trajectory.positions[:, atoms] for atoms in (trajectory.ions, trajectory.framework))
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


def test_single_precision_costs_no_more_than_its_digits():
    single, double = (arrays(displacements(Serial(), kind)) for kind in ("single", "double"))
    for name in ("blocks", "collective", "pieces"):
        np.testing.assert_allclose(single[name], double[name], rtol=1e-5, err_msg=name)


def test_position_that_is_no_number_is_named(monkeypatch):
    def broken(self, start, stop):
        positions = self.positions.copy()
        positions[33, 5] = np.nan
        return positions[start:stop]

    monkeypatch.setattr(SyntheticTrajectory, "read", broken)
    with pytest.raises(ProductError, match=r"not finite in frame 33 of 80\. Did the dynamics blow up"):
        displacements(Serial())
