"""GPUs and ranks: what is asked for in the site file arrives in the stages."""

import sys
from collections import Counter
from pathlib import Path

import pytest

from atomstates.products import read_marker


def test_runs_side_by_side_have_a_gpu_each(sweep):
    sweep.finish("potentials")
    sweep.site(md={"gpus": "gpu:1"})
    sweep.order("sleep-md", 2)
    assert sweep.submit("md").returncode == 0
    sweep.slurm.wait_until(lambda: sweep.slurm.call("squeue", "-h", "-t", "R", "-o", "%b").split(), "tasks")
    assert set(sweep.slurm.call("squeue", "-h", "-o", "%b").split()) == {"gres:gpu:1"}
    sweep.slurm.wait_until_empty()
    assert sorted(device for _, _, device, _ in sweep.where()) == ["0", "1"]


def test_parts_of_a_gpu_are_shared_where_the_site_has_them(sweep):
    sweep.campaign([20, 40, 60, 80])
    sweep.finish("potentials")
    sweep.site(md={"gpus": "shard:1"})
    sweep.order("sleep-md", 3)
    assert sweep.submit("md").returncode == 0
    sweep.started(4)
    assert set(sweep.slurm.call("squeue", "-h", "-t", "R", "-o", "%b").split()) == {"gres:shard:1"}
    sweep.slurm.wait_until_empty()
    assert {device for _, _, device, _ in sweep.where()} <= {"0", "1"}
    assert max(Counter(device for _, _, device, _ in sweep.where()).values()) >= 2


def test_packed_runs_share_the_gpu_of_their_task(sweep):
    sweep.campaign([20, 40, 60, 80])
    sweep.finish("potentials")
    sweep.site(md={"gpus": "gpu:1", "runs_per_task": 2})
    sweep.order("sleep-md", 2)
    said = sweep.submit("md")
    assert "2 tasks for 4 stages" in said.stdout
    sweep.slurm.wait_until_empty()
    device = {place: device for _, place, device, _ in sweep.where()}
    assert Counter(device.values()) == {"0": 2, "1": 2}
    assert device["argon_20K_1"] == device["argon_40K_1"]


def test_packed_runs_are_bound_to_the_gpus_of_their_task(sweep):
    sweep.finish("potentials")
    sweep.site(md={"gpus": "gpu:2", "runs_per_task": 2})
    assert sweep.submit("md").returncode == 0
    sweep.slurm.wait_until_empty()
    assert {place: device for _, place, device, _ in sweep.where()} == {
        "argon_20K_1": "0", "argon_40K_1": "1",
    }  # fmt: skip


@pytest.mark.parametrize("launcher", ["srun --mpi=pmi2", "mpiexec"])
def test_launcher_starts_the_ranks_of_one_world(sweep, launcher):
    sweep.campaign([20])
    sweep.finish("transport")
    sweep.finish("minimize")
    sweep.site(launcher=launcher, doas={"ranks": 2})
    assert sweep.submit("doas", "--wait").returncode == 0
    assert sweep.trace() == ["doas argon", "doas argon_20K_1"]
    marker = read_marker(sweep.results / "runs" / "argon_20K_1" / "doas")
    assert marker["facts"]["ranks"] == 2


@pytest.mark.parametrize("launcher", ["srun --mpi=pmi2", "mpiexec"])
def test_ranks_take_one_gpu_each(sweep, launcher):
    sweep.campaign([20])
    sweep.finish("minimize")
    sweep.site(launcher=launcher, doas={"ranks": 2, "gpus": "gpu:2"})
    assert sweep.submit("doas", "--wait").returncode == 0
    assert read_marker(sweep.results / "runs/argon_20K_1/doas")["facts"]["devices"] == ["0", "1"]


def test_site_has_its_own_lammps_and_container(sweep):
    """A container is a command before the verbs of the command line; the tasks themselves stay outside."""
    sweep.campaign([20])
    sweep.finish("potentials")
    box = sweep.folder / "box"
    beside = Path(sys.executable).parent
    box.write_text(
        f'#!/bin/sh\necho "$@" >> {sweep.folder}/boxed\nshift\nexport PATH={beside}:$PATH\nexec "$@"\n'
    )
    box.chmod(0o755)
    sweep.site(container=f"{box} --nv", lammps_command=["mpiexec", "-n", "2", "lmp of ours"])
    assert sweep.submit("md", "--wait").returncode == 0
    assert (sweep.folder / "boxed").read_text().startswith("--nv atomstates md --run argon_20K_1 --results")
    marker = read_marker(sweep.results / "runs/argon_20K_1/md")
    assert marker["facts"]["lammps"] == "mpiexec -n 2 'lmp of ours'"


def test_launcher_that_starts_single_ranks_is_refused(sweep):
    sweep.campaign([20])
    sweep.finish("minimize")
    sweep.site(launcher="srun --mpi=none", doas={"ranks": 2})
    said = sweep.submit("doas", "--wait")
    assert said.returncode == 1
    assert sweep.trace() == []
    log = (sweep.results / "logs" / "doas" / "argon_20K_1.log").read_text()
    assert "this process sees 1 MPI rank(s), but 2 were to be started" in log
