"""Mean squared displacements: ours beside other packages, in one run, on the same walk.

    python benchmarks/msd.py [--ions 100] [--frames 5001]

Every package gets the positions in memory and gives the MSD at all lags up to half of the run;
one warm-up, then the best of three. Packages that are not installed are named and left out.
"""

import argparse
import importlib
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from atomstates.transport import mean_squared_displacement

Floats = NDArray[np.float64]


def ours(positions: Floats, lags: NDArray[np.int64]) -> Floats:
    return mean_squared_displacement(positions, lags).mean


def of_tidynamics(positions: Floats, lags: NDArray[np.int64]) -> Floats:
    tidynamics = importlib.import_module("tidynamics")
    total = np.zeros(len(positions))
    for ion in range(positions.shape[1]):
        total += tidynamics.msd(positions[:, ion])
    return (total / positions.shape[1])[lags]


def of_mdanalysis(positions: Floats, lags: NDArray[np.int64]) -> Floats:
    analysis = importlib.import_module("MDAnalysis.analysis.msd")
    mda = importlib.import_module("MDAnalysis")
    universe = mda.Universe.empty(positions.shape[1], trajectory=True)
    universe.load_new(positions.astype(np.float32))
    return analysis.EinsteinMSD(universe, fft=True).run(verbose=False).results.timeseries[lags]


def of_freud(positions: Floats, lags: NDArray[np.int64]) -> Floats:
    freud = importlib.import_module("freud")
    return freud.msd.MSD(mode="window").compute(positions).msd[lags]


METHODS: dict[str, Callable[[Floats, NDArray[np.int64]], Floats]] = {
    "atomstates": ours,
    "tidynamics": of_tidynamics,
    "MDAnalysis": of_mdanalysis,
    "freud": of_freud,
}


def seconds(
    method: Callable[[Floats, NDArray[np.int64]], Floats], *arguments: NDArray[np.generic]
) -> float:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        method(*arguments)  # type: ignore[arg-type]
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--ions", type=int, default=100)
    parser.add_argument("--frames", type=int, default=5001)
    options = parser.parse_args()
    generator = np.random.default_rng(1)
    positions = generator.normal(size=(options.frames, options.ions, 3)).cumsum(axis=0)
    lags = np.arange(1, options.frames // 2)
    reference = ours(positions, lags)
    own = seconds(ours, positions, lags)
    print(f"{options.ions} ions, {options.frames} frames, {len(lags)} lags, one process")
    print(f"{'package':<12} {'seconds':>9} {'times ours':>11} {'largest relative difference':>28}")
    for name, method in METHODS.items():
        try:
            difference = np.max(np.abs(method(positions, lags) / reference - 1))
        except ImportError:
            print(f"{name:<12} not installed")
            continue
        taken = own if method is ours else seconds(method, positions, lags)
        print(f"{name:<12} {taken:9.3f} {taken / own:11.2f} {difference:28.1e}")


if __name__ == "__main__":
    main()
