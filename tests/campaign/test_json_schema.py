"""JSON schema for editors: complete, and of one mind with what is read."""

import copy

import jsonschema
import pytest
import yaml
from settings_keys import CAMPAIGN, MATERIAL, keys, sections

from atomstates.campaign.descriptions import meaning, schema
from atomstates.campaign.schema import Campaign, Material
from atomstates.resources import workflow_folder


@pytest.mark.parametrize("kind", ["campaign", "material"])
def test_shipped_files_are_what_the_schema_says(kind):
    for file in (workflow_folder() / f"{kind}s").glob("*.yaml"):
        jsonschema.Draft202012Validator(schema(kind)).validate(yaml.safe_load(file.read_text()))


@pytest.mark.parametrize("kind", ["campaign", "material"])
def test_every_key_has_a_meaning(kind):
    settings = {"campaign": Campaign, "material": Material}[kind]
    silent = [
        f"{s.__name__}.{key}" for s in sections(settings) for key in s.model_fields if not meaning(s, key)
    ]
    assert silent == []
    shown = {settings.__name__: schema(kind), **schema(kind)["$defs"]}
    assert all("description" in entry for part in shown.values() for entry in part["properties"].values())


@pytest.mark.parametrize(("kind", "whole"), [("campaign", CAMPAIGN), ("material", MATERIAL)])
def test_editor_refuses_every_misspelt_key(kind, whole):
    validator = jsonschema.Draft202012Validator(schema(kind))
    for path in keys(whole):
        content = copy.deepcopy(whole)
        *above, last = path
        inner = content
        for part in above:
            inner = inner[part]
        inner[f"{last}x"] = inner.pop(last)
        assert not validator.is_valid(content), path
