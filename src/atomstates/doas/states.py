"""States of one run: every mobile ion in every relaxed snapshot; and ``states.h5``."""

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from atomstates.doas.identity import KeyArray
from atomstates.doas.sites import SITES
from atomstates.doas.surroundings import NAMES, Surroundings
from atomstates.products import as_json, provenance, readable, written_whole

FloatArray = NDArray[np.float64]

PER_STATE = ("energy", "site", "edge_sharing", "face_sharing", "snapshot", "ion", "clarity", "site_key")
PER_SNAPSHOT = (
    "snapshot_step",
    "sublattice_energy",
    "cell_energy",
    "order_parameter",
    "site_order",
    "initial_site_fraction",
)


@dataclass(frozen=True)
class States:
    """n states of S snapshots, ion-major within each snapshot."""

    energy: FloatArray
    """(n,) eV, as the potential gives it."""
    site: NDArray[np.uint8]
    """(n,) index into ``SITES``."""
    edge_sharing: NDArray[np.uint8]
    """(n,) framework cations whose polyhedron shares an edge with the ion's."""
    face_sharing: NDArray[np.uint8]
    """(n,) those that share a face."""
    snapshot: NDArray[np.int64]
    """(n,) index of the snapshot."""
    ion: NDArray[np.int64]
    """(n,) atom id."""
    clarity: FloatArray
    """(n,) how clear-cut the site is: 1 at the polyhedron's centre, 0 on a face."""
    site_key: KeyArray
    """(n,) name of the anion polyhedron, the same in all snapshots of a material; 0 in none."""
    around: Surroundings
    """What is around each state, of length n."""
    anion_species: tuple[str, ...]
    """Elements that the columns of ``around.anion_numbers`` count."""
    snapshot_step: NDArray[np.int64]
    """(S,)"""
    sublattice_energy: FloatArray
    """(S,) eV, sum over the mobile ions."""
    cell_energy: FloatArray
    """(S,) eV, all atoms: independent of how energies are split into atoms."""
    order_parameter: FloatArray
    """(S,) staggered filling of the channels; NaN for a crystal without."""
    site_order: FloatArray
    """(S,) order of the ions over sites that are alike (``sublattices``); NaN where there is none."""
    initial_site_fraction: FloatArray
    """(S,) share of the ions in sites that were filled in the crystal; NaN without a crystal."""
    n_atoms: int
    """Atoms in the cell."""
    n_rejected: int
    """Snapshots that did not become states because a check of their relaxation failed."""
    temperature: float
    """K"""
    potential: str = ""
    """Hash of the potential that gave the energies; empty where it is not known."""

    def __post_init__(self) -> None:
        for names, length in ((PER_STATE, len(self.energy)), (PER_SNAPSHOT, len(self.snapshot_step))):
            for name in names:
                found = np.shape(getattr(self, name))
                if found != (length,):
                    raise ValueError(f"{name} has shape {found}, needed {(length,)}")
        shape = (len(self.energy), len(self.anion_species))
        if self.around.anion_numbers.shape != shape:
            raise ValueError(
                f"numbers of anions of shape {self.around.anion_numbers.shape}, needed {shape}"
            )
        if len(self.snapshot) and int(self.snapshot.max()) >= len(self.snapshot_step):
            raise ValueError("a state belongs to a snapshot that is not there")
        if not np.all(np.isfinite(self.energy)):
            raise ValueError("energies of states are not finite")

    @property
    def n_snapshots(self) -> int:
        return len(self.snapshot_step)


def write_states_file(path: Path, states: States) -> None:
    """Write ``states.h5`` whole."""
    with written_whole(path) as unfinished, h5py.File(unfinished, "w") as file:
        for name in PER_STATE + PER_SNAPSHOT:
            file[name] = getattr(states, name)
        for name in NAMES:
            file[name] = getattr(states.around, name)
        file.attrs["anion_species"] = list(states.anion_species)
        file.attrs["sites"] = list(SITES)
        file.attrs["temperature_K"] = states.temperature
        file.attrs["n_atoms"] = states.n_atoms
        file.attrs["n_rejected"] = states.n_rejected
        file.attrs["potential"] = states.potential
        file.attrs["provenance"] = as_json(provenance(), compact=True)


def read_states_file(path: Path) -> States:
    """Read ``states.h5``.

    Raises
    ------
    ProductError
        It is missing, truncated or not what was expected.
    """
    with readable(path), h5py.File(path, "r") as file:
        sites = tuple(str(name) for name in file.attrs["sites"])
        if sites != SITES:
            raise ValueError(f"sites {sites}, needed {SITES}")
        return States(
            **{name: file[name][:] for name in PER_STATE + PER_SNAPSHOT},
            around=Surroundings(**{name: file[name][:] for name in NAMES}),
            anion_species=tuple(str(name) for name in file.attrs["anion_species"]),
            n_atoms=int(file.attrs["n_atoms"]),
            n_rejected=int(file.attrs["n_rejected"]),
            temperature=float(file.attrs["temperature_K"]),
            potential=str(file.attrs.get("potential", "")),
        )
