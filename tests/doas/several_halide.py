"""The halide under three models: a first one, another gauge of it, and one that widens its levels."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import yaml
from halide import halide

from atomstates.campaign import MaterialFolder
from atomstates.campaign.layout import lay_out
from atomstates.lammps.potential import of_model, potential_hashes
from atomstates.minimize.relaxed import NOT_CONVERGED, Relaxed, read_relaxed, write_relaxed

STRETCH = 1.5
"""Energies of the ions under the third model are farther from -3.9 eV by this factor."""


def gauge(relaxed: Relaxed) -> Relaxed:
    """Energies of each element shifted."""
    shift = np.select([relaxed.element == "Li", relaxed.element == "Y"], [0.7, -0.3], 0.1)
    return replace(
        relaxed,
        atom_energy=relaxed.atom_energy + shift,
        potential_energy=relaxed.potential_energy + shift.sum(),
    )


def stretched(relaxed: Relaxed) -> Relaxed:
    """Energies of the ions stretched at the anions' cost, and one snapshot that did not converge."""
    mobile = relaxed.element == "Li"
    energy = relaxed.atom_energy.copy()
    energy[:, mobile] = -3.9 + STRETCH * (energy[:, mobile] + 3.9)
    status = relaxed.status.copy()
    status[0] = NOT_CONVERGED
    return replace(relaxed, atom_energy=energy, status=status)


MODELS = {"first": lambda relaxed: relaxed, "gauge": gauge, "stretched": stretched}


def halide_under(folder: Path, names: tuple[str, ...]) -> MaterialFolder:
    """The campaign with these models, its snapshots relaxed with each."""
    halide(folder)
    material = yaml.safe_load((folder / "lyc.yaml").read_text())
    material["potential"] = {"deepmd": {"models": [f"{name}.pb" for name in names]}}
    for name in names:
        (folder / f"{name}.pb").write_text(name)
    (folder / "lyc.yaml").write_text(yaml.safe_dump(material))
    place = lay_out(folder / "halide.yaml", folder / "results").materials[0]
    hashes = potential_hashes(place.material.potential, place.file_hashes)
    for run in place.runs:
        path = run.stage_path("minimize") / "relaxed.h5"
        relaxed = read_relaxed(path)
        for number, name in enumerate(names):
            made = replace(MODELS[name](relaxed), potential=hashes[number])
            write_relaxed(path.with_name(of_model(path.name, number)), made)
    return place
