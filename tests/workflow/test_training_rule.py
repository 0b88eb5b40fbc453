"""The training of a potential as a rule: on this machine, and as an array that is waited for."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from atomstates.resources import slurm_folder, workflow_folder
from atomstates.slurm.site import Site
from atomstates.slurm.training import training_command

RULE = workflow_folder() / "training.smk"


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "my recipe.yaml"
    path.write_text("name: any\n", encoding="utf-8")
    return path


def snakemake(folder, *words, programs=None):
    """Snakemake in a folder, with programs before all others where some are given."""
    python = Path(sys.executable)
    environment = {**os.environ, "PATH": f"{python.parent}:{os.environ['PATH']}"}
    if programs:
        environment["BASH_ENV"] = str(programs)
    return subprocess.run(
        [python, "-m", "snakemake", "-s", RULE, "-c", "1", *words],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip


def test_dry_run_shows_the_command_and_does_nothing(tmp_path, recipe):
    done = snakemake(tmp_path, "-n", "-p", "--config", f"recipe={recipe}", "folder=work")
    assert done.returncode == 0, done.stderr
    command = ["atomstates", "potentials", "train", str(recipe), "--folder", str(tmp_path / "work")]
    assert shlex.join(command) in done.stdout
    assert not (tmp_path / "work").exists()


def test_dry_run_on_a_cluster_shows_the_array_of_the_site(tmp_path, recipe):
    site = tmp_path / "site.yaml"
    site.write_text('partition: fast\nsetup: [module load cuda]\ntraining: {time: "8:00:00", cores: 6}\n')
    words = (f"recipe={recipe}", "folder=work", "executor=slurm", "tasks=3", f"site={site}")
    done = snakemake(tmp_path, "-n", "-p", "--config", *words, "teacher_python=/opt/teacher/bin/python")
    assert done.returncode == 0, done.stderr
    for word in ("--wait", "--array=0-2", "--cpus-per-task=6", "--time=8:00:00", "--partition=fast"):
        assert f" {word} " in done.stdout
    assert "module load cuda" in done.stdout
    assert f"{slurm_folder() / 'train.sbatch'} {shlex.quote(str(recipe))}" in done.stdout
    assert "--teacher-python /opt/teacher/bin/python" in done.stdout


def test_what_is_trained_is_not_trained_again_unless_its_recipe_changes(tmp_path, recipe):
    # the command stands in as a function, since the rule puts the programs of its own Python first
    programs = tmp_path / "programs.sh"
    programs.write_text(f'atomstates() {{ echo "$@" >> {shlex.quote(str(tmp_path / "called"))}; }}\n')
    words = ("--config", f"recipe={recipe}", "folder=work")
    for _ in range(2):
        done = snakemake(tmp_path, *words, programs=programs)
        assert done.returncode == 0, done.stderr
    called = tmp_path / "called"
    assert len(called.read_text().splitlines()) == 1
    marker = tmp_path / "work" / "training.done"
    # long ago, since clocks of file systems are coarse
    os.utime(marker, (marker.stat().st_mtime - 60,) * 2)
    recipe.write_text("name: other\n", encoding="utf-8")
    assert snakemake(tmp_path, *words, programs=programs).returncode == 0
    assert len(called.read_text().splitlines()) == 2


def test_recipe_that_is_not_said_is_asked_for(tmp_path):
    done = snakemake(tmp_path, "-n")
    assert done.returncode != 0
    assert "--config recipe=RECIPE.yaml" in done.stderr + done.stdout


def test_task_reads_the_lines_of_the_site_first(tmp_path):
    command = training_command(
        tmp_path / "r.yaml", tmp_path / "work", site=Site(setup=("export OF_SITE=yes",)), tasks=2
    )
    # sbatch stands in: it runs the script once, as a task would
    (tmp_path / "sbatch").write_text('#!/bin/bash\nwhile [[ $1 == --* ]]; do shift; done\nbash "$@"\n')
    (tmp_path / "sbatch").chmod(0o755)
    line = f'atomstates() {{ echo $OF_SITE $OMP_NUM_THREADS "$@"; }}; export -f atomstates; {command}'
    done = subprocess.run(
        ["bash", "-c", line],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.startswith("yes 1 potentials train")
