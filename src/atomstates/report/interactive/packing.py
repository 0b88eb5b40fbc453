"""Arrays as they travel within the page: little-endian, deflated, base64."""

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

_TYPES = {"u1": np.uint8, "u2": np.uint16, "f4": np.float32}
_FRACTIONS = 2**16


def packed(values: NDArray[Any], kind: str) -> dict[str, Any]:
    """An array as plain data that ``unpacked`` of the page reads.

    Parameters
    ----------
    values
        Of any shape; row-major on the page.
    kind
        ``u1``, ``u2`` or ``f4``: unsigned integers of one or two bytes, or floats of four.

    Raises
    ------
    ValueError
        Integers that the kind cannot hold.
    """
    content = np.ascontiguousarray(values).astype(np.dtype(_TYPES[kind]).newbyteorder("<"))
    if kind != "f4" and not np.array_equal(content, values):
        raise ValueError(f"values from {values.min()} to {values.max()} are no integers of kind {kind}")
    data = base64.b64encode(zlib.compress(content.tobytes(), 9)).decode("ascii")
    return {"kind": kind, "shape": list(content.shape), "data": data}


def packed_fractions(fractional: NDArray[np.float64]) -> dict[str, Any]:
    """Periodic fractional positions in units of 1/65536 of a cell vector, wrapped into the cell."""
    return packed(np.round(fractional * _FRACTIONS).astype(np.int64) % _FRACTIONS, "u2")


def as_json(data: Mapping[str, Any]) -> Markup:
    """Plain data as JSON that may stand in a script element."""
    # "<" could end the script element or begin a comment; JSON may have it escaped
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c"))
