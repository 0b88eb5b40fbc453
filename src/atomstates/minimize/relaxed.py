"""The product of the room: relaxed snapshots of one run, and ``relaxed.h5``."""

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from atomstates.products import as_json, provenance, readable, written_whole

FloatArray = NDArray[np.float64]

STATUSES = ("converged", "not_converged", "sum_mismatch", "framework_changed")
CONVERGED, NOT_CONVERGED, SUM_MISMATCH, FRAMEWORK_CHANGED = range(4)


@dataclass(frozen=True)
class Relaxed:
    """S relaxed snapshots of N atoms, in order of step."""

    step: NDArray[np.int64]
    """(S,)"""
    positions: FloatArray
    """(S, N, 3) Å, after relaxation."""
    snapshot_positions: FloatArray
    """(S, N, 3) Å, before relaxation."""
    cell: FloatArray
    """(S, 3, 3) Å, vectors as rows."""
    atom_energy: FloatArray
    """(S, N) eV."""
    potential_energy: FloatArray
    """(S,) eV."""
    largest_force: FloatArray
    """(S,) eV/Å: largest force on an atom."""
    status: NDArray[np.uint8]
    """(S,) index into ``STATUSES``."""
    element: NDArray[np.str_]
    """(N,)"""
    id: NDArray[np.int64]
    """(N,)"""
    temperature: float
    """K"""
    potential: str = ""
    """Hash of the potential that gave the energies; empty where it is not known."""

    def __post_init__(self) -> None:
        n_snapshots, n_atoms = len(self.step), len(self.id)
        needed = {
            "positions": (n_snapshots, n_atoms, 3),
            "snapshot_positions": (n_snapshots, n_atoms, 3),
            "cell": (n_snapshots, 3, 3),
            "atom_energy": (n_snapshots, n_atoms),
            "potential_energy": (n_snapshots,),
            "largest_force": (n_snapshots,),
            "status": (n_snapshots,),
            "element": (n_atoms,),
        }
        for name, shape in needed.items():
            found = np.shape(getattr(self, name))
            if found != shape:
                raise ValueError(f"{name} has shape {found}, needed {shape}")
        if np.any(np.diff(self.step) <= 0):
            raise ValueError("steps of snapshots do not increase")

    @property
    def converged(self) -> NDArray[np.bool_]:
        """(S,) which snapshots passed every check."""
        return np.asarray(self.status == CONVERGED)


def write_relaxed(path: Path, relaxed: Relaxed) -> None:
    """Write ``relaxed.h5`` whole."""
    with written_whole(path) as unfinished, h5py.File(unfinished, "w") as file:
        for name in (
            "step",
            "positions",
            "snapshot_positions",
            "cell",
            "atom_energy",
            "potential_energy",
            "largest_force",
            "status",
            "id",
        ):
            file[name] = getattr(relaxed, name)
        file["element"] = [str(element) for element in relaxed.element]
        file.attrs["temperature_K"] = relaxed.temperature
        file.attrs["statuses"] = list(STATUSES)
        file.attrs["potential"] = relaxed.potential
        file.attrs["provenance"] = as_json(provenance(), compact=True)


def read_relaxed(path: Path) -> Relaxed:
    """Read ``relaxed.h5``.

    Raises
    ------
    ProductError
        It is missing, truncated or not what was expected.
    """
    with readable(path), h5py.File(path, "r") as file:
        statuses = tuple(str(name) for name in file.attrs["statuses"])
        if statuses != STATUSES:
            raise ValueError(f"statuses {statuses}, needed {STATUSES}")
        return Relaxed(
            step=file["step"][:],
            positions=file["positions"][:],
            snapshot_positions=file["snapshot_positions"][:],
            cell=file["cell"][:],
            atom_energy=file["atom_energy"][:],
            potential_energy=file["potential_energy"][:],
            largest_force=file["largest_force"][:],
            status=file["status"][:],
            element=np.array(file["element"].asstr()[:], dtype=np.str_),
            id=file["id"][:],
            temperature=float(file.attrs["temperature_K"]),
            potential=str(file.attrs.get("potential", "")),
        )
