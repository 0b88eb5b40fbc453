"""Which ions are in another site in a later relaxed frame, and which of them belong together.

A *move* is one ion that is found in another anion polyhedron (``site_key``) at the next snapshot; what
happened in between is found by the search for its *hop* (``search``). Ions that move at once and come
within reach of each other are one concerted hop; those that are far apart are hops of their own.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from atomstates.barriers.band import nearest_image
from atomstates.doas.identity import NO_SITE, KeyArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class SiteFrame:
    """A relaxed frame of N atoms with the sites of its n mobile ions, both in order of id."""

    index: int
    """Number of the frame in the trajectory."""
    positions: FloatArray
    """(N, 3) Å, unwrapped."""
    site_key: KeyArray
    """(n,) name of the anion polyhedron of each ion."""
    kind: NDArray[np.uint8]
    """(n,) octahedral, tetrahedral or other."""
    edge_sharing: NDArray[np.uint8]
    """(n,) cations of the framework whose polyhedron shares an edge with the ion's."""


@dataclass(frozen=True)
class Moves:
    """M ions that were in another site at the next snapshot of a run."""

    first: IntArray
    """(M,) snapshot before; the one after is the next."""
    ion: IntArray
    """(M,) place of the ion in the order of ids."""
    kinds: IntArray
    """(M, 2) site kind before and after."""

    def __post_init__(self) -> None:
        if not len(self.first) == len(self.ion) == len(self.kinds):
            raise ValueError(f"{len(self.first)} snapshots, {len(self.ion)} ions, {len(self.kinds)} kinds")


def moves(site_key: KeyArray, kind: NDArray[np.uint8], steps: IntArray, interval: int) -> Moves:
    """All moves between successive snapshots of a run; none across a rejected one.

    Parameters
    ----------
    site_key, kind
        Site of each ion in each snapshot, shape (S, n), ions in the same order in all.
    steps
        Of the S snapshots, increasing.
    interval
        Steps from one sampled snapshot to the next.
    """
    successive = np.flatnonzero(np.diff(steps) == interval)
    pair, ion = np.nonzero(site_key[successive] != site_key[successive + 1])
    first = successive[pair]
    return Moves(
        first=first.astype(np.int64),
        ion=ion.astype(np.int64),
        kinds=np.column_stack([kind[first, ion], kind[first + 1, ion]]).astype(np.int64),
    )


def moved_ions(before: SiteFrame, after: SiteFrame) -> IntArray:
    """Ions that are in another site in the later frame, as places in the order of ids."""
    return np.flatnonzero(before.site_key != after.site_key).astype(np.int64)


def is_in_a_site(frame: SiteFrame, ion: int) -> bool:
    """Whether an ion is in a polyhedron that has a name."""
    return bool(frame.site_key[ion] != NO_SITE)


def groups_within_reach(
    before: FloatArray, after: FloatArray, cell: FloatArray, reach: float
) -> list[IntArray]:
    """Ions that move together: linked, also through others, by coming within reach of each other.

    Two ions are within reach when any of the distances between where one was or came to and where the
    other was or came to, over periodic images, is at most ``reach``.

    Parameters
    ----------
    before, after
        Positions of the ions that moved, Å, shape (m, 3).
    cell
        Å, vectors as rows.
    reach
        Å

    Returns
    -------
    list
        Places among the m ions, each in one group, in order of their first ion.
    """
    ends = np.stack([before, after])
    apart = ends[:, None, :, None] - ends[None, :, None, :]
    separations = np.linalg.norm(nearest_image(apart, cell), axis=-1)
    linked = separations.min(axis=(0, 1)) <= reach
    n_groups, label = connected_components(linked, directed=False)
    found = [np.flatnonzero(label == group).astype(np.int64) for group in range(n_groups)]
    return sorted(found, key=lambda group: int(group[0]))
