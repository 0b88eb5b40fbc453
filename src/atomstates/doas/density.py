"""Density of states of the mobile ions: histograms, their partial sums, and the block bootstrap.

    g(E) = 1/(n dE) sum over states of 1[E in bin]

per ion. The first bin begins at the lowest state over all temperatures, which is also the zero of
energies unless another one is asked for (``zero``). The partial densities of the classes (site kind
and shared cations) add up to the total exactly, for they are counted in integers and share one norm.

Errors come from a bootstrap over blocks of consecutive snapshots: states of one snapshot are
correlated, and so are neighbouring snapshots. Everything that is reported follows from a few sums
over each block, so that a bootstrap sample costs a product of its block weights and these sums.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomstates.doas.classes import classes_of, rows_in
from atomstates.doas.sites import SITES
from atomstates.doas.states import States
from atomstates.doas.zero import Zero

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_AT_A_TIME = 2**19
"""States, or numbers in a product, that are worked on at once."""


@dataclass(frozen=True)
class Bins:
    """Common bins: from the lowest state up, all of one width."""

    reference: float
    """eV, as the potential gives it: the lowest state, where the bins begin and from which sums count."""
    width: float
    """eV"""
    number: int
    zero: Zero | None = None
    """Zero of all energies that are told; None for the lowest state."""

    def __post_init__(self) -> None:
        if self.width <= 0 or self.number < 1:
            raise ValueError(f"{self.number} bins of {self.width} eV are no bins")

    @property
    def told(self) -> Zero:
        """The zero of energies that are told."""
        return Zero("lowest", self.reference) if self.zero is None else self.zero

    @property
    def offset(self) -> float:
        """What is added to energies from the lowest state for energies from the zero, eV."""
        return self.reference - self.told.energy

    @property
    def centres(self) -> FloatArray:
        """Middle of each bin from the zero, eV, shape (M,)."""
        return np.asarray((np.arange(self.number) + 0.5) * self.width + self.offset, dtype=np.float64)

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
    counts: NDArray[np.int32]
    """(B, K, M) states."""
    first: FloatArray
    """(B, K) sum of energies from the reference, eV."""
    second: FloatArray
    """(B, K) sum of their squares, eV²."""
    snapshots: IntArray
    """(B,) snapshots."""
    per_snapshot: FloatArray
    """(B, 5) sums over snapshots: sublattice energy per ion from the reference (eV), cell energy per
    atom (eV), order parameter, site order, share of the ions in the initial sites."""
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
    """(5,)"""


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
    counts, first, second = np.empty(shape, dtype=np.int32), np.empty(shape[:2]), np.empty(shape[:2])
    for blocks, chosen in _pieces(states, n_blocks, block_snapshots):
        own = rows_in(classes_of(states, chosen), classes)
        number = blocks.stop - blocks.start
        cell = (states.snapshot[chosen] // block_snapshots - blocks.start) * len(classes) + own
        flat = cell * bins.number + bins.indices(states.energy[chosen])
        counts[blocks] = np.bincount(flat, minlength=number * len(classes) * bins.number).reshape(
            number, *shape[1:]
        )
        energies = states.energy[chosen] - bins.reference
        for power, sums_of in ((1, first), (2, second)):
            sums_of[blocks] = np.bincount(
                cell, weights=energies**power, minlength=number * len(classes)
            ).reshape(number, -1)
    ions = np.bincount(states.snapshot, minlength=states.n_snapshots)
    quantities = np.column_stack(
        [
            states.sublattice_energy / ions - bins.reference,
            states.cell_energy / states.n_atoms,
            states.order_parameter,
            states.site_order,
            states.initial_site_fraction,
        ]
    )
    block_of_snapshot = np.arange(states.n_snapshots) // block_snapshots
    sums = np.zeros((n_blocks, quantities.shape[1]))
    np.add.at(sums, block_of_snapshot, quantities)
    snapshots = np.bincount(block_of_snapshot, minlength=n_blocks)
    species = states.anion_species if classes.shape[1] > 3 else ()
    return BlockSums(classes, bins, counts, first, second, snapshots.astype(np.int64), sums, species)


def _pieces(states: States, n_blocks: int, block_snapshots: int) -> Iterator[tuple[slice, slice]]:
    """Whole blocks and their states, about as many at a time as fit into little memory."""
    if np.any(np.diff(states.snapshot) < 0):
        raise ValueError("states are not in order of their snapshots")
    ends = np.searchsorted(states.snapshot, np.arange(n_blocks + 1) * block_snapshots)
    first = 0
    while first < n_blocks:
        last = int(np.searchsorted(ends, ends[first] + _AT_A_TIME, side="right")) - 1
        last = min(max(last, first + 1), n_blocks)
        yield slice(first, last), slice(int(ends[first]), int(ends[last]))
        first = last


def joined(parts: list[BlockSums]) -> BlockSums:
    """Blocks of several runs with the same classes and bins, one after the other."""
    if not parts:
        raise ValueError("there are no blocks")
    names = ("counts", "first", "second", "snapshots", "per_snapshot")
    stacked = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    first = parts[0]
    return BlockSums(classes=first.classes, bins=first.bins, anion_species=first.anion_species, **stacked)


def weighted_sums(blocks: BlockSums, weights: IntArray) -> list[Sums]:
    """Sums over blocks, each taken ``weights`` times, for R sets of weights, shape (R, B)."""
    n_sets, (n_blocks, *shape) = len(weights), blocks.counts.shape
    counts = np.zeros((n_sets, int(np.prod(shape))))
    # Whole numbers below 2^53 are exact also in float64, whose products are many times as fast.
    step = max(1, _AT_A_TIME // counts.shape[1])
    for start in range(0, n_blocks, step):
        some = slice(start, start + step)
        counts += weights[:, some].astype(np.float64) @ blocks.counts[some].reshape(-1, counts.shape[1])
    return [
        Sums(
            counts=own.astype(np.int64).reshape(shape),
            first=times @ blocks.first,
            second=times @ blocks.second,
            snapshots=int(times @ blocks.snapshots),
            per_snapshot=times @ blocks.per_snapshot,
        )
        for own, times in zip(counts, weights, strict=True)
    ]


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
