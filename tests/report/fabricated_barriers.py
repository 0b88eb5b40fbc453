"""Hops over barriers that fall with the temperature, and those of an ordered crystal; all by formula."""

from types import SimpleNamespace

import numpy as np

from atomstates.barriers.entries import COLUMNS, row
from atomstates.barriers.material_outcome import material_content, material_summary
from atomstates.barriers.sides import transition
from atomstates.products import Summary, mark_done, read_json, write_csv, write_json

ORDERED_BARRIER = 0.46
PAIR_ENERGY = 0.31
KINDS = {"Oct": "octahedral", "Tet": "tetrahedral"}


def barrier(path, temperature):
    return {"Oct-Tet": 0.24, "Oct-Oct": 0.20, "Oct-Tet-Oct": 0.30}[path] - 0.0001 * temperature


def hop(name, path, forward, difference, weight, ion=7):
    """An entry of ``barriers.json``: a cosine over a slope."""
    at = np.linspace(0, 1, 7)
    energy = forward * np.sin(np.pi * at) ** 2 + difference * at**2 * (3 - 2 * at) * (at > 0.5)
    sites = [KINDS[part] for part in path.split("-")]
    return {
        "name": name,
        "ions": [ion],
        "kind": "alone",
        "weight": weight,
        "class": path,
        "path": path,
        "edge_sharing": [1, 2],
        "barrier_forward_eV": float(energy.max()),
        "barrier_backward_eV": float(energy.max() - energy[-1]),
        "energy_difference_eV": float(energy[-1]),
        "pieces": [{}],
        "ways_eV": [float(energy.max())],
        "largest_force_eV_per_A": 0.02,
        "n_steps": 60,
        "xyz": f"paths/{name}.xyz",
        "profile": {
            "reaction_coordinate": at,
            "ion_path_A": 3 * at,
            "energy_eV": energy,
            "ion_energy_eV": 0.8 * energy,
            "ion_site": [sites[min(int(s * len(sites)), len(sites) - 1)] for s in at],
        },
    }


def write_run_barriers(run) -> None:
    """``barriers.json``, ``hops.csv`` and paths of a run: three hops and one that failed."""
    temperature, folder = run.temperature, run.stage_path("barriers")
    hops = [
        hop(f"{number}-7", path, barrier(path, temperature), 0.02 * number, 10.0 + number)
        for number, path in enumerate(("Oct-Tet", "Oct-Oct", "Oct-Tet-Oct"))
    ]
    for one in hops:
        (folder / "paths").mkdir(parents=True, exist_ok=True)
        (folder / one["xyz"]).write_text("1\n\nLi 0 0 0\n", encoding="utf-8")
    hops.append({"name": "9-7", "weight": 3.0, "failure": "no_barrier", "message": "only falls"})
    content = {
        "run": run.id,
        "temperature_K": temperature,
        "n_pairs": 49,
        "n_gaps": 1,
        "moves": {"octahedral - octahedral": 22, "octahedral - tetrahedral": 11, "other": 1},
        "failures": {"no_barrier": 1},
        "hops": hops,
    }
    write_json(folder / "barriers.json", content)
    write_csv(folder / "hops.csv", COLUMNS, [row(one, temperature) for one in hops])
    mark_done(folder, "barriers", run.fingerprint("barriers"), Summary())


def ordered_paths():
    """What ``material_content`` asks of the ordered crystal."""
    hops = [
        hop("Oct-Tet-Oct_7_1", "Oct-Tet-Oct", ORDERED_BARRIER, 0.1, 1.0) | {"xyz": "ordered/one.xyz"},
        hop("Oct-Oct_7_2", "Oct-Oct", 0.39, 0.05, 1.0) | {"xyz": "ordered/two.xyz"},
    ]
    failed = {"name": "Oct-Tet_7_3", "ions": [7], "failure": "other_occupation", "message": "relaxed back"}
    for one in hops:
        del one["weight"]
    pairs = [
        {"ion": 7, "from_to": "Oct-Oct", "distance_A": 3.1, "edge_sharing": [1, 2], "separated": False,
         "formation_energy_eV": PAIR_ENERGY},
        {"ion": 7, "from_to": "Oct-Oct", "distance_A": 14.1, "edge_sharing": [1, 2], "separated": True,
         "formation_energy_eV": 2 * PAIR_ENERGY},
        {"ion": 7, "from_to": "Oct-Tet", "distance_A": 2.3, "separated": False,
         "failure": "other_occupation", "message": "no"},
    ]  # fmt: skip
    return SimpleNamespace(
        crystal=SimpleNamespace(group=SimpleNamespace(space_group="C2")),
        hops=SimpleNamespace(n_hops=48, hops=(None,) * 3, n_left_out=6),
        entries=[*hops, failed],
        pairs=pairs,
    )


def write_material_barriers(material) -> None:
    """``barriers.json`` and its tables; runs, ``doas`` and ``transport`` must be there."""
    folder, doas = material.stage_path("barriers"), material.stage_path("doas")
    runs = [read_json(run.stage_path("barriers") / "barriers.json") for run in material.runs]
    tc = transition(500.5, None, None)
    content, tables = material_content(
        material.name, ordered_paths(), runs, tc, read_json(doas / "transitions.json"), material.campaign
    )
    write_json(folder / "barriers.json", content)
    for name, (header, rows) in tables.items():
        write_csv(folder / name, header, rows)
    (folder / "ordered").mkdir(exist_ok=True)
    for name in ("one", "two"):
        (folder / "ordered" / f"{name}.xyz").write_text("1\n\nLi 0 0 0\n", encoding="utf-8")
    mark_done(folder, "barriers", material.fingerprint("barriers"), material_summary(content))
