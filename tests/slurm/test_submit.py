"""Submitting campaigns whose stages are stand-ins to a real SLURM."""

import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from atomstates.campaign.layout import open_results
from atomstates.resources import slurm_folder
from atomstates.workflow import all_work


def test_campaign_runs_through_as_job_arrays(sweep):
    said = sweep.submit("--wait")
    assert said.returncode == 0, said.stderr
    assert sweep.left() == []
    done = sorted(work.name for work in all_work(open_results(sweep.results)))
    assert sweep.trace() == done
    assert "nothing to do" in sweep.submit().stdout
    assert sweep.trace() == []


def test_poisoned_task_leaves_its_siblings_alone_and_is_the_only_one_repeated(sweep):
    sweep.campaign([20, 40, 60])
    sweep.finish("potentials")
    sweep.order("fail-md-argon_40K_1", 1)
    assert sweep.submit("minimize").returncode == 0
    sweep.slurm.wait_until_empty()
    expected = [f"{stage} argon_{t}K_1" for stage in ("md", "minimize") for t in (20, 40, 60)]
    expected.remove("minimize argon_40K_1")
    assert sweep.trace() == expected
    places = {row["place"]: row for row in json.loads(sweep.run("status", "--json").stdout)["places"]}
    assert places["argon_40K_1"]["stages"]["md"] == "failed"
    assert places["argon_20K_1"]["stages"] == {
        "md": "done", "minimize": "done", "doas": "to do", "transport": "to do",
        "barriers": "to do",
    }  # fmt: skip
    shown = sweep.run("status").stdout
    assert "md was told to fail" in shown
    assert "logs/md/argon_40K_1.log" in shown
    (sweep.orders / "fail-md-argon_40K_1").unlink()
    assert sweep.submit("minimize", "--wait").returncode == 0
    assert sweep.trace() == ["md argon_40K_1", "minimize argon_40K_1"]


def test_head_that_was_killed_finds_what_is_in_flight(sweep):
    sweep.finish("potentials")
    sweep.order("sleep-md", 4)
    head = subprocess.Popen(
        [*sweep.command("submit", "small.yaml", "md", "--wait"), "--site", "site.yaml"],
        cwd=sweep.folder, env=sweep.environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    sweep.started(2)
    head.kill()
    head.communicate()
    said = sweep.submit("md", "--wait")
    assert "nothing to submit: the 2 stages left are in the queue" in said.stdout
    assert said.returncode == 0, said.stderr
    assert sweep.trace() == ["md argon_20K_1", "md argon_40K_1"]


def test_two_submits_at_once_submit_nothing_twice(sweep):
    sweep.finish("md")
    sweep.order("sleep-minimize", 2)
    both = [
        subprocess.Popen(
            [*sweep.command("submit", "small.yaml", "minimize"), "--site", "site.yaml"],
            cwd=sweep.folder, env=sweep.environment, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    said = sorted(process.communicate(timeout=60)[0] for process in both)
    assert [process.returncode for process in both] == [0, 0]
    assert said[0].startswith("minimize: job")
    assert said[1].startswith("nothing to submit")
    sweep.slurm.wait_until_empty()
    assert sweep.trace() == ["minimize argon_20K_1", "minimize argon_40K_1"]


def test_all_cancelled_in_the_middle_nothing_finished_is_redone(sweep):
    sweep.campaign([20, 40, 60])
    sweep.finish("potentials")
    sweep.site(at_once=1)
    sweep.order("sleep-md", 1.5)
    assert sweep.submit("md").returncode == 0
    sweep.started(2)
    sweep.slurm.call("scancel", "-n", _name(sweep))
    sweep.slurm.wait_until_empty()
    done = {work.name for work in all_work(open_results(sweep.results), ("md",))} - set(sweep.left())
    assert "md argon_20K_1" in done
    sweep.trace()
    assert sweep.submit("md", "--wait").returncode == 0
    assert sweep.trace() == ["md argon_40K_1", "md argon_60K_1"]


def test_jobs_that_wait_for_what_came_later_are_put_behind_it(sweep):
    """The report waits for all that is in flight, also for what a later submit adds."""
    sweep.finish("potentials")
    sweep.order("sleep-md", 3)
    assert sweep.submit().returncode == 0
    sweep.campaign([20, 40, 60])
    said = sweep.submit()
    assert "md: job" in said.stdout and "report: job" in said.stdout, said.stdout + said.stderr
    sweep.slurm.wait_until_empty()
    assert sweep.left() == []
    assert sweep.trace().count("report small") == 1


def test_time_over_puts_the_task_back_into_the_queue(sweep):
    sweep.finish("potentials")
    sweep.order("fail-md-argon_20K_1", 75)
    assert sweep.submit("minimize").returncode == 0
    sweep.slurm.wait_until_empty()
    assert sweep.trace() == [
        "md argon_20K_1", "md argon_20K_1", "md argon_40K_1",
        "minimize argon_20K_1", "minimize argon_40K_1",
    ]  # fmt: skip


def test_where_requeueing_is_forbidden_the_waiting_submit_goes_on(sweep):
    sweep.site(requeue=False)
    sweep.finish("potentials")
    sweep.order("fail-md-argon_20K_1", 75)
    said = sweep.submit("md", "--wait")
    assert said.returncode == 0, said.stderr
    assert sweep.trace() == ["md argon_20K_1", "md argon_20K_1", "md argon_40K_1"]


def test_links_chained_beforehand_go_on_where_requeueing_is_forbidden(sweep):
    sweep.site(requeue=False, links=3)
    sweep.finish("potentials")
    sweep.order("fail-md-argon_20K_1", 75)
    said = sweep.submit("minimize")
    assert [line.split(":")[0] for line in said.stdout.splitlines()[:4]] == ["md", "md", "md", "minimize"]
    assert "nothing to submit: the 4 stages left are in the queue" in sweep.submit("minimize").stdout
    sweep.slurm.wait_until_empty()
    assert sweep.trace() == [
        "md argon_20K_1", "md argon_20K_1", "md argon_40K_1",
        "minimize argon_20K_1", "minimize argon_40K_1",
    ]  # fmt: skip


def test_links_and_requeueing_are_not_both_wanted(sweep):
    sweep.site(links=3)
    said = sweep.submit("md")
    assert said.returncode == 1
    assert "set `requeue: false` as well" in said.stderr


# Two hundred runs: their tasks are some lines of shell in the place of `atomstates`.
QUICK = """
atomstates() {
  awk -v task="$SLURM_ARRAY_TASK_ID" 'NR > 1 && $1 == task' "$4" | while read -r _ stage level place; do
    if rm "$ORDERS/kill/$place" 2>/dev/null; then kill -9 $$; exit; fi
    mkdir -p "$3/runs/$place/$stage" && cp "$ORDERS/ready/$place" "$3/runs/$place/$stage/done.json"
    echo "$stage $place" >> "$ORDERS/trace"
  done
}
"""


def test_two_hundred_runs_of_which_some_are_killed_end_whole(sweep):
    sweep.campaign(range(1, 201))
    sweep.finish("potentials")
    sweep.site(setup=[QUICK], requeue=False)
    results = open_results(sweep.results)
    for name in ("kill", "ready"):
        (sweep.orders / name).mkdir()
    for number, run in enumerate(results.runs):
        (sweep.orders / "ready" / run.id).write_text(json.dumps({"fingerprint": run.fingerprint("md")}))
        if number % 10 == 3:
            (sweep.orders / "kill" / run.id).touch()
    begin = time.monotonic()
    said = sweep.submit("md")
    assert time.monotonic() - begin < 60
    # MaxArraySize is 61 here
    assert [line.split(", ")[1].split()[0] for line in said.stdout.splitlines()[:4]] == [
        "61",
        "61",
        "61",
        "17",
    ]
    sweep.slurm.wait_until_empty()
    assert len(sweep.trace()) == 180
    assert sum(name.startswith("md") for name in sweep.left()) == 20
    assert sweep.submit("md").returncode == 0
    sweep.slurm.wait_until_empty()
    assert len(sweep.trace()) == 20
    assert not any(name.startswith("md") for name in sweep.left())


def _name(sweep):
    """Name of the newest job of molecular dynamics."""
    shown = sweep.slurm.call("squeue", "-h", "-o", "%j").splitlines()
    return next(name for name in shown if name.startswith("md."))


def test_profile_slurm_makes_each_stage_one_job_of_snakemake(sweep):
    sweep.finish("potentials")
    said = sweep.run("run", "small.yaml", "--profile", "slurm", "--site", "site.yaml")
    assert said.returncode == 0, said.stdout + said.stderr
    assert sweep.left() == []
    done = sorted(work.name for work in all_work(open_results(sweep.results)))
    assert sweep.trace() == [name for name in done if not name.startswith(("potentials", "structures"))]
    assert "2 tasks for 2 stages" in (sweep.results / "logs" / "submit" / "md.log").read_text()
    assert "nothing to do" in sweep.run("run", "small.yaml", "--profile", "slurm").stdout


def test_refusal_reaches_the_user_of_the_profile(sweep):
    sweep.finish("potentials")
    sweep.site(partition="nowhere")
    # where it is found without being named
    (sweep.folder / "slurm").mkdir()
    (sweep.folder / "site.yaml").rename(sweep.folder / "slurm" / "site.yaml")
    said = sweep.run("run", "small.yaml", "md", "--profile", "slurm")
    assert said.returncode == 1
    assert "invalid partition" in said.stderr


def test_pilot_and_arrays_take_over_from_each_other(sweep):
    sweep.finish("potentials")
    assert sweep.submit("md", "--wait").returncode == 0
    path = f"{Path(sys.executable).parent}:{sweep.environment['PATH']}"
    by_hand = {
        "cwd": sweep.folder,
        "env": {**sweep.environment, "PATH": path},
        "timeout": 60,
        "check": True,
    }
    pilot = ["sbatch", "--cpus-per-task=2", slurm_folder() / "pilot.sbatch", "small.yaml", "doas"]
    subprocess.run(pilot, **by_hand)
    sweep.slurm.wait_until_empty()
    assert Counter(line.split()[0] for line in sweep.trace()) == {"md": 2, "minimize": 2, "doas": 3}
    subprocess.run([slurm_folder() / "submit.sh", "small.yaml", "--wait", "--site", "site.yaml"], **by_hand)
    assert Counter(line.split()[0] for line in sweep.trace()) == {
        "barriers": 3,
        "report": 1,
        "transport": 3,
    }
    assert sweep.left() == []


def test_job_script_submitted_by_hand_does_all_runs_in_their_order(sweep):
    sweep.finish("potentials")
    path = f"{Path(sys.executable).parent}:{sweep.environment['PATH']}"
    subprocess.run(
        ["sbatch", "--array=0-1", "--output=%x.%a.log", slurm_folder() / "md.sbatch", sweep.results],
        cwd=sweep.folder, env={**sweep.environment, "PATH": path}, timeout=60, check=True,
    )  # fmt: skip
    sweep.slurm.wait_until_empty()
    assert sweep.trace() == ["md argon_20K_1", "md argon_40K_1"]
