from pathlib import Path

import pytest

from atomstates.campaign.schema import Potential
from atomstates.errors import InputError
from atomstates.lammps.potential import atom_style, before_text, potential_text, stored_files


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_one_model_drives_by_its_stored_name() -> None:
    potential = Potential.model_validate({"deepmd": {"models": ["a.pb"]}})
    stored = stored_files(potential, {"model-0": Path("x/a.pb")})
    assert stored == {"model-0.pb": Path("x/a.pb")}
    assert _lines(potential_text(potential, ("Li", "Y", "Cl"), tuple(stored))) == [
        "variable potential_folder index .  # folder of the model and parameter files",
        "pair_style deepmd ${potential_folder}/model-0.pb",
        "pair_coeff * * Li Y Cl",
    ]
    assert atom_style(potential) == "atomic"
    assert "atom_style atomic" in _lines(before_text(potential))


def test_further_models_only_write_their_deviation() -> None:
    potential = Potential.model_validate({"deepmd": {"models": ["a.pb", "b.pth"]}})
    stored = stored_files(potential, {"model-0": Path("a.pb"), "model-1": Path("b.pth")})
    style = _lines(potential_text(potential, ("Li",), tuple(stored)))[-2]
    assert style.startswith(
        "pair_style deepmd ${potential_folder}/model-0.pb ${potential_folder}/model-1.pth "
    )
    assert style.endswith("out_freq ${deviation_every} out_file ${deviation_file}")


def test_lines_of_any_pair_style_are_kept_with_elements_and_files_put_in() -> None:
    potential = Potential.model_validate(
        {
            "lammps": {
                "pair_style": "eam/alloy",
                "pair_coeff": ["* * NiAl.eam {elements}"],
                "commands": ["pair_modify tail yes"],
                "before_read": ["newton off"],
                "atom_style": "charge",
                "files": ["tables/NiAl.eam"],
            }
        }
    )
    stored = stored_files(potential, {"file-0": Path("tables/NiAl.eam")})
    assert _lines(potential_text(potential, ("Ni", "Al"), tuple(stored)))[1:] == [
        "pair_style eam/alloy",
        "pair_coeff * * ${potential_folder}/NiAl.eam Ni Al",
        "pair_modify tail yes",
    ]
    assert _lines(before_text(potential))[-1] == "newton off"
    assert "atom_style charge" in _lines(before_text(potential))


def test_two_files_of_one_name_are_refused() -> None:
    potential = Potential.model_validate(
        {"lammps": {"pair_style": "x", "pair_coeff": ["* *"], "files": ["a/t", "b/t"]}}
    )
    with pytest.raises(InputError, match="same name"):
        stored_files(potential, {"file-0": Path("a/t"), "file-1": Path("b/t")})
