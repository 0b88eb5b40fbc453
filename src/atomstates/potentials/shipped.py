"""Potentials that travel with the package, and the elements that a model file knows."""

import re
from pathlib import Path
from typing import Any

from atomstates.errors import InputError
from atomstates.products import read_json
from atomstates.resources import shipped_model

__all__ = ["model_card", "model_elements", "shipped_model"]

_TYPE_MAP = re.compile(rb"model_attr/tmap\x12\x05Const.{0,60}?\x08\x07\x12\x00B(.)", re.DOTALL)
"""Node of the graph, in protobuf: name, operation Const, a tensor of type string (8: 7) and
scalar shape (18: empty), whose one string (field 8, ``B``) has this length."""
_SYMBOL = re.compile(r"[A-Z][a-z]?")


def model_card(name: str) -> dict[str, Any]:
    """Content of ``card.json`` of a shipped potential: elements, teacher, errors, limits, hash."""
    card: dict[str, Any] = read_json(shipped_model(name).parent / "card.json")
    return card


def model_elements(path: Path) -> tuple[str, ...]:
    """Elements of a frozen DeePMD model (TensorFlow ``.pb``), in the order of its types.

    Read from the graph's node ``model_attr/tmap`` without starting TensorFlow: its attribute
    ``value`` is a string tensor that holds the names with blanks between them.

    Raises
    ------
    InputError
        The file cannot be read, or holds no such node.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: the model cannot be read ({error.strerror})") from error
    found = _TYPE_MAP.search(content)
    if found:
        words = content[found.end() : found.end() + found[1][0]].decode("ascii", errors="replace").split()
        if words and all(_SYMBOL.fullmatch(word) for word in words):
            return tuple(words)
    raise InputError(
        f"{path}: no type map is found in this file; a frozen DeePMD model (dp freeze, .pb) is needed"
    )
