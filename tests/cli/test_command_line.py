"""The command line: exit codes, finding the results, and who speaks."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from stand_in_campaign import STAND_INS

from atomstates import __version__


@pytest.fixture
def acted(command, tmp_path):
    """Runs the command line with stand-ins for the stages, whose orders lie in the folder."""
    stand_ins = {"PYTHONPATH": str(STAND_INS), "ORDERS": str(tmp_path)}
    return lambda *arguments, **extra: command(*arguments, **stand_ins, **extra)


def test_version_is_shown_quickly(command):
    begin = time.monotonic()
    result = command("--version")
    assert result.stdout.strip() == f"atomstates {__version__}"
    # half a second on a free machine; this one may be busy
    assert time.monotonic() - begin < 5


def test_each_stage_is_a_verb(command):
    from atomstates.stages import NAMES

    shown = command("--help").stdout
    for name in NAMES:
        assert f" {name} " in shown


def test_stage_says_one_line_with_counts_and_units(acted, results):
    result = acted("structures", "--material", "argon", "--results", results)
    assert result.returncode == 0
    assert result.stderr == "structures argon: answer 42 ± 1 eV\n"
    again = acted("structures", "--material", "argon", "--results", results)
    assert again.stderr == "structures argon: answer 42 ± 1 eV (was done)\n"


def test_stage_without_a_place_does_all_that_is_left(acted, folder, results):
    for stage in ("structures", "potentials", "md"):
        assert acted(stage, "--results", results).returncode == 0
    trace = (folder / "trace").read_text().splitlines()
    assert trace == ["structures argon", "potentials argon", "md argon_20K_1", "md argon_40K_1"]


@pytest.mark.parametrize(("order", "code"), [("1", 1), ("65", 65), ("75", 75)])
def test_exit_code_says_what_to_do_next(acted, folder, results, order, code):
    (folder / "fail-structures-argon").write_text(order)
    result = acted("structures", "--results", results)
    assert result.returncode == code
    assert result.stderr.startswith("error: ")
    assert "Traceback" not in result.stderr


def test_bug_shows_its_traceback(acted, folder, results):
    (folder / "fail-structures-argon").write_text("bug")
    result = acted("structures", "--results", results)
    assert result.returncode == 1
    assert "Traceback" in result.stderr
    assert not (results / "materials" / "argon" / "structures" / "done.json").exists()


def test_only_results_folder_is_found(acted, results):
    assert acted("structures").returncode == 0
    shutil.copytree(results, results.parent / "twin")
    result = acted("structures")
    assert result.returncode == 1
    assert "several results folders" in result.stderr
    assert acted("structures", ATOMSTATES_RESULTS=str(results)).returncode == 0


def test_run_is_named_by_its_folder(acted, results):
    for stage in ("structures", "potentials"):
        acted(stage)
    shutil.copytree(results, results.parent / "twin")
    result = acted("md", "--run", "results/twin/runs/argon_20K_1")
    assert result.returncode == 0, result.stderr
    assert (results.parent / "twin" / "runs" / "argon_20K_1" / "md" / "done.json").exists()
    assert not (results / "runs").exists()


def test_ranks_speak_once(acted, folder, results):
    mpiexec = Path(sys.executable).with_name("mpiexec")
    if not mpiexec.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("mpiexec is not beside this Python")
    (results / "materials").mkdir()
    arguments = [sys.executable, "-m", "atomstates.cli", "structures", "--results", str(results)]
    result = subprocess.run(
        [str(mpiexec), "-n", "2", *arguments],
        env={**os.environ, "PYTHONPATH": str(STAND_INS), "ORDERS": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr.count("structures argon: answer 42") == 1
    (results / "campaign.json").unlink()
    failed = subprocess.run(
        [str(mpiexec), "-n", "2", *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert failed.returncode == 1
    assert failed.stderr.count("no results folder") == 1


def test_status_shows_every_place(acted, results):
    pytest.importorskip("atomstates.md.progress", reason="the md room is not there yet")
    acted("structures")
    shown = json.loads(acted("status", "--json").stdout)
    places = {place["place"]: place["stages"] for place in shown["places"]}
    assert places["argon"]["structures"] == "done"
    assert places["argon_20K_1"]["md"] == "to do"
    assert "argon_40K_1" in acted("status").stdout
