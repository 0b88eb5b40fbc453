"""The script that trains a potential in an array: every task is the same command."""

import os
import subprocess

from atomstates.resources import slurm_folder


def test_task_of_the_array_is_the_command_with_as_many_processes_as_cores(tmp_path):
    stand_in = tmp_path / "atomstates"
    stand_in.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', encoding="utf-8")
    stand_in.chmod(0o755)
    done = subprocess.run(
        ["bash", slurm_folder() / "train.sbatch", "my recipe.yaml", "work", "--teacher-python", "py"],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "SLURM_CPUS_PER_TASK": "4"},
        capture_output=True,
        text=True,
        check=True,
    )
    command = ["potentials", "train", "my recipe.yaml", "--folder", "work", "--processes", "4"]
    assert done.stdout.splitlines() == [*command, "--teacher-python", "py"]
