"""Nudged elastic bands, side by side: this package on one rank and on two, ASE's NEB, and LAMMPS' ``neb``.

    python benchmarks/barriers.py [--hops 3] [--atoms 60 240] [--without METHOD] [--write]

Hops of an ion to a vacant octahedron in ordered Li3YCl6 with the shipped potential, in cells of 60 and of
240 atoms. All ways have the same model, relaxed ends, first bands, springs and tolerance of forces. Each is
a fresh process that does all hops (LAMMPS' ``neb``: a start for each), and the clock runs from its start to
its end, loading included; times are ratios to ours on two ranks. ``--write`` puts the table into
``benchmarks/README.md``.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

import numpy as np
from readme import write_table

from atomstates.barriers.band import bumps, initial_band, nearest_image
from atomstates.barriers.batch import Band, nudged_elastic_bands
from atomstates.barriers.endpoints import EndPoints, end_points
from atomstates.barriers.landscape import LammpsLandscape, PotentialFiles
from atomstates.barriers.neb import NebSettings
from atomstates.barriers.profile import Profile
from atomstates.lammps.data import data_text, lammps_frame
from atomstates.lammps.running import environment
from atomstates.lammps.script import read_script, render
from atomstates.parallel import world
from atomstates.potentials.pipeline import Workshop
from atomstates.potentials.recipe import read_recipe
from atomstates.potentials.shipped import shipped_model
from atomstates.potentials.validation.orderings import end_points as hop_ends
from atomstates.potentials.validation.orderings import filled_sites
from atomstates.resources import lammps_inputs_folder, workflow_folder

SETTINGS = NebSettings(force_tolerance=0.05)
MASSES = {"Li": 6.941, "Y": 88.90585, "Cl": 35.453}
CELLS = {"60": (1, 1, 2), "240": (2, 2, 2)}
FARTHEST = 4.2
"""Å, of hops."""
ASE_STEPS = 600
Barriers = list[float | None]
"""Forward barrier of each hop, eV; None where the band did not converge."""


def files(folder: Path) -> PotentialFiles:
    return PotentialFiles(folder / "structure.data", folder)


def write_hops(folder: Path, cell: tuple[int, int, int], number: int) -> int:
    """Relaxed ends, first bands and the potential; how many atoms there are."""
    recipe = read_recipe(workflow_folder() / "potentials" / "li-y-cl-br.yaml")
    unit = Workshop(recipe, Path("unused"), "unused").host()
    material = next(iter(recipe.validation.materials.values()))
    filled = filled_sites(unit, material.ordered)
    frame, vacant = unit.framework.cell[:], sorted(set(range(len(unit.sites))) - set(filled))
    pairs = []
    for a, b in product(filled, vacant):
        apart = nearest_image((unit.sites[b] - unit.sites[a]) @ frame, frame)
        if np.linalg.norm(apart) < FARTHEST:
            pairs.append((unit.sites[a].tolist(), unit.sites[b].tolist()))
    # from all over the list, which is in order of sites
    chosen = pairs[:: max(1, len(pairs) // (2 * number))]
    bands: list[np.ndarray] = []
    for k, (start, end) in enumerate(chosen):
        before, after = hop_ends(unit, filled, cell, tuple(start), tuple(end))
        frame = lammps_frame(before.cell[:])
        if k == 0:
            write_potential(folder, before, frame)
            landscape = LammpsLandscape(files(folder), folder / "log.ends")
            landscape.__enter__()
        positions = [atoms.get_scaled_positions(wrap=False) @ frame for atoms in (before, after)]
        found = end_points(landscape, *positions, frame, SETTINGS)
        if isinstance(found, EndPoints) and len(bands) < number:
            first, last = found.start.positions, found.end.positions
            via = next(iter(bumps(first, last, frame)), None)
            bands.append(initial_band(first, last, frame, via=via))
    landscape.__exit__(None, None, None)
    np.savez(folder / "bands.npz", *bands, cell=frame, elements=np.array(list(before.symbols)))
    return len(before)


def write_potential(folder: Path, atoms, frame: np.ndarray) -> None:
    fractional = atoms.get_scaled_positions(wrap=False)
    (folder / "structure.data").write_text(data_text(frame, fractional, list(atoms.symbols), MASSES))
    (folder / "before.in").write_text("atom_style atomic\nbox tilt large\n")
    model = shipped_model("li-y-cl-br")
    (folder / "potential.in").write_text(f"pair_style deepmd {model}\npair_coeff * * Li Y Cl\n")


def read_bands(folder: Path) -> tuple[list[np.ndarray], np.ndarray, list[str]]:
    with np.load(folder / "bands.npz") as stored:
        bands = [stored[name] for name in stored.files if name.startswith("arr_")]
        return bands, stored["cell"], stored["elements"].tolist()


def ours(folder: Path) -> Barriers:
    """One LAMMPS a rank, which loads the potential once; ranks take bands as they are free."""
    bands, cell, _ = read_bands(folder)
    asked = [Band(f"band-{k}", positions, cell) for k, positions in enumerate(bands)]
    out = folder / f"ours-{world().size}"
    found = nudged_elastic_bands(asked, files(folder), SETTINGS, out, world())
    return [one.barrier_forward if isinstance(one, Profile) else None for one in found]


def ase_neb(folder: Path, calculator) -> Barriers:
    """ASE's NEB with FIRE, as loose as ours until an image climbs."""
    from ase import Atoms
    from ase.mep import NEB
    from ase.optimize import FIRE

    bands, cell, elements = read_bands(folder)
    found: Barriers = []
    for positions in bands:
        images = [Atoms(elements, x, cell=cell, pbc=True) for x in positions]
        for image in images:
            image.calc = calculator
        band = NEB(images, k=SETTINGS.spring, method="improvedtangent", allow_shared_calculator=True)
        FIRE(band, logfile=None).run(fmax=SETTINGS.climb_below, steps=ASE_STEPS)
        band.climb = True
        converged = FIRE(band, logfile=None).run(fmax=SETTINGS.force_tolerance, steps=ASE_STEPS)
        energy = np.array([image.get_potential_energy() for image in images])
        found.append(float(energy.max() - energy[0]) if converged else None)
    return found


def ase_with_deepmd(folder: Path) -> Barriers:
    """DeePMD's own calculator for ASE, as it comes."""
    from deepmd.calculator import DP

    return ase_neb(folder, DP(str(shipped_model("li-y-cl-br"))))


def ase_with_lammps(folder: Path) -> Barriers:
    """The same LAMMPS in this process as ours: what is left is the way in which bands relax."""
    from ase.calculators.calculator import Calculator, all_changes

    class OfLandscape(Calculator):
        implemented_properties = ("energy", "forces")

        def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
            super().calculate(atoms, properties, system_changes)
            energy, forces = landscape.energies_and_forces(atoms.positions[None], atoms.cell[:])
            self.results = {"energy": float(energy[0]), "forces": forces[0]}

    with LammpsLandscape(files(folder), folder / "log.ase") as landscape:
        return ase_neb(folder, OfLandscape())


def lammps_neb(folder: Path) -> Barriers:
    """``neb.in`` for each hop, one process a replica, all on the cores that there are."""
    found: Barriers = []
    for k, positions in enumerate(read_bands(folder)[0]):
        here = folder / f"lammps-{k}"
        here.mkdir()
        for number, replica in enumerate(positions, start=1):
            rows = [f"{i} {x:.12f} {y:.12f} {z:.12f}" for i, (x, y, z) in enumerate(replica, start=1)]
            (here / f"band.{number}").write_text("\n".join([str(len(rows)), *rows]) + "\n")
        values = {"structure": folder / "structure.data", "potential_folder": folder, "band": "band"}
        values |= {"spring": SETTINGS.spring, "spring_kind": "neigh", "style": "fire", "every": 10}
        values |= {"force_tolerance": SETTINGS.force_tolerance, "most_steps": SETTINGS.most_steps}
        values |= {"climbing_steps": SETTINGS.climbing_steps, "result": "replica"}
        (here / "neb.in").write_text(render(read_script(lammps_inputs_folder() / "neb.in"), values))
        program, n = Path(sys.executable).parent, str(len(positions))
        command = [program / "mpiexec", "-n", n, program / "lmp", "-partition", f"{n}x1", "-in", "neb.in"]
        subprocess.run(command, cwd=here, env=environment(), check=True, capture_output=True)
        words = (here / "log.lammps").read_text().splitlines()[-1].split()
        # it climbs until the last step that is allowed, or has converged
        used_up = int(words[0]) >= SETTINGS.climbing_steps
        found.append(None if used_up else float(words[6]))
    return found


METHODS = {
    "atomstates": (ours, 1),
    "atomstates, two ranks": (ours, 2),
    "ASE NEB, FIRE, DeePMD's calculator": (ase_with_deepmd, 1),
    "ASE NEB, FIRE, on our LAMMPS": (ase_with_lammps, 1),
    "LAMMPS `neb`, a process a replica": (lammps_neb, 1),
}


def measured(name: str, folder: Path) -> tuple[float, float, Barriers]:
    """Seconds from the start of the process to its end, those of all cores, and what it found."""
    ranks = METHODS[name][1]
    launcher = [Path(sys.executable).with_name("mpiexec"), "-n", str(ranks)] if ranks > 1 else []
    command = [*launcher, sys.executable, __file__, "--method", name, "--folder", folder]
    begin, before = time.perf_counter(), os.times()
    subprocess.run([str(word) for word in command], check=True, capture_output=True)
    seconds, after = time.perf_counter() - begin, os.times()
    busy = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, busy, json.loads((folder / "found.json").read_text())


def table(number: int, cells: list[str], without: list[str]) -> str:
    rows = []
    for cell in (CELLS[n_atoms] for n_atoms in cells):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name).resolve()
            n_atoms = write_hops(folder, cell, number)
            bands = read_bands(folder)[0]
            replicas = ", ".join(str(len(band)) for band in bands)
            rows += [
                f"{len(bands)} hops in {n_atoms} atoms, {replicas} replicas, largest force "
                f"{SETTINGS.force_tolerance:g} eV/Å, {os.cpu_count()} cores:",
                "",
                "| | bands an hour | time | time of cores | converged | barriers, eV |",
                "| --- | --- | --- | --- | --- | --- |",
            ]
            results = {method: measured(method, folder) for method in METHODS if method not in without}
            wall, cores, _ = results["atomstates, two ranks"]
            for method, (seconds, busy, barriers) in results.items():
                converged = [barrier for barrier in barriers if barrier is not None]
                said = ", ".join("–" if barrier is None else f"{barrier:.3f}" for barrier in barriers)
                rows.append(
                    f"| {method} | {3600 * len(bands) / seconds:.0f} | {seconds / wall:.2f} "
                    f"| {busy / cores:.2f} | {len(converged)} of {len(bands)} | {said} |"
                )
                print(rows[-1], flush=True)
            rows.append("")
    return "\n".join(rows).rstrip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--hops", type=int, default=3)
    parser.add_argument("--atoms", nargs="+", choices=CELLS, default=list(CELLS))
    parser.add_argument("--without", nargs="*", choices=METHODS, default=[])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--method", choices=METHODS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.method:
        found = METHODS[arguments.method][0](arguments.folder)
        if world().rank == 0:
            (arguments.folder / "found.json").write_text(json.dumps(found))
        return
    text = table(arguments.hops, arguments.atoms, arguments.without)
    print(text)
    if arguments.write:
        write_table("barriers.py", text)


if __name__ == "__main__":
    main()
