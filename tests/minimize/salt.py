"""A campaign on rock-salt LiCl with a built-in pair style, and snapshots of it made by hand."""

from pathlib import Path

import numpy as np

from atomstates.campaign import RunFolder
from atomstates.campaign.layout import lay_out
from atomstates.lammps.data import data_text
from atomstates.lammps.dump import Snapshot
from atomstates.lammps.potential import BEFORE, POTENTIAL, before_text, potential_text
from atomstates.products import write_json

A_LICL = 5.14
ELEMENTS = ("Li", "Cl")

_MATERIAL = """
name: licl
title: LiCl
crystal:
  space_group: 225
  lattice_A: [5.14, 5.14, 5.14]
  sites:
    - {label: Li, element: Li, position: [0, 0, 0]}
    - {label: Cl, element: Cl, position: [0.5, 0.5, 0.5]}
mobile: Li
anions: [Cl]
charges: {Li: 1, Cl: -1}
supercell: [2, 2, 2]
potential:
  lammps:
    atom_style: charge
    pair_style: hybrid/overlay buck 6.0 coul/dsf 0.2 8.0
    pair_coeff:
      - "* * coul/dsf"
      - "* * buck 0 0.3 0"
      - "1 2 buck 421.0366 0.3363 0.0"
      - "2 2 buck 1227.2 0.3214 14.53"
"""

_CAMPAIGN = """
name: salt
materials: [licl.yaml]
temperatures_K: [300]
minimize: {{style: {style}, most_steps: {most_steps}}}
"""


def perfect() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Elements, positions and cell of 2 x 2 x 2 unit cells, Li first."""
    face_centred = np.array([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]])
    shifts = np.stack(np.meshgrid(*[np.arange(2)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    lithium = (face_centred[:, None] + shifts).reshape(-1, 3)
    positions = np.concatenate([lithium, lithium + 0.5]) * A_LICL
    return np.repeat(ELEMENTS, len(lithium)), positions, np.eye(3) * 2 * A_LICL


def salt_run(folder: Path, style: str = "fire", most_steps: int = 2000) -> RunFolder:
    """A run whose earlier products were written by hand."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "licl.yaml").write_text(_MATERIAL)
    (folder / "salt.yaml").write_text(_CAMPAIGN.format(style=style, most_steps=most_steps))
    run = lay_out(folder / "salt.yaml", folder / "results").runs[0]
    element, positions, cell = perfect()
    potentials = run.material_folder.stage_path("potentials")
    potentials.mkdir(parents=True, exist_ok=True)
    fractional = positions @ np.linalg.inv(cell)
    masses = {"Li": 6.94, "Cl": 35.45}
    text = data_text(cell, fractional, element.tolist(), masses, dict(run.material.charges))
    (potentials / "structure.data").write_text(text)
    (potentials / BEFORE).write_text(before_text(run.material.potential))
    (potentials / POTENTIAL).write_text(potential_text(run.material.potential, ELEMENTS, ()))
    described = {"elements": ELEMENTS, "n_atoms": len(element), "supercell": (2, 2, 2)}
    write_json(potentials / "structure.json", described)
    return run


def thermal_snapshots(n_snapshots: int, amplitude: float = 0.15) -> list[Snapshot]:
    """Rattled crystals that drift as a whole, by more than a cell."""
    element, positions, cell = perfect()
    random = np.random.default_rng(11)
    return [
        Snapshot(
            step=1000 * s,
            element=tuple(element.tolist()),
            id=np.arange(1, len(element) + 1),
            positions=positions + random.normal(0, amplitude, positions.shape) + [3.0 * s, 0, -2.0 * s],
            cell=cell,
        )
        for s in range(n_snapshots)
    ]
