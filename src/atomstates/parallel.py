"""Ranks: who does which share. One process needs no MPI.

Ranks run the same function; merging is independent of order; rank 0 writes. An exception
on one rank ends all.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from atomstates.errors import AtomStatesError, InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.floating]

T = TypeVar("T")

EXPECTED_RANKS = "ATOMSTATES_RANKS"
"""Environment variable: the number of ranks that a job's launcher was told to start."""

_TELLING = 0.25
"""Seconds that the launcher is given to pass on what the first rank to fail says."""

_PATIENCE = 0.01
"""Seconds between two looks at whether all ranks have come to a barrier."""

_SET_BY_LAUNCHERS = ("PMI_SIZE", "PMI_RANK", "PMIX_RANK", "OMPI_COMM_WORLD_SIZE", "MPI_LOCALNRANKS")


class Communicator(Protocol):
    """The few things that the rooms ask of MPI."""

    rank: int
    size: int

    def gathered(self, value: T) -> list[T]:
        """The values of all ranks, in order of rank, on every rank."""

    def exchange(self, arrays: Sequence[Array], rows: Sequence[int]) -> Callable[[], list[Array]]:
        """Begin to give each rank an array; to call what comes back ends it.

        The call gives what each rank had for this one, in order of rank: from rank r an array of
        ``rows[r]`` rows, in type and other lengths like this rank's own for itself.
        """

    def from_first(self, value: T) -> T:
        """The value that rank 0 holds, on every rank."""

    def dealt(self, n_items: int) -> Iterator[int]:
        """Indices 0 .. n_items - 1, each given to the one rank that asks next."""

    def barrier(self) -> None:
        """Wait for all ranks."""

    def group(self, n_ranks: int) -> Communicator:
        """The ranks with which this one works when all are cut, in order, into groups of ``n_ranks``."""


class Serial:
    """One process."""

    rank = 0
    size = 1

    def gathered(self, value: T) -> list[T]:
        return [value]

    def exchange(self, arrays: Sequence[Array], rows: Sequence[int]) -> Callable[[], list[Array]]:
        return lambda: list(arrays)

    def from_first(self, value: T) -> T:
        return value

    def dealt(self, n_items: int) -> Iterator[int]:
        return iter(range(n_items))

    def barrier(self) -> None:
        return None

    def group(self, n_ranks: int) -> Communicator:
        return self


class Ranks:
    """The ranks of ``MPI.COMM_WORLD``, or of a part of it."""

    def __init__(self, part: Any = None) -> None:
        from mpi4py import MPI

        self._mpi: Any = MPI
        self._world = MPI.COMM_WORLD if part is None else part
        self.rank = self._world.rank
        self.size = self._world.size

    def gathered(self, value: T) -> list[T]:
        values: list[T] = self._world.allgather(value)
        return values

    def exchange(self, arrays: Sequence[Array], rows: Sequence[int]) -> Callable[[], list[Array]]:
        import numpy as np

        own = arrays[self.rank]
        others = [rank for rank in range(self.size) if rank != self.rank]
        received = {rank: np.empty((rows[rank], *own.shape[1:]), own.dtype) for rank in others}
        sent = {rank: np.ascontiguousarray(arrays[rank]) for rank in others}
        requests = [self._world.Irecv(received[rank], source=rank) for rank in others]
        requests += [self._world.Isend(sent[rank], dest=rank) for rank in others]

        def end() -> list[Array]:
            self._mpi.Request.Waitall(requests)
            sent.clear()  # held until they are gone
            return [received.get(rank, own) for rank in range(self.size)]

        return end

    def from_first(self, value: T) -> T:
        same: T = self._world.bcast(value, root=0)
        return same

    def dealt(self, n_items: int) -> Iterator[int]:
        """A shared counter on rank 0: who is free takes the next index, and no rank only hands out.

        The next index is asked for before the work on this one begins: rank 0 answers between its own
        pieces of work only, and would be waited for.
        """
        import numpy as np

        counter = self._mpi.Win.Allocate(8 if self.rank == 0 else 0, 8, comm=self._world)
        one, taken = np.ones(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
        if self.rank == 0:
            counter.Lock(0)
            counter.Put(np.zeros(1, dtype=np.int64), 0)
            counter.Unlock(0)
        self._world.Barrier()
        counter.Lock_all()
        try:
            counter.Fetch_and_op(one, taken, 0)
            counter.Flush(0)
            while (current := int(taken[0])) < n_items:
                counter.Fetch_and_op(one, taken, 0)
                yield current
                counter.Flush(0)
        finally:
            counter.Unlock_all()
            counter.Free()

    def barrier(self) -> None:
        # MPI's own barrier takes a whole core from those that still work
        waiting = self._world.Ibarrier()
        while not waiting.Test():
            time.sleep(_PATIENCE)

    def group(self, n_ranks: int) -> Communicator:
        return Ranks(self._world.Split(self.rank // n_ranks, self.rank))

    def abort(self, exit_code: int) -> None:
        """End every rank at once, those of other groups too."""
        self._mpi.COMM_WORLD.Abort(exit_code)


_LOCAL_RANKS = ("MPI_LOCALRANKID", "SLURM_LOCALID", "OMPI_COMM_WORLD_LOCAL_RANK")
"""Where launchers say which of its node's ranks a process is."""


def _bind_to_a_device() -> None:
    """Ranks that see several GPUs of their node take one each, in turns.

    Each rank has its own LAMMPS, and the first of the GPUs that it sees is the one that it uses.
    """
    devices = [device for device in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if device]
    local = next((os.environ[name] for name in _LOCAL_RANKS if name in os.environ), None)
    if len(devices) > 1 and local is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = devices[int(local) % len(devices)]


def world() -> Communicator:
    """The ranks that a launcher started, or one process without MPI.

    Raises
    ------
    InputError
        The launcher was told to start another number of ranks (``ATOMSTATES_RANKS``): a launcher that
        does not fit the MPI starts that many single processes, which would all do the same.
    """
    comm = _started()
    expected = os.environ.get(EXPECTED_RANKS, "")
    if expected and expected != str(comm.size):
        raise InputError(
            f"this process sees {comm.size} MPI rank(s), but {expected} were to be started: the launcher "
            "does not fit the MPI of this Python. Name another one in the site file: `launcher: srun "
            "--mpi=pmi2` or `launcher: mpiexec` for MPICH, `launcher: srun --mpi=pmix` for Open MPI."
        )
    return comm


def _started() -> Communicator:
    """The ranks of the launcher, if there is one."""
    if any(name in os.environ for name in _SET_BY_LAUNCHERS):
        ranks = Ranks()
        if ranks.size > 1:
            _bind_to_a_device()
            return ranks
    return Serial()


def share(items: Sequence[T], comm: Communicator) -> Sequence[T]:
    """This rank's items when equal work is dealt out in turns."""
    return items[comm.rank :: comm.size]


@contextmanager
def all_end_together(comm: Communicator) -> Iterator[None]:
    """An exception on one of several ranks is shown and ends all of them."""
    try:
        yield
    except Exception as error:
        if not isinstance(comm, Ranks):
            raise
        # what all ranks find at once is said by the first of them, which ends the others meanwhile
        time.sleep(_TELLING * 4 if comm.rank else 0.0)
        if isinstance(error, AtomStatesError):
            print(f"error (rank {comm.rank}): {error}", file=sys.stderr, flush=True)
        else:
            traceback.print_exc()
        sys.stderr.flush()
        # launchers that end the ranks at once lose what they have not passed on yet
        time.sleep(_TELLING)
        comm.abort(error.exit_code if isinstance(error, AtomStatesError) else 1)
