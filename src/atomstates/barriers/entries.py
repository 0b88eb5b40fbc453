"""What is told of a path: entry of ``barriers.json``, row of a table, replicas as extended XYZ."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomstates.barriers.paths import Passage, class_of, passage
from atomstates.barriers.profile import Failure, Profile
from atomstates.barriers.sites import SiteNames
from atomstates.barriers.splitting import Chain
from atomstates.doas.sites import SITES

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

PROFILE_COLUMNS = (
    "run",
    "name",
    "reaction_coordinate",
    "ion_path_A",
    "energy_eV",
    "ion_energy_eV",
    "ion_site",
)
COLUMNS = (
    "name",
    "temperature_K",
    "class",
    "path",
    "weight",
    "ions",
    "edge_sharing_start",
    "edge_sharing_end",
    "barrier_forward_eV",
    "barrier_backward_eV",
    "energy_difference_eV",
    "n_pieces",
    "largest_force_eV_per_A",
    "failure",
)


def chain_entry(found: Chain, ions: IntArray, names: SiteNames) -> dict[str, Any]:
    """Barriers and profile of a path, with the first ion's site and atomistic energy along it.

    Parameters
    ----------
    found
        The path.
    ions
        Rows of the ions that hop, among all atoms.
    names
        The sites.
    """
    whole = found.whole
    passages = passages_of(whole, ions, names)
    kinds = passages[0].kind
    ends = [names.states(whole.positions[row], whole.cell) for row in (0, -1)]
    place = int(np.flatnonzero(np.flatnonzero(names.parts.mobile) == ions[0])[0])
    return {
        "class": class_of(passages),
        "path": passages[0].name,
        "edge_sharing": [int(end.edge_sharing[place]) for end in ends],
        "barrier_forward_eV": whole.barrier_forward,
        "barrier_backward_eV": whole.barrier_backward,
        "energy_difference_eV": float(whole.energy[-1] - whole.energy[0]),
        "pieces": [
            {
                "path": passages_of(piece, ions, names)[0].name,
                "barrier_forward_eV": piece.barrier_forward,
                "barrier_backward_eV": piece.barrier_backward,
            }
            for piece in found.pieces
        ],
        "ways_eV": [None if np.isnan(way) else way for way in found.ways],
        "largest_force_eV_per_A": whole.largest_force,
        "n_steps": whole.n_steps,
        "profile": {
            "reaction_coordinate": whole.reaction_coordinate,
            "ion_path_A": _path_of(whole.positions[:, ions[0]]),
            "energy_eV": whole.energy - whole.energy[0],
            "ion_energy_eV": whole.atom_energy[:, ions[0]],
            "ion_site": [SITES[kind] for kind in kinds.tolist()],
        },
    }


def failure_entry(reason: str, message: str) -> dict[str, Any]:
    """A hop that has no number, and why."""
    return {"failure": reason, "message": message}


def outcome_entry(found: Chain | Failure, ions: IntArray, names: SiteNames) -> dict[str, Any]:
    """Either of both."""
    if isinstance(found, Failure):
        return failure_entry(found.reason, found.message)
    return chain_entry(found, ions, names)


def passages_of(profile: Profile, ions: IntArray, names: SiteNames) -> list[Passage]:
    """What each ion that hops passes on a path."""
    anions = np.flatnonzero(names.parts.anions)
    return [
        passage(profile.positions, int(ion), anions, profile.cell, names.polyhedra) for ion in ions.tolist()
    ]


def row(entry: dict[str, Any], temperature: float | None) -> list[Any]:
    """Row of the table, see ``COLUMNS``; empty where there is no number."""
    edges = entry.get("edge_sharing", (None, None))
    return [
        entry["name"],
        None if temperature is None else f"{temperature:g}",
        entry.get("class"),
        entry.get("path"),
        entry.get("weight"),
        " ".join(str(ion) for ion in entry.get("ions", ())),
        *edges,
        *(entry.get(key) for key in ("barrier_forward_eV", "barrier_backward_eV", "energy_difference_eV")),
        len(entry["pieces"]) if "pieces" in entry else None,
        entry.get("largest_force_eV_per_A"),
        entry.get("failure"),
    ]


def profile_rows(where: str, entry: dict[str, Any]) -> Iterator[list[Any]]:
    """Rows of the table of profiles, see ``PROFILE_COLUMNS``; none of a hop without a path."""
    profile = entry.get("profile")
    if profile is not None:
        columns = ("reaction_coordinate", "ion_path_A", "energy_eV", "ion_energy_eV", "ion_site")
        for values in zip(*(profile[name] for name in columns), strict=True):
            yield [where, entry["name"], *values]


def failures(entries: Iterable[dict[str, Any]]) -> dict[str, int]:
    """How many hops failed in which way."""
    reasons = [entry["failure"] for entry in entries if "failure" in entry]
    return {reason: reasons.count(reason) for reason in sorted(set(reasons))}


def path_text(
    found: Chain, element: Sequence[str] | NDArray[np.str_], ids: IntArray, ions: IntArray
) -> str:
    """Extended XYZ of all replicas, with each atom's energy above that at the start of the path.

    ``ions`` are the rows of those that hop; in the column ``hops`` they have a 1.
    """
    whole = found.whole
    hops = np.isin(np.arange(len(ids)), ions).astype(int)
    lattice = " ".join(f"{x:.8f}" for x in whole.cell.ravel())
    head = "Properties=species:S:1:pos:R:3:id:I:1:atom_energy_change:R:1:hops:I:1"
    lines = []
    for at, energy, positions, energies in zip(
        whole.reaction_coordinate, whole.energy, whole.positions, whole.atom_energy, strict=True
    ):
        lines.append(str(len(ids)))
        comment = (
            f"reaction_coordinate={at:.6f} energy={energy:.8f} energy_change={energy - whole.energy[0]:.8f}"
        )
        lines.append(f'Lattice="{lattice}" {head} pbc="T T T" {comment}')
        change = energies - whole.atom_energy[0]
        lines += [
            f"{species:2s} {x:12.6f} {y:12.6f} {z:12.6f} {atom:6d} {own:10.6f} {hop}"
            for species, (x, y, z), atom, own, hop in zip(
                element, positions, ids, change, hops, strict=True
            )
        ]
    return "\n".join(lines) + "\n"


def _path_of(positions: FloatArray) -> FloatArray:
    """Length of one atom's way up to each replica, Å, (R,)."""
    steps = np.linalg.norm(np.diff(positions, axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])
