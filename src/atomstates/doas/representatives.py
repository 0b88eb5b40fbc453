"""A structure of each populous environment: the state whose energy is nearest to the mean.

``environments.json`` says which states they are and holds their clusters; ``environments/NAME.cif``
is the relaxed cell of each with the ion in its middle, ``environments/NAME.xyz`` its cluster.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomstates.campaign import MaterialFolder
from atomstates.doas.assignment import Roles, roles
from atomstates.doas.classes import classes_of, rows_in
from atomstates.doas.clusters import cluster_text, local_cluster
from atomstates.doas.density import BlockSums
from atomstates.doas.outcome import TemperatureDoas
from atomstates.doas.sites import SITES
from atomstates.doas.states import States
from atomstates.minimize.relaxed import Relaxed, read_relaxed
from atomstates.parallel import Communicator
from atomstates.products import write_json, written_whole

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

ENVIRONMENTS, FOLDER = "environments.json", "environments"
LEAST_SHARE = 0.01
"""Of the ions at some temperature: rarer environments have no structure written."""


@dataclass(frozen=True, order=True)
class Candidate:
    """A state that may represent its environment; the least one does."""

    distance: float
    """eV from the mean."""
    run: int
    """Place of the run in the campaign."""
    step: int
    ion: int
    energy: float
    """eV, raw."""


def class_means(blocks: BlockSums) -> FloatArray:
    """Mean energy of all states of each class, eV, raw, shape (K,); NaN where there is none."""
    number = blocks.counts.sum(axis=(0, 2))
    with np.errstate(invalid="ignore"):
        mean = blocks.first.sum(axis=0) / number
    return np.asarray(blocks.bins.reference + mean, dtype=np.float64)


def nearest_states(states: States, run: int, classes: IntArray, means: FloatArray) -> dict[int, Candidate]:
    """For each class that a run has, the state nearest to the mean; the earlier one, then the lower id."""
    own = rows_in(classes_of(states), classes)
    # Rounded, so that sums in another order give the same state.
    distance = np.round(np.abs(states.energy - means[own]), 9)
    step = states.snapshot_step[states.snapshot]
    order = np.lexsort((states.ion, step, distance, own))
    first = order[np.unique(own[order], return_index=True)[1]]
    return {
        int(own[s]): Candidate(
            float(distance[s]), run, int(step[s]), int(states.ion[s]), float(states.energy[s])
        )
        for s in first
    }


def environment_name(row: Sequence[int], species: Sequence[str]) -> str:
    """``octahedral_1_edge_0_face``, with the anions (``_Br2Cl4``) where there are several species."""
    kind, edge, face, *numbers = (int(n) for n in row)
    anions = "".join(f"{name}{n}" for name, n in zip(species, numbers, strict=True) if n)
    return f"{SITES[kind]}_{edge}_edge_{face}_face" + (f"_{anions}" if anions else "")


def write_representatives(
    place: MaterialFolder,
    own: Mapping[str, States],
    blocks: BlockSums,
    found: Sequence[TemperatureDoas],
    comm: Communicator,
) -> None:
    """Choose and write the structure of each environment with a share of ``LEAST_SHARE``.

    Parameters
    ----------
    place
        The material.
    own
        States of this rank's runs, by run.
    blocks
        Of all runs.
    found
        The temperatures, for the shares.
    comm
        The ranks; the result does not depend on their number.
    """
    names = [run.id for run in place.runs]
    means = class_means(blocks)
    candidates = [
        nearest_states(states, names.index(name), blocks.classes, means) for name, states in own.items()
    ]
    shares = np.array([[row["fraction"]["value"] for row in entry.environments] for entry in found])
    gathered = [part for ranks in comm.gathered(candidates) for part in ranks]
    if comm.rank != 0:
        return
    best: dict[int, Candidate] = {}
    for part in gathered:
        for row, candidate in part.items():
            best[row] = min(candidate, best.get(row, candidate))
    populous = [row for row in sorted(best) if shares[:, row].max() >= LEAST_SHARE]
    entries = _written(place, blocks, means, {row: best[row] for row in populous})
    write_json(
        place.stage_path("doas") / ENVIRONMENTS,
        {"material": place.name, "least_share": LEAST_SHARE, "environments": entries},
    )


def _written(
    place: MaterialFolder, blocks: BlockSums, means: FloatArray, chosen: dict[int, Candidate]
) -> list[dict[str, Any]]:
    """Write the structures, one run's after the other's; entries of ``environments.json``."""
    folder, runs = place.stage_path("doas") / FOLDER, list(place.runs)
    entries: dict[int, dict[str, Any]] = {}
    for number in sorted({candidate.run for candidate in chosen.values()}):
        relaxed = read_relaxed(runs[number].stage_path("minimize") / "relaxed.h5")
        parts = roles(relaxed.element, place.material.mobile, place.material.anions)
        for row, candidate in chosen.items():
            if candidate.run != number:
                continue
            name = environment_name(blocks.classes[row], blocks.anion_species)
            said = {
                "name": name,
                "site": SITES[blocks.classes[row][0]],
                "edge_sharing": int(blocks.classes[row][1]),
                "face_sharing": int(blocks.classes[row][2]),
                "mean_energy_eV": means[row] - blocks.bins.reference,
                "energy_eV": candidate.energy - blocks.bins.reference,
                "run": runs[number].id,
                "step": candidate.step,
                "ion": candidate.ion,
            }
            entries[row] = said | {
                "cluster": _write_structure(folder, name, relaxed, parts, candidate, said)
            }
    for path in folder.glob("*.*"):
        if path.stem not in {entry["name"] for entry in entries.values()}:
            path.unlink()  # of an environment that an earlier campaign had
    return [entries[row] for row in sorted(entries)]


def _write_structure(
    folder: Path, name: str, relaxed: Relaxed, parts: Roles, candidate: Candidate, said: dict[str, Any]
) -> dict[str, Any]:
    """Write the cell as CIF and the cluster as extended XYZ; the cluster as plain data."""
    s = int(np.flatnonzero(relaxed.step == candidate.step)[0])
    positions, cell = relaxed.positions[s], relaxed.cell[s]
    cluster = local_cluster(positions, cell, parts, relaxed.element, relaxed.id, candidate.ion)
    keys = ("run", "step", "ion", "energy_eV")
    with written_whole(folder / f"{name}.xyz") as unfinished:
        unfinished.write_text(
            cluster_text(cluster, {"environment": name, **{key: str(said[key]) for key in keys}}),
            encoding="utf-8",
        )
    with written_whole(folder / f"{name}.cif") as unfinished:
        unfinished.write_text(
            cell_text(positions, cell, relaxed.element, relaxed.id, candidate.ion), encoding="utf-8"
        )
    return asdict(cluster)


def cell_text(
    positions: FloatArray, cell: FloatArray, element: NDArray[np.str_], ids: IntArray, ion: int
) -> str:
    """CIF (P1) of a cell with one ion in its middle; labels are element and id, the ion has ``_ion``."""
    from pymatgen.core.lattice import Lattice
    from pymatgen.core.structure import Structure
    from pymatgen.io.cif import CifWriter

    fractional = positions @ np.linalg.inv(cell)
    fractional += 0.5 - fractional[ids == ion]
    labels = [f"{e}{i}" + ("_ion" if i == ion else "") for e, i in zip(element, ids, strict=True)]
    structure = Structure(Lattice(cell), element.tolist(), fractional - np.floor(fractional), labels=labels)
    return str(CifWriter(structure))
