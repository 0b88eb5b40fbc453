from pathlib import Path

import pytest

from atomstates.campaign.schema import Potential
from atomstates.errors import InputError
from atomstates.lammps.potential import (
    atom_style,
    before_text,
    of_model,
    potential_hashes,
    potential_text,
    stored_files,
)


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


def test_each_model_has_an_include_of_its_own_and_the_first_drives() -> None:
    potential = Potential.model_validate({"deepmd": {"models": ["a.pb", "b.pth"]}})
    stored = stored_files(potential, {"model-0": Path("a.pb"), "model-1": Path("b.pth")})
    styles = [_lines(potential_text(potential, ("Li",), (name,)))[-2] for name in stored]
    assert styles == [
        "pair_style deepmd ${potential_folder}/model-0.pb",
        "pair_style deepmd ${potential_folder}/model-1.pth",
    ]
    assert [of_model("potential.in", number) for number in range(2)] == [
        "potential.in",
        "potential.model-1.in",
    ]


def test_hash_of_a_potential_is_that_of_its_content() -> None:
    two = Potential.model_validate({"deepmd": {"models": ["a.pb", "b.pb"]}})
    turned = Potential.model_validate({"deepmd": {"models": ["b.pb", "a.pb"]}})
    first, second = potential_hashes(two, {"model-0": "1", "model-1": "2", "cif": "3"})
    assert first != second
    assert potential_hashes(turned, {"model-0": "2", "model-1": "1"}) == (second, first)
    lines = {"pair_style": "lj/cut 8", "pair_coeff": ["* * 0.01 3.4"]}
    one, other, parameters = (
        potential_hashes(Potential.model_validate({"lammps": lines | more}), {"file-0": digest})
        for more, digest in (
            ({"files": ["x/t"]}, "1"),
            ({"files": ["y/t"]}, "1"),
            ({"files": ["x/t"]}, "2"),
        )
    )
    assert one == other
    assert one != parameters


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
