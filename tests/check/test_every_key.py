"""Every key of campaigns and materials, wrong in turn: `check` names it, and the nearest known one."""

import copy

import pytest
import yaml
from settings_keys import CAMPAIGN, DEEPMD_MATERIAL, MATERIAL, forgotten, keys, needed, wrong_values

from atomstates.campaign.schema import Campaign, Material
from atomstates.check.campaign import examination

WHOLES = {"campaign": CAMPAIGN, "material": MATERIAL, "deepmd": DEEPMD_MATERIAL}
CASES = [(kind, path) for kind, whole in WHOLES.items() for path in keys(whole)]
NAMES = [f"{kind}:{'.'.join(map(str, path))}" for kind, path in CASES]
NEEDED = [
    (kind, path) for kind, path in CASES if path[-1] in needed(Campaign if kind == "campaign" else Material)
]


def value_at(content, path):
    """What a file says for a key."""
    for part in path:
        content = content[part]
    return content


BOUNDS = [
    (kind, path, wrong)
    for kind, path in CASES
    for wrong in wrong_values(
        Campaign if kind == "campaign" else Material, path, value_at(WHOLES[kind], path)
    )
]


def failures(folder, kind, content):
    """What `check` says of the campaign or material in the place of a right one."""
    material = content if kind != "campaign" else MATERIAL
    (folder / "material.yaml").write_text(yaml.safe_dump(material))
    (folder / "campaign.yaml").write_text(yaml.safe_dump(content if kind == "campaign" else CAMPAIGN))
    found = examination(folder / "campaign.yaml", folder / "results", timing=False)
    return [check.message for check in found.checks if check.status == "FAIL"]


def changed(content, path, change):
    """A copy in which ``change`` was done to the section that holds the key."""
    whole = copy.deepcopy(content)
    section = whole
    for part in path[:-1]:
        section = section[part]
    change(section, path[-1])
    return whole


def test_no_key_is_forgotten_here():
    assert forgotten() == []


def test_right_settings_have_nothing_to_mend(tmp_path):
    assert failures(tmp_path, "campaign", CAMPAIGN) == []


@pytest.mark.parametrize(("kind", "path"), CASES, ids=NAMES)
def test_misspelt_key_is_named_with_the_nearest_known_one(tmp_path, kind, path):
    def misspell(section, key):
        section[f"{key[:-1]}{key[-1]}q"] = section.pop(key)

    said = failures(tmp_path, kind, changed(WHOLES[kind], path, misspell))
    where = ".".join(map(str, (*path[:-1], f"{path[-1]}q")))
    named = [line for line in said if f"{where}: unknown key; did you mean" in line]
    assert len(named) == 1, said
    assert f"{path[-1]}'?" in named[0]


@pytest.mark.parametrize(("kind", "path"), CASES, ids=NAMES)
def test_value_of_another_kind_is_refused_by_the_name_of_its_key(tmp_path, kind, path):
    def spoil(section, key):
        section[key] = [{"not": "this"}] if not isinstance(section[key], list) else {"not": "this"}

    said = failures(tmp_path, kind, changed(WHOLES[kind], path, spoil))
    where = ".".join(map(str, path))
    assert any(f" {where}: " in line or f" {where}." in line for line in said), said


@pytest.mark.parametrize(("kind", "path", "wrong"), BOUNDS, ids=str)
def test_value_beyond_a_bound_is_refused_by_the_name_of_its_key(tmp_path, kind, path, wrong):
    whole = changed(WHOLES[kind], path, lambda section, key: section.update({key: wrong}))
    said = failures(tmp_path, kind, whole)
    where = ".".join(map(str, path))
    assert any(f" {where}: " in line or f" {where}." in line for line in said), said


def test_bounds_are_looked_for_where_there_are_some():
    """So that nobody believes a matrix that is empty."""
    bounded = {path[-1] for _, path, _ in BOUNDS}
    assert {
        "seed",
        "temperatures_K",
        "timestep_fs",
        "fit_to_ps",
        "occupancy",
        "supercell",
        "style",
    } <= bounded
    assert {"name", "materials", "fraction", "a", "models", "lattice_A", "position"} <= bounded


@pytest.mark.parametrize(("kind", "path"), NEEDED, ids=str)
def test_missing_key_is_named(tmp_path, kind, path):
    said = failures(tmp_path, kind, changed(WHOLES[kind], path, lambda section, key: section.pop(key)))
    assert any(f"{'.'.join(map(str, path))}: missing" in line for line in said), said


def test_all_that_is_wrong_is_said_at_once(tmp_path):
    content = copy.deepcopy(CAMPAIGN)
    content["md"]["timestep_fs"] = 0
    content["doas"]["bin_with_eV"] = 0.1
    content["replicas"] = "two"
    said = "\n".join(failures(tmp_path, "campaign", content))
    for word in ("md.timestep_fs", "doas.bin_with_eV", "'bin_width_eV'", "replicas"):
        assert word in said
