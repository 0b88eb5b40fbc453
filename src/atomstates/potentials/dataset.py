"""Labelled frames as DeePMD and dpdata read them (``deepmd/npy``).

By hand rather than by dpdata, which does not carry atomic energies. Format: DeePMD-kit
manual, "Data"; the virial is minus the derivative of the energy by the strain, −V σ.
"""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from ase import Atoms

from atomstates.errors import InputError


def write_dataset(frames: Sequence[Atoms], folder: Path, elements: Sequence[str]) -> list[Path]:
    """Write one DeePMD system for each composition; atoms are in the order of ``elements``.

    Stress and atomic energies are written where the teacher gave them for all frames of a system.

    Returns
    -------
    list of Path
        The systems' folders.

    Raises
    ------
    InputError
        A frame has an element that is not one of ``elements``.
    ValueError
        The atoms of a frame are not in the order of ``elements``.
    """
    by_composition: dict[str, list[Atoms]] = defaultdict(list)
    for atoms in frames:
        by_composition[_composition(atoms, elements)].append(atoms)
    systems = []
    for composition, group in sorted(by_composition.items()):
        system = folder / composition
        (system / "set.000").mkdir(parents=True, exist_ok=True)
        types = [str(elements.index(symbol)) for symbol in group[0].symbols]
        (system / "type.raw").write_text("\n".join(types) + "\n", encoding="utf-8")
        (system / "type_map.raw").write_text("\n".join(elements) + "\n", encoding="utf-8")
        for name, values in _arrays(group).items():
            np.save(system / "set.000" / f"{name}.npy", values)
        systems.append(system)
    return systems


def _composition(atoms: Atoms, elements: Sequence[str]) -> str:
    """Elements and their numbers, as a name of a folder."""
    symbols = list(atoms.symbols)
    foreign = sorted(set(symbols) - set(elements))
    if foreign:
        raise InputError(
            f"a labelled frame of {atoms.get_chemical_formula()} has {', '.join(foreign)}, which is not "
            f"one of the recipe's elements ({', '.join(elements)}). Typical cause: labels of another "
            "recipe in this work folder."
        )
    if symbols != sorted(symbols, key=list(elements).index):
        raise ValueError(f"the atoms of {atoms.get_chemical_formula()} are not sorted by {elements}")
    return "".join(f"{element}{symbols.count(element)}" for element in elements if element in symbols)


def _arrays(frames: Sequence[Atoms]) -> dict[str, np.ndarray]:
    """DeePMD's arrays of frames of one composition, one row a frame (Å, eV)."""
    rows: dict[str, list[np.ndarray | float]] = {
        "coord": [atoms.positions for atoms in frames],
        "box": [atoms.cell[:] for atoms in frames],
        "energy": [atoms.get_potential_energy() for atoms in frames],
        "force": [atoms.get_forces() for atoms in frames],
    }
    known = [atoms.calc.results for atoms in frames]
    if all("stress" in results for results in known):
        rows["virial"] = [-atoms.get_volume() * atoms.get_stress(voigt=False) for atoms in frames]
    if all("energies" in results for results in known):
        rows["atom_ener"] = [atoms.get_potential_energies() for atoms in frames]
    return {name: np.asarray(values, dtype=float).reshape(len(frames), -1) for name, values in rows.items()}
