"""Histograms and block bootstrap of many states, in fresh processes, on one rank and on two.

    python benchmarks/states.py [--states 10000000] [--samples 400] [--write]

States are made in ten runs, dealt out over the ranks as files are. The clock starts when they are in
memory, and stops when every rank has the density of states and all measures of disorder with their
errors. Memory is what the work adds to that of the states (and of the libraries), by the rank with
the most. Beside it stands ``numpy.histogram`` of the energies alone, one array, no classes, no errors.
``--write`` puts the table into ``benchmarks/README.md``.
"""

import argparse
import itertools
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from readme import write_table

from atomstates.doas.density import block_sums, joined
from atomstates.doas.outcome import bootstrapped
from atomstates.doas.products import common_ground
from atomstates.doas.states import States
from atomstates.doas.surroundings import Surroundings
from atomstates.parallel import share, world

RUNS, IONS, BLOCK, WIDTH = 10, 200, 3, 0.02


def made(n_states: int, run: int) -> States:
    """Octahedral states by edge-sharing cations, 0.2 eV below tetrahedral ones."""
    random = np.random.default_rng(run)
    n_snapshots = n_states // IONS
    n = n_snapshots * IONS
    site = (random.random(n) < 0.3).astype(np.uint8)
    edge = random.integers(0, 4, n, dtype=np.uint8)
    face = random.integers(0, 2, n, dtype=np.uint8)
    energy = random.normal(-3.0, 0.05, n) + 0.2 * site + 0.03 * edge
    per_snapshot = energy.reshape(n_snapshots, IONS).sum(axis=1)
    none, nothing = np.broadcast_to(np.uint8(0), n), np.broadcast_to(0.0, n)
    around = Surroundings(np.broadcast_to(np.uint8(6), (n, 1)), none, none, none, none, *[nothing] * 3)
    return States(
        energy=energy,
        site=site,
        edge_sharing=edge,
        face_sharing=face,
        snapshot=np.repeat(np.arange(n_snapshots), IONS),
        ion=np.broadcast_to(1, n),
        clarity=nothing,
        site_key=np.broadcast_to(np.uint64(0), n),
        around=around,
        anion_species=("Cl",),
        snapshot_step=np.arange(n_snapshots),
        sublattice_energy=per_snapshot,
        cell_energy=per_snapshot,
        order_parameter=np.full(n_snapshots, np.nan),
        site_order=np.full(n_snapshots, np.nan),
        initial_site_fraction=np.full(n_snapshots, np.nan),
        n_atoms=4 * IONS,
        n_rejected=0,
        temperature=600.0,
    )


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(n_states: int, n_samples: int) -> None:
    """On every rank; the first says what was found, as JSON."""
    comm = world()
    own = {f"{run}": made(n_states // RUNS, run) for run in share(range(RUNS), comm)}
    before = peak_mb()
    comm.barrier()
    times = [time.perf_counter()]
    bins, classes = common_ground(own, WIDTH, comm)
    sums = {name: block_sums(states, classes, bins, BLOCK) for name, states in own.items()}
    every = {name: part for ranks in comm.gathered(sums) for name, part in ranks.items()}
    times.append(time.perf_counter())
    blocks = joined([every[f"{run}"] for run in range(RUNS)])
    found = bootstrapped(600.0, blocks, RUNS, 0, n_samples, 1, comm)
    times.append(time.perf_counter())
    added = max(comm.gathered(peak_mb() - before))
    seconds = [max(comm.gathered(b - a)) for a, b in itertools.pairwise(times)]
    start = time.perf_counter()
    for states in own.values():
        np.histogram(states.energy, bins=bins.number)
    plain = sum(comm.gathered(time.perf_counter() - start))
    if comm.rank == 0:
        result = {"ranks": comm.size, "seconds": seconds, "MB": added, "numpy": plain}
        result |= {"states": found.n_states, "blocks": found.n_blocks, "classes": len(classes)}
        result["density"] = [float(value) for value in found.density_error[0]]
        print(json.dumps(result))


def table(n_states: int, n_samples: int) -> str:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    beside = Path(sys.executable).with_name("mpiexec")
    launcher = str(beside) if beside.exists() else "mpiexec"
    rows = []
    for ranks in (1, 2):
        start = [launcher, "-n", str(ranks)] if ranks > 1 else []
        command = [*start, sys.executable, __file__, "--measure"]
        command += ["--states", str(n_states), "--samples", str(n_samples)]
        shown = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
        rows.append(json.loads(shown))
    assert rows[0]["density"] == rows[1]["density"], "the number of ranks has left a trace"
    lines = [
        f"{rows[0]['states']:,} states in {rows[0]['classes']} environments and {rows[0]['blocks']:,} "
        f"blocks, {n_samples} bootstrap samples; the same numbers on one rank and on two. "
        f"`numpy.histogram` of the energies alone: {rows[0]['numpy']:.2f} s.",
        "",
        "| ranks | histograms by block and environment, s | bootstrap, s | memory added, MB |",
        "| --- | --- | --- | --- |",
    ]
    for row in rows:
        first, second = row["seconds"]
        lines.append(f"| {row['ranks']} | {first:.2f} | {second:.2f} | {row['MB']:.0f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--states", type=int, default=10_000_000)
    parser.add_argument("--samples", type=int, default=400)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.states, options.samples)
        return
    found = table(options.states, options.samples)
    print(found)
    if options.write:
        write_table("states.py", found)


if __name__ == "__main__":
    main()
