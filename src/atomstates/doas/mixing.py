"""Frames that do not belong together: of two materials, of two potentials, or the same one twice."""

from collections.abc import Sequence

import numpy as np

from atomstates.doas.frames import Frame
from atomstates.errors import InputError

_MOST_APART = 1.0
"""eV: mean energies of the atoms of one element in two frames of one potential are nearer than this."""
_SAME_ENERGY = 1e-6
"""eV"""
_SAME_PLACE = 1e-6
"""Å"""


def refuse_mixtures(frames: Sequence[Frame]) -> None:
    """Refuse frames that cannot be one sample.

    Raises
    ------
    InputError
        Two frames differ in composition; their files name different potentials; the atoms of an element
        have mean energies that differ by more than 1 eV, which relaxed frames of one potential never do;
        or two frames are the same.
    """
    first = frames[0]
    named = next((frame for frame in frames if frame.potential), first)
    composition, means = _composition(first), _mean_energies(first)
    seen: dict[bytes, Frame] = {}
    for frame in frames:
        if _composition(frame) != composition:
            raise InputError(
                f"{frame.place}: is {_formula(frame)}, but {first.place} is {_formula(first)}. One "
                "material at a time: give each its own call."
            )
        if frame.potential and frame.potential != named.potential:
            raise InputError(
                f"{frame.place}: was relaxed with another potential ({frame.potential}) than {named.place} "
                f"({named.potential}). How an energy is split into atoms differs from one potential to the "
                "next, also where their zeros agree: give each its own call."
            )
        for element, mean in _mean_energies(frame).items():
            if abs(mean - means[element]) > _MOST_APART:
                raise InputError(
                    f"{frame.place}: atoms of {element} have {mean:.3f} eV on average, those of "
                    f"{first.place} {means[element]:.3f} eV. States of two potentials (or of two zeros of "
                    "energy) cannot be compared: give each its own call."
                )
        _refuse_twice(frame, seen)


def _refuse_twice(frame: Frame, seen: dict[bytes, Frame]) -> None:
    """Refuse a frame whose atoms are all where those of another one are."""
    key = np.round(np.vstack([frame.positions, frame.cell]) / _SAME_PLACE).astype(np.int64).tobytes()
    other = seen.setdefault(key, frame)
    if other is frame:
        return
    apart = np.abs(frame.energies - other.energies)
    if np.any(apart > _SAME_ENERGY):
        atom = int(apart.argmax())
        raise InputError(
            f"{frame.place}: has its atoms where {other.place} has them, but the energy of atom "
            f"{frame.id[atom]} ({frame.element[atom]}) differs by {apart[atom]:.3g} eV. These are states "
            "of two potentials: give each its own call."
        )
    raise InputError(
        f"{frame.place}: is the same as {other.place}. A frame that counts twice makes errors too small: "
        "remove one (a restarted run often writes its first frame again)."
    )


def _composition(frame: Frame) -> dict[str, int]:
    """Numbers of atoms by element over their greatest common divisor."""
    elements, numbers = np.unique(frame.element, return_counts=True)
    return dict(zip(elements.tolist(), (numbers // np.gcd.reduce(numbers)).tolist(), strict=True))


def _formula(frame: Frame) -> str:
    return "".join(f"{element}{n if n > 1 else ''}" for element, n in _composition(frame).items())


def _mean_energies(frame: Frame) -> dict[str, float]:
    """Mean energy of the atoms of each element, eV."""
    elements, of = np.unique(frame.element, return_inverse=True)
    means = np.bincount(of, weights=frame.energies) / np.bincount(of)
    return dict(zip(elements.tolist(), means.tolist(), strict=True))
