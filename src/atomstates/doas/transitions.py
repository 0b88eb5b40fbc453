"""Transitions of ions between successive relaxed snapshots, their rates, and how long ions stay.

From one snapshot to the next an ion has made a transition when it is in another anion polyhedron
(``site_key``) or its class (site and edge-sharing cations) is another one. Snapshots succeed each
other when nothing was sampled between them: across a snapshot that was rejected nothing is counted.

What is counted is the difference of two snapshots, not the hops between them: an ion that goes and
comes back within an interval is not seen, and one that passes through a third site counts as going
straight to where it is found. The rate of leaving a class is therefore a lower bound; it and how it
divides are good while few ions change within one interval.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomstates.doas.identity import KeyArray
from atomstates.doas.sites import OTHER

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class TransitionCounts:
    """Transitions in B blocks of successive pairs of snapshots, among K classes."""

    classes: IntArray
    """(K, 2) site kind and edge-sharing cations."""
    changes: IntArray
    """(B, K, K) ions that went from one class to another, or from site to site within one."""
    starts: IntArray
    """(B, K) ions in each class at the first snapshot of each pair: at risk of a transition."""
    energy: FloatArray
    """(K,) sum of the energies of all states, eV."""
    states: IntArray
    """(K,) all states."""
    n_pairs: int
    """Successive pairs of snapshots."""
    n_gaps: int
    """Pairs that do not succeed each other, because a snapshot between them was rejected."""

    def __post_init__(self) -> None:
        n_blocks, n_classes = self.starts.shape
        if self.changes.shape != (n_blocks, n_classes, n_classes) or len(self.classes) != n_classes:
            raise ValueError(
                f"transitions of shape {self.changes.shape} and {len(self.classes)} classes, needed "
                f"{(n_blocks, n_classes, n_classes)} and {n_classes}"
            )


def transition_classes(site: NDArray[np.uint8], edge_sharing: NDArray[np.uint8]) -> IntArray:
    """Site kind and edge-sharing cations of every state, shape (n, 2).

    Ions that are ``other`` have no polyhedron and are one class.
    """
    edges = np.where(site == OTHER, 0, edge_sharing)
    return np.column_stack([site, edges]).astype(np.int64)


def transition_counts(
    rows: IntArray,
    site_key: KeyArray,
    ion: IntArray,
    energy: FloatArray,
    steps: IntArray,
    interval: int,
    classes: IntArray,
    block_snapshots: int,
) -> TransitionCounts:
    """Count the transitions of one run.

    Parameters
    ----------
    rows
        Class of every state as a row of ``classes``, shape (S · n,), snapshots one after the other.
    site_key, ion, energy
        Name of the site, id of the ion, and energy (eV) of every state, shape (S · n,).
    steps
        Of the S snapshots, increasing.
    interval
        Steps from one sampled snapshot to the next.
    classes
        (K, 2), see ``transition_classes``.
    block_snapshots
        Successive pairs in one block.
    """
    n_snapshots, n_classes = len(steps), len(classes)
    table = np.argsort(ion.reshape(n_snapshots, -1), axis=1, kind="stable")
    same_ions = np.take_along_axis(ion.reshape(n_snapshots, -1), table, axis=1)
    if n_snapshots and np.any(same_ions != same_ions[0]):
        raise ValueError("the snapshots have different ions")
    of_class, key = (
        np.take_along_axis(values.reshape(n_snapshots, -1), table, axis=1) for values in (rows, site_key)
    )
    apart = np.diff(steps)
    first = np.flatnonzero(apart == interval)
    n_blocks = -(-len(first) // block_snapshots)
    shape = (n_blocks, n_classes, n_classes)
    before, after = of_class[first], of_class[first + 1]
    block = np.broadcast_to(np.arange(len(first))[:, None] // block_snapshots, before.shape)
    changed = (before != after) | (key[first] != key[first + 1])
    where = np.ravel_multi_index((block[changed], before[changed], after[changed]), shape)
    start = np.ravel_multi_index((block.ravel(), before.ravel()), shape[:2])
    return TransitionCounts(
        classes=classes,
        changes=np.bincount(where, minlength=int(np.prod(shape))).reshape(shape).astype(np.int64),
        starts=np.bincount(start, minlength=n_blocks * n_classes).reshape(shape[:2]).astype(np.int64),
        energy=np.bincount(rows, weights=energy, minlength=n_classes).astype(np.float64),
        states=np.bincount(rows, minlength=n_classes).astype(np.int64),
        n_pairs=len(first),
        n_gaps=int(np.count_nonzero(apart != interval)),
    )


def joined(parts: list[TransitionCounts]) -> TransitionCounts:
    """Blocks of several runs with the same classes, one after the other."""
    if not parts:
        raise ValueError("there are no transitions")
    return TransitionCounts(
        classes=parts[0].classes,
        changes=np.concatenate([part.changes for part in parts]),
        starts=np.concatenate([part.starts for part in parts]),
        energy=np.sum([part.energy for part in parts], axis=0),
        states=np.sum([part.states for part in parts], axis=0),
        n_pairs=sum(part.n_pairs for part in parts),
        n_gaps=sum(part.n_gaps for part in parts),
    )


def rates(changes: IntArray, starts: IntArray, interval: float) -> FloatArray:
    """Rate of each transition of an ion, 1/ps, shape (..., K, K).

        k_i = -ln(1 - n_i/N_i)/dt,    k_ij = k_i n_ij/n_i,    n_i = sum_j n_ij

    N_i ions in class i at the first snapshot of a pair, of which n_ij are in another site, of class
    j, at the second one, a time dt later. An ion that leaves at the rate k is still there after dt
    with the probability exp(-k dt); some that were counted as staying have come back, so k_i is at
    most the true rate, and equals it as dt goes to 0; n_ij/n_i holds ways through a third class too.
    NaN in a class without ions; infinite where no ion stayed.
    """
    leaving = changes.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = -np.log1p(-leaving / starts) / interval
        share = changes / leaving[..., None]
        found = total[..., None] * np.where(leaving[..., None] > 0, share, 0.0)
    return np.asarray(np.where(changes > 0, found, np.where(starts[..., None] > 0, 0.0, np.nan)))


def residence_times(changes: IntArray, starts: IntArray, interval: float) -> FloatArray:
    """Mean time for which an ion stays in a site of each class, ps, shape (..., K): 1/k_i.

    Infinite where no ion left, NaN in a class without ions, 0 where none stayed.
    """
    with np.errstate(divide="ignore"):
        return np.asarray(1.0 / rates(changes, starts, interval).sum(axis=-1), dtype=np.float64)


def balance(changes: IntArray) -> FloatArray:
    """Forward minus backward transitions over their Poisson error, shape (K, K).

        z_ij = (n_ij - n_ji)/sqrt(n_ij + n_ji)

    In equilibrium both are equal but for chance (detailed balance); 0 where there are none.
    """
    both = changes + changes.T
    return np.asarray((changes - changes.T) / np.sqrt(np.maximum(both, 1)), dtype=np.float64)
