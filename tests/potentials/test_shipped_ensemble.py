"""Models of a shipped ensemble by number; the files are stand-ins, since names are all that counts here."""

import pytest
from typer.testing import CliRunner

from atomstates import resources
from atomstates.cli.potentials import app
from atomstates.errors import InputError
from atomstates.resources import shipped_model, shipped_models


@pytest.fixture
def trio(tmp_path, monkeypatch):
    """A package whose potential ``trio`` has three models, and ``solo`` one."""
    shipped = tmp_path / "potentials" / "shipped"
    for name in ("trio/model.pb", "trio/model-2.pb", "trio/model-3.pb", "trio/model-5.pb", "solo/model.pb"):
        (shipped / name).parent.mkdir(parents=True, exist_ok=True)
        (shipped / name).write_text(name)
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path)
    return shipped / "trio"


def test_models_of_an_ensemble_have_numbers_and_the_first_has_the_name_alone(trio):
    assert shipped_models("trio") == (trio / "model.pb", trio / "model-2.pb", trio / "model-3.pb")
    assert shipped_model("trio") == shipped_model("trio/1") == trio / "model.pb"
    assert shipped_model("trio/3") == trio / "model-3.pb"


@pytest.mark.parametrize("number", ["4", "0", "-1", "two", "", "2/x", "²"])
def test_number_that_is_not_there_is_refused_with_those_that_are(trio, number):
    with pytest.raises(InputError, match=r"'trio' has no model .*; there are: trio, trio/2, trio/3$"):
        shipped_model(f"trio/{number}")


def test_potential_of_one_model_has_no_second(trio):
    with pytest.raises(InputError, match=r"'solo' has no model '2'; there are: solo$"):
        shipped_model("solo/2")
    with pytest.raises(InputError, match="no shipped potential is named 'quartet'; there are: solo, trio"):
        shipped_model("quartet/2")


def test_show_lists_the_further_models():
    said = CliRunner().invoke(app, ["show"]).output
    for number in (2, 3):
        assert f"shipped:li-y-cl-br/{number}: {shipped_model(f'li-y-cl-br/{number}')}" in said.splitlines()
    assert "elements: Li Y Cl Br" in said
