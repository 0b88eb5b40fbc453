"""From the crystal of a material to the barriers of its distinct hops: relaxations and paths, over ranks.

Relaxed ends lie in a file of their own, each path in another, so that what is done is not done again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomstates.barriers.batch import Ends, minimum_energy_paths
from atomstates.barriers.distinct import DistinctRoute
from atomstates.barriers.entries import failure_entry, outcome_entry
from atomstates.barriers.harvest import other_sites
from atomstates.barriers.landscape import PotentialFiles
from atomstates.barriers.neb import NebSettings
from atomstates.barriers.ordered import (
    OrderedCrystal,
    OrderedHops,
    ordered_hops,
    separated_pairs,
    separation,
)
from atomstates.barriers.ordered_ends import EndState, end_state, relaxed_ends
from atomstates.barriers.profile import Failure
from atomstates.barriers.routes import Node
from atomstates.barriers.sites import SiteNames
from atomstates.barriers.splitting import Chain
from atomstates.campaign import MaterialFolder
from atomstates.doas.assignment import roles
from atomstates.doas.polyhedra import anion_polyhedra
from atomstates.parallel import Communicator
from atomstates.potentials.crystal import read_crystal
from atomstates.products import fingerprint

FloatArray = NDArray[np.float64]

FOLDER = "ordered"
_ENDS = "ends.h5"


@dataclass(frozen=True)
class OrderedPaths:
    """What is known of the ordered crystal."""

    crystal: OrderedCrystal
    hops: OrderedHops
    entries: list[dict[str, Any]]
    """One for each hop that was followed, or whose end is no state."""
    pairs: list[dict[str, Any]]
    """Vacancy-interstitial pairs, ends of hops first."""
    chains: dict[str, Chain]


def relaxed_crystal(
    place: MaterialFolder, files: PotentialFiles, settings: NebSettings, comm: Communicator
) -> OrderedCrystal:
    """The crystal of a material, relaxed at its cell."""
    potentials = place.stage_path("potentials")
    crystal = read_crystal(potentials / "structure.data", potentials / "structure.json")
    parts = roles(crystal.element, place.material.mobile, place.material.anions)
    found = relaxed_ends(
        [crystal.positions], crystal.cell, files, settings, place.stage_path("barriers") / "crystal.h5",
        place.ordered_barriers_fingerprint, comm,
    )  # fmt: skip
    positions = found.positions[0]
    polyhedra = anion_polyhedra(positions[parts.anions], crystal.cell)
    return OrderedCrystal(positions, crystal.cell, SiteNames(crystal, parts, polyhedra))


def ordered_paths(
    place: MaterialFolder, files: PotentialFiles, settings: NebSettings, comm: Communicator
) -> OrderedPaths:
    """Relax the end of every distinct hop, and follow those of each class that have the lowest ends."""
    asked, folder = place.campaign.barriers, place.stage_path("barriers") / FOLDER
    crystal = relaxed_crystal(place, files, settings, comm)
    hops = ordered_hops(crystal)
    wanted = list(hops.hops) if asked.ordered_hops_per_class else []
    apart = separated_pairs(crystal, asked.separated_pairs)
    ends = _ends([*wanted, *apart])
    unrelaxed = [crystal.moved_to(*end) for end in ends]
    relaxed = relaxed_ends(
        [crystal.positions, *unrelaxed], crystal.cell, files, settings, folder / _ENDS,
        place.ordered_barriers_fingerprint, comm,
    )  # fmt: skip
    states = {
        end: end_state(crystal, structure, relaxed, number + 1, settings)
        for number, (end, structure) in enumerate(zip(ends, unrelaxed, strict=True))
    }
    chosen = _lowest(crystal, wanted, states, asked.ordered_hops_per_class)
    paths = [_path(crystal, one, states[one.route.start, one.route.end]) for one in chosen]
    made = minimum_energy_paths(paths, files, settings, folder, comm)
    entries, chains = [], {}
    for one, path, outcome in zip(chosen, paths, made, strict=True):
        entry = _about(crystal, one) | {"name": path.name}
        row = np.flatnonzero(crystal.names.parts.mobile)[[crystal.ion_in(one.route.start)]]
        if isinstance(outcome, Chain):
            chains[path.name] = outcome
            entry["xyz"] = f"{FOLDER}/{path.name}.xyz"
        entries.append(entry | outcome_entry(outcome, row, crystal.names))
    for one in wanted:
        state = states[one.route.start, one.route.end]
        if isinstance(state, Failure):
            about = _about(crystal, one) | {"name": _name(crystal, one)}
            entries.append(about | failure_entry(state.reason, state.message))
    pairs = [
        _pair(crystal, one, states[one.route.start, one.route.end]) | {"separated": separated}
        for separated, found in ((False, _once(wanted)), (True, apart))
        for one in found
    ]
    return OrderedPaths(crystal, hops, entries, pairs, chains)


def _ends(found: Sequence[DistinctRoute]) -> list[tuple[int, Node]]:
    """Start and end of ways, each pair once."""
    return list(dict.fromkeys((one.route.start, one.route.end) for one in found))


def _once(found: Sequence[DistinctRoute]) -> list[DistinctRoute]:
    """One way for each pair of start and end."""
    first: dict[tuple[int, Node], DistinctRoute] = {}
    for one in found:
        first.setdefault((one.route.start, one.route.end), one)
    return list(first.values())


def _lowest(
    crystal: OrderedCrystal,
    found: Sequence[DistinctRoute],
    states: dict[tuple[int, Node], EndState | Failure],
    number: int,
) -> list[DistinctRoute]:
    """Of each class of hops, by path and environments of both ends, those whose ends lie lowest."""
    by_class: dict[tuple[str, int, int], list[tuple[float, DistinctRoute]]] = {}
    for one in found:
        state = states[one.route.start, one.route.end]
        if isinstance(state, EndState):
            name = (crystal.path_name(one.route.nodes), *_edges(crystal, one, state))
            by_class.setdefault(name, []).append((state.energy, one))
    return [one for name in sorted(by_class) for _, one in sorted(by_class[name], key=_rank)[:number]]


def _rank(one: tuple[float, DistinctRoute]) -> tuple[float, tuple[Node, ...]]:
    """Order of ends: energies that differ by noise alone do not decide."""
    return round(one[0], 3), one[1].route.nodes


def _path(crystal: OrderedCrystal, one: DistinctRoute, state: EndState | Failure) -> Ends:
    """What the engine has to do for a hop."""
    assert isinstance(state, EndState)
    names, cell = crystal.names, crystal.cell
    ids = names.crystal.id[names.parts.mobile]

    def occupation(which: int, positions: FloatArray) -> str | None:
        return other_sites(names.keys(positions, cell), state.keys[which], ids)

    vias = []
    for station in one.route.nodes[1:-1]:
        row = np.flatnonzero(names.parts.mobile)[crystal.ion_in(one.route.start)]
        via = (crystal.positions + state.positions) / 2
        via[row] = crystal.moved_to(one.route.start, station)[row]
        vias.append(via)
    return Ends(
        name=_name(crystal, one),
        start=crystal.positions,
        end=state.positions,
        cell=cell,
        vias=tuple(vias),
        occupation=occupation,
        wanted=fingerprint([key.astype(str).tolist() for key in state.keys]),
    )


def _name(crystal: OrderedCrystal, one: DistinctRoute) -> str:
    """Name of a hop: path, id of the ion, numbers of the polyhedra on the way."""
    stations = [str(polyhedron) for polyhedron, _ in one.route.nodes[1:]]
    return "_".join([crystal.path_name(one.route.nodes), str(crystal.id_in(one.route.start)), *stations])


def _about(crystal: OrderedCrystal, one: DistinctRoute) -> dict[str, Any]:
    """What a hop is, before it is followed."""
    return {
        "by_name": crystal.path_name(one.route.nodes),
        "ions": [crystal.id_in(one.route.start)],
        "degeneracy": one.degeneracy,
        "distance_A": separation(crystal, one.route),
    }


def _pair(crystal: OrderedCrystal, one: DistinctRoute, state: EndState | Failure) -> dict[str, Any]:
    """Energy of a vacancy-interstitial pair."""
    nodes = (one.route.nodes[0], one.route.end)
    entry: dict[str, Any] = {
        "ion": crystal.id_in(one.route.start),
        "from_to": crystal.path_name(nodes),
        "distance_A": separation(crystal, one.route),
    }
    if isinstance(state, Failure):
        return entry | failure_entry(state.reason, state.message)
    edges = _edges(crystal, one, state)
    return entry | {"edge_sharing": list(edges), "formation_energy_eV": state.energy}


def _edges(crystal: OrderedCrystal, one: DistinctRoute, state: EndState) -> tuple[int, int]:
    """Cations that share an edge with the ion's polyhedron, at its start and at its end."""
    ion = crystal.ion_in(one.route.start)
    start, end = (
        int(crystal.names.states(positions, crystal.cell).edge_sharing[ion])
        for positions in (crystal.positions, state.positions)
    )
    return start, end
