"""Mean squared displacements from a DCD file: ours beside other packages, reading included.

    python benchmarks/msd.py            prints the table
    python benchmarks/msd.py --write    puts it into benchmarks/README.md

Every method has a fresh process and gets a file of LAMMPS' form (made in $TMPDIR, 2.7 GB in all, and
removed). Time runs from opening the file to the MSD, after all was loaded by a first call for a tiny file;
memory is the largest resident set. Of two ranks the slower and the larger one counts. CPU seconds tell
what a busy machine hides. The methods take turns; the best of the rounds counts.
"""

import argparse
import importlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from readme import write_table
from scipy.fft import irfft, next_fast_len, rfft

Floats = NDArray[np.float64]
FIRST = "first.dcd"
HEAD = 276  # bytes before the first frame


def ours(path: Path, longest_fraction: float = 0.5) -> tuple[NDArray[np.int64], Floats]:
    """What `atomstates transport` does: also the tensor, the collective MSD, blocks of ions and pieces."""
    reading = importlib.import_module("atomstates.transport.reading")
    segments = importlib.import_module("atomstates.md.segments")
    file = segments.DcdFile(path)
    parts = ((file, np.arange(file.n_frames)),)
    found = reading.run_displacements(
        segments.Trajectory(0.1, file.steps, ("Li",) * file.n_atoms, np.eye(3), parts),
        np.arange(file.n_atoms),
        np.empty(0, dtype=np.int64),
        np.empty(0),
        longest_fraction=longest_fraction,
        most_lags=100,
        comm=importlib.import_module("atomstates.parallel").world(),
    )
    return found.whole.lags, found.whole.mean


def of_numpy(path: Path) -> tuple[NDArray[np.int64], Floats]:
    """The short way by hand: the file mapped, one inverse transform for the sum over ions."""
    n_atoms = atoms_in(path)
    mapped = np.memmap(path, "<f4", "r", offset=HEAD).reshape(-1, 14 + 3 * (n_atoms + 2))[:, 14:]
    mapped = mapped.reshape(-1, 3, n_atoms + 2)
    n_frames = len(mapped)
    size = next_fast_len(2 * n_frames - 1, real=True)
    power, squares = np.zeros(size // 2 + 1), np.zeros(n_frames)
    for start in range(1, n_atoms + 1, 100):
        paths = np.ascontiguousarray(
            mapped[:, :, start : min(start + 100, n_atoms + 1)].T, dtype=np.float64
        )
        paths -= paths.mean(axis=-1, keepdims=True)
        spectra = rfft(paths, size, axis=-1)
        power += (spectra.real**2 + spectra.imag**2).sum(axis=(0, 1))
        squares += (paths**2).sum(axis=(0, 1))
    lags = np.arange(n_frames)
    before = np.concatenate([[0.0], np.cumsum(squares)])
    found = before[n_frames - lags] + before[-1] - before[lags] - 2 * irfft(power, size)[:n_frames]
    return lags, found / (n_frames - lags) / n_atoms


def of_mdanalysis(path: Path) -> tuple[NDArray[np.int64], Floats]:
    found = importlib.import_module("MDAnalysis.analysis.msd").EinsteinMSD(_universe(path), fft=True)
    series: Floats = found.run(verbose=False).results.timeseries
    return np.arange(len(series)), series


def of_freud(path: Path) -> tuple[NDArray[np.int64], Floats]:
    positions = _universe(path).trajectory.timeseries(order="fac")
    found: Floats = importlib.import_module("freud.msd").MSD(mode="window").compute(positions).msd
    return np.arange(len(found)), found


def of_tidynamics(path: Path) -> tuple[NDArray[np.int64], Floats]:
    positions = _universe(path).trajectory.timeseries(order="afc")
    msd = importlib.import_module("tidynamics").msd
    total = sum(msd(ion.astype(np.float64)) for ion in positions)
    return np.arange(len(total)), total / len(positions)


def _universe(path: Path):  # type: ignore[no-untyped-def]
    mda = importlib.import_module("MDAnalysis")
    universe = mda.Universe.empty(atoms_in(path), trajectory=True)
    universe.load_new(str(path), format="DCD")
    return universe


METHODS: dict[str, Callable[[Path], tuple[NDArray[np.int64], Floats]]] = {
    "atomstates": ours,
    "atomstates, lags to the end": partial(ours, longest_fraction=1.0),
    "NumPy by hand": of_numpy,
    "freud": of_freud,
    "tidynamics": of_tidynamics,
    "MDAnalysis": of_mdanalysis,
}


def measure(name: str, path: Path, result: Path) -> None:
    """In a process of its own: time and memory of a method, and what it found at some lags."""
    method = METHODS[name]
    comm = importlib.import_module("atomstates.parallel").world()
    method(path.with_name(FIRST))
    comm.barrier()
    start, worked = time.perf_counter(), time.process_time()
    lags, found = method(path)
    taken, worked = time.perf_counter() - start, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    ranks = zip(*comm.gathered((taken, worked, peak)), strict=True)
    if comm.rank == 0:
        content = dict(zip(("seconds", "cpu_seconds", "peak_MB"), map(max, ranks), strict=True))
        content |= {"lags": lags.tolist(), "msd": found.tolist()}
        result.write_text(json.dumps(content), encoding="utf-8")


def measured(name: str, path: Path, ranks: int) -> dict[str, Floats]:
    result = path.with_suffix(".json")
    launcher = [str(Path(sys.executable).with_name("mpiexec")), "-n", str(ranks)] if ranks > 1 else []
    command = [
        *launcher,
        sys.executable,
        "-W",
        "ignore",
        __file__,
        "--method",
        name,
        "--file",
        str(path),
        "--to",
        str(result),
    ]
    subprocess.run(command, check=True)  # warnings of other packages are theirs
    content = json.loads(result.read_text(encoding="utf-8"))
    return {key: np.asarray(value) for key, value in content.items()}


def write_walk(path: Path, n_ions: int, n_frames: int) -> None:
    """A random walk in the form of LAMMPS' DCD: cell, then x, y and z in single precision."""
    coordinates = [("head", "<i4"), ("values", "<f4", (n_ions,)), ("tail", "<i4")]
    cell = [("head", "<i4"), ("values", "<f8", (6,)), ("tail", "<i4")]
    frame = np.dtype([("cell", cell), *((axis, coordinates) for axis in "xyz")])
    integers = [84, int.from_bytes(b"CORD", "little"), n_frames, 0, 1, n_frames - 1, *[0] * 5]
    integers += [int.from_bytes(np.float32(1).tobytes(), "little"), 1, *[0] * 8, 24, 84]
    integers += [164, 2, *[int.from_bytes(b"    ", "little")] * 40, 164, 4, n_ions, 4]
    generator, here = np.random.default_rng(1), np.zeros((1, 3, n_ions))
    with path.open("wb") as file:
        file.write(np.array(integers, dtype="<i4").tobytes())
        for start in range(0, n_frames, 500):
            records = np.zeros(min(500, n_frames - start), dtype=frame)
            steps = generator.standard_normal((len(records), 3, n_ions), dtype=np.float32)
            walk = here + 0.1 * np.cumsum(steps, axis=0, dtype=np.float64)
            records["cell"] = (48, [30, 90, 30, 90, 90, 30], 48)
            for number, axis in enumerate("xyz"):
                records[axis]["head"] = records[axis]["tail"] = 4 * n_ions
                records[axis]["values"] = walk[:, number]
            file.write(records.tobytes())
            here = walk[-1:]


def atoms_in(path: Path) -> int:
    return int(np.fromfile(path, "<i4", 1, offset=HEAD - 8)[0])


def best(runs: list[dict[str, Floats]]) -> dict[str, Floats]:
    """The quickest run, with the least time of a processor in any run."""
    quickest = min(runs, key=lambda run: float(run["seconds"]))
    return quickest | {"cpu_seconds": min((run["cpu_seconds"] for run in runs), key=float)}


def row(name: str, frames: int, ranks: int, run: dict[str, Floats], reference: dict[str, Floats]) -> str:
    ratio = float(run["seconds"] / reference["seconds"])
    _, own, other = np.intersect1d(reference["lags"], run["lags"], return_indices=True)
    same = len(own) and frames == reference["frames"]
    difference = np.max(np.abs(run["msd"][other] / reference["msd"][own] - 1)) if same else np.nan
    shown = f"{difference:.0e}" if same else ""
    return (
        f"| {name} | {frames:,} | {ranks} | {run['seconds']:.2f} | {run['cpu_seconds']:.2f} "
        f"| {run['peak_MB']:.0f} | {ratio:.2f} | {shown} |"
    )


def table(n_ions: int, n_frames: int, rounds: int, longer: int) -> str:
    cases = [("atomstates", 1), ("atomstates", 2), *((name, 1) for name in list(METHODS)[1:])]
    runs: dict[tuple[str, int], list[dict[str, Floats]]] = {case: [] for case in cases}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "walk.dcd"
        write_walk(path.with_name(FIRST), 10, 100)
        write_walk(path, n_ions, n_frames)
        size = path.stat().st_size / 1e6
        for number in range(rounds):
            for name, ranks in cases:
                print(f"round {number + 1} of {rounds}: {name}, {ranks} process(es)", file=sys.stderr)
                runs[name, ranks].append(measured(name, path, ranks))
        path.unlink()
        long_path = Path(folder) / "long.dcd"
        write_walk(long_path, n_ions, longer * n_frames)
        long_runs = [[measured("atomstates", long_path, ranks) for _ in range(rounds)] for ranks in (1, 2)]
    reference = best(runs["atomstates", 1]) | {"frames": np.asarray(n_frames)}
    lines = [
        f"{n_ions:,} ions, {n_frames:,} frames, DCD of {size:.0f} MB, best of {rounds}:",
        "",
        "| | frames | processes | seconds | CPU seconds | peak MB | time, ours = 1 | relative difference |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        *(row(name, n_frames, ranks, best(runs[name, ranks]), reference) for name, ranks in cases),
        *(
            row("atomstates", longer * n_frames, ranks, best(found), reference)
            for ranks, found in zip((1, 2), long_runs, strict=True)
        ),
        "",
        f"n log n alone would make {longer} times the frames "
        f"{longer * np.log(longer * n_frames) / np.log(n_frames):.1f} times as long.",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--ions", type=int, default=1000)
    parser.add_argument("--frames", type=int, default=20001)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--longer", type=int, default=10, help="also ours with so many times the frames")
    parser.add_argument("--write", action="store_true", help="put the table into README.md")
    parser.add_argument("--method", choices=METHODS, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--to", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.method:
        measure(options.method, options.file, options.to)
        return
    text = table(options.ions, options.frames, options.rounds, options.longer)
    print(text)
    if options.write:
        write_table("msd.py", text)


if __name__ == "__main__":
    main()
