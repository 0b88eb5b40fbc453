"""What the names of columns in a user's table mean: quantity, error or not, unit."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from atomstates.errors import InputError

Quantity = Literal["conductivity", "diffusivity"]

_NAMES = {
    "temperature": ("t", "temp", "temperature", "temperatures"),
    "diffusivity": ("d", "diffusivity", "diffusivities", "diffusion", "diff"),
    "conductivity": ("sigma", "conductivity", "conductivities", "cond"),
}
_ERRORS = ("err", "error", "errors", "std", "stdev", "sd", "se", "sem", "stderr", "uncertainty", "delta")
_SAYING_NOTHING = ("per", "of", "in", "1", "coefficient", "coeff", "tracer", "self", "ionic", "mean", "deg")
_UNITS: dict[str, dict[str, tuple[str, float]]] = {
    "temperature": {"k": ("K", 1.0), "kelvin": ("K", 1.0), "c": ("°C", 1.0), "celsius": ("°C", 1.0)},
    "diffusivity": {
        "cm2s": ("cm²/s", 1.0),
        "m2s": ("m²/s", 1e4),
        "a2ps": ("Å²/ps", 1e-4),
        "a2fs": ("Å²/fs", 1e-1),
        "nm2ps": ("nm²/ps", 1e-2),
        "nm2ns": ("nm²/ns", 1e-5),
    },
    "conductivity": {
        "mscm": ("mS/cm", 1.0),
        "scm": ("S/cm", 1e3),
        "sm": ("S/m", 10.0),
        "msm": ("mS/m", 1e-2),
        "uscm": ("µS/cm", 1e-3),
    },
}
EXAMPLES = {
    "temperature": "temperature_K",
    "diffusivity": "diffusivity_cm2_per_s",
    "conductivity": "conductivity_mS_per_cm",
}


@dataclass(frozen=True)
class Column:
    """What the name of a column was understood to mean; ``unit`` is empty where none is named."""

    name: str
    index: int
    quantity: str
    is_error: bool
    unit: str
    factor: float


def column(path: Path, name: str, index: int) -> Column | None:
    """What a name means; None where it names nothing that is needed here."""
    plain = (
        name.lower()
        .replace("σ", "sigma")
        .replace("å", "a")
        .replace("²", "2")
        .replace("µ", "u")
        .replace("μ", "u")
        .replace("δ", "delta ")
    )
    words = [word for word in re.findall(r"[a-z]+|\d+", plain) if word not in _SAYING_NOTHING]
    is_error = any(word in _ERRORS for word in words)
    words = [word for word in words if word not in _ERRORS]
    if words and words[0] in ("dd", "dsigma"):
        words[0], is_error = words[0][1:], True
    quantity = next((key for key, names in _NAMES.items() if words and words[0] in names), None)
    if quantity is None:
        return None
    unit = "".join(words[1:])
    if not unit:
        return Column(name, index, quantity, is_error, "", 1.0)
    if unit not in _UNITS[quantity]:
        known = ", ".join(label for label, _ in _UNITS[quantity].values())
        raise InputError(
            f"{path}: column {name!r} looks like a {quantity}, but {unit!r} is no unit that is known "
            f"({known}). Name it like {EXAMPLES[quantity]}."
        )
    return Column(name, index, quantity, is_error, *_UNITS[quantity][unit])


def only_quantity(path: Path, columns: list[Column], header: list[str]) -> Quantity:
    """The quantity that the table has."""
    found: list[Quantity] = [
        name
        for name in ("conductivity", "diffusivity")
        if any(one.quantity == name and not one.is_error for one in columns)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(f"{path}: has both conductivities and diffusivities. Say which with --quantity.")
    raise InputError(
        f"{path}: no column of conductivities or diffusivities among {', '.join(header)}. Name it like "
        f"{EXAMPLES['conductivity']} or {EXAMPLES['diffusivity']}."
    )


def the_column(
    path: Path, columns: list[Column], header: list[str], quantity: str, *, is_error: bool
) -> Column:
    """The one column of a quantity or of its error."""
    found = [one for one in columns if one.quantity == quantity and one.is_error == is_error]
    if len(found) == 1:
        return found[0]
    what = f"the error of the {quantity}" if is_error else f"the {quantity}"
    if found:
        names = ", ".join(repr(one.name) for one in found)
        raise InputError(
            f"{path}: {names} all look like {what}; one is needed. Remove or rename the others."
        )
    example = EXAMPLES[quantity].replace("_", "_error_", 1) if is_error else EXAMPLES[quantity]
    hint = ", or give --relative-error if all are equally good" if is_error else ""
    raise InputError(
        f"{path}: no column for {what} among {', '.join(header)}. Name it like {example}{hint}."
    )
