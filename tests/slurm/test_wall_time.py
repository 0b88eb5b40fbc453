"""Real LAMMPS under a wall time that is shorter than the run."""

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
    site = {"margin_s": 55, "md": {"time": "0:01:00"}}
    (tmp_path / "site.yaml").write_text(yaml.safe_dump(site))
    material = run.material_folder
    mark_done(
        material.stage_path("structures"), "structures", material.fingerprint("structures"), Summary()
    )
    submitted = submit(results, read_site(tmp_path / "site.yaml")[0], ("md",))
    assert [job.stage for job in submitted] == ["md"]
    slurm.wait_until_empty(400)
    assert run.is_done("md"), (results.path / "logs" / "md" / f"{run.id}.log").read_text()
    folder = run.stage_path("md")
    attempts = segments(folder)
    assert len(attempts) > 1
    assert {attempt.facts["slurm_array_job_id"] for attempt in attempts} == {submitted[0].job}
    trajectory = open_trajectory(folder)
    np.testing.assert_array_equal(trajectory.steps, 100 * np.arange(6001))
    assert len(snapshots(folder)) == 301
    positions = trajectory.read(0, trajectory.n_frames)
    assert np.abs(np.diff(positions, axis=0)).max() < 2.0
