"""LAMMPS scripts with declared knobs: read, checked, and rendered with a block of values.

A script declares ``variable NAME index DEFAULT  # unit, meaning``. LAMMPS ignores a second
``variable NAME index``, so values that are written before the script win over its defaults,
and the script itself stays what a person can run by hand.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from atomstates.errors import InputError

_KNOB = re.compile(
    r"^variable\s+(?P<name>\w+)\s+index\s+(?P<default>\"[^\"]*\"|\S+)\s*(?:#\s*(?P<meaning>.*))?$"
)


@dataclass(frozen=True)
class Knob:
    """One declared value: name, default and what it means (with its unit)."""

    name: str
    default: str
    meaning: str


@dataclass(frozen=True)
class Script:
    """A LAMMPS script and the knobs that it declares."""

    name: str
    text: str
    knobs: tuple[Knob, ...]

    def __post_init__(self) -> None:
        names = [knob.name for knob in self.knobs]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise InputError(f"{self.name}: the knob {twice[0]!r} is declared twice; once is needed")
        if silent := [knob.name for knob in self.knobs if not knob.meaning]:
            raise InputError(
                f"{self.name}: the knob {silent[0]!r} says not what it means; "
                "needed is `variable NAME index DEFAULT  # unit, meaning`"
            )


def read_script(path: Path) -> Script:
    """The script in a file.

    Raises
    ------
    InputError
        The file cannot be read, or a knob is declared twice or without its meaning.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: this LAMMPS script cannot be read ({error.strerror})") from error
    matches = (_KNOB.match(line.strip()) for line in text.splitlines())
    knobs = tuple(
        Knob(match["name"], match["default"].strip('"'), (match["meaning"] or "").strip())
        for match in matches
        if match
    )
    return Script(path.name, text, knobs)


def render(script: Script, values: Mapping[str, object]) -> str:
    """The script behind a block that gives every knob its value.

    Parameters
    ----------
    script
        The script.
    values
        Value of each knob; one with blanks is quoted.

    Raises
    ------
    InputError
        A value is for no declared knob, or a knob is left without a value.
    """
    declared = [knob.name for knob in script.knobs]
    for name in values:
        if name not in declared:
            near = difflib.get_close_matches(name, declared, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(declared)}"
            raise InputError(f"{script.name}: declares no knob {name!r}; {hint}")
    if unset := [name for name in declared if name not in values]:
        raise InputError(f"{script.name}: the knobs {', '.join(unset)} have no value; all need one")
    block = [f"variable {name} index {_written(values[name])}" for name in declared]
    head = f"# Values of this run; the rest is {script.name} as it stands."
    return "\n".join((head, *block, "", "")) + script.text


def _written(value: object) -> str:
    """A value as LAMMPS reads it."""
    text = repr(value) if isinstance(value, float) else str(value)
    if '"' in text or "\n" in text or not text:
        raise InputError(
            f"LAMMPS cannot read the value {text!r}: it is empty, or has a quote or line break"
        )
    return f'"{text}"' if re.search(r"[\s#$&]", text) else text
