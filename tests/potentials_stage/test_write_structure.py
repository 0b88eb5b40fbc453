import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from atomstates.campaign.layout import MaterialFolder, lay_out
from atomstates.errors import InputError, ProgramError
from atomstates.lammps.instance import LammpsInstance
from atomstates.parallel import Serial
from atomstates.products import read_json, read_marker
from atomstates.stages import perform, stage_named

ARGON: dict[str, Any] = {
    "name": "argon",
    "title": "Argon, fcc",
    "crystal": {
        "space_group": 225,
        "lattice_A": [5.3, 5.3, 5.3],
        "sites": [{"label": "Ar", "element": "Ar", "position": [0, 0, 0]}],
    },
    "mobile": "Ar",
    "anions": ["Ar"],
    "charges": {"Ar": 0},
    "supercell": [1, 2, 3],
    "potential": {"lammps": {"pair_style": "lj/cut 24.0", "pair_coeff": ["* * 0.0104 3.4"]}},
}
# Fumi and Tosi, J. Phys. Chem. Solids 25 (1964) 31, in eV and Å.
SALT: dict[str, Any] = {
    "name": "salt",
    "title": "Rock salt with vacancies on half of a second, empty site",
    "crystal": {
        "space_group": 225,
        "lattice_A": [5.64, 5.64, 5.64],
        "sites": [
            {"label": "Na", "element": "Na", "position": [0, 0, 0]},
            {"label": "Cl", "element": "Cl", "position": [0.5, 0.5, 0.5]},
        ],
    },
    "mobile": "Na",
    "anions": ["Cl"],
    "charges": {"Na": 1, "Cl": -1},
    "supercell": [2, 1, 1],
    "potential": {
        "lammps": {
            "pair_style": "born/coul/long 9.0",
            "pair_coeff": [
                "1 1 0.2637 0.317 2.340 1.0486 -0.4993",
                "1 2 0.2110 0.317 2.755 6.9906 -8.6758",
                "2 2 0.1582 0.317 3.170 72.4022 -145.4285",
            ],
            "commands": ["kspace_style ewald 1.0e-6"],
            "atom_style": "charge",
        }
    },
}


def finished(folder: Path, material: dict[str, Any], **md: str) -> MaterialFolder:
    """A material whose structures and potentials stages are done."""
    folder.mkdir(exist_ok=True)
    (folder / "material.yaml").write_text(yaml.safe_dump(material))
    campaign = {"name": "test", "materials": ["material.yaml"], "temperatures_K": [300], "md": md}
    (folder / "campaign.yaml").write_text(yaml.safe_dump(campaign))
    place = lay_out(folder / "campaign.yaml", folder / "results").materials[0]
    for name in ("structures", "potentials"):
        perform(stage_named(name, "material"), place, Serial())
    return place


def energy_and_pressure(place: MaterialFolder, folder: Path) -> tuple[float, list[float]]:
    """Of ``structure.data`` as it stands under the includes, eV and bar."""
    stage = place.stage_path("potentials")
    with LammpsInstance(folder / "log.read") as lammps:
        lammps.commands(
            f"variable potential_folder index {stage}\nunits metal\ninclude {stage}/before.in\n"
            f"read_data {stage}/structure.data\ninclude {stage}/potential.in\n"
            "thermo_modify norm no\nrun 0\n"
        )
        return lammps.thermo("pe"), [lammps.thermo(name) for name in ("pxx", "pyy", "pzz")]


def test_argon_takes_the_lattice_of_its_lennard_jones_sums(tmp_path) -> None:
    place = finished(tmp_path, ARGON)
    content = read_json(place.stage_path("potentials") / "structure.json")
    # Lattice sums of fcc: A12 = 12.13188, A6 = 14.45392; r = (2 A12/A6)^(1/6) sigma, E = -A6²/(2 A12) eps.
    a = np.sqrt(2) * 3.4 * (2 * 12.13188 / 14.45392) ** (1 / 6)
    assert np.array(content["unit_cell_A"]) == pytest.approx(a * np.eye(3), rel=1e-3)
    assert content["n_atoms"] == 24
    # Cut off at seven diameters, 0.3 % of the energy is missing.
    per_atom = content["candidates"][0]["energy_eV_per_atom"]
    assert per_atom == pytest.approx(-0.0104 * 14.45392**2 / (2 * 12.13188), rel=5e-3)
    energy, pressures = energy_and_pressure(place, tmp_path)
    assert energy == pytest.approx(24 * per_atom, rel=1e-6)
    assert max(map(abs, pressures)) < 12


def test_given_cell_stays_as_it_was_given(tmp_path) -> None:
    place = finished(tmp_path, ARGON, cell="given")
    content = read_json(place.stage_path("potentials") / "structure.json")
    assert np.array(content["unit_cell_A"]) == pytest.approx(5.3 * np.eye(3), rel=1e-9)
    assert content["cell"] == "given"


def test_a_pair_style_with_charges_and_long_range_forces(tmp_path) -> None:
    place = finished(tmp_path, SALT)
    content = read_json(place.stage_path("potentials") / "structure.json")
    assert content["cell_after"]["a_A"] == pytest.approx(5.64, rel=0.02)
    assert content["elements"] == ["Na", "Cl"]
    assert content["atom_style"] == "charge"
    energy, pressures = energy_and_pressure(place, tmp_path)
    # Lattice energy of rock salt, 7.9 eV per pair (Kittel, table 3.7), 8 pairs.
    assert energy / 8 == pytest.approx(-7.9, rel=0.03)
    assert max(map(abs, pressures)) < 60


def test_a_substitution_swells_the_supercell_and_is_relaxed(tmp_path) -> None:
    lines = ["1 1 0.0104 3.4", "1 2 0.0122 3.5", "2 2 0.0140 3.65"]
    mixed = {
        **ARGON,
        "supercell": [2, 2, 2],
        "charges": {"Ar": 0, "Kr": 0},
        "substitution": [{"replace": "Ar", "by": "Kr", "fraction": 0.25}],
        "potential": {"lammps": {"pair_style": "lj/cut 12.0", "pair_coeff": lines}},
    }
    place = finished(tmp_path, mixed)
    content = read_json(place.stage_path("potentials") / "structure.json")
    assert content["composition"] == {"Ar": 24, "Kr": 8}
    assert content["cell_after"]["a_A"] > 5.25
    energy, pressures = energy_and_pressure(place, tmp_path)
    marker = read_marker(place.stage_path("potentials"))
    assert energy == pytest.approx(32 * marker["numbers"]["energy"]["value"], rel=1e-6)
    assert abs(sum(pressures)) / 3 < 12


def test_an_element_that_the_model_lacks_is_named(tmp_path) -> None:
    tensor = b"\x42\x03Y H"
    value = b"\x0a\x05value\x12" + bytes([len(tensor) + 2]) + b"\x42" + bytes([len(tensor)]) + tensor
    node = b"\x0a\x0fmodel_attr/tmap" + b"\x2a" + bytes([len(value)]) + value
    (tmp_path / "yh.pb").write_bytes(b"\x0a" + bytes([len(node)]) + node)
    with pytest.raises(InputError, match=r"yh\.pb: the model knows Y, H, but the material also has Ar"):
        finished(tmp_path, {**ARGON, "potential": {"deepmd": {"models": ["yh.pb"]}}})


def test_coefficients_that_lammps_refuses_are_quoted(tmp_path) -> None:
    broken = {"lammps": {"pair_style": "lj/cut 8.0", "pair_coeff": ["* * 0.0104 much"]}}
    with pytest.raises(ProgramError, match="much"):
        finished(tmp_path, {**ARGON, "potential": broken})


def test_a_supercell_that_cuts_the_ordering_cell_is_refused(tmp_path) -> None:
    with pytest.raises(InputError, match=r"\[1, 2, 3\] is no multiple of ordering.cell \[1, 1, 2\]"):
        finished(tmp_path, {**ARGON, "ordering": {"cell": [1, 1, 2]}})


@pytest.fixture(scope="module")
def li3ycl6(tmp_path_factory) -> MaterialFolder:
    """Trigonal Li3YCl6 with the shipped potential."""
    folder = tmp_path_factory.mktemp("li3ycl6")
    campaign = {"name": "test", "materials": ["li3ycl6-p3m1"], "temperatures_K": [300]}
    (folder / "campaign.yaml").write_text(yaml.safe_dump(campaign))
    place = lay_out(folder / "campaign.yaml", folder / "results").materials[0]
    for name in ("structures", "potentials"):
        perform(stage_named(name, "material"), place, Serial())
    return place


def test_shipped_potential_orders_the_channels(li3ycl6) -> None:
    content = read_json(li3ycl6.stage_path("potentials") / "structure.json")
    chosen = content["candidates"][0]
    assert chosen["channel_order"] == pytest.approx(1.0)
    assert content["composition"] == {"Li": 72, "Y": 24, "Cl": 144}
    heights = [row["above_lowest_meV_per_atom"] for row in content["candidates"]]
    assert len(heights) == 24
    assert all(low <= high for low, high in pairwise(heights))


def test_shipped_potential_keeps_the_cell_hexagonal_and_near_experiment(li3ycl6) -> None:
    cell = read_json(li3ycl6.stage_path("potentials") / "structure.json")["cell_after"]
    assert cell["a_A"] == pytest.approx(cell["b_A"], rel=1e-9)
    assert cell["gamma_deg"] == pytest.approx(120, rel=1e-9)
    assert cell["a_A"] == pytest.approx(11.2217, rel=0.02)
    assert cell["c_A"] == pytest.approx(6.05517, rel=0.03)


def test_supercell_is_the_chosen_cell_repeated(li3ycl6, tmp_path) -> None:
    marker = json.loads((li3ycl6.stage_path("potentials") / "done.json").read_text())
    energy, pressures = energy_and_pressure(li3ycl6, tmp_path)
    assert energy / 240 == pytest.approx(marker["numbers"]["energy"]["value"], rel=1e-5)
    # Coupled strains keep a = b: what is left of the pressure is its difference in the plane.
    xx, yy, zz = pressures
    assert max(abs(xx + yy) / 2, abs(zz)) < 50
