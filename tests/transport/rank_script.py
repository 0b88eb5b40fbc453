"""Run by MPI in a test: displacements of one synthetic trajectory, written by rank 0."""

import sys

import numpy as np

from atomstates.parallel import world
from atomstates.transport.coarse import coarse_run
from atomstates.transport.reading import run_displacements


class SyntheticTrajectory:
    """Twenty ions and nine framework atoms that drift."""

    n_frames, n_atoms = 80, 29

    def __init__(self) -> None:
        generator = np.random.default_rng(12)
        self.positions = generator.normal(size=(self.n_frames, self.n_atoms, 3)).cumsum(axis=0)

    def read(self, start, stop):
        return self.positions[start:stop]


def displacements(comm, bytes_of_paths=2**28):
    return run_displacements(
        SyntheticTrajectory(),
        np.arange(20),
        np.arange(20, 29),
        np.linspace(1, 9, 9),
        longest_fraction=0.5,
        most_lags=40,
        comm=comm,
        bytes_of_paths=bytes_of_paths,
    )


def coarse_arrays(comm):
    """What a coarse run holds, in a cell that the ions wander out of."""
    found = coarse_run(
        SyntheticTrajectory(),
        np.arange(20),
        np.arange(20, 29),
        np.linspace(1, 9, 9),
        np.array([[15.0, 0, 0], [-7.0, 14.0, 0], [1.0, 2.0, 16.0]]),
        frame_interval=0.5,
        longest_fraction=0.5,
        most_lags=40,
        comm=comm,
        most_frames=40,
    )
    prefixes = {f"prefix_{n}": prefix.tensor for n, prefix in enumerate(found.prefixes)}
    return prefixes | {
        "self": found.van_hove.self_density,
        "self_error": found.van_hove.self_error,
        "distinct": found.van_hove.distinct,
        "distinct_error": found.van_hove.distinct_error,
    }


def arrays(found):
    return {
        "tensor": found.whole.tensor,
        "blocks": found.whole.blocks,
        "collective": found.collective,
        "pieces": found.pieces,
    }


if __name__ == "__main__":
    communicator = world()
    found, coarse = displacements(communicator), coarse_arrays(communicator)
    if communicator.rank == 0:
        np.savez(sys.argv[1], ranks=communicator.size, **arrays(found), **coarse)
