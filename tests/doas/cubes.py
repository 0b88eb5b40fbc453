"""A campaign on a crystal without octahedra and tetrahedra: ions are at the centres of cubes of anions."""

from pathlib import Path

import numpy as np

from atomstates.campaign import MaterialFolder
from atomstates.campaign.layout import lay_out
from atomstates.lammps.data import data_text
from atomstates.minimize.relaxed import Relaxed, write_relaxed
from atomstates.products import write_json

REPEATS = (4, 4, 4)
EDGE = 4.1
"""Å: edge of the cubes, as in CsCl."""
_N_SNAPSHOTS = 6

_MATERIAL = """
name: cubes
title: Caesium chloride with vacancies
crystal:
  space_group: 221
  lattice_A: [4.1, 4.1, 4.1]
  sites:
    - {label: Cs1, element: Cs, position: [0.5, 0.5, 0.5]}
    - {label: Cl1, element: Cl, position: [0, 0, 0]}
mobile: Cs
anions: [Cl]
charges: {Cs: 1, Cl: -1}
supercell: [4, 4, 4]
potential:
  lammps:
    pair_style: zero 5.0
    pair_coeff: ["* *"]
"""

_CAMPAIGN = """
name: cubic
materials: [cubes.yaml]
temperatures_K: [300, 600]
doas: {bootstrap_samples: 20, block_snapshots: 2}
"""


def cubes(folder: Path, n_vacancies: int) -> MaterialFolder:
    """Runs at 300 K (ions stay) and 600 K (ions are in other cubes in every snapshot)."""
    (folder / "cubes.yaml").write_text(_MATERIAL)
    (folder / "cubic.yaml").write_text(_CAMPAIGN)
    material = lay_out(folder / "cubic.yaml", folder / "results").materials[0]
    corners = np.array(list(np.ndindex(REPEATS)), dtype=float)
    n_ions = len(corners) - n_vacancies
    element = np.repeat(["Cs", "Cl"], [n_ions, len(corners)])
    cell = EDGE * np.diag(REPEATS).astype(float)
    potentials = material.stage_path("potentials")
    potentials.mkdir(parents=True)
    places = np.concatenate([corners[:n_ions] + 0.5, corners]) / REPEATS
    masses = {"Cs": 132.9, "Cl": 35.45}
    (potentials / "structure.data").write_text(data_text(cell, places, element.tolist(), masses))
    described = {"elements": ("Cs", "Cl"), "n_atoms": len(element), "supercell": REPEATS}
    write_json(potentials / "structure.json", described)
    for number, run in enumerate(material.runs):
        random = np.random.default_rng(number)
        frames = []
        for _ in range(_N_SNAPSHOTS):
            filled = (
                np.arange(n_ions) if run.temperature < 500 else random.permutation(len(corners))[:n_ions]
            )
            positions = EDGE * np.concatenate([corners[filled] + 0.5, corners])
            frames.append(positions + random.normal(0, 0.03, positions.shape))
        energies = random.normal(-3.0, 0.01, (_N_SNAPSHOTS, len(element)))
        relaxed = Relaxed(
            step=np.arange(_N_SNAPSHOTS) * 1000,
            positions=np.array(frames),
            snapshot_positions=np.array(frames),
            cell=np.repeat(cell[None], _N_SNAPSHOTS, axis=0),
            atom_energy=energies,
            potential_energy=energies.sum(axis=1),
            largest_force=np.full(_N_SNAPSHOTS, 0.001),
            status=np.zeros(_N_SNAPSHOTS, dtype=np.uint8),
            element=element,
            id=np.arange(1, len(element) + 1),
            temperature=run.temperature,
        )
        write_relaxed(run.stage_path("minimize") / "relaxed.h5", relaxed)
    return material
