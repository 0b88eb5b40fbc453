"""Representative structures of the fabricated environments: ideal octahedra and tetrahedra."""

import numpy as np

from atomstates.doas.clusters import Cluster, cluster_text
from atomstates.products import write_json

OCTAHEDRON = 2.6 * np.array([[1.0, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]])
TETRAHEDRON = 1.4 * np.array([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])


def octahedra(n_cations: int) -> Cluster:
    """An ion in an octahedron, and cations in octahedra that share an edge with it."""
    positions, role, polyhedra = [np.zeros(3), *OCTAHEDRON], ["ion", *["anion"] * 6], [tuple(range(7))]
    for sign in (1, -1)[:n_cations]:
        # over the edge between (sign, 0, 0) and (0, sign, 0)
        centre = 2.6 * np.array([sign, sign, 0])
        rows = []
        for corner in centre + OCTAHEDRON:
            near = [row for row, known in enumerate(positions) if np.linalg.norm(known - corner) < 0.1]
            rows.append(near[0] if near else len(positions))
            if not near:
                positions.append(corner)
                role.append("cation_anion")
        positions.append(centre)
        role.append("cation")
        polyhedra.append((len(positions) - 1, *rows))
    return _cluster(positions, role, polyhedra, (6, *[2] * n_cations))


def tetrahedron() -> Cluster:
    """An ion in a tetrahedron."""
    return _cluster([np.zeros(3), *TETRAHEDRON], ["ion", *["anion"] * 4], [tuple(range(5))], (4,))


def _cluster(positions, role, polyhedra, shared) -> Cluster:
    elements = {"ion": "Li", "anion": "Cl", "cation": "Y", "cation_anion": "Cl"}
    return Cluster(
        np.array([elements[one] for one in role]), np.arange(1, len(role) + 1), np.array(positions),
        np.array(role), tuple(polyhedra), shared,
    )  # fmt: skip


def write_environments(folder, material, environments) -> None:
    """``environments.json`` and the files of all environments but ``other``."""
    entries = []
    for row in environments:
        if row["site"] == "other":
            continue
        cluster = tetrahedron() if row["site"] == "tetrahedral" else octahedra(row["edge_sharing"])
        name = f"{row['site']}_{row['edge_sharing']}_edge_{row['face_sharing']}_face"
        (folder / "environments").mkdir(exist_ok=True)
        (folder / "environments" / f"{name}.xyz").write_text(cluster_text(cluster, {"environment": name}))
        (folder / "environments" / f"{name}.cif").write_text(f"data_{name}\n")
        entries.append(
            {
                **{key: row[key] for key in ("site", "edge_sharing", "face_sharing")},
                "name": name,
                "anions": {},
                "mean_energy_eV": 0.2,
                "energy_eV": 0.2,
                "run": "fabricated_300K_1",
                "step": 1000,
                "ion": 1,
                "surroundings": {
                    name: {"mean": 2.0, "deviation": 0.1}
                    for name in ("edge_sharing_ions", "vacant_octahedra", "anion_distance_A")
                },
                "cluster": cluster,
            }
        )
    write_json(
        folder / "environments.json",
        {"material": material, "least_share": 0.01, "environments": entries},
    )
