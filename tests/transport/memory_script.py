"""Run in a test: how many MB the process grows by when a trajectory is larger than the memory given."""

import resource
import sys
from pathlib import Path

import numpy as np

from atomstates.lammps.dump import DcdFile
from atomstates.md.segments import Trajectory
from atomstates.parallel import Serial
from atomstates.transport.reading import run_displacements

N_FRAMES, N_ATOMS = 20_000, 520


def write(path):
    coordinates = [("head", "<i4"), ("values", "<f4", (N_ATOMS,)), ("tail", "<i4")]
    frame = np.dtype([("cell", "V56"), *((axis, coordinates) for axis in "xyz")])
    head = np.zeros(69, dtype="<i4")
    head[[0, 22, 23, 65, 66, 67, 68]] = 84, 84, 164, 164, 4, N_ATOMS, 4
    head[[1, 4, 12]] = int.from_bytes(b"CORD", "little"), 1, 1
    generator, here = np.random.default_rng(1), np.zeros((3, N_ATOMS), dtype=np.float32)
    with path.open("wb") as file:
        file.write(head.tobytes())
        for _ in range(0, N_FRAMES, 500):
            records = np.zeros(500, dtype=frame)
            walk = here + generator.standard_normal((500, 3, N_ATOMS), dtype=np.float32).cumsum(axis=0)
            for number, axis in enumerate("xyz"):
                records[axis]["head"] = records[axis]["tail"] = 4 * N_ATOMS
                records[axis]["values"] = walk[:, number]
            file.write(records.tobytes())
            here = walk[-1]


def displacements(file, n_frames, most_bytes):
    parts = ((file, np.arange(n_frames)),)
    trajectory = Trajectory(0.1, file.steps[:n_frames], ("Li",) * N_ATOMS, np.eye(3), parts)
    return run_displacements(
        trajectory,
        np.arange(20, N_ATOMS),
        np.arange(20),
        np.ones(20),
        longest_fraction=0.5,
        most_lags=50,
        comm=Serial(),
        most_bytes=most_bytes,
    )


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    path = Path(sys.argv[1])
    write(path)
    file = DcdFile(path)
    displacements(file, 500, 2**23)  # what is loaded at first use counts as the program
    before = peak()
    displacements(file, N_FRAMES, 2**23)
    print(peak() - before)
