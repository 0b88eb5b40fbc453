"""Real LAMMPS under a wall time that is shorter than the run."""

import getpass

import numpy as np
import yaml

from atomstates.md.record import segments
from atomstates.md.segments import open_trajectory, snapshots
from atomstates.products import Summary, mark_done
from atomstates.slurm.site import read_site
from atomstates.slurm.submission import submit


def test_run_longer_than_the_wall_time_is_one_whole_trajectory(slurm, tiny_campaign, tmp_path):
    results = tiny_campaign(produce_ps=2400.0, restart_every_ps=1.2)  # a quarter of a minute on a fast core
    run = results.runs[0]
    # the shortest wall time is a minute: nearly all of it is margin, so that LAMMPS gets some seconds
    submitted = submit_dynamics(results, tmp_path, {"margin_s": 55, "md": {"time": "0:01:00"}})
    slurm.wait_until_empty(400)
    assert run.is_done("md"), (results.path / "logs" / "md" / f"{run.id}.log").read_text()
    folder = run.stage_path("md")
    attempts = segments(folder)
    assert len(attempts) > 1
    assert {attempt.facts["slurm_array_job_id"] for attempt in attempts} == {submitted[0].job}
    check_whole(folder)


def test_run_cancelled_in_the_middle_is_one_whole_trajectory(slurm, tiny_campaign, tmp_path):
    results = tiny_campaign(produce_ps=2400.0, restart_every_ps=1.2)
    run = results.runs[0]
    folder = run.stage_path("md")
    submit_dynamics(results, tmp_path, {})
    slurm.wait_until(lambda: len(list(folder.glob("restart.*"))) > 1, "a restart file", 120)
    slurm.call("scancel", "--user", getpass.getuser())
    slurm.wait_until_empty()
    assert not run.is_done("md")
    submit_dynamics(results, tmp_path, {})
    slurm.wait_until_empty(400)
    assert run.is_done("md"), (results.path / "logs" / "md" / f"{run.id}.log").read_text()
    assert segments(folder)[1].first_step > segments(folder)[0].first_step
    check_whole(folder)


def submit_dynamics(results, folder, site):
    """Submit the molecular dynamics of a campaign whose crystal is there."""
    (folder / "site.yaml").write_text(yaml.safe_dump(site))
    material = results.materials[0]
    structures = material.stage_path("structures")
    mark_done(structures, "structures", material.fingerprint("structures"), Summary())
    submitted = submit(results, read_site(folder / "site.yaml")[0], ("md",))
    assert [job.stage for job in submitted] == ["md"]
    return submitted


def check_whole(folder):
    """No gap and no duplicate among the frames and snapshots."""
    trajectory = open_trajectory(folder)
    np.testing.assert_array_equal(trajectory.steps, 100 * np.arange(6001))
    assert len(snapshots(folder)) == 301
    positions = trajectory.read(0, trajectory.n_frames)
    assert np.abs(np.diff(positions, axis=0)).max() < 2.0
