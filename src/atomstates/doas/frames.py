"""Frames with an energy for each atom, from any program: extended XYZ (through ASE) or ``relaxed.h5``."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomstates.errors import InputError, ProductError
from atomstates.minimize.relaxed import read_relaxed

FloatArray = NDArray[np.float64]

ENERGY_COLUMN = "energies"
"""Where ASE and the programs that write through it keep energies of atoms."""
_TEMPERATURE_KEYS = ("temperature_K", "temperature")
_HDF5 = b"\x89HDF\r\n\x1a\n"
_SMALLEST_CELL = 1.0
"""Å³: no cell of atoms is smaller."""


@dataclass(frozen=True)
class Frame:
    """One frame of N atoms."""

    place: str
    """File and number of the frame, for messages."""
    element: NDArray[np.str_]
    """(N,)"""
    id: NDArray[np.int64]
    """(N,)"""
    positions: FloatArray
    """(N, 3) Å"""
    cell: FloatArray
    """(3, 3) Å, vectors as rows."""
    energies: FloatArray
    """(N,) eV"""
    total_energy: float
    """eV: as the file says, else the sum over the atoms."""
    temperature: float | None
    """K; None where the file does not say."""
    largest_force: float | None
    """eV/Å; None where the file has no forces."""
    potential: str = ""
    """Hash of the potential; empty where the file does not say."""


def read_frames(path: Path, energy_column: str | None) -> tuple[list[Frame], int]:
    """Frames of a file in order, checked, and how many were left out because a check of theirs had failed.

    Parameters
    ----------
    path
        Extended XYZ or anything else that ASE reads, or HDF5 in the layout of ``relaxed.h5``.
    energy_column
        Name of the per-atom column with the energies; None for ``energies``.

    Raises
    ------
    InputError
        The file is missing or unreadable; a frame has no cell, no energies, or numbers that are not finite.
    """
    try:
        with path.open("rb") as handle:
            is_hdf5 = handle.read(len(_HDF5)) == _HDF5
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    n_rejected = 0
    if is_hdf5:
        if energy_column is not None:
            raise InputError(f"{path}: HDF5 has its energies in `atom_energy`; leave --energy-column out")
        frames, n_rejected = _from_relaxed(path)
    else:
        frames = list(_from_ase(path, energy_column))
    if not frames:
        raise InputError(f"{path}: holds no frame, one at least is needed")
    for frame in frames:
        _check(frame)
    return frames, n_rejected


def _from_relaxed(path: Path) -> tuple[list[Frame], int]:
    """Converged snapshots of ``relaxed.h5``."""
    try:
        relaxed = read_relaxed(path)
    except ProductError as error:
        raise InputError(
            f"{path}: HDF5, but not in the layout of relaxed.h5 ({error.__cause__}); see ARCHITECTURE.md"
        ) from error
    good = np.flatnonzero(relaxed.converged)
    frames = [
        Frame(
            place=f"{path}: snapshot {s + 1} (step {relaxed.step[s]})",
            element=relaxed.element,
            id=relaxed.id,
            positions=relaxed.positions[s],
            cell=relaxed.cell[s],
            energies=relaxed.atom_energy[s],
            total_energy=float(relaxed.potential_energy[s]),
            temperature=relaxed.temperature,
            largest_force=float(relaxed.largest_force[s]),
            potential=relaxed.potential,
        )
        for s in good
    ]
    return frames, len(relaxed.step) - len(good)


def _from_ase(path: Path, energy_column: str | None) -> Iterator[Frame]:
    """Frames of a file that ASE reads."""
    try:
        from ase.io import iread
    except ImportError as error:
        raise InputError(
            f"{path}: reading it needs ASE, which is not installed: pip install ase"
        ) from error
    is_xyz = path.suffix.lower() in (".xyz", ".extxyz", ".exyz")
    number = 0
    frames = iread(str(path), index=":", format="extxyz" if is_xyz else None)
    while True:
        number += 1
        place = f"{path}: frame {number}"
        try:
            atoms = next(frames)
        except StopIteration:
            return
        # Whatever a reader of another package raises means that the file is not what it should be.
        except Exception as error:
            raise InputError(
                f"{place}: ASE cannot read it ({type(error).__name__}: {error}). Needed is extended XYZ "
                "with a Lattice and an energy for each atom, or another format that ASE knows."
            ) from error
        yield _frame(place, atoms, energy_column)


def _frame(place: str, atoms: Any, energy_column: str | None) -> Frame:
    """A frame from what ASE read."""
    results = {} if atoms.calc is None else atoms.calc.results
    energies = _energies(place, atoms, results, energy_column or ENERGY_COLUMN)
    # A column `energy` with a number for each atom is no total.
    totals = (results.get("energy"), atoms.info.get("energy"))
    total = next((value for value in totals if value is not None and np.ndim(value) == 0), None)
    forces = results.get("forces", atoms.arrays.get("forces"))
    if atoms.cell.rank == 3 and not np.all(atoms.pbc):
        raise InputError(
            f"{place}: is not periodic along all three axes (pbc {atoms.pbc.tolist()}), but sites are "
            'sought in a crystal. Give it a Lattice and pbc="T T T".'
        )
    temperature = next((atoms.info[key] for key in _TEMPERATURE_KEYS if key in atoms.info), None)
    return Frame(
        place=place,
        element=np.array(atoms.get_chemical_symbols(), dtype=np.str_),
        id=np.arange(1, len(atoms) + 1),
        positions=np.asarray(atoms.positions, dtype=np.float64),
        cell=np.asarray(atoms.cell, dtype=np.float64),
        energies=energies,
        total_energy=float(energies.sum()) if total is None else float(total),
        temperature=None if temperature is None else _number(place, temperature),
        largest_force=None if forces is None else float(np.linalg.norm(forces, axis=1).max()),
    )


def _number(place: str, temperature: Any) -> float:
    """The temperature of a comment line, K."""
    try:
        return float(temperature)
    except (TypeError, ValueError) as error:
        raise InputError(f"{place}: its temperature {temperature!r} is not a number (K)") from error


def _energies(place: str, atoms: Any, results: dict[str, Any], column: str) -> FloatArray:
    """The per-atom energies by their name."""
    found = atoms.arrays.get(column, results.get(column))
    if found is not None and np.shape(found) == (len(atoms),) and np.issubdtype(found.dtype, np.number):
        return np.asarray(found, dtype=np.float64)
    columns = {
        name: values
        for name, values in {**atoms.arrays, **results}.items()
        if name != "numbers" and np.shape(values) == (len(atoms),)
    }
    raise InputError(
        f"{place}: no column {column!r} with an energy (eV) for each of the {len(atoms)} atoms. It has "
        f"{', '.join(sorted(columns)) or 'no column of one number for each atom'}: name the right one with "
        "--energy-column, or write the file with energies of atoms (ASE: the property `energies`; LAMMPS: "
        "compute pe/atom)."
    )


def _check(frame: Frame) -> None:
    """Refuse numbers that are none."""
    if not np.all(np.isfinite(frame.cell)) or abs(np.linalg.det(frame.cell)) < _SMALLEST_CELL:
        raise InputError(
            f"{frame.place}: has no cell of three vectors (Lattice); found {frame.cell.tolist()}"
        )
    for name, values in (("position", frame.positions), ("energy", frame.energies[:, None])):
        wrong = np.flatnonzero(~np.isfinite(values).all(axis=1))
        if len(wrong):
            atom = wrong[0]
            raise InputError(
                f"{frame.place}: the {name} of atom {frame.id[atom]} ({frame.element[atom]}) is not finite "
                f"({', '.join(str(value) for value in values[atom])}), nor are those of {len(wrong) - 1} "
                "others. The calculation behind it failed: remove the frame or repeat it."
            )
    if frame.temperature is not None and not frame.temperature > 0:
        raise InputError(f"{frame.place}: a temperature of {frame.temperature} K makes no sense")
