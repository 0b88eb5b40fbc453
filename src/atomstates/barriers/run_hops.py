"""The hops of one run: moves between snapshots, a sample of them, and the search for each, over ranks."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atomstates.barriers.batch import Ends
from atomstates.barriers.harvest import (
    Harvested,
    Lost,
    harvested,
    other_sites,
    read_search,
    write_search,
)
from atomstates.barriers.landscape import LammpsLandscape, PotentialFiles
from atomstates.barriers.moves import Moves, SiteFrame, moves
from atomstates.barriers.sampling import Sample, sample
from atomstates.barriers.sites import SiteNames
from atomstates.campaign import RunFolder
from atomstates.doas.assignment import roles
from atomstates.doas.collection import collected_states, run_polyhedra
from atomstates.doas.identity import KeyArray
from atomstates.doas.states import States
from atomstates.md.plan import Plan, plan
from atomstates.md.segments import open_trajectory
from atomstates.minimize.framework import FARTHEST_FROM_SITE, distances_from_sites
from atomstates.minimize.relaxed import Relaxed
from atomstates.parallel import Communicator
from atomstates.potentials.crystal import Crystal
from atomstates.products import fingerprint

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SEARCHES = "searches"

_Keys = tuple[KeyArray, KeyArray]


@dataclass(frozen=True)
class RunHops:
    """Moves of a run, those that were chosen, and what became of the search for each."""

    moves: Moves
    sample: Sample
    names: tuple[str, ...]
    """(m,) name of each chosen move: step of the snapshot before it, and id of the ion."""
    found: tuple[Harvested | Lost, ...]
    """(m,)"""
    n_pairs: int
    """Successive pairs of snapshots."""
    n_gaps: int
    """Pairs that do not succeed each other."""


def site_names(relaxed: Relaxed, crystal: Crystal, mobile: str, anions: tuple[str, ...]) -> SiteNames:
    """The polyhedra of a run's framework as sites with names."""
    parts = roles(relaxed.element, mobile, anions)
    return SiteNames(crystal, parts, run_polyhedra(relaxed, parts))


def run_hops(
    place: RunFolder, relaxed: Relaxed, names: SiteNames, files: PotentialFiles, comm: Communicator
) -> RunHops:
    """Choose moves of a run and search the hop that made each; searches lie in ``searches/``."""
    steps, settings = plan(place.campaign.md), place.campaign.barriers
    states = collected_states(relaxed, names.parts, names.crystal, None, comm)
    snapshots = states.n_snapshots
    found = moves(
        states.site_key.reshape(snapshots, -1),
        states.site.reshape(snapshots, -1),
        states.snapshot_step,
        steps.snapshot_every,
    )
    seed = int(fingerprint(place.campaign.seed, place.id, "hops"), 16)
    chosen = sample(found, settings.hops_per_class, seed)
    mobile = np.flatnonzero(names.parts.mobile)
    labels = tuple(
        f"{states.snapshot_step[found.first[m]]}-{relaxed.id[mobile[found.ion[m]]]}" for m in chosen.move
    )
    ends = [
        _ends(relaxed, states, int(found.first[m]), int(found.ion[m]), steps) for m in chosen.move.tolist()
    ]
    apart = np.diff(states.snapshot_step)
    return RunHops(
        moves=found,
        sample=chosen,
        names=labels,
        found=tuple(_searched(place, names, labels, ends, relaxed, files, comm)),
        n_pairs=int(np.sum(apart == steps.snapshot_every)),
        n_gaps=int(np.sum(apart != steps.snapshot_every)),
    )


def paths_to_find(found: RunHops, names: SiteNames, cell: FloatArray) -> list[Ends]:
    """What the engine has to do: one path for each hop that was found."""
    ids = names.crystal.id[names.parts.mobile]
    paths = []
    for name, one in zip(found.names, found.found, strict=True):
        if isinstance(one, Lost):
            continue
        keys = (one.start_key, one.end_key)

        def occupation(
            which: int, positions: FloatArray, keys: tuple[NDArray[np.uint64], ...] = keys
        ) -> str | None:
            return other_sites(names.keys(positions, cell), keys[which], ids)

        wanted = fingerprint([key.astype(str).tolist() for key in keys])
        paths.append(Ends(name, one.start, one.end, cell, occupation=occupation, wanted=wanted))
    return paths


def _ends(
    relaxed: Relaxed, states: States, first: int, ion: int, steps: Plan
) -> tuple[SiteFrame, SiteFrame, int]:
    """The snapshots before and after a move, with their sites."""
    good = np.flatnonzero(relaxed.converged)
    shape = (states.n_snapshots, -1)
    frames = [
        SiteFrame(
            index=int(states.snapshot_step[s]) // steps.frame_every,
            positions=relaxed.positions[good[s]],
            site_key=states.site_key.reshape(shape)[s],
            kind=states.site.reshape(shape)[s],
            edge_sharing=states.edge_sharing.reshape(shape)[s],
        )
        for s in (first, first + 1)
    ]
    return frames[0], frames[1], ion


def _searched(
    place: RunFolder,
    names: SiteNames,
    labels: Sequence[str],
    ends: Sequence[tuple[SiteFrame, SiteFrame, int]],
    relaxed: Relaxed,
    files: PotentialFiles,
    comm: Communicator,
) -> list[Harvested | Lost]:
    """What became of each search: read, or done by the rank that is free."""
    folder, digest = place.stage_path("barriers"), place.fingerprint("barriers")
    kept = [read_search(folder / SEARCHES / f"{label}.h5", digest) for label in labels]
    # all ranks must see the same, before the first of them writes more
    left = comm.from_first([i for i, one in enumerate(kept) if one is None])
    own: dict[int, Harvested | Lost] = {}
    if left:
        search = _Search(place, names, relaxed.cell[np.flatnonzero(relaxed.converged)[0]])
        with LammpsLandscape(
            files,
            folder / f"log.search-{comm.rank}",
            force_tolerance=place.campaign.minimize.force_tolerance_eV_per_A,
            most_steps=place.campaign.minimize.most_steps,
            style=place.campaign.minimize.style,
        ) as landscape:
            for i in (left[k] for k in comm.dealt(len(left))):
                own[i] = search.hop(landscape, *ends[i], labels[i])
                write_search(folder / SEARCHES / f"{labels[i]}.h5", own[i], digest)
    made = {i: one for part in comm.gathered(own) for i, one in part.items()}
    return [one for i in range(len(labels)) if (one := made.get(i, kept[i])) is not None]


class _Search:
    """Relaxes frames of a run's trajectory on demand."""

    def __init__(self, place: RunFolder, names: SiteNames, cell: FloatArray) -> None:
        self._place, self._names, self._cell = place, names, cell
        self._trajectory = open_trajectory(place.stage_path("md"))

    def hop(
        self, landscape: LammpsLandscape, before: SiteFrame, after: SiteFrame, ion: int, label: str
    ) -> Harvested | Lost:
        """The hop that made one move."""
        campaign = self._place.campaign
        return harvested(
            before,
            after,
            ion,
            np.flatnonzero(self._names.parts.mobile),
            self._cell,
            campaign.barriers.reach_A,
            lambda frame: self._relaxed(landscape, frame),
            int(fingerprint(campaign.seed, self._place.id, label), 16),
        )

    def _relaxed(self, landscape: LammpsLandscape, frame: int) -> SiteFrame | None:
        """A frame relaxed, with its sites; None where a check fails."""
        names, cell = self._names, self._cell
        (one,) = landscape.relaxed(list(self._trajectory.read(frame, frame + 1)), cell)
        if not one.largest_force <= self._place.campaign.minimize.force_tolerance_eV_per_A:
            return None
        framework, crystal = names.parts.framework, names.crystal
        away = distances_from_sites(
            one.positions[framework], cell, crystal.positions[framework], crystal.cell
        )
        if not away.max(initial=0.0) <= FARTHEST_FROM_SITE:
            return None
        return names.frame(frame, one.positions, cell)


def potential_files(potentials: Path) -> PotentialFiles:
    """Crystal and potential of a material, from the folder of its stage ``potentials``."""
    return PotentialFiles(potentials / "structure.data", potentials)
