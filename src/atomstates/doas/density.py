"""Density of states of the mobile ions: histograms, their partial sums, and the block bootstrap.

    g(E) = 1/(n dE) sum over states of 1[E in bin]

per ion, with energies from a common reference (the lowest state over all temperatures) at which
the first bin begins. The partial densities of the classes (site kind and shared cations) add up to
the total exactly, for they are counted in integers and share one norm.

Errors come from a bootstrap over blocks of consecutive snapshots: states of one snapshot are
correlated, and so are neighbouring snapshots. Everything that is reported follows from a few sums
over each block, so that a bootstrap sample costs a product of its block weights and these sums.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomstates.doas.sites import SITES
from atomstates.doas.states import States

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Bins:
    """Common bins: from the reference energy up, all of one width."""

    reference: float
    """eV: zero of energies; where the first bin begins."""
    width: float
    """eV"""
    number: int

    def __post_init__(self) -> None:
        if self.width <= 0 or self.number < 1:
            raise ValueError(f"{self.number} bins of {self.width} eV are no bins")

    @property
    def centres(self) -> FloatArray:
        """Middle of each bin from the reference, eV, shape (M,)."""
        return np.asarray((np.arange(self.number) + 0.5) * self.width, dtype=np.float64)

    def indices(self, energies: FloatArray) -> IntArray:
        """Bin of each energy (eV, raw)."""
        found = np.floor((energies - self.reference) / self.width).astype(np.int64)
        if found.size and (found.min() < 0 or found.max() >= self.number):
            raise ValueError("energies lie outside the bins")
        return found


def common_bins(lowest: float, highest: float, width: float) -> Bins:
    """Bins from the lowest to the highest of all energies (eV)."""
    return Bins(lowest, width, int(np.floor((highest - lowest) / width)) + 1)


@dataclass(frozen=True)
class BlockSums:
    """Sums over the states of each of B blocks, by K classes and M bins."""

    classes: IntArray
    """(K, 3) site kind, edge-sharing and face-sharing cations, and more columns as ``classes_of``."""
    bins: Bins
    counts: IntArray
    """(B, K, M) states."""
    first: FloatArray
    """(B, K) sum of energies from the reference, eV."""
    second: FloatArray
    """(B, K) sum of their squares, eV²."""
    snapshots: IntArray
    """(B,) snapshots."""
    per_snapshot: FloatArray
    """(B, 3) sums over snapshots: sublattice energy per ion from the reference (eV), cell energy per
    atom (eV), order parameter."""
    anion_species: tuple[str, ...] = ()
    """Elements that the further columns of ``classes`` count."""

    @property
    def n_blocks(self) -> int:
        return len(self.counts)

    def of_site(self, kind: int) -> NDArray[np.bool_]:
        """Which classes are of a site kind, shape (K,)."""
        return np.asarray(self.classes[:, 0] == kind)


@dataclass(frozen=True)
class Sums:
    """The sums of ``BlockSums`` over all blocks, each taken as often as its weight says."""

    counts: IntArray
    """(K, M)"""
    first: FloatArray
    """(K,) eV"""
    second: FloatArray
    """(K,) eV²"""
    snapshots: int
    per_snapshot: FloatArray
    """(3,)"""


def classes_of(states: States) -> IntArray:
    """Site kind, edge-sharing and face-sharing cations of every state, shape (n, 3).

    Where there are several species of anions, columns follow with the number of each in the polyhedron.
    """
    columns = [states.site, states.edge_sharing, states.face_sharing]
    if len(states.anion_species) > 1:
        columns += list(states.around.anion_numbers.T)
    return np.column_stack(columns).astype(np.int64)


def block_sums(states: States, classes: IntArray, bins: Bins, block_snapshots: int) -> BlockSums:
    """Sums over blocks of consecutive snapshots of one run (the last block may be shorter).

    Parameters
    ----------
    states
        Of one run, snapshots in order of time.
    classes
        All classes that occur, sorted, as ``classes_of`` gives them.
    bins
        Common bins of the material.
    block_snapshots
        Snapshots in one block.
    """
    n_blocks = -(-states.n_snapshots // block_snapshots)
    shape = (n_blocks, len(classes), bins.number)
    block = states.snapshot // block_snapshots
    own = rows_in(classes_of(states), classes)
    flat = np.ravel_multi_index((block, own, bins.indices(states.energy)), shape)
    counts = np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape)
    energies = states.energy - bins.reference
    cell = block * len(classes) + own
    first, second = (
        np.bincount(cell, weights=energies**power, minlength=shape[0] * shape[1]).reshape(shape[:2])
        for power in (1, 2)
    )
    ions = np.bincount(states.snapshot, minlength=states.n_snapshots)
    quantities = np.column_stack(
        [
            states.sublattice_energy / ions - bins.reference,
            states.cell_energy / states.n_atoms,
            states.order_parameter,
        ]
    )
    block_of_snapshot = np.arange(states.n_snapshots) // block_snapshots
    sums = np.zeros((n_blocks, quantities.shape[1]))
    np.add.at(sums, block_of_snapshot, quantities)
    snapshots = np.bincount(block_of_snapshot, minlength=n_blocks)
    species = states.anion_species if classes.shape[1] > 3 else ()
    return BlockSums(
        classes, bins, counts.astype(np.int64), first, second, snapshots.astype(np.int64), sums, species
    )


def joined(parts: list[BlockSums]) -> BlockSums:
    """Blocks of several runs with the same classes and bins, one after the other."""
    if not parts:
        raise ValueError("there are no blocks")
    names = ("counts", "first", "second", "snapshots", "per_snapshot")
    stacked = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    first = parts[0]
    return BlockSums(classes=first.classes, bins=first.bins, anion_species=first.anion_species, **stacked)


def weighted_sums(blocks: BlockSums, weights: IntArray) -> Sums:
    """Sums over blocks, each taken ``weights`` times, shape (B,)."""
    return Sums(
        counts=np.tensordot(weights, blocks.counts, axes=1),
        first=weights @ blocks.first,
        second=weights @ blocks.second,
        snapshots=int(weights @ blocks.snapshots),
        per_snapshot=weights @ blocks.per_snapshot,
    )


def bootstrap_weights(n_blocks: int, seed: int, sample: int) -> IntArray:
    """How often each block is drawn in one bootstrap sample, shape (B,).

    Every sample has its own stream of random numbers, so it does not matter which rank draws it.
    """
    drawn = np.random.default_rng([seed, sample]).integers(n_blocks, size=n_blocks)
    return np.bincount(drawn, minlength=n_blocks).astype(np.int64)


def density_of_states(counts: IntArray, bins: Bins) -> FloatArray:
    """g(E) per ion of each class, 1/eV, shape (..., M); summed over classes and bins it is 1/dE.

    Parameters
    ----------
    counts
        States by class and bin, shape (..., M). All share one norm: partials add up to the total.
    bins
        Their bins.
    """
    return np.asarray(counts / (counts.sum() * bins.width), dtype=np.float64)


def shown_classes(classes: IntArray) -> dict[str, NDArray[np.bool_]]:
    """Column names of partial densities and the classes that each adds up: by site, then
    octahedral ones by number of edge-sharing cations."""
    columns = {name: classes[:, 0] == kind for kind, name in enumerate(SITES)}
    octahedral = columns["octahedral"]
    for number in np.unique(classes[octahedral, 1]):
        columns[f"octahedral_{number}_edge_sharing"] = octahedral & (classes[:, 1] == number)
    return columns


def rows_in(rows: IntArray, table: IntArray) -> IntArray:
    """Position of each row in a table of distinct rows that has them all."""
    together, inverse = np.unique(np.concatenate([table, rows]), axis=0, return_inverse=True)
    if len(together) != len(table):
        raise ValueError("a state is of a class that was not announced")
    place = np.empty(len(table), dtype=np.int64)
    place[inverse[: len(table)]] = np.arange(len(table))
    return np.asarray(place[inverse[len(table) :]], dtype=np.int64)
