"""Errors of a model against labels: energies, forces, stresses, atomic energies."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from ase import Atoms

from atomstates.potentials.host import FloatArray
from atomstates.potentials.student import Answer
from atomstates.units import EV_PER_A3_TO_GPA


@dataclass(frozen=True)
class Comparison:
    """What a model says of labelled frames, beside their labels; ``frames[i]`` belongs to ``said[i]``.

    ``info`` of a frame has its material, origin and temperature (K; 0 where it was relaxed).
    """

    frames: Sequence[Atoms]
    said: Sequence[Answer]

    def __post_init__(self) -> None:
        if len(self.frames) != len(self.said):
            raise ValueError(f"{len(self.said)} answers to {len(self.frames)} frames")

    def energies(self) -> pd.DataFrame:
        """One row a frame (eV/atom)."""
        return pd.DataFrame(
            {
                **_origin(atoms),
                "n_atoms": len(atoms),
                "student_eV_per_atom": one.energy / len(atoms),
                "teacher_eV_per_atom": atoms.get_potential_energy() / len(atoms),
            }
            for atoms, one in zip(self.frames, self.said, strict=True)
        )

    def forces(self) -> pd.DataFrame:
        """One row a component of an atom's force (eV/Å)."""
        return self._stacked(
            lambda atoms: np.repeat(np.array(atoms.symbols), 3),
            lambda one: one.forces.ravel(),
            lambda atoms: atoms.get_forces().ravel(),
            "eV_per_A",
        )

    def atomic_energies(self) -> pd.DataFrame | None:
        """One row an atom (eV), or None where the teacher has no atomic energies."""
        if not self._known("energies"):
            return None
        return self._stacked(
            lambda atoms: np.array(atoms.symbols),
            lambda one: one.atomic_energies,
            lambda atoms: atoms.get_potential_energies(),
            "eV",
        )

    def stresses(self) -> pd.DataFrame | None:
        """One row a component of the stress (GPa), or None where the teacher has no stress."""
        if not self._known("stress"):
            return None
        upper = np.triu_indices(3)
        names = np.array(["xx", "xy", "xz", "yy", "yz", "zz"])
        return self._stacked(
            lambda atoms: names,
            lambda one: EV_PER_A3_TO_GPA * one.stress[upper],
            lambda atoms: EV_PER_A3_TO_GPA * atoms.get_stress(voigt=False)[upper],
            "GPa",
        )

    def _known(self, name: str) -> bool:
        return all(name in atoms.calc.results for atoms in self.frames)

    def _stacked(self, names, own, other, unit: str) -> pd.DataFrame:  # type: ignore[no-untyped-def]
        """Values of all frames below each other: what it is of, student, teacher."""
        pairs = list(zip(self.frames, self.said, strict=True))
        parts = [names(atoms) for atoms, _ in pairs]
        lengths = [len(part) for part in parts]
        columns = {
            key: np.repeat([_origin(atoms)[key] for atoms, _ in pairs], lengths)
            for key in ("material", "origin", "temperature_K")
        }
        return pd.DataFrame(
            {
                **columns,
                "of": np.concatenate(parts),
                f"student_{unit}": np.concatenate([own(one) for _, one in pairs]),
                f"teacher_{unit}": np.concatenate([other(atoms) for atoms, _ in pairs]),
            }
        )


def _origin(atoms: Atoms) -> dict[str, object]:
    """Where a frame comes from."""
    info = atoms.info
    return {
        "material": str(info["material"]),
        "origin": str(info["origin"]),
        "temperature_K": float(info.get("temperature", 0.0)),
    }


def error(table: pd.DataFrame, unit: str) -> FloatArray:
    """Student less teacher."""
    gap: FloatArray = np.asarray(table[f"student_{unit}"] - table[f"teacher_{unit}"], dtype=float)
    return gap


def rms(values: FloatArray) -> float:
    """Root of the mean square; NaN of nothing."""
    return float(np.sqrt(np.mean(np.square(values)))) if len(values) else float("nan")


def relative_error(table: pd.DataFrame, unit: str) -> FloatArray:
    """Error less its mean over the rows of the same material: the gauge of atomic energies is free."""
    gap = pd.Series(error(table, unit), index=table.index)
    relative: FloatArray = np.asarray(gap - gap.groupby(table["material"]).transform("mean"), dtype=float)
    return relative


@dataclass(frozen=True)
class Errors:
    """Tables of a comparison, and the errors in any part of it."""

    energies: pd.DataFrame
    forces: pd.DataFrame
    stresses: pd.DataFrame | None
    ions: pd.DataFrame | None
    """Atomic energies of the mobile ions."""

    def by(self, *columns: str) -> pd.DataFrame:
        """Errors of the groups of frames that have the same in these columns; of all with none."""
        if not columns:
            return pd.DataFrame([self._row(slice(None))])
        rows = []
        for key, _ in self.energies.groupby(list(columns), sort=False):
            wanted = dict(zip(columns, key, strict=True))
            rows.append({**wanted, **self._row(wanted)})
        return pd.DataFrame(rows)

    def _row(self, wanted: "dict[str, object] | slice") -> dict[str, float]:
        """Errors of one group (meV/atom, meV/Å, GPa, meV)."""
        energy = 1e3 * error(_chosen(self.energies, wanted), "eV_per_atom")
        forces = _chosen(self.forces, wanted)
        force = 1e3 * error(forces, "eV_per_A")
        whole = 1e3 * rms(np.asarray(forces["teacher_eV_per_A"]))
        row: dict[str, float] = {
            "frames": len(energy),
            "energy_bias_meV_per_atom": float(energy.mean()),
            "energy_rmse_meV_per_atom": rms(energy),
            "force_rmse_meV_per_A": rms(force),
            "force_rmse_percent": 100 * rms(force) / whole if whole else float("nan"),
        }
        if self.stresses is not None:
            row["stress_rmse_GPa"] = rms(error(_chosen(self.stresses, wanted), "GPa"))
        if self.ions is not None:
            ions = self.ions.assign(relative=relative_error(self.ions, "eV"))
            own = _chosen(ions, wanted)
            row["ion_energy_bias_meV"] = 1e3 * float(error(own, "eV").mean())
            row["ion_energy_rmse_meV"] = 1e3 * rms(np.asarray(own["relative"]))
        return row


def _chosen(table: pd.DataFrame, wanted: "dict[str, object] | slice") -> pd.DataFrame:
    """Rows that have these values."""
    if isinstance(wanted, slice):
        return table
    mask = np.ones(len(table), dtype=bool)
    for column, value in wanted.items():
        mask &= np.asarray(table[column] == value)
    return table[mask]


def errors_of(comparison: Comparison, mobile: str) -> Errors:
    """All tables of a comparison."""
    atomic = comparison.atomic_energies()
    ions = None if atomic is None else atomic[atomic["of"] == mobile].reset_index(drop=True)
    return Errors(comparison.energies(), comparison.forces(), comparison.stresses(), ions)
