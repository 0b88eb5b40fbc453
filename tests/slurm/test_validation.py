"""What a new cluster is told, by jobs with real LAMMPS, DeePMD and MPI."""

import subprocess
import sys
from pathlib import Path

import yaml

from atomstates.resources import slurm_folder

BESIDE = Path(sys.executable).parent


def validated(folder, **site):
    (folder / "site.yaml").write_text(yaml.safe_dump(site))
    done = subprocess.run(
        ["env", f"PATH={BESIDE}:/usr/bin:/bin", slurm_folder() / "validate.sh", "--site", "site.yaml"],
        cwd=folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout


def verdicts(text):
    return {line[7:].partition(":")[0]: line[:6].strip() for line in text.splitlines() if line[:1] != " "}


def test_cluster_that_does_what_is_needed_passes(slurm, tmp_path):
    code, said = validated(tmp_path, launcher="srun --mpi=pmi2")
    assert code == 0, said
    found = verdicts(said)
    assert found.pop("accounting") == "WARN"
    assert set(found.values()) == {"PASSED"}
    assert {
        "SLURM",
        "arrays",
        "tasks after tasks",
        "LAMMPS with DeePMD",
        "ranks by `srun --mpi=pmi2`",
    } <= set(found)


def test_what_is_wrong_is_named_with_what_to_change(slurm, tmp_path):
    """Single ranks, no LAMMPS, GPUs that no driver knows, a partition that there is not."""
    code, said = validated(
        tmp_path,
        launcher="srun --mpi=none",
        lammps_command=["lammps-of-another-site"],
        md={"gpus": "gpu:1"},
        minimize={"partition": "short"},
        report={"partition": "nowhere"},
    )
    assert code == 1
    found = verdicts(said)
    assert found["options of report"] == "ERROR"
    assert "to do: `partition` in the site file" in said
    assert "options of minimize: time 01:00:00 is over the 0:02 h of short" in said
    assert found["LAMMPS with DeePMD"] == "ERROR"
    assert "the program 'lammps-of-another-site' is neither" in said
    assert found["GPUs"] == "WARN"
    assert "CUDA_VISIBLE_DEVICES 0 and 1" in said
    assert found["ranks by `srun --mpi=none`"] == "ERROR"
    assert "this process sees 1 MPI rank(s), but 2 were to be started" in said
    assert found["arrays"] == "PASSED"


def test_jobs_that_cannot_begin_are_named(slurm, tmp_path):
    code, said = validated(tmp_path, setup=["echo error: no such module; exit 1"])
    assert code == 1
    assert verdicts(said)["arrays"] == "ERROR"
    assert "0 of 2 tasks wrote what they found" in said
    assert "error: no such module" in said
