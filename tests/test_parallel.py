"""Ranks: every share is done once, and an exception on one rank ends all."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from atomstates.parallel import Serial, all_end_together, share


def mpiexec():
    """The launcher beside this Python; where CI is set its absence is a failure."""
    beside = Path(sys.executable).with_name("mpiexec")
    found = str(beside) if beside.exists() else shutil.which("mpiexec")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("mpiexec is missing")
        pytest.skip("mpiexec is missing: install the extra `cpu`")
    return found


def on_ranks(n_ranks, code):
    return subprocess.run(
        [mpiexec(), "-n", str(n_ranks), sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


DEAL = """
import time
from atomstates.parallel import world
comm = world()
mine = []
for round in range(2):
    for index in comm.dealt(23):
        mine.append(index)
        time.sleep(0.002 * comm.rank)
everyones = comm.gathered(mine)
if comm.rank == 0:
    print(comm.size, *sorted(sum(everyones, [])))
"""


@pytest.mark.parametrize("n_ranks", [1, 2, 3])
def test_every_index_is_dealt_once(n_ranks):
    result = on_ranks(n_ranks, DEAL)
    assert result.returncode == 0, result.stderr
    size, *indices = map(int, result.stdout.split())
    assert size == n_ranks
    assert indices == sorted([*range(23), *range(23)])


def test_values_travel_in_order_of_rank():
    code = (
        "from atomstates.parallel import world, share\n"
        "comm = world()\n"
        "values = comm.gathered(list(share(range(7), comm)))\n"
        "first = comm.from_first(comm.rank + 10)\n"
        "assert first == 10\n"
        "if comm.rank == 1: print(values)\n"
    )
    result = on_ranks(2, code)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "[[0, 2, 4, 6], [1, 3, 5]]"


@pytest.mark.parametrize(
    ("raised", "code", "shown"),
    [
        ("errors.InputError('no such ion')", 1, "error (rank 1): no such ion"),
        ("errors.HopelessRun('fell apart')", 65, "error (rank 1): fell apart"),
        ("RuntimeError('a bug')", 1, "RuntimeError: a bug"),
    ],
)
def test_exception_on_one_rank_ends_all_quickly(raised, code, shown):
    begin = time.monotonic()
    result = on_ranks(
        2,
        "from atomstates import errors\n"
        "from atomstates.parallel import all_end_together, world\n"
        "comm = world()\n"
        "with all_end_together(comm):\n"
        "    if comm.rank == 1:\n"
        f"        raise {raised}\n"
        "    comm.barrier()\n",
    )
    assert result.returncode == code
    assert shown in result.stderr
    assert time.monotonic() - begin < 20


def test_one_process_needs_no_mpi():
    code = "import sys; from atomstates.parallel import world; world(); sys.exit('mpi4py' in sys.modules)"
    environment = {
        name: value for name, value in os.environ.items() if "PMI" not in name and "MPI" not in name
    }
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0


def test_serial_does_everything_itself():
    comm = Serial()
    assert list(comm.dealt(3)) == [0, 1, 2]
    assert comm.gathered("x") == ["x"]
    assert list(share("abc", comm)) == ["a", "b", "c"]


def test_serial_lets_exceptions_through():
    with pytest.raises(RuntimeError, match="seen"), all_end_together(Serial()):
        raise RuntimeError("seen")
