"""The edge of the room, with real LAMMPS: products, verdicts, refusals and the end of patience."""

import fcntl

import numpy as np
import pytest
from MDAnalysis.coordinates.DCD import DCDReader

from atomstates.errors import HopelessRun, InputError, ProductError, ProgramError, Unfinished
from atomstates.md import stage
from atomstates.md.progress import lock_path, progress
from atomstates.md.segments import open_trajectory, snapshots
from atomstates.md.stage import run_dynamics
from atomstates.parallel import Serial
from atomstates.products import mark_done, read_json


def test_run_tells_its_temperature_drift_and_pressure(tiny_campaign):
    run = tiny_campaign().runs[0]
    assert progress(run).state == "waiting"
    summary = run_dynamics(run, Serial())
    temperature = summary.numbers["temperature"]
    assert temperature.value == pytest.approx(30, abs=1.0)
    assert 0 < temperature.error < 1.0
    assert {check.name: check.status for check in summary.checks} == {
        "temperature": "PASS",
        "energy drift": "PASS",
        "pressure": "PASS",
    }
    assert summary.numbers["volume"].value == pytest.approx(16.5**3, rel=1e-6)
    assert summary.numbers["speed"].value > 0
    assert summary.facts | {"seed": run.seed} == summary.facts
    assert progress(run).state == "interrupted"
    mark_done(run.stage_path("md"), "md", run.fingerprint("md"), summary)
    assert (progress(run).state, progress(run).fraction) == ("done", 1.0)


# MDAnalysis announces a change of its own, of no matter here
@pytest.mark.filterwarnings("ignore:DCDReader currently makes:DeprecationWarning")
def test_trajectory_is_that_of_an_independent_reader(tiny_campaign):
    run = tiny_campaign().runs[0]
    run_dynamics(run, Serial())
    trajectory = open_trajectory(run.stage_path("md"))
    assert trajectory.frame_interval_ps == pytest.approx(0.4)
    assert trajectory.elements == ("Ar",) * 54 + ("Kr",) * 54
    assert trajectory.volume == pytest.approx(16.5**3, rel=1e-6)
    assert trajectory.times[-1] == pytest.approx(40.0)
    with DCDReader(str(run.stage_path("md") / "trajectory.001.dcd")) as reader:
        theirs = np.array([frame.positions for frame in reader])
    np.testing.assert_array_equal(trajectory.read(0, 101), theirs)
    np.testing.assert_array_equal(trajectory.read(10, 12, atoms=[5, 3]), theirs[10:12][:, [5, 3]])
    assert trajectory.read(7, 7).shape == (0, 108, 3)


def test_mean_npt_cell_is_kept_in_production(tiny_campaign):
    run = tiny_campaign(cell="mean-npt", npt_ps=40.0).runs[0]
    summary = run_dynamics(run, Serial())
    cell = snapshots(run.stage_path("md"))[0].cell
    a, b, c = np.diag(cell)
    assert a == pytest.approx(b, rel=1e-9)  # a tetragonal crystal keeps its system
    assert a != c
    assert abs(summary.numbers["pressure"].value) < 300
    expansion = next(check for check in summary.checks if check.name == "thermal expansion")
    assert expansion.status in ("PASS", "WARN")
    assert "Å³" in expansion.message


def test_time_limit_ends_a_run_that_the_same_command_goes_on_with(tiny_campaign, monkeypatch):
    results = tiny_campaign(produce_ps=4000.0, frame_every_ps=4.0)
    run = results.runs[0]
    monkeypatch.setenv("ATOMSTATES_TIMEOUT", "0:00:02")
    with pytest.raises(Unfinished, match=r"% done in the time of ATOMSTATES_TIMEOUT") as caught:
        run_dynamics(run, Serial())
    assert caught.value.exit_code == 75
    first = progress(run)
    assert first.state == "interrupted"
    with pytest.raises(Unfinished):
        run_dynamics(run, Serial())
    assert progress(run).fraction > first.fraction
    monkeypatch.setenv("ATOMSTATES_TIMEOUT", "soon")
    with pytest.raises(InputError, match=r"found 'soon', needed hours, minutes and seconds"):
        run_dynamics(run, Serial())


def test_crystal_that_falls_apart_is_hopeless(tiny_campaign):
    run = tiny_campaign(temperatures=(5000,), timestep_fs=10.0, thermostat_damping_ps=0.1).runs[0]
    with pytest.raises(HopelessRun, match=r"noble_5000K_1: the crystal fell apart at 5000 K") as caught:
        run_dynamics(run, Serial())
    assert caught.value.exit_code == 65


def test_failing_input_quotes_the_log(tiny_campaign):
    run = tiny_campaign().runs[0]
    potential = run.material_folder.stage_path("potentials") / "potential.in"
    potential.write_text("pair_style lj/cat 7.0\n")
    with pytest.raises(ProgramError) as caught:
        run_dynamics(run, Serial())
    message = str(caught.value)
    assert "noble_30K_1" in message
    assert "pair_style lj/cat 7.0" in message
    assert "ERROR: Unrecognized pair style 'lj/cat'" in message
    assert "segment.001.in" in message


def test_two_processes_do_not_work_on_one_run(tiny_campaign, monkeypatch):
    monkeypatch.setattr(stage, "_PATIENCE", 0.3)
    run = tiny_campaign().runs[0]
    lock_path(run).parent.mkdir(parents=True)
    with lock_path(run).open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(InputError, match=r"is already under way"):
            run_dynamics(run, Serial())


def test_missing_program_is_named(tiny_campaign):
    run = tiny_campaign(lammps_command=["no-such-lmp"]).runs[0]
    with pytest.raises(ProgramError, match=r"'no-such-lmp' is neither beside"):
        run_dynamics(run, Serial())


def test_trajectory_of_a_run_that_was_not_begun_is_missing(tmp_path):
    with pytest.raises(ProductError, match=r"run\.json: this product is missing"):
        open_trajectory(tmp_path)


def test_rendered_input_is_all_that_a_run_needs(tiny_campaign, golden):
    run = tiny_campaign().runs[0]
    run_dynamics(run, Serial())
    folder = run.stage_path("md")
    golden("md.in", (folder / "segment.001.in").read_text())
    assert read_json(folder / "run.json")["produce_step"] == 2000
