"""The hops of a run: which are followed, where they begin and end, and what became of the search for each.

A search takes some relaxations; what it finds is kept in a file of its own, so that a job that was killed
goes on with the next.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from atomstates.barriers.moves import SiteFrame
from atomstates.barriers.search import LostHop, end_positions, pair_of_hop
from atomstates.doas.identity import KeyArray
from atomstates.products import as_json, provenance, readable, written_whole

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_ARRAYS = ("start", "end", "ions", "start_key", "end_key", "edge_sharing")


@dataclass(frozen=True)
class Harvested:
    """A hop that the dynamics showed: unrelaxed ends of the N atoms, and the n ions' sites at both."""

    start: FloatArray
    """(N, 3) Å"""
    end: FloatArray
    """(N, 3) Å; only the ions of this hop are in other sites."""
    ions: IntArray
    """(m,) ions that hop, as places in the order of ids; the one that was searched for is the first."""
    start_key: KeyArray
    """(n,) site of every ion before the hop."""
    end_key: KeyArray
    """(n,) ... and after it."""
    edge_sharing: NDArray[np.uint8]
    """(2,) cations that share an edge with the first ion's polyhedron, before and after."""
    kind: str
    """``alone``, ``concerted`` or ``taken apart``."""
    frames: tuple[int, int]
    """Of the trajectory, before and after."""
    n_others: int
    """Ions that moved far away in the same time."""
    n_relaxed: int
    """Frames relaxed to find it."""


@dataclass(frozen=True)
class Lost:
    """A search that found no hop, and why."""

    reason: str


def harvested(
    before: SiteFrame,
    after: SiteFrame,
    ion: int,
    mobile: IntArray,
    cell: FloatArray,
    reach: float,
    relaxed: Callable[[int], SiteFrame | None],
    seed: int,
) -> Harvested | Lost:
    """The hop that made a move, with its ends; parameters as of ``pair_of_hop``."""
    try:
        pair = pair_of_hop(before, after, ion, mobile, cell, reach, relaxed, seed)
    except LostHop as lost:
        return Lost(str(lost))
    start, end = end_positions(pair, mobile, cell)
    # where other ions moved far away, they are still in their old sites at this hop's end
    end_key = pair.before.site_key.copy()
    end_key[pair.ions] = pair.after.site_key[pair.ions]
    return Harvested(
        start=start,
        end=end,
        ions=pair.ions,
        start_key=pair.before.site_key,
        end_key=end_key,
        edge_sharing=np.array([pair.before.edge_sharing[ion], pair.after.edge_sharing[ion]]),
        kind=pair.kind,
        frames=(pair.before.index, pair.after.index),
        n_others=len(pair.others),
        n_relaxed=pair.n_relaxed,
    )


def other_sites(found: Sequence[int] | KeyArray, wanted: KeyArray, ids: IntArray) -> str | None:
    """Which ions are not in the sites in which they shall be, in words; None when all are.

    Parameters
    ----------
    found, wanted
        Site of every ion, (n,).
    ids
        Of the ions, (n,).
    """
    elsewhere = np.flatnonzero(np.asarray(found, dtype=np.uint64) != wanted)
    if not len(elsewhere):
        return None
    shown = ", ".join(str(ids[ion]) for ion in elsewhere[:5]) + (" ..." if len(elsewhere) > 5 else "")
    return f"{len(elsewhere)} ion(s) in another site than wanted (id {shown})"


def write_search(path: Path, found: Harvested | Lost, fingerprint: str) -> None:
    """Write what became of a search, whole; ``fingerprint`` says of which input."""
    with written_whole(path) as unfinished, h5py.File(unfinished, "w") as file:
        file.attrs["fingerprint"] = fingerprint
        file.attrs["provenance"] = as_json(provenance(), compact=True)
        if isinstance(found, Lost):
            file.attrs["lost"] = found.reason
            return
        for name in _ARRAYS:
            file[name] = getattr(found, name)
        file.attrs["kind"] = found.kind
        file.attrs["frames"] = np.array(found.frames)
        file.attrs["n_others"], file.attrs["n_relaxed"] = found.n_others, found.n_relaxed


def read_search(path: Path, fingerprint: str) -> Harvested | Lost | None:
    """What became of a search; None where there is nothing, or it is of another input.

    Raises
    ------
    ProductError
        The file is truncated or not what was expected.
    """
    if not path.is_file():
        return None
    with readable(path), h5py.File(path, "r") as file:
        if file.attrs["fingerprint"] != fingerprint:
            return None
        if "lost" in file.attrs:
            return Lost(str(file.attrs["lost"]))
        first, last = (int(frame) for frame in file.attrs["frames"])
        return Harvested(
            **{name: file[name][:] for name in _ARRAYS},
            kind=str(file.attrs["kind"]),
            frames=(first, last),
            n_others=int(file.attrs["n_others"]),
            n_relaxed=int(file.attrs["n_relaxed"]),
        )
