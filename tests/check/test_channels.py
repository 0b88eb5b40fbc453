"""Channels that do not fit to the crystal are found before anything runs."""

import copy

import pytest
import yaml
from settings_keys import MATERIAL

from atomstates.campaign.reading import read_material
from atomstates.campaign.schema import Campaign
from atomstates.check.material import examined
from atomstates.resources import workflow_folder

SHIPPED = sorted((workflow_folder() / "materials").glob("*.yaml"))


@pytest.fixture
def channels(verdicts):
    """Verdicts on channels of rock salt, whose sodium has columns at (0, 0), (½, ½), (½, 0) and (0, ½)."""

    def of(a, b, **changes):
        found = verdicts(material={"channels": {"a": a, "b": b}, **changes})
        return [(status, message) for status, name, message in found if name == "channels"]

    return of


def test_columns_that_hold_all_sites_are_counted(channels):
    ((status, words),) = channels([[0, 0], [0.5, 0.5]], [[0.5, 0], [0, 0.5]])
    assert status == "PASS"
    assert words == "2 column(s) in a with 1 site(s) a cell, 2 column(s) in b with 1 site(s) a cell"


def test_column_without_sites_is_named_with_the_nearest_site(channels):
    found = channels([[0, 0], [0.5, 0.5]], [[0.5, 0], [0, 0.25]])
    (words,) = (message for status, message in found if status == "FAIL")
    # a quarter of 5.64 Å
    assert "channels.b.1 (0, 0.25) has no site of Na on it" in words
    assert "1.41 Å away" in words


def test_column_named_twice_in_another_cell(channels):
    found = channels([[0, 0], [0.5, 0.5]], [[0.5, 0], [0, 0.5], [1, 1]])
    assert ("FAIL", "channels.a.0 and channels.b.2 are the same column: remove one") in found


def test_site_in_two_columns(channels):
    found = channels([[0, 0], [0.5, 0.5]], [[0.5, 0], [0, 0.5], [0.1, 0]])
    assert any(
        status == "FAIL" and "Na (0, 0, 0) is on channels.a.0 and channels.b.2" in words
        for status, words in found
    )


def test_sites_on_no_column_are_named(channels):
    found = channels([[0, 0]], [[0.5, 0.5]])
    (words,) = (message for status, message in found if status == "WARN")
    assert "2 site(s) of Na are on no column (2 of Na)" in words
    # half of 5.64 Å from the one column and from the other
    assert "2.82 Å away" in words


def test_columns_with_different_numbers_of_sites(channels):
    crystal = copy.deepcopy(MATERIAL["crystal"])
    # sodium also in the tetrahedral holes, whose columns have two sites a cell
    hole = {"label": "Na2", "element": "Na", "position": [0.25, 0.25, 0.25], "occupancy": 0.5}
    crystal["sites"].append(hole)
    octahedral = [[0, 0], [0.5, 0.5], [0.5, 0], [0, 0.5]]
    tetrahedral = [[x, y] for x in (0.25, 0.75) for y in (0.25, 0.75)]
    found = channels(octahedral, tetrahedral, crystal=crystal)
    (words,) = (message for status, message in found if status == "WARN")
    assert "4 column(s) in a with 1 site(s) a cell, 4 column(s) in b with 2 site(s) a cell" in words


def test_family_without_columns_is_refused(verdicts):
    found = verdicts(material={"channels": {"a": [[0, 0]], "b": []}})
    assert any(status == "FAIL" and "channels.b" in message for status, _, message in found)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_channels_of_shipped_materials_fit(file):
    if not yaml.safe_load(file.read_text()).get("channels"):
        return
    campaign = Campaign(name="any", materials=(str(file),), temperatures_K=(300.0,))
    found = examined(*read_material(str(file), file.parent), campaign)
    said = [check for check in found.checks if check.name.endswith(": channels")]
    assert [check.status for check in said] == ["PASS"], said
    n = {"li3ycl6-pnma": 4}.get(file.stem, 3)
    words = f"{n} column(s) in a with 2 site(s) a cell, {n} column(s) in b with 2 site(s) a cell"
    assert words in said[0].message
