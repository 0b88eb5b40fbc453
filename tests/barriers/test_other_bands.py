"""The same barriers from bands that others wrote: LAMMPS' ``neb`` and ASE's NEB."""

import os
import subprocess
import sys
from pathlib import Path

import hollow
import numpy as np
import pytest
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.mep import NEB
from ase.optimize import FIRE
from hollow import CELL, OCTAHEDRAL, TETRAHEDRAL, structure

from atomstates.barriers.band import bumps, initial_band
from atomstates.barriers.batch import Ends, minimum_energy_path
from atomstates.barriers.endpoints import end_points
from atomstates.barriers.landscape import LammpsLandscape, PotentialFiles
from atomstates.barriers.neb import NebSettings, nudged_elastic_band, verdict
from atomstates.barriers.profile import Profile
from atomstates.lammps.data import data_text, lammps_frame
from atomstates.lammps.running import environment
from atomstates.lammps.script import read_script, render
from atomstates.potentials.pipeline import Workshop
from atomstates.potentials.recipe import read_recipe
from atomstates.potentials.shipped import shipped_model
from atomstates.potentials.validation.orderings import end_points as hop_ends
from atomstates.potentials.validation.orderings import filled_sites
from atomstates.resources import lammps_inputs_folder, workflow_folder

MPIEXEC = Path(sys.executable).parent / "mpiexec"


def test_neb_of_lammps_gives_the_same_barrier_within_1_meV(tmp_path, bare_lammps):
    files = hollow.write_files(tmp_path / "potential")
    settings = NebSettings(force_tolerance=0.01)
    band = initial_band(structure(OCTAHEDRAL), structure(TETRAHEDRAL), CELL, 5)
    with LammpsLandscape(files, tmp_path / "log") as landscape:
        ours = verdict(nudged_elastic_band(landscape, band, CELL, settings), settings)
    assert isinstance(ours, Profile)
    for number, replica in enumerate(band, start=1):
        rows = [f"{i} {x:.12f} {y:.12f} {z:.12f}" for i, (x, y, z) in enumerate(replica, start=1)]
        (tmp_path / f"band.{number}").write_text("\n".join([str(len(rows)), *rows]) + "\n")
    values = {
        "structure": files.structure,
        "potential_folder": files.potential_folder,
        "band": "band",
        "spring": settings.spring,
        "spring_kind": "neigh",
        "style": settings.style,
        "force_tolerance": settings.force_tolerance,
        "most_steps": settings.most_steps,
        "climbing_steps": settings.climbing_steps,
        "every": 10,
        "result": "replica",
    }
    text = render(read_script(lammps_inputs_folder() / "neb.in"), values)
    (tmp_path / "neb.in").write_text(text)
    command = [str(MPIEXEC), "-n", "5", bare_lammps, "-partition", "5x1", "-in", "neb.in"]
    env = {**environment(), "LD_LIBRARY_PATH": os.environ["LD_LIBRARY_PATH"]}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-2000:]
    # step, largest forces (2), gradients (3), barriers forward and backward
    words = (tmp_path / "log.lammps").read_text().splitlines()[-1].split()
    assert float(words[6]) == pytest.approx(ours.barrier_forward, abs=1e-3)
    assert float(words[7]) == pytest.approx(ours.barrier_backward, abs=1e-3)


class OfLandscape(Calculator):
    """The potential of a landscape, one structure at a time."""

    implemented_properties = ("energy", "forces")

    def __init__(self, landscape):
        super().__init__()
        self.landscape = landscape

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        energy, forces = self.landscape.energies_and_forces(atoms.positions[None], atoms.cell[:])
        self.results = {"energy": float(energy[0]), "forces": forces[0]}


@pytest.fixture(scope="module")
def hop(tmp_path_factory):
    """A hop through a tetrahedron in ordered Li3YCl6, 60 atoms: start, end, cell, elements, files."""
    recipe = read_recipe(workflow_folder() / "potentials" / "li-y-cl-br.yaml")
    unit = Workshop(recipe, Path("unused"), "unused").host()
    material = next(iter(recipe.validation.materials.values()))
    filled = filled_sites(unit, material.ordered)
    before, after = hop_ends(unit, filled, (1, 1, 2), (0.332, 0.0, 0.5), (0.668, 0.0, 0.5))
    cell = lammps_frame(before.cell[:])
    folder = tmp_path_factory.mktemp("li3ycl6")
    elements = list(before.symbols)
    masses = {"Li": 6.941, "Y": 88.90585, "Cl": 35.453}
    fractional = before.get_scaled_positions(wrap=False)
    (folder / "structure.data").write_text(data_text(cell, fractional, elements, masses))
    (folder / "before.in").write_text("atom_style atomic\nbox tilt large\n")
    (folder / "potential.in").write_text(
        f"pair_style deepmd {shipped_model('li-y-cl-br')}\npair_coeff * * Li Y Cl\n"
    )
    start, end = fractional @ cell, after.get_scaled_positions(wrap=False) @ cell
    return start, end, cell, elements, PotentialFiles(folder / "structure.data", folder)


def test_barrier_in_ordered_li3ycl6_agrees_with_the_neb_of_ase(hop, tmp_path):
    start, end, cell, elements, files = hop
    settings = NebSettings()
    with LammpsLandscape(files, tmp_path / "log") as landscape:
        ends = end_points(landscape, start, end, cell, settings)
        first, last = ends.start.positions, ends.end.positions
        ways = bumps(first, last, cell)
        assert len(ways) == 2
        ours = minimum_energy_path(landscape, Ends("hop", start, end, cell, vias=(ways[0],)), settings)
        images = [
            Atoms(elements, replica, cell=cell, pbc=True, calculator=OfLandscape(landscape))
            for replica in initial_band(first, last, cell, len(ours.energy), ways[0])
        ]
        band = NEB(images, k=settings.spring, climb=False, method="improvedtangent")
        FIRE(band, logfile=None).run(fmax=0.3, steps=300)
        band.climb = True
        assert FIRE(band, logfile=None).run(fmax=settings.force_tolerance, steps=600)
        energy = np.array([image.get_potential_energy() for image in images])
    assert ours.whole.converged
    assert ours.barrier_forward == pytest.approx(energy.max() - energy[0], abs=0.01)
    assert ours.barrier_backward == pytest.approx(energy.max() - energy[-1], abs=0.01)
