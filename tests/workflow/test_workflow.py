"""What `atomstates run` does again, and what it leaves alone; the stages are stand-ins."""

import os
import shutil
import signal
import subprocess
import time

from stand_in_campaign import MATERIAL

N_ALL = 16  # of one material and two runs


def test_a_campaign_is_done_once_and_the_last_line_names_the_report(small):
    first = small.run("run", "small.yaml")
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines()[-1] == "report: results/small/report/index.html"
    assert len(small.trace()) == N_ALL
    second = small.run("run", "small.yaml")
    assert second.returncode == 0
    assert second.stdout.splitlines() == [
        f"nothing to do: all {N_ALL} stages of small are done",
        "report: results/small/report/index.html",
    ]
    assert small.trace() == []


def test_bin_width_repeats_no_dynamics_and_no_relaxation(finished):
    finished.campaign(doas={"bin_width_eV": 0.05})
    assert finished.run("run", "small.yaml").returncode == 0
    assert finished.trace() == ["barriers argon", "doas argon", "report small"]


def test_longer_dynamics_repeats_all_that_stands_on_it(finished):
    finished.campaign(md={"produce_ps": 200})
    plan = finished.run("run", "small.yaml", "--dry-run")
    assert len(plan.stdout.splitlines()) == N_ALL - 2 + 1
    assert finished.run("run", "small.yaml").returncode == 0
    assert len(finished.trace()) == N_ALL - 2


def test_new_temperature_does_its_run_only(finished):
    finished.campaign(temperatures=(20, 40, 60))
    assert finished.run("run", "small.yaml").returncode == 0
    assert finished.trace() == [
        "barriers argon",
        "barriers argon_60K_1",
        "doas argon",
        "doas argon_60K_1",
        "md argon_60K_1",
        "minimize argon_60K_1",
        "report small",
        "transport argon",
        "transport argon_60K_1",
    ]


def test_materials_are_finished_one_after_the_other(small):
    (small.folder / "xenon.yaml").write_text(MATERIAL.replace("name: argon", "name: xenon"))
    small.campaign(temperatures=(20,), materials=["xenon.yaml", "argon.yaml"])
    assert small.run("run", "small.yaml", "md", "--cores", "1").returncode == 0
    done = (small.orders / "trace").read_text().splitlines()
    assert [line.split()[1].partition("_")[0] for line in done] == ["xenon"] * 3 + ["argon"] * 3


def test_force_does_a_stage_again_and_what_depends_on_it(finished):
    assert finished.run("run", "small.yaml", "--force", "transport").returncode == 0
    assert finished.trace() == [
        "barriers argon",
        "report small",
        "transport argon",
        "transport argon_20K_1",
        "transport argon_40K_1",
    ]


def test_named_stage_does_what_comes_before_it_and_nothing_else(small):
    result = small.run("run", "small.yaml", "md")
    assert result.returncode == 0, result.stderr
    assert small.trace() == ["md argon_20K_1", "md argon_40K_1", "potentials argon", "structures argon"]


def test_dry_run_touches_nothing(small):
    result = small.run("run", "small.yaml", "--dry-run")
    assert result.returncode == 0
    assert len(result.stdout.splitlines()) == N_ALL + 1
    assert not small.results.exists()


def test_failed_run_is_named_and_the_others_are_kept(small):
    small.finish("structures")
    small.order("fail-minimize-argon_20K_1", "65")
    result = small.run("run", "small.yaml")
    assert result.returncode == 65
    assert "failed: minimize argon_20K_1 (exit code 65" in result.stdout
    assert "error: minimize was told to fail" in result.stdout
    assert "Traceback" not in result.stdout + result.stderr
    done = small.trace()
    assert "doas argon_40K_1" in done
    assert "transport argon" in done
    assert "doas argon" not in done
    (small.orders / "fail-minimize-argon_20K_1").unlink()
    assert small.run("run", "small.yaml").returncode == 0
    assert small.trace() == [
        "barriers argon",
        "barriers argon_20K_1",
        "doas argon",
        "doas argon_20K_1",
        "minimize argon_20K_1",
        "report small",
    ]


def test_run_that_has_more_to_do_is_called_again(small):
    small.finish("potentials")
    small.order("fail-md-argon_20K_1", "75")
    assert small.run("run", "small.yaml", "md").returncode == 0
    assert small.trace() == ["md argon_20K_1", "md argon_20K_1", "md argon_40K_1"]


def test_bug_shows_its_traceback(small):
    small.finish("potentials")
    small.order("fail-md-argon_20K_1", "bug")
    result = small.run("run", "small.yaml", "md")
    assert result.returncode == 1
    assert "RuntimeError: a bug" in result.stdout
    assert "Traceback" in result.stdout


def test_kill_leaves_no_orphan_and_no_lock(small):
    small.finish("structures")
    small.order("sleep", 30)
    process = subprocess.Popen(
        small.command("run", "small.yaml"),
        cwd=small.folder,
        env=small.environment,
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not (small.orders / "trace").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    busy = small.run("run", "small.yaml")
    assert busy.returncode == 1
    assert "already under way" in busy.stderr
    process.send_signal(signal.SIGKILL)
    process.wait()
    (small.orders / "sleep").unlink()
    time.sleep(1)
    again = small.run("run", "small.yaml")
    assert again.returncode == 0, again.stderr
    # the one that was killed, and once more
    assert small.trace().count("potentials argon") == 2


def test_scrambled_times_of_a_copy_repeat_nothing(finished):
    markers = sorted(finished.results.rglob("done.json"))
    for age, marker in enumerate(markers):
        os.utime(marker, (1e9 - 1e5 * age, 1e9 - 1e5 * age))
    shutil.rmtree(finished.results / "report")
    assert finished.run("run", "small.yaml").returncode == 0
    assert finished.trace() == ["report small"]


def test_plain_snakemake_does_the_same(small):
    from atomstates.resources import workflow_folder

    arguments = ("-s", workflow_folder() / "Snakefile", "--config", "campaign=small.yaml", "-c", "2")
    first = small.run(*arguments, module="snakemake")
    assert first.returncode == 0, first.stderr
    assert len(small.trace()) == N_ALL
    small.campaign(doas={"bin_width_eV": 0.05})
    second = small.run(*arguments, module="snakemake")
    assert second.returncode == 0, second.stderr
    assert small.trace() == ["barriers argon", "doas argon", "report small"]
    assert "nothing to do" in small.run("run", "small.yaml").stdout


def test_plain_snakemake_has_each_stage_as_a_target(small):
    from atomstates.resources import workflow_folder

    arguments = ("-s", workflow_folder() / "Snakefile", "--config", "campaign=small.yaml", "-c", "2", "md")
    assert small.run(*arguments, module="snakemake").returncode == 0
    assert small.trace() == ["md argon_20K_1", "md argon_40K_1", "potentials argon", "structures argon"]
