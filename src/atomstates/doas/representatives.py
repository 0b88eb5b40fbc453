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
from atomstates.doas.collection import run_polyhedra
from atomstates.doas.density import BlockSums
from atomstates.doas.outcome import TemperatureDoas
from atomstates.doas.polyhedra import Polyhedra
from atomstates.doas.sites import SITES
from atomstates.doas.states import States
from atomstates.doas.surroundings import class_sums, described
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
    candidates = {
        name: nearest_states(states, names.index(name), blocks.classes, means)
        for name, states in own.items()
    }
    around = {
        name: class_sums(states.around, rows_in(classes_of(states), blocks.classes), len(blocks.classes))
        for name, states in own.items()
    }
    best: dict[int, Candidate] = {}
    for part in (part for ranks in comm.gathered(candidates) for part in ranks.values()):
        for row, candidate in part.items():
            best[row] = min(candidate, best.get(row, candidate))
    by_run = {name: sums for ranks in comm.gathered(around) for name, sums in ranks.items()}
    if comm.rank != 0:
        return
    # Summed in the order of the runs, whichever rank had them.
    surroundings = np.sum([by_run[name] for name in names], axis=0)
    shares = np.array([[row["fraction"]["value"] for row in entry.environments] for entry in found])
    populous = [row for row in sorted(best) if shares[:, row].max() >= LEAST_SHARE]
    entries = []
    for row in populous:
        identity = _identity(blocks, row)
        energies = {
            "mean_energy_eV": means[row] - blocks.bins.told.energy,
            "energy_eV": best[row].energy - blocks.bins.told.energy,
        }
        state = {"run": names[best[row].run], "step": best[row].step, "ion": best[row].ion}
        entries.append({**identity, **energies, **state, "surroundings": described(surroundings[row])})
    _write_structures(place, entries)
    write_json(
        place.stage_path("doas") / ENVIRONMENTS,
        {"material": place.name, "least_share": LEAST_SHARE, "environments": entries},
    )


def _identity(blocks: BlockSums, row: int) -> dict[str, Any]:
    """What an environment is, and its name."""
    kind, edge, face, *numbers = (int(n) for n in blocks.classes[row])
    return {
        "name": environment_name(blocks.classes[row], blocks.anion_species),
        "site": SITES[kind],
        "edge_sharing": edge,
        "face_sharing": face,
        "anions": dict(zip(blocks.anion_species, numbers, strict=True)),
    }


def _write_structures(place: MaterialFolder, entries: Sequence[dict[str, Any]]) -> None:
    """Write the files of all environments, one run's after the other's, and add the clusters."""
    folder = place.stage_path("doas") / FOLDER
    for run in place.runs:
        own = [entry for entry in entries if entry["run"] == run.id]
        if not own:
            continue
        relaxed = read_relaxed(run.stage_path("minimize") / "relaxed.h5")
        parts = roles(relaxed.element, place.material.mobile, place.material.anions)
        polyhedra = run_polyhedra(relaxed, parts)
        for entry in own:
            entry["cluster"] = _write_structure(folder, relaxed, parts, polyhedra, entry)
    for path in folder.glob("*.*"):
        if path.stem not in {entry["name"] for entry in entries}:
            path.unlink()  # of an environment that there is no longer


def _write_structure(
    folder: Path, relaxed: Relaxed, parts: Roles, polyhedra: Polyhedra, entry: dict[str, Any]
) -> dict[str, Any]:
    """Write the cell as CIF and the cluster as extended XYZ; the cluster as plain data."""
    s = int(np.flatnonzero(relaxed.step == entry["step"])[0])
    positions, cell, ion = relaxed.positions[s], relaxed.cell[s], int(entry["ion"])
    cluster = local_cluster(positions, cell, parts, relaxed.element, relaxed.id, ion, polyhedra)
    comment = {"environment": entry["name"], "energy_eV": f"{entry['energy_eV']:.6f}"}
    comment |= {key: str(entry[key]) for key in ("run", "step", "ion")}
    texts = {
        "xyz": cluster_text(cluster, comment),
        "cif": cell_text(positions, cell, relaxed.element, relaxed.id, ion),
    }
    for end, text in texts.items():
        with written_whole(folder / f"{entry['name']}.{end}") as unfinished:
            unfinished.write_text(text, encoding="utf-8")
    return asdict(cluster)


def cell_text(
    positions: FloatArray, cell: FloatArray, element: NDArray[np.str_], ids: IntArray, ion: int
) -> str:
    """CIF (P1) of a cell with one ion in its middle; labels are element and id, then ``_ion`` for it."""
    from pymatgen.core.lattice import Lattice
    from pymatgen.core.structure import Structure
    from pymatgen.io.cif import CifWriter

    fractional = positions @ np.linalg.inv(cell)
    fractional += 0.5 - fractional[ids == ion]
    labels = [f"{e}{i}" + ("_ion" if i == ion else "") for e, i in zip(element, ids, strict=True)]
    structure = Structure(Lattice(cell), element.tolist(), fractional - np.floor(fractional), labels=labels)
    return str(CifWriter(structure))
