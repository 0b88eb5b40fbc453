"""The tutorial, shortened, through SLURM with real LAMMPS and DeePMD: it makes what a local run makes."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from atomstates.campaign.layout import open_results
from atomstates.md.record import segments
from atomstates.products import MARKER
from atomstates.resources import slurm_folder
from atomstates.workflow import all_work

BESIDE = Path(sys.executable).parent
PRODUCTS = ("*/*/doas/**/*", "*/*/transport/*")


def site(folder, **settings):
    (folder / "site.yaml").write_text(yaml.safe_dump({"margin_s": 20, **settings}))
    return ["--site", folder / "site.yaml"]


def run(*words):
    done = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def numbers_of(results):
    """The products of the two analyses by name, without the markers, which have dates."""
    found = [file for pattern in PRODUCTS for file in results.glob(pattern)]
    files = [file for file in found if file.is_file() and file.name != MARKER]
    return {file.relative_to(results).as_posix(): file.read_bytes() for file in sorted(files)}


@pytest.mark.parametrize("way", ["profile", "submit.sh"])
def test_tutorial_through_slurm_is_the_tutorial(slurm, finished, tmp_path, way):
    campaign, results = finished[0] / "campaign.yaml", tmp_path / "results"
    options = ["--results", results, *site(tmp_path)]
    if way == "profile":
        run(BESIDE / "atomstates", "run", campaign, "--profile", "slurm", *options)
    else:
        shutil.copy(slurm_folder() / "submit.sh", tmp_path)
        run("env", f"PATH={BESIDE}:/usr/bin:/bin", tmp_path / "submit.sh", campaign, "--wait", *options)
    places = open_results(results)
    assert all(work.place.is_done(work.stage.name) for work in all_work(places))
    facts = [segments(one.stage_path("md"))[0].facts for one in places.runs]
    assert len({fact["slurm_array_job_id"] for fact in facts}) == 1
    assert [fact["slurm_array_task_id"] for fact in facts] == ["0", "1"]
    assert (results / "report" / "index.html").is_file()
    local = numbers_of(finished[0] / "results")
    found = numbers_of(results)
    assert found.keys() == local.keys() and len(found) > 8
    # positions are those of the same trajectories, bit for bit
    assert found == local


@pytest.mark.parametrize("launcher", ["srun --mpi=pmi2", "mpiexec"])
def test_ranks_started_by_slurm_give_the_serial_products(slurm, finished, tmp_path, launcher):
    results = tmp_path / "results"
    shutil.copytree(finished[0] / "results", results)
    for work in all_work(open_results(results)):
        if work.stage.name in ("doas", "transport"):
            shutil.rmtree(work.marker.parent)
    jobs = {stage: {"ranks": 2} for stage in ("doas", "transport")}
    options = ["--results", results, *site(tmp_path, launcher=launcher, **jobs)]
    run(
        BESIDE / "atomstates",
        "submit",
        finished[0] / "campaign.yaml",
        "doas",
        "transport",
        "--wait",
        *options,
    )
    assert numbers_of(results) == numbers_of(finished[0] / "results")
