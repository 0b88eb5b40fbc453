"""The materials and campaigns that travel with the package are valid, and what they cost is finite."""

import math
from dataclasses import asdict
from pathlib import Path

import pytest

from atomstates.campaign.reading import read_campaign, read_campaign_material, read_material
from atomstates.check.benchmark import Benchmark
from atomstates.check.campaign import examination
from atomstates.check.estimate import time
from atomstates.check.material import examined
from atomstates.md.plan import plan
from atomstates.resources import workflow_folder

CAMPAIGNS = sorted(file.stem for file in (workflow_folder() / "campaigns").glob("*.yaml"))
MATERIALS = sorted(file.stem for file in (workflow_folder() / "materials").glob("*.yaml"))


def test_materials_have_the_names_of_their_files_and_each_has_its_campaign():
    named = {name: read_material(name, Path())[0].name for name in MATERIALS}
    assert named == {name: name for name in MATERIALS}
    used = {name for campaign in CAMPAIGNS for name in read_campaign(Path(campaign)).materials}
    assert used == set(MATERIALS)


@pytest.mark.parametrize("name", CAMPAIGNS)
def test_shipped_campaign_has_nothing_to_mend_and_its_disk_is_finite(tmp_path, name):
    assert read_campaign(Path(name)).name == name
    found = examination(Path(name), tmp_path / "results", timing=False)
    bad = [check for check in found.checks if check.status == "FAIL" and check.name != "disk"]
    assert bad == []
    assert [estimate.material for estimate in found.estimates] == list(read_campaign(Path(name)).materials)
    for estimate in found.estimates:
        assert all(math.isfinite(part) for part in asdict(estimate.disk).values())
        assert 1e6 < estimate.disk.total < 1e11


@pytest.mark.parametrize("name", CAMPAIGNS)
def test_hours_of_a_shipped_campaign_are_finite(name):
    campaign = read_campaign(Path(name))
    for material_name in campaign.materials:
        material, file = read_campaign_material(campaign, material_name, Path())
        found = examined(material, file, campaign)
        speed = Benchmark(found.cell.n_atoms, 1, 200, 0.01, 70, 1.0, 1.0, 6.5, "")
        hours = time(found, campaign, plan(campaign.md), speed)
        assert 0 < hours.potentials_hours < hours.md_hours < math.inf
        assert 0 < hours.minimize_hours < hours.md_hours


def test_tutorials_are_smaller_than_their_materials():
    for name in ("tutorial-pnma", "tutorial-br"):
        campaign = read_campaign(Path(name))
        own, _ = read_material(campaign.materials[0], Path())
        smaller, _ = read_campaign_material(campaign, campaign.materials[0], Path())
        assert math.prod(smaller.supercell) < math.prod(own.supercell)
