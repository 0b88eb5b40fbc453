"""Verdicts of `check` on a campaign and a material that are right but for some keys."""

import copy

import pytest
import yaml
from settings_keys import CAMPAIGN, MATERIAL

from atomstates.check.campaign import examination


@pytest.fixture
def verdicts(tmp_path):
    """Verdicts on the right campaign and material with some keys changed: (status, message) by name."""

    def of(campaign=None, material=None):
        contents = {"campaign": copy.deepcopy(CAMPAIGN), "salt": copy.deepcopy(MATERIAL)}
        for content, changes in ((contents["campaign"], campaign), (contents["salt"], material)):
            for key, value in (changes or {}).items():
                section, _, inner = key.rpartition(".")
                (content[section] if section else content)[inner] = value
        contents["campaign"]["materials"] = ["salt.yaml"]
        for name, content in contents.items():
            (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(content))
        found = examination(tmp_path / "campaign.yaml", tmp_path / "results", timing=False)
        return [(check.status, check.name.removeprefix("salt: "), check.message) for check in found.checks]

    return of
