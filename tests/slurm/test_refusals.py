"""What SLURM refuses or does not answer: the user sees the reason and what to change; nothing hangs."""

import time

import pytest


@pytest.mark.parametrize(
    ("settings", "reason", "cure"),
    [
        ({"partition": "nowhere"}, "invalid partition", "`partition` in the site file"),
        ({"md": {"gpus": "gpu:9"}}, "node configuration is not available", "no node has so much"),
        ({"md": {"gpus": "quantum:1"}}, "generic resource", "`gpus` of the stage"),
        ({"partition": "short", "md": {"time": "1:00:00"}}, "PartitionTimeLimit", "lower `time`"),
        ({"md": {"time": "soon"}}, "md.time", "soon"),
        ({"md": {"tme": "1:00:00"}}, "unknown key", "did you mean 'time'?"),
    ],
)
def test_refusal_says_why_and_what_to_change(sweep, settings, reason, cure):
    sweep.finish("potentials")
    sweep.site(**settings)
    said = sweep.submit("md", "--wait")
    assert said.returncode == 1
    assert reason in said.stderr
    assert cure in said.stderr
    assert "Traceback" not in said.stderr


def test_slurm_that_is_down_is_not_waited_for(sweep):
    sweep.finish("potentials")
    sweep.environment["ATOMSTATES_SLURM_PATIENCE"] = "2"
    sweep.slurm.stop_controller()
    try:
        begin = time.monotonic()
        said = sweep.submit("md")
        assert said.returncode == 1
        assert "SLURM is down" in said.stderr or "does not answer" in said.stderr
        assert sweep.run("status").returncode == 0
        assert time.monotonic() - begin < 20
    finally:
        sweep.slurm.start_controller()
        sweep.slurm.wait_until(lambda: sweep.slurm.call("sinfo", "-h", "-t", "idle"), "slurmctld")
    assert sweep.submit("md").returncode == 0
    sweep.slurm.wait_until_empty()
    assert sweep.trace() == ["md argon_20K_1", "md argon_40K_1"]


def test_without_slurm_the_user_is_told(sweep):
    sweep.environment["PATH"] = "/nowhere"
    said = sweep.submit()
    assert said.returncode == 1
    assert "there is no squeue on this machine" in said.stderr
