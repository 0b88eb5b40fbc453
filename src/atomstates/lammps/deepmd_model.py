"""What a DeePMD model knows (elements, cut-off), read from its file without TensorFlow or PyTorch."""

import json
import pickletools
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from atomstates.errors import InputError

_TYPE_MAP = "model_attr/tmap"
"""Node of a frozen TensorFlow graph that holds the elements, separated by blanks."""
_CUTOFF = "descrpt_attr/rcut"
"""Node that holds the radius in which the model sees its neighbours, Å."""

# Numbers of the fields in TensorFlow's protocol buffers.
_GRAPH_NODE, _NODE_NAME, _NODE_ATTRIBUTE = 1, 1, 5
_MAP_KEY, _MAP_VALUE, _ATTRIBUTE_TENSOR, _TENSOR_STRING = 1, 2, 8, 8
_TENSOR_BYTES, _TENSOR_FLOATS, _TENSOR_DOUBLES = 4, 5, 6


def model_elements(path: Path) -> tuple[str, ...]:
    """Elements of a frozen DeePMD model, in the order of its types.

    Parameters
    ----------
    path
        A ``.pb`` (TensorFlow graph) or ``.pth`` (TorchScript archive).

    Raises
    ------
    InputError
        The file cannot be read, is neither, is cut short, or holds no type map.
    """
    with _model_file(path):
        if zipfile.is_zipfile(path):
            return tuple(_type_map(_settings(path)))
        elements = tuple(bytes(_constant(path, _TYPE_MAP).get(_TENSOR_STRING, b"")).decode().split())
        if not elements:
            raise ValueError("its type map is empty")
        return elements


def model_cutoff(path: Path) -> float | None:
    """Radius in which a DeePMD model sees its neighbours, Å; None where its file does not say it plainly.

    Raises
    ------
    InputError
        The file cannot be read, or is no model.
    """
    with _model_file(path):
        if zipfile.is_zipfile(path):
            found = _settings(path).get("descriptor", {}).get("rcut")
            return float(found) if isinstance(found, int | float) else None
        try:
            tensor = _constant(path, _CUTOFF)
        except KeyError:
            return None
        for field, form in ((_TENSOR_DOUBLES, "<d"), (_TENSOR_FLOATS, "<f"), (_TENSOR_BYTES, "<d")):
            if len(raw := bytes(tensor.get(field, b""))) == struct.calcsize(form):
                return float(struct.unpack(form, raw)[0])
        return None


@contextmanager
def _model_file(path: Path) -> Iterator[None]:
    """Turn any failure to read a model into an error that names it."""
    try:
        yield
    except OSError as error:
        raise InputError(f"{path}: the model cannot be read ({error.strerror})") from error
    except (ValueError, IndexError, KeyError, AttributeError, zipfile.BadZipFile) as error:
        raise InputError(
            f"{path}: no DeePMD model ({path.stat().st_size} bytes; {error}). Needed: a frozen .pb or "
            ".pth, as `dp freeze` or `dp compress` writes it; typical cause: an interrupted copy, or a Git "
            "LFS pointer."
        ) from error


def _constant(path: Path, wanted: str) -> dict[int, memoryview]:
    """Fields of the tensor that a Const node of a TensorFlow GraphDef holds."""
    found = None
    # The whole file is walked through, so that one that is cut short is found out.
    for field, node in _fields(memoryview(path.read_bytes())):
        if field != _GRAPH_NODE:
            continue
        name = next((bytes(value) for number, value in _fields(node) if number == _NODE_NAME), b"")
        if name.decode(errors="replace") == wanted:
            found = node
    if found is None:
        raise KeyError(f"it has no {wanted}")
    for number, attribute in _fields(found):
        if number != _NODE_ATTRIBUTE:
            continue
        entry = dict(_fields(attribute))
        if bytes(entry.get(_MAP_KEY, b"")) == b"value":
            return dict(_fields(dict(_fields(entry[_MAP_VALUE]))[_ATTRIBUTE_TENSOR]))
    raise ValueError(f"its {wanted} is empty")


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Length-delimited fields of a protocol buffer message: number and content; others are skipped."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            _, at = _varint(message, at)
            continue
        if wire not in (1, 2, 5) or number == 0:
            raise ValueError(f"not a TensorFlow graph at byte {at}")
        length = {1: 8, 5: 4}.get(wire, 0)
        if wire == 2:
            length, at = _varint(message, at)
        if at + length > len(message):
            raise ValueError("it is cut short")
        if wire == 2:
            yield number, message[at : at + length]
        at += length


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """A variable-length integer, and where it ends."""
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
        if shift > 63:
            raise ValueError(f"not a TensorFlow graph at byte {at}")


def _settings(path: Path) -> dict[str, Any]:
    """Settings of a TorchScript archive: a JSON string among the pickled attributes."""
    with zipfile.ZipFile(path) as archive:
        pickled = next((name for name in archive.namelist() if name.endswith("/data.pkl")), None)
        if pickled is None:
            raise ValueError("the archive holds no TorchScript module")
        for operation, argument, _ in pickletools.genops(archive.read(pickled)):
            if "UNICODE" in operation.name and isinstance(argument, str) and '"type_map"' in argument:
                return dict(json.loads(argument))
    raise ValueError("it has no type map")


def _type_map(settings: dict[str, Any]) -> list[str]:
    """The type map of a model's settings, of one branch when it has several."""
    found = settings.get("type_map")
    if isinstance(found, list) and all(isinstance(element, str) for element in found):
        return found
    raise ValueError("its settings hold no type map")
