"""How figures and captions name the zero of energies of a material."""

from typing import Any

_AXES = {
    "lowest": "energy of {mobile} above the lowest state, eV",
    "coldest-mean": "energy of {mobile} from its coldest mean, eV",
    "absolute": "energy of {mobile} as the potential gives it, eV",
}
_WORDS = {
    "lowest": "zero at the lowest state over all temperatures",
    "coldest-mean": "zero at the mean of all states at the coldest temperature",
    "absolute": "as the potential gives them, without a zero of their own",
}


def zero_of(doas: dict[str, Any] | None) -> str:
    """Name of the zero in ``doas.json``; the lowest state where it has none."""
    return str((doas or {}).get("zero", "lowest"))


def energy_axis(doas: dict[str, Any] | None, mobile: str) -> str:
    """Label of an axis of energies."""
    return _AXES[zero_of(doas)].format(mobile=mobile)


def zero_in_words(doas: dict[str, Any] | None) -> str:
    """What energies are counted from, for a caption."""
    return _WORDS[zero_of(doas)]
