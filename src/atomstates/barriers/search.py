"""From a move between two snapshots to the hop that made it, by bisection over the frames between them.

Snapshots are far apart in time: at high temperatures many ions change their sites from one to the next.
The trajectory has many frames in between. The middle one is relaxed; the ion is still in its old site
there, or already in its new one, or in a third: so the half in which it leaves is known, and is halved
in turn. About log2(n) of n frames are relaxed for a hop, until it is the only one between two frames.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomstates.barriers.band import nearest_image
from atomstates.barriers.moves import (
    FloatArray,
    IntArray,
    SiteFrame,
    groups_within_reach,
    is_in_a_site,
    moved_ions,
)

ALONE, CONCERTED, TAKEN_APART = "alone", "concerted", "taken apart"
"""One ion moved and no other; several within reach of each other; others moved far away meanwhile."""


@dataclass(frozen=True)
class Pair:
    """Two relaxed frames between which a hop happened."""

    before: SiteFrame
    after: SiteFrame
    ions: IntArray
    """Ions that hop, as places in the order of ids; those of a concerted hop are several."""
    others: IntArray
    """Ions that moved in the same time, out of reach."""
    n_relaxed: int
    """Frames relaxed by the search."""

    @property
    def kind(self) -> str:
        """``ALONE``, ``CONCERTED`` or ``TAKEN_APART``; a concerted one stays so with others far away."""
        if len(self.ions) > 1:
            return CONCERTED
        return TAKEN_APART if len(self.others) else ALONE


class LostHop(Exception):
    """The search for a hop failed; the message is its name."""


def pair_of_hop(
    before: SiteFrame,
    after: SiteFrame,
    ion: int,
    mobile: IntArray,
    cell: FloatArray,
    reach: float,
    relaxed: Callable[[int], SiteFrame | None],
    seed: int,
) -> Pair:
    """Two frames, as near in time as needed, between which an ion hopped.

    The search ends when the hop is the only one between the two frames, or when they are neighbours in the
    trajectory; other ions that moved in the same time are then taken to be hops of their own if they are
    out of reach, and part of a concerted one if not.

    Parameters
    ----------
    before, after
        Relaxed snapshots, in which the ion is in different sites.
    ion
        Place of the ion in the order of ids.
    mobile
        Rows of the mobile ions among the atoms.
    cell
        Å, vectors as rows.
    reach
        Å, see ``groups_within_reach``.
    relaxed
        Gives the frame of an index relaxed, or None when its relaxation fails a check.
    seed
        Where the ion is in a third site in the middle, both halves have a hop of it: the seed chooses.

    Raises
    ------
    LostHop
        No frame in between can be relaxed, or the ion is in no site there.
    """
    generator = np.random.default_rng(seed)
    n_relaxed, failed = 0, set[int]()
    while True:
        together, others = _movers(before, after, ion, mobile, cell, reach)
        middle = _middle(before.index, after.index, failed)
        alone = len(together) == 1 and not len(others)
        if middle is None and not alone and after.index - before.index > 1:
            raise LostHop("no frame between could be relaxed")
        if middle is None or alone:
            if not (is_in_a_site(before, ion) and is_in_a_site(after, ion)):
                raise LostHop("an end is in no polyhedron")
            return Pair(before, after, together, others, n_relaxed)
        frame = relaxed(middle)
        n_relaxed += 1
        if frame is None:
            failed.add(middle)
            continue
        at_first = frame.site_key[ion] == before.site_key[ion]
        at_last = frame.site_key[ion] == after.site_key[ion]
        if at_first or (not at_last and generator.random() < 0.5):
            before = frame
        else:
            after = frame


def end_positions(pair: Pair, mobile: IntArray, cell: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Where the atoms are before and after the hop, and only this hop, Å, both (N, 3).

    After it all atoms are where they are in the later frame if nothing else moved; else as before it, but
    for the ions that hop, so that what happened far away at the same time is left out. Both ends are
    still to be relaxed.
    """
    start = pair.before.positions
    # by the shortest way, and without the common drift, which is nobody's hop
    path = nearest_image(pair.after.positions - start, cell)
    rest = np.setdiff1d(np.arange(len(start)), mobile[np.concatenate([pair.ions, pair.others])])
    path -= path[rest].mean(axis=0)
    if not len(pair.others):
        return start, np.asarray(start + path)
    end = start.copy()
    rows = mobile[pair.ions]
    end[rows] += path[rows]
    return start, end


def _movers(
    before: SiteFrame, after: SiteFrame, ion: int, mobile: IntArray, cell: FloatArray, reach: float
) -> tuple[IntArray, IntArray]:
    """Ions that move together with this one, itself the first, and the others that moved."""
    moved = moved_ions(before, after)
    rows = mobile[moved]
    groups = groups_within_reach(before.positions[rows], after.positions[rows], cell, reach)
    own = next(moved[group] for group in groups if ion in moved[group])
    together: NDArray[np.int64] = np.concatenate([[ion], own[own != ion]]).astype(np.int64)
    return together, np.setdiff1d(moved, own)


def _middle(first: int, last: int, failed: set[int]) -> int | None:
    """The frame nearest to the middle that has not failed; None when there is none."""
    left = [frame for frame in range(first + 1, last) if frame not in failed]
    return min(left, key=lambda frame: (abs(2 * frame - first - last), frame)) if left else None
