"""Run by MPI in a test: displacements of one synthetic trajectory, written by rank 0."""

import sys

import numpy as np

from atomstates.parallel import world
from atomstates.potentials.crystal import Crystal
from atomstates.transport import paths
from atomstates.transport.coarse import coarse_run
from atomstates.transport.maps.reading import run_visits
from atomstates.transport.reading import run_displacements

SHORT = 7 * 90
"""Numbers in a stretch of seven frames, so that there are more stretches than ranks."""


class SyntheticTrajectory:
    """Twenty-one ions among nine framework atoms that drift."""

    n_frames, n_atoms = 80, 30
    ions = np.array([*range(4), 29, *range(8, 24)])
    framework = np.array([*range(4, 8), *range(24, 29)])

    def __init__(self):
        generator = np.random.default_rng(12)
        self.positions = generator.normal(size=(self.n_frames, self.n_atoms, 3)).cumsum(axis=0)

    def read(self, start, stop):
        return self.positions[start:stop]


class SinglePrecision(SyntheticTrajectory):
    """The same in the form that is read fastest."""

    def planes(self, start, stop):
        return self.positions[start:stop].transpose(0, 2, 1).astype(np.float32)


TRAJECTORIES = {"double": SyntheticTrajectory, "single": SinglePrecision}


def displacements(comm, kind="double", most_bytes=None):
    trajectory = TRAJECTORIES[kind]()
    return run_displacements(
        trajectory,
        trajectory.ions,
        trajectory.framework,
        np.linspace(1, 9, 9),
        longest_fraction=0.5,
        most_lags=40,
        comm=comm,
        most_bytes=most_bytes,
    )


def coarse_arrays(comm):
    """What a coarse run holds, in a cell that the ions wander out of."""
    found = coarse_run(
        SyntheticTrajectory(),
        SyntheticTrajectory.ions,
        SyntheticTrajectory.framework,
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


def visits(comm):
    """Visits of a wandering of all atoms, with stretches of frames and portions that are short."""
    cell = np.array([[15.0, 0, 0], [-7.0, 14.0, 0], [1.0, 2.0, 16.0]])
    places = np.random.default_rng(3).random((30, 3)) @ cell
    crystal = Crystal(np.arange(30), np.array(["X"] * 30), places, cell, (2, 1, 1))
    trajectory = SyntheticTrajectory()
    counts, frames = run_visits(
        trajectory,
        cell,
        trajectory.ions,
        trajectory.framework,
        np.linspace(1, 9, 9),
        crystal,
        (6, 10, 8),
        comm,
        bytes_of_frames=24 * 30 * 7,
        bytes_gathered=8 * 100,
    )
    return {"visits": counts, "visit_frames": frames}


def arrays(found):
    return {
        "tensor": found.whole.tensor,
        "blocks": found.whole.blocks,
        "collective": found.collective,
        "pieces": found.pieces,
    }


if __name__ == "__main__":
    paths._NUMBERS_AT_ONCE = SHORT
    communicator = world()
    for kind in TRAJECTORIES:
        for most_bytes in (1, 2**20):
            found = displacements(communicator, kind, most_bytes)
            if communicator.rank == 0:
                np.savez(f"{sys.argv[1]}.{kind}.{most_bytes}.npz", ranks=communicator.size, **arrays(found))
    coarse, seen = coarse_arrays(communicator), visits(communicator)
    if communicator.rank == 0:
        np.savez(f"{sys.argv[1]}.few.npz", **coarse, **seen)
