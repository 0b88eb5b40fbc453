"""Scripts declare knobs; Python gives every one a value and invents none."""

import pytest

from atomstates.errors import InputError
from atomstates.lammps.script import read_script, render
from atomstates.resources import lammps_inputs_folder

TEXT = """# heat
variable temperature index 300   # K
variable elements index "Li Cl"  # names of the types
print "${temperature} ${elements}"
"""


@pytest.fixture
def script(tmp_path):
    (tmp_path / "heat.in").write_text(TEXT)
    return read_script(tmp_path / "heat.in")


def test_knobs_have_names_defaults_and_meanings(script):
    assert [(knob.name, knob.default, knob.meaning) for knob in script.knobs] == [
        ("temperature", "300", "K"),
        ("elements", "Li Cl", "names of the types"),
    ]


def test_values_stand_before_the_script_as_it_is(script):
    text = render(script, {"elements": "Li Y Cl", "temperature": 450.0})
    assert text.endswith(TEXT)
    assert 'variable temperature index 450.0\nvariable elements index "Li Y Cl"\n' in text


def test_knob_that_is_not_declared_is_refused_with_the_nearest_one(script):
    with pytest.raises(
        InputError, match=r"heat.in: declares no knob 'temperatur'; did you mean 'temperature'"
    ):
        render(script, {"temperatur": 450, "elements": "Li"})


def test_knob_is_never_left_unset(script):
    with pytest.raises(InputError, match="the knobs elements have no value"):
        render(script, {"temperature": 450})


def test_value_that_lammps_cannot_read_is_refused(script):
    with pytest.raises(InputError, match="quote or line break"):
        render(script, {"temperature": "1\nshell ls", "elements": "Li"})


def test_knob_without_meaning_is_refused(tmp_path):
    (tmp_path / "mute.in").write_text("variable x index 1\n")
    with pytest.raises(InputError, match="'x' says not what it means"):
        read_script(tmp_path / "mute.in")


@pytest.mark.parametrize("path", sorted(lammps_inputs_folder().glob("*.in")), ids=lambda path: path.name)
def test_every_script_of_the_package_declares_what_its_knobs_mean(path):
    script = read_script(path)
    assert script.knobs
    declared = [
        line for line in script.text.splitlines() if line.startswith("variable") and " index " in line
    ]
    assert len(declared) == len(script.knobs)
