"""Labelled frames as DeePMD reads them (``deepmd/npy``).

By hand rather than by dpdata, which does not carry atomic energies. Format: DeePMD-kit
manual, "Data"; the virial is minus the derivative of the energy by the strain, −V σ.
"""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from ase import Atoms


def write_dataset(frames: Sequence[Atoms], folder: Path, elements: Sequence[str]) -> list[Path]:
    """Write one DeePMD system for each number of atoms; all frames of a size have one composition.

    Returns
    -------
    list of Path
        The systems' folders.

    Raises
    ------
    ValueError
        Two frames of one size differ in the order of their elements.
    """
    by_size: dict[int, list[Atoms]] = defaultdict(list)
    for atoms in frames:
        by_size[len(atoms)].append(atoms)
    systems = []
    for size, group in sorted(by_size.items()):
        symbols = list(group[0].symbols)
        if any(list(atoms.symbols) != symbols for atoms in group):
            raise ValueError(f"frames of {size} atoms differ in the order of their elements")
        system = folder / f"{size}-atoms"
        (system / "set.000").mkdir(parents=True, exist_ok=True)
        types = [str(elements.index(symbol)) for symbol in symbols]
        (system / "type.raw").write_text("\n".join(types) + "\n", encoding="utf-8")
        (system / "type_map.raw").write_text("\n".join(elements) + "\n", encoding="utf-8")
        for name, values in _arrays(group).items():
            np.save(system / "set.000" / f"{name}.npy", values)
        systems.append(system)
    return systems


def _arrays(frames: Sequence[Atoms]) -> dict[str, np.ndarray]:
    """DeePMD's arrays of frames of one composition, one row a frame (Å, eV)."""
    stress = np.array([atoms.get_stress(voigt=False) for atoms in frames])
    volume = np.array([atoms.get_volume() for atoms in frames])
    rows = {
        "coord": [atoms.positions for atoms in frames],
        "box": [atoms.cell[:] for atoms in frames],
        "energy": [atoms.get_potential_energy() for atoms in frames],
        "force": [atoms.get_forces() for atoms in frames],
        "virial": -stress * volume[:, None, None],
        "atom_ener": [atoms.get_potential_energies() for atoms in frames],
    }
    return {name: np.asarray(values, dtype=float).reshape(len(frames), -1) for name, values in rows.items()}
