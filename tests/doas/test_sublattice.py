"""Energy of the sublattice and heat capacity of a material, as they lie on disk."""

import csv

import numpy as np
import pytest
from halide import halide

from atomstates.doas.stage import DOAS, write_density, write_states
from atomstates.doas.sublattice import HEAT_CAPACITY, SUBLATTICE
from atomstates.parallel import Serial
from atomstates.products import read_json
from atomstates.units import BOLTZMANN


@pytest.fixture(scope="module")
def material(tmp_path_factory):
    found = halide(tmp_path_factory.mktemp("halide"))
    for run in found.runs:
        write_states(run, Serial())
    write_density(found, Serial())
    return found


def test_table_of_the_sublattice_has_every_good_snapshot_and_the_means_of_doas_json(material):
    with (material.stage_path("doas") / SUBLATTICE).open() as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == 4 * 5
    content = read_json(material.stage_path("doas") / DOAS)
    for entry in content["temperatures"]:
        own = [row for row in rows if float(row["temperature_K"]) == entry["temperature_K"]]
        ion = np.mean([float(row["sublattice_energy_eV_per_ion"]) for row in own])
        cell = np.mean([float(row["cell_energy_eV_per_atom"]) for row in own])
        assert ion - content["reference_energy_eV"] == pytest.approx(entry["sublattice_energy"]["value"])
        assert cell == pytest.approx(entry["cell_energy"]["value"])
    for name in ("sublattice_above_lowest_eV_per_ion", "cell_above_lowest_eV_per_atom"):
        assert min(float(row[name]) for row in rows) == 0


def test_heat_capacity_of_a_rigid_framework_is_that_of_its_ions(material):
    content = read_json(material.stage_path("doas") / HEAT_CAPACITY)
    assert [entry["temperature_K"] for entry in content["temperatures"]] == [300, 600]
    (between,) = content["between"]
    assert (between["from_K"], between["to_K"], between["temperature_K"]) == (300, 600, 450)
    # Framework atoms all have the same energy: the cell's changes by that of the mobile ions.
    cold, hot = read_json(material.stage_path("doas") / DOAS)["temperatures"]
    step = hot["sublattice_energy"]["value"] - cold["sublattice_energy"]["value"]
    number = between["heat_capacity_of_difference"]
    assert number["value"] == pytest.approx(step / (BOLTZMANN * 300), rel=1e-6)
    assert number["unit"] == "k per mobile ion"
    assert all(entry["heat_capacity_of_fluctuations"]["error"] > 0 for entry in content["temperatures"])
