"""Runs that are killed, with real LAMMPS: what is on disk at the end tells nothing of it."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from atomstates.errors import ProductError
from atomstates.md.plan import plan
from atomstates.md.progress import progress
from atomstates.md.record import segments
from atomstates.md.restarts import restart_files
from atomstates.md.segments import open_trajectory, snapshots
from atomstates.md.stage import run_dynamics
from atomstates.parallel import Serial

LONG = {"produce_ps": 160.0, "frame_every_ps": 0.4, "restart_every_ps": 1.2}
"""Some seconds of LAMMPS; most restart files lie between two frames."""

ATTEMPT = """
import sys
from pathlib import Path
from atomstates.campaign.layout import open_results
from atomstates.md.stage import run_dynamics
from atomstates.parallel import Serial
run_dynamics(open_results(Path(sys.argv[1])).runs[0], Serial())
"""


def killed_at(results, fraction):
    """Start the run in another process and kill that process when it has come so far."""
    run = results.runs[0]
    process = subprocess.Popen([sys.executable, "-c", ATTEMPT, str(results.path)])
    deadline = time.monotonic() + 120
    while progress(run).fraction < fraction:
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    while progress(run).state == "running":
        # LAMMPS ends some moments later, and holds the lock until then
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return progress(run)


def assert_whole(run, n_frames, n_snapshots):
    """Every frame and snapshot is there once, at its step, and the paths are smooth."""
    folder = run.stage_path("md")
    trajectory, taken = open_trajectory(folder), snapshots(folder)
    assert trajectory.n_frames == n_frames
    np.testing.assert_array_equal(trajectory.steps, 100 * np.arange(n_frames))
    assert [snapshot.step for snapshot in taken] == [2000 * i for i in range(n_snapshots)]
    positions = trajectory.read(0, n_frames)
    assert np.isfinite(positions).all()
    assert np.abs(np.diff(positions, axis=0)).max() < 2.0
    for snapshot in taken:
        np.testing.assert_allclose(
            positions[snapshot.step // 100], snapshot.positions, rtol=1e-5, atol=1e-4
        )
    rows = np.loadtxt(folder / "thermo.csv", delimiter=",", skiprows=1)
    np.testing.assert_array_equal(np.diff(rows[:, 0]), 100)
    assert rows[-1, 0] == 100 * (n_frames - 1)


def test_killed_run_goes_on_as_if_nothing_had_happened(tiny_campaign):
    results = tiny_campaign(**LONG)
    run = results.runs[0]
    first = killed_at(results, 0.4)
    assert first.fraction >= 0.4
    assert not run.is_done("md")
    killed_at(results, 0.7)
    summary = run_dynamics(run, Serial())
    assert_whole(run, 401, 21)
    assert summary.facts["n_frames"] == 401
    assert len(segments(run.stage_path("md"))) == 3


def test_killed_in_the_equilibration_nothing_of_it_is_recorded(tiny_campaign):
    results = tiny_campaign(equilibrate_ps=200.0, restart_every_ps=1.2)
    killed_at(results, 0.5)
    run_dynamics(results.runs[0], Serial())
    assert_whole(results.runs[0], 101, 6)


def test_killed_while_the_cell_is_averaged_it_is_averaged_anew(tiny_campaign):
    results = tiny_campaign(cell="mean-npt", npt_ps=160.0, restart_every_ps=1.2)
    run = results.runs[0]
    killed_at(results, 0.6)
    summary = run_dynamics(run, Serial())
    assert_whole(run, 101, 6)
    assert segments(run.stage_path("md"))[-1].first_step == plan(run.campaign.md).npt_average_step
    assert abs(summary.numbers["pressure"].value) < 300


def test_truncated_newest_restart_file_is_passed_over(tiny_campaign):
    results = tiny_campaign(**LONG)
    run = results.runs[0]
    killed_at(results, 0.6)
    folder = run.stage_path("md")
    whole = restart_files(folder)
    newest = max(whole)
    os.truncate(whole[newest], whole[newest].stat().st_size // 2)
    assert max(restart_files(folder)) < newest
    run_dynamics(run, Serial())
    assert_whole(run, 401, 21)
    assert segments(folder)[-1].first_step < newest


def test_restart_file_that_lammps_cannot_read_is_passed_over(tiny_campaign):
    results = tiny_campaign(**LONG)
    run = results.runs[0]
    killed_at(results, 0.6)
    newest = list(restart_files(run.stage_path("md")).values())[-1]
    content = newest.read_bytes()
    newest.write_bytes(content[:16] + b"\xff" * 64 + content[80:])
    run_dynamics(run, Serial())
    assert_whole(run, 401, 21)


def test_longer_run_continues_the_same_one(tiny_campaign):
    run = tiny_campaign().runs[0]
    summary = run_dynamics(run, Serial())
    assert summary.facts["n_segments"] == 1
    assert_whole(run, 101, 6)
    before = open_trajectory(run.stage_path("md")).read(0, 101)
    longer = tiny_campaign(produce_ps=80.0).runs[0]
    run_dynamics(longer, Serial())
    assert_whole(longer, 201, 11)
    after = open_trajectory(longer.stage_path("md"))
    np.testing.assert_allclose(after.read(0, 101), before, rtol=1e-6)
    assert [segment.first_step for segment in segments(longer.stage_path("md"))] == [1000, 12000]


def test_shorter_run_uses_the_beginning_of_a_longer_one(tiny_campaign):
    run_dynamics(tiny_campaign(produce_ps=80.0).runs[0], Serial())
    shorter = tiny_campaign(produce_ps=40.0).runs[0]
    run_dynamics(shorter, Serial())
    assert_whole(shorter, 101, 6)
    assert len(segments(shorter.stage_path("md"))) == 1


def test_other_settings_start_anew_and_keep_what_there_was(tiny_campaign):
    run = tiny_campaign().runs[0]
    run_dynamics(run, Serial())
    other = tiny_campaign(thermostat_damping_ps=0.3).runs[0]
    run_dynamics(other, Serial())
    assert_whole(other, 101, 6)
    assert (run.path / "md.superseded.1" / "trajectory.001.dcd").exists()


@pytest.mark.parametrize("name", ["trajectory.001.dcd", "snapshots.001.lammpstrj"])
def test_lost_frames_are_named(tiny_campaign, name):
    run = tiny_campaign().runs[0]
    run_dynamics(run, Serial())
    path = run.stage_path("md") / name
    os.truncate(path, path.stat().st_size - 1)
    with pytest.raises(ProductError, match=r"step 10000 is missing"):
        (open_trajectory if name.endswith("dcd") else snapshots)(run.stage_path("md"))
