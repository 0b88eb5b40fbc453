"""The built wheel does what the checkout does: workflow, inputs, job scripts and potential are inside."""

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TRAVELLING = ("workflow", "lammps_inputs", "slurm")


@pytest.fixture(scope="module")
def distribution(tmp_path_factory):
    """Folder with the source distribution and the wheel built of it, as by ``python -m build``."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def installed(distribution, tmp_path_factory):
    """``bin`` of an environment that has the wheel, and the packages it needs from this one."""
    home = tmp_path_factory.mktemp("clean")
    venv.create(home, with_pip=False, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)}))
    (wheel,) = distribution.glob("*.whl")
    command = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"), "install"]
    done = subprocess.run(
        [*command, "-q", "--no-deps", "--no-index", str(wheel)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    # .pth files of a folder named here are not read, so this checkout stays out of it
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home / "bin"


def said_by(folder, *command):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ATOMSTATES")}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=environment | {"PATH": f"{command[0].parent}:{os.environ['PATH']}"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def tracked(folder):
    done = subprocess.run(["git", "ls-files", folder], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines())


def test_every_file_that_is_needed_travels_in_the_wheel(distribution):
    (wheel,) = distribution.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    for name in TRAVELLING:
        assert {f"atomstates/_files/{path}" for path in tracked(name)} <= inside
    assert {path.removeprefix("src/") for path in tracked("src/atomstates")} <= inside


def test_source_distribution_holds_what_it_is_built_of(distribution):
    (archive,) = distribution.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        inside = {name.partition("/")[2] for name in opened.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", *tracked("src"), *tracked("workflow")} <= inside


def test_wheel_runs_without_the_checkout(installed, tmp_path):
    where = said_by(tmp_path, installed / "python", "-c", "import atomstates; print(atomstates.__file__)")
    assert Path(where.strip()).is_relative_to(installed.parent)
    plan = said_by(tmp_path, installed / "atomstates", "run", "tutorial", "--dry-run")
    assert "structures li3ycl6-p3m1" in plan
    said = said_by(tmp_path, installed / "atomstates", "run", "tutorial", "structures")
    assert "distinct orderings 24" in said
    assert "elements: Li Y Cl Br" in said_by(tmp_path, installed / "atomstates", "potentials", "show")
