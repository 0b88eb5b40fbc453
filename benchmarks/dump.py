"""Reading LAMMPS text dumps: ours beside MDAnalysis, in one run, one process each.

    python benchmarks/dump.py [--atoms 2000] [--frames 300] [--repeats 3] [--write]

Both give Cartesian positions of all atoms in all frames, in the order of their ids. Seconds are those
of the processor (both use one core) from opening the file to the last frame, imports before. The best
of the repeats counts, which take turns. ``--write`` puts the table into ``benchmarks/README.md``.
"""

import argparse
import gzip
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from readme import write_table

Floats = NDArray[np.float64]

SIDE = 30.0
FORMS = {
    "`id element xu yu zu`": ("id element xu yu zu", False, False),
    "the same, ids out of order": ("id element xu yu zu", True, False),
    "`id type x y z ix iy iz`": ("id type x y z ix iy iz", False, False),
    "`id type xs ys zs`": ("id type xs ys zs", False, False),
    "`id element xu yu zu`, gzip": ("id element xu yu zu", False, True),
}
READERS = ("atomstates", "MDAnalysis")


def write_dump(path: Path, names: str, n_atoms: int, n_frames: int, *, mixed: bool, packed: bool) -> None:
    """A random walk in a cube as LAMMPS writes it, six digits."""
    generator = np.random.default_rng(1)
    positions = generator.uniform(0, SIDE, (n_atoms, 3))
    with gzip.open(path, "wt") if packed else path.open("w") as handle:
        for frame in range(n_frames):
            positions += generator.normal(0, 0.1, positions.shape)
            images = np.floor(positions / SIDE).astype(int)
            handle.write(
                f"ITEM: TIMESTEP\n{50 * frame}\nITEM: NUMBER OF ATOMS\n{n_atoms}\n"
                f"ITEM: BOX BOUNDS pp pp pp\n0 {SIDE}\n0 {SIDE}\n0 {SIDE}\nITEM: ATOMS {names}\n"
            )
            order = generator.permutation(n_atoms) if mixed else np.arange(n_atoms)
            table: dict[str, NDArray[np.generic]] = {
                "id": np.arange(1, n_atoms + 1),
                "element": np.where(np.arange(n_atoms) % 3 == 0, "Li", "Cl"),
                "type": 1 + (np.arange(n_atoms) % 3 > 0),
            }
            for axis, name in enumerate("xyz"):
                table[f"{name}u"], table[f"i{name}"] = positions[:, axis], images[:, axis]
                table[name] = positions[:, axis] - SIDE * images[:, axis]
                table[f"{name}s"] = table[name] / SIDE
            columns = [
                [f"{value:.6g}" if values.dtype.kind == "f" else str(value) for value in values[order]]
                for values in (table[name] for name in names.split())
            ]
            handle.writelines(f"{' '.join(row)}\n" for row in zip(*columns, strict=True))


def of_atomstates(path: Path) -> Iterator[Floats]:
    from atomstates.lammps.text_dump import COORDINATES, IMAGE_FLAGS, dump_frames

    wanted = {"element", "type", *IMAGE_FLAGS, *(name for names in COORDINATES for name in names)}
    for frames in dump_frames(path, wanted):
        yield from frames.fractional @ frames.cell


def of_mdanalysis(path: Path) -> Iterator[Floats]:
    import MDAnalysis

    options = {"format": "LAMMPSDUMP", "topology_format": "LAMMPSDUMP"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about masses that it guesses
        if path.name.startswith("flags"):
            options["unwrap_images"] = True
        universe = MDAnalysis.Universe(str(path), **options)
    for now in universe.trajectory:
        yield now.positions


def measure(reader: str, path: Path) -> None:
    """Print seconds, peak memory and what tells whether the positions are the same."""
    if reader == "MDAnalysis":
        import MDAnalysis  # noqa: F401  # before the clock runs
    else:
        import pandas  # noqa: F401

        import atomstates.lammps.text_dump  # noqa: F401
    start = time.process_time()
    n_frames, total = 0, 0.0
    for positions in of_atomstates(path) if reader == "atomstates" else of_mdanalysis(path):
        n_frames += 1
        last = positions
        total += float(positions[n_frames % len(positions)].sum())
    seconds = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    weights = np.arange(1, last.size + 1)
    sums = [n_frames, total, float(last.reshape(-1) @ weights / weights.sum())]
    print(json.dumps({"seconds": seconds, "MB": memory, "sums": sums}))


def measured(reader: str, path: Path) -> dict[str, object]:
    """The same in a process of its own."""
    shown = subprocess.run(
        [sys.executable, __file__, "--measure", reader, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, object] = json.loads(shown.stdout.splitlines()[-1])
    return found


def rows(arguments: argparse.Namespace) -> Iterator[str]:
    """Lines of the table."""
    yield "| columns | atomstates, s | MDAnalysis, s | ratio | atomstates, MB | MDAnalysis, MB |"
    yield "| --- | --- | --- | --- | --- | --- |"
    with tempfile.TemporaryDirectory() as folder:
        for number, (title, (names, mixed, packed)) in enumerate(FORMS.items()):
            kind = "flags" if "ix" in names else "dump"
            path = Path(folder) / f"{kind}{number}.lammpstrj{'.gz' if packed else ''}"
            write_dump(path, names, arguments.atoms, arguments.frames, mixed=mixed, packed=packed)
            runs = [{each: measured(each, path) for each in READERS} for _ in range(arguments.repeats)]
            ours, theirs = (
                min((run[each] for run in runs), key=lambda found: found["seconds"]) for each in READERS
            )
            np.testing.assert_allclose(ours["sums"], theirs["sums"], rtol=1e-5)
            ratio = theirs["seconds"] / ours["seconds"]
            yield (
                f"| {title} | {ours['seconds']:.2f} | {theirs['seconds']:.2f} | {ratio:.1f} "
                f"| {ours['MB']:.0f} | {theirs['MB']:.0f} |"
            )
            path.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--atoms", type=int, default=2000)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--measure", nargs=2, metavar=("READER", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        measure(arguments.measure[0], Path(arguments.measure[1]))
        return
    lines = []
    for row in rows(arguments):
        print(row, flush=True)
        lines.append(row)
    if arguments.write:
        from importlib.metadata import version

        said = (
            f"{arguments.atoms} atoms, {arguments.frames} frames; MDAnalysis {version('MDAnalysis')}, "
            f"pandas {version('pandas')}, Python {platform.python_version()}."
        )
        write_table("dump.py", "\n".join([said, "", *lines]))


if __name__ == "__main__":
    main()
