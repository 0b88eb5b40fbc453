"""Distances from ions to their neighbours in snapshots before and after relaxation; ``radial.h5``.

Both from the same snapshots, so that what differs between them is the thermal motion alone.
"""

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from atomstates.doas.assignment import Roles
from atomstates.products import as_json, provenance, readable, written_whole
from atomstates.structures.pairs import half_width, ideal_counts, pair_counts

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

PAIRS = ("ion_ion", "ion_anion", "ion_cation")
FRAMES = ("thermal", "relaxed")
SHELL = 0.05
"""Å: width of the shells."""
FARTHEST = 10.0
"""Å: no shell beyond, however large the cell."""


@dataclass(frozen=True)
class RadialCounts:
    """Pairs by distance in S snapshots: thermal and relaxed, three kinds of pairs, R shells."""

    counts: IntArray
    """(S, 2, 3, R) ordered pairs, of ``FRAMES`` and ``PAIRS``."""
    volume: FloatArray
    """(S,) Å³"""
    edges: FloatArray
    """(R + 1,) Å"""
    n_ions: int
    n_pairs: IntArray
    """(3,) pairs at any distance in one snapshot."""

    def __post_init__(self) -> None:
        shape = (len(self.volume), len(FRAMES), len(PAIRS), len(self.edges) - 1)
        if self.counts.shape != shape or self.n_pairs.shape != (len(PAIRS),):
            raise ValueError(f"counts of shape {self.counts.shape}, needed {shape}")


def shells(cells: FloatArray) -> FloatArray:
    """Edges (Å) of the shells that fit into half the width of all cells (S, 3, 3)."""
    reach = min(FARTHEST, min(half_width(cell) for cell in cells))
    edges: FloatArray = SHELL * np.arange(int(reach / SHELL) + 1, dtype=np.float64)
    return edges


def radial_counts(positions: FloatArray, cell: FloatArray, parts: Roles, edges: FloatArray) -> IntArray:
    """Distances from every ion to the other ions, to anions and to cations, in shells: (3, R) counts.

    Parameters
    ----------
    positions, cell
        Å, shapes (N, 3) and (3, 3) with vectors as rows.
    parts
        Roles of the atoms.
    edges
        Of the shells, Å, shape (R + 1,).
    """
    ions = positions[parts.mobile]
    counts = np.zeros((len(PAIRS), len(edges) - 1), dtype=np.int64)
    counts[0] = pair_counts(ions, ions, cell, edges, paired=True)
    for row, others in enumerate((parts.anions, parts.cations), start=1):
        if others.any():
            counts[row] = pair_counts(ions, positions[others], cell, edges, paired=False)
    return counts


def pairs_at_any_distance(parts: Roles) -> IntArray:
    """Ordered pairs of each kind in one snapshot, (3,)."""
    n_ions = int(parts.mobile.sum())
    return np.array([n_ions * (n_ions - 1), n_ions * parts.anions.sum(), n_ions * parts.cations.sum()])


def radial_distribution(
    counts: IntArray, n_pairs: float, volume: float, edges: FloatArray, n_snapshots: int = 1
) -> FloatArray:
    """g(r) = pairs in a shell over those of an ideal gas, (..., R); NaN where there is no pair at all.

    g(r) = V/(n 4π r²) Σ_pairs δ(r − r_ij),  n the pairs at any distance

    With N (N − 1) pairs of like atoms it is one for an ideal gas of any size.

    Parameters
    ----------
    counts
        Ordered pairs by distance, summed over snapshots, (..., R).
    n_pairs, volume
        Pairs in one snapshot, and the volume in Å³ (its harmonic mean over snapshots).
    edges
        Of the shells, Å, (R + 1,).
    """
    if n_pairs == 0:
        return np.full(counts.shape, np.nan)
    distribution: FloatArray = counts / (n_snapshots * ideal_counts(n_pairs, volume, edges))
    return distribution


def write_radial_file(path: Path, radial: RadialCounts) -> None:
    """Write ``radial.h5`` whole."""
    with written_whole(path) as unfinished, h5py.File(unfinished, "w") as file:
        file.create_dataset("counts", data=radial.counts.astype(np.int32), compression="gzip")
        for name in ("volume", "edges", "n_pairs"):
            file[name] = getattr(radial, name)
        file.attrs["n_ions"] = radial.n_ions
        file.attrs["frames"], file.attrs["pairs"] = list(FRAMES), list(PAIRS)
        file.attrs["provenance"] = as_json(provenance(), compact=True)


def read_radial_file(path: Path) -> RadialCounts:
    """Read ``radial.h5``.

    Raises
    ------
    ProductError
        It is missing, truncated or not what was expected.
    """
    with readable(path), h5py.File(path, "r") as file:
        names = tuple(str(name) for name in file.attrs["pairs"])
        if names != PAIRS:
            raise ValueError(f"pairs {names}, needed {PAIRS}")
        return RadialCounts(
            counts=file["counts"][:].astype(np.int64),
            volume=file["volume"][:],
            edges=file["edges"][:],
            n_ions=int(file.attrs["n_ions"]),
            n_pairs=file["n_pairs"][:],
        )
