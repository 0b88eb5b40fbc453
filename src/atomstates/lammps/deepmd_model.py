"""The elements that a DeePMD model knows, read from its file without TensorFlow or PyTorch."""

import json
import pickletools
import zipfile
from collections.abc import Iterator
from pathlib import Path

from atomstates.errors import InputError

_TYPE_MAP = "model_attr/tmap"
"""Node of a frozen TensorFlow graph that holds the elements, separated by blanks."""

# Numbers of the fields in TensorFlow's protocol buffers.
_GRAPH_NODE, _NODE_NAME, _NODE_ATTRIBUTE = 1, 1, 5
_MAP_KEY, _MAP_VALUE, _ATTRIBUTE_TENSOR, _TENSOR_STRING = 1, 2, 8, 8


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
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: the model cannot be read ({error.strerror})") from error
    try:
        elements = _of_archive(path) if zipfile.is_zipfile(path) else _of_graph(memoryview(content))
    except (ValueError, IndexError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(
            f"{path}: no DeePMD model ({len(content)} bytes; {error}). Needed: a frozen .pb or .pth, "
            "as `dp freeze` or `dp compress` writes it; typical cause: an interrupted copy, or a Git LFS "
            "pointer."
        ) from error
    return elements


def _of_graph(graph: memoryview) -> tuple[str, ...]:
    """Type map of a TensorFlow GraphDef."""
    elements: tuple[str, ...] = ()
    # The whole file is walked through, so that one that is cut short is found out.
    for field, node in _fields(graph):
        if field != _GRAPH_NODE:
            continue
        name = next((bytes(value) for number, value in _fields(node) if number == _NODE_NAME), b"")
        if name.decode(errors="replace") == _TYPE_MAP:
            elements = tuple(_constant_string(node).split())
    if not elements:
        raise ValueError(f"it has no type map ({_TYPE_MAP})")
    return elements


def _constant_string(node: memoryview) -> str:
    """The string that a Const node holds."""
    for number, attribute in _fields(node):
        if number != _NODE_ATTRIBUTE:
            continue
        entry = dict(_fields(attribute))
        if bytes(entry.get(_MAP_KEY, b"")) == b"value":
            tensor = dict(_fields(entry[_MAP_VALUE]))[_ATTRIBUTE_TENSOR]
            return bytes(dict(_fields(tensor))[_TENSOR_STRING]).decode()
    raise ValueError("its type map is empty")


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


def _of_archive(path: Path) -> tuple[str, ...]:
    """Type map of a TorchScript archive: its settings are a JSON string among the pickled attributes."""
    with zipfile.ZipFile(path) as archive:
        pickled = next((name for name in archive.namelist() if name.endswith("/data.pkl")), None)
        if pickled is None:
            raise ValueError("the archive holds no TorchScript module")
        for operation, argument, _ in pickletools.genops(archive.read(pickled)):
            if "UNICODE" in operation.name and isinstance(argument, str) and '"type_map"' in argument:
                return tuple(_type_map(json.loads(argument)))
    raise ValueError("it has no type map")


def _type_map(settings: dict[str, object]) -> list[str]:
    """The type map of a model's settings, of one branch when it has several."""
    found = settings.get("type_map")
    if isinstance(found, list) and all(isinstance(element, str) for element in found):
        return found
    raise ValueError("its settings hold no type map")
