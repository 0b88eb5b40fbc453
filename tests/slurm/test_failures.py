"""What goes wrong on clusters is named, and mended by submitting again, unless it would repeat itself."""

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from atomstates.resources import slurm_folder


def places(sweep):
    """What `status --json` says, by place."""
    return {row["place"]: row for row in json.loads(sweep.run("status", "--json").stdout)["places"]}


def by_hand(sweep, *arguments):
    """Submit a job script as a user would, without a list."""
    path = f"{Path(sys.executable).parent}:{sweep.environment['PATH']}"
    return subprocess.run(
        ["sbatch", "--parsable", "--output=%x.%a.log", *map(str, arguments)],
        cwd=sweep.folder, env={**sweep.environment, "PATH": path},
        timeout=60, check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip


def test_hopeless_run_is_not_repeated_and_its_siblings_reach_the_page(sweep):
    sweep.finish("potentials")
    sweep.order("fail-md-argon_40K_1", 65)
    assert sweep.submit().returncode == 0
    sweep.slurm.wait_until_empty()
    assert places(sweep)["argon_40K_1"]["stages"]["md"] == "hopeless"
    assert "doas argon_20K_1" in sweep.trace()
    said = sweep.submit("--wait")
    assert "not submitted: 1 stages that would fail again" in said.stderr
    assert "logs/md/argon_40K_1.log" in said.stderr
    assert sweep.trace() == []
    # what the page shows is named as incomplete in its log, and it does not count as done
    assert "stages are not done: md argon_40K_1" in (sweep.results / "logs/report/small.log").read_text()
    assert "report small" in sweep.left()
    # tried again by hand
    (sweep.orders / "fail-md-argon_40K_1").unlink()
    assert sweep.run("md", "--run", "argon_40K_1").returncode == 0
    assert sweep.submit("--wait").returncode == 0
    assert sweep.left() == []


def test_run_out_of_the_campaign_no_longer_stands_in_the_way(sweep):
    sweep.finish("potentials")
    sweep.order("fail-md-argon_40K_1", 65)
    assert sweep.submit("md", "--wait").returncode == 1
    sweep.campaign([20])
    assert sweep.submit("--wait").returncode == 0
    assert sweep.left() == []


def test_killed_task_is_named_and_taken_up_by_the_next_submit(sweep):
    sweep.finish("potentials")
    sweep.campaign([20])
    sweep.order("sleep-md", 30)
    assert sweep.submit("md").returncode == 0
    sweep.started(1)
    sweep.slurm.call("scancel", "--user", sweep.user)
    sweep.slurm.wait_until_empty()
    row = places(sweep)["argon_20K_1"]
    assert row["stages"]["md"] == "killed"
    assert "ended from outside: scancel, its wall time" in row["failures"]["md"]["reason"]
    (sweep.orders / "sleep-md").unlink()
    assert sweep.submit("md", "--wait").returncode == 0


def test_job_by_hand_is_running_and_what_slurm_does_not_tell_is_not_called_killed(sweep):
    sweep.campaign([20])
    sweep.finish("potentials")
    sweep.order("sleep-md", 12)
    by_hand(sweep, "--array=0", slurm_folder() / "md.sbatch", sweep.results)
    sweep.started(1)
    assert places(sweep)["argon_20K_1"]["stages"]["md"] == "running"
    sweep.environment["PATH"] = "/nowhere"
    assert places(sweep)["argon_20K_1"]["stages"]["md"] == "to do"


def test_two_jobs_never_do_one_run(sweep):
    sweep.campaign([20])
    sweep.finish("potentials")
    sweep.order("sleep-md", 6)
    assert sweep.submit("md").returncode == 0
    sweep.started(1)
    by_hand(sweep, "--array=0", slurm_folder() / "md.sbatch", sweep.results)
    sweep.slurm.wait_until(lambda: "works on it" in "".join(
        path.read_text() for path in sweep.folder.glob("atomstates-md.*.log")
    ), "the refusal")  # fmt: skip
    sweep.slurm.wait_until_empty()
    assert sweep.trace() == ["md argon_20K_1"]


def test_task_that_slurm_has_forgotten_holds_nothing(sweep):
    sweep.campaign([20])
    sweep.finish("potentials")
    holder = sweep.results / ".atomstates" / "md.argon_20K_1.job"
    holder.parent.mkdir(parents=True, exist_ok=True)
    holder.write_text("999999_0\n")
    assert sweep.submit("md", "--wait").returncode == 0
    assert sweep.trace() == ["md argon_20K_1"]


def test_lost_node_puts_its_tasks_back_into_the_queue(sweep):
    sweep.campaign([20])
    sweep.finish("potentials")
    sweep.order("sleep-md", 5)
    assert sweep.submit("md").returncode == 0
    sweep.started(1)
    node = sweep.slurm.call("sinfo", "-h", "-o", "%n", "-p", "main").strip()
    sweep.slurm.call("scontrol", "update", f"nodename={node}", "state=down", "reason=test")
    sweep.slurm.call("scontrol", "update", f"nodename={node}", "state=resume")
    sweep.slurm.wait_until_empty()
    assert "md argon_20K_1" not in sweep.left()
    assert sweep.trace() == ["md argon_20K_1"] * 2


@contextmanager
def tiny_disk(folder):
    """A file system of half a megabyte."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", folder], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("no file system can be mounted here: root and the right to mount are needed")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_full_disk_is_named_and_room_is_all_that_is_needed(sweep):
    with tiny_disk(sweep.folder / "results"):
        sweep.finish("potentials")
        filler = sweep.folder / "results" / "filler"
        with pytest.raises(OSError), filler.open("wb", buffering=0) as handle:
            while True:
                handle.write(bytes(1024))
        said = sweep.submit("md")
        assert said.returncode == 1
        assert "the disk is full" in said.stderr
        assert "Traceback" not in said.stderr
        filler.unlink()
        assert sweep.submit("md", "--wait").returncode == 0
        assert sweep.trace() == ["md argon_20K_1", "md argon_40K_1"]


@pytest.mark.parametrize("settings", [{"account": "alchemy"}, {"qos": "golden"}])
def test_unknown_account_is_refused_with_what_to_change(accounted_sweep, settings):
    accounted_sweep.finish("potentials")
    accounted_sweep.site(**settings)
    said = accounted_sweep.submit("md")
    assert said.returncode == 1
    assert "`account` and `qos` in the site file" in said.stderr or "`qos` in the site file" in said.stderr


def test_accounting_tells_how_a_task_ended(accounted_sweep):
    sweep = accounted_sweep
    sweep.campaign([20])
    sweep.finish("potentials")
    sweep.site(account="chemistry")
    sweep.order("sleep-md", 30)
    assert sweep.submit("md").returncode == 0
    sweep.started(1)
    sweep.slurm.call("scancel", "--user", sweep.user)
    sweep.slurm.wait_until_empty()
    sweep.slurm.wait_until(
        lambda: "CANCELLED" in places(sweep)["argon_20K_1"]["failures"]["md"]["reason"], "the accounting"
    )
