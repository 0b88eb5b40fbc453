"""A campaign on Li3YCl6 whose relaxed snapshots were made by hand: known sites and energies."""

from pathlib import Path

import numpy as np
from crystals import li3ycl6

from atomstates.campaign import MaterialFolder
from atomstates.campaign.layout import lay_out
from atomstates.lammps.data import data_text, lammps_frame
from atomstates.minimize.relaxed import NOT_CONVERGED, Relaxed, write_relaxed
from atomstates.products import write_json

ELEMENTS = ("Li", "Y", "Cl")
REPEATS = (2, 2, 2)
POOR, RICH, TETRAHEDRAL = -3.96, -3.93, -3.80
"""eV: level of each kind of site."""

_MATERIAL = """
name: lyc
title: Li3YCl6
crystal:
  space_group: 164
  lattice_A: [11.2218, 11.2218, 6.0552]
  sites:
    - {label: Li1, element: Li, position: [0.333333, 0, 0], occupancy: 0.75}
mobile: Li
anions: [Cl]
charges: {Li: 1, Y: 3, Cl: -1}
supercell: [2, 2, 2]
channels:
  a: [[0.333333333333, 0], [0, 0.333333333333], [0.666666666667, 0.666666666667]]
  b: [[0.666666666667, 0], [0, 0.666666666667], [0.333333333333, 0.333333333333]]
potential:
  lammps:
    pair_style: zero 5.0
    pair_coeff: ["* *"]
"""

_CAMPAIGN = """
name: halide
materials: [lyc.yaml]
temperatures_K: [300, 600]
replicas: 2
doas: {bootstrap_samples: 40, block_snapshots: 2}
"""


def halide(folder: Path, n_snapshots: int = 6) -> MaterialFolder:
    """Runs at 300 K (ordered, all octahedral) and 600 K (channels mixed, some tetrahedral)."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "lyc.yaml").write_text(_MATERIAL)
    (folder / "halide.yaml").write_text(_CAMPAIGN)
    material = lay_out(folder / "halide.yaml", folder / "results").materials[0]
    crystal = li3ycl6(REPEATS)
    turn = np.linalg.inv(crystal["cell"]) @ lammps_frame(crystal["cell"])
    parts = {name: positions @ turn for name, positions in crystal.items()}
    element, reference, _ = _ions(parts, np.random.default_rng(0), disordered=False)
    potentials = material.stage_path("potentials")
    potentials.mkdir(parents=True, exist_ok=True)
    fractional = reference @ np.linalg.inv(parts["cell"])
    masses = {"Li": 6.94, "Y": 88.906, "Cl": 35.45}
    (potentials / "structure.data").write_text(
        data_text(parts["cell"], fractional, element.tolist(), masses)
    )
    described = {"elements": ELEMENTS, "n_atoms": len(element), "supercell": REPEATS}
    write_json(potentials / "structure.json", described)
    for number, run in enumerate(material.runs):
        random = np.random.default_rng(number)
        _write_run(run, parts, n_snapshots, random)
    return material


def _ions(parts, random, disordered):
    """Elements, positions and energies: channels of one family full, the others' rich sites only."""
    columns = np.concatenate([parts["poor"], parts["rich"]])
    rich = np.repeat([False, True], [len(parts["poor"]), len(parts["rich"])])
    fractional = columns @ np.linalg.inv(parts["cell"]) * np.array(REPEATS)
    in_plane = np.round(3 * fractional[:, :2]).astype(int) % 3
    family_a = np.array([tuple(p) in {(1, 0), (0, 1), (2, 2)} for p in in_plane])
    n_ions = 3 * len(parts["Y"])
    filled = np.flatnonzero(family_a | rich)
    if disordered:
        filled = random.permutation(len(columns))[:n_ions]
    positions = columns[filled].copy()
    energies = np.where(rich[filled], RICH, POOR)
    if disordered:
        # every eighth ion sits in a tetrahedron of a free chlorine: 3/8 of the axis above it
        moved = slice(0, n_ions // 8)
        anions = parts["Cl"][random.permutation(len(parts["Cl"]))[: n_ions // 8]]
        up = np.where((anions @ np.linalg.inv(parts["cell"]) * REPEATS)[:, 2:] % 1 < 0.5, 1, -1)
        positions[moved] = anions - up * 0.375 * parts["cell"][2] / REPEATS[2]
        energies[moved] = TETRAHEDRAL
    element = np.repeat(ELEMENTS, [n_ions, len(parts["Y"]), len(parts["Cl"])])
    return element, np.concatenate([positions, parts["Y"], parts["Cl"]]), energies


def _write_run(run, parts, n_snapshots, random):
    """``relaxed.h5`` with noise, drift, ions wandered by whole cells, and one failed snapshot."""
    frames, energies = [], []
    for s in range(n_snapshots):
        element, positions, levels = _ions(parts, random, run.temperature > 500)
        order = np.concatenate([random.permutation(len(levels)), np.arange(len(levels), len(element))])
        noise = random.normal(0, 0.03, positions.shape)
        wandered = random.integers(-1, 2, positions.shape) @ parts["cell"]
        frames.append((positions + noise + wandered)[order] + [0.7 * s, -0.4 * s, 0.2 * s])
        of_ions = levels[order[: len(levels)]] + random.normal(0, 0.005, len(levels))
        energies.append(np.concatenate([of_ions, np.full(len(element) - len(levels), -4.5)]))
    status = np.zeros(n_snapshots, dtype=np.uint8)
    status[-1] = NOT_CONVERGED
    relaxed = Relaxed(
        step=np.arange(n_snapshots) * 1000,
        positions=np.array(frames),
        snapshot_positions=np.array(frames),
        cell=np.repeat(parts["cell"][None], n_snapshots, axis=0),
        atom_energy=np.array(energies),
        potential_energy=np.sum(energies, axis=1),
        largest_force=np.full(n_snapshots, 0.001),
        status=status,
        element=element,
        id=np.arange(1, len(element) + 1),
        temperature=run.temperature,
    )
    write_relaxed(run.stage_path("minimize") / "relaxed.h5", relaxed)
