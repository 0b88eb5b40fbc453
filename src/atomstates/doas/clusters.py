"""The ion, its anions, and the cations that share edges or faces with it, cut out of a snapshot."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomstates.doas.assignment import Roles
from atomstates.doas.environments import cation_corners, shared_corners
from atomstates.doas.neighbours import FloatArray, folded
from atomstates.doas.polyhedra import Polyhedra
from atomstates.doas.sites import ion_sites

_EDGE, _FACE = 2, 3
ROLES = ("ion", "anion", "cation", "cation_anion")
"""The ion, its anions, cations that share an edge or face with it, and the other anions of these."""


@dataclass(frozen=True)
class Cluster:
    """M atoms around an ion, which is the first."""

    element: NDArray[np.str_]
    """(M,)"""
    id: NDArray[np.int64]
    """(M,)"""
    positions: FloatArray
    """(M, 3) Å, from the ion."""
    role: NDArray[np.str_]
    """(M,) one of ``ROLES``."""
    polyhedra: tuple[tuple[int, ...], ...]
    """Rows of each polyhedron: the atom within, then its anions; the ion's is the first."""
    shared: tuple[int, ...]
    """Anions that each polyhedron has in common with the ion's, all of its own for the first."""


def local_cluster(
    positions: FloatArray,
    cell: FloatArray,
    parts: Roles,
    element: NDArray[np.str_],
    ids: NDArray[np.int64],
    ion: int,
    framework: Polyhedra | None = None,
) -> Cluster:
    """Cluster around one mobile ion of a snapshot.

    Parameters
    ----------
    positions, cell
        Å, shapes (N, 3) and (3, 3) with vectors as rows.
    parts
        Roles of the atoms.
    element, ids
        Of the atoms, shape (N,).
    ion
        Id of the ion.
    framework
        Polyhedra of all anions, as for ``ion_sites``.
    """
    row = int(np.flatnonzero(ids == ion)[0])
    if not parts.mobile[row]:
        raise ValueError(f"atom {ion} is no mobile ion")
    anions, cations = np.flatnonzero(parts.anions), np.flatnonzero(parts.cations)
    sites = ion_sites(positions[row : row + 1], positions[anions], cell, framework)
    corners = cation_corners(sites, positions[cations])
    shared = shared_corners(sites, corners)
    place = folded(positions, cell)
    atoms: dict[tuple[int, tuple[int, ...]], tuple[int, str]] = {(row, (0, 0, 0)): (0, ROLES[0])}

    def added(atom: int, image: NDArray[np.int64], role: str) -> int:
        """Row in the cluster of an image of an atom."""
        key = (atom, tuple(int(n) for n in image))
        return atoms.setdefault(key, (len(atoms), role))[0]

    own = sites.anions[0][sites.anions[0] >= 0]
    images = sites.images
    ends = [added(int(anions[images.index[a]]), images.shift[a], ROLES[1]) for a in own]
    polyhedra, in_common = [(0, *ends)], [len(ends)]
    for pair in np.flatnonzero(shared.number >= _EDGE):
        cation, image = int(shared.other[pair]), shared.image[pair]
        of_cation = corners.atom == cation
        around = zip(corners.anion[of_cation], corners.shift[of_cation], strict=True)
        centre = added(int(cations[cation]), image, ROLES[2])
        polyhedra.append((centre, *(added(int(anions[a]), s + image, ROLES[3]) for a, s in around)))
        in_common.append(int(shared.number[pair]))
    rows = np.array([atom for atom, _ in atoms])
    moved = np.array([image for _, image in atoms]) @ cell
    return Cluster(
        element=element[rows],
        id=ids[rows],
        positions=place[rows] + moved - place[row],
        role=np.array([role for _, role in atoms.values()]),
        polyhedra=tuple(polyhedra),
        shared=tuple(in_common),
    )


def cluster_text(cluster: Cluster, comment: dict[str, str]) -> str:
    """Extended XYZ of a cluster; ``comment`` are key and value pairs of its second line."""
    words = " ".join(f'{key}="{value}"' for key, value in comment.items())
    head = 'Properties=species:S:1:pos:R:3:id:I:1:role:S:1 pbc="F F F"'
    lines = [str(len(cluster.id)), f"{head} {words}".rstrip()]
    for element, (x, y, z), atom, role in zip(
        cluster.element, cluster.positions, cluster.id, cluster.role, strict=True
    ):
        lines.append(f"{element:2s} {x:12.6f} {y:12.6f} {z:12.6f} {atom:6d} {role}")
    return "\n".join(lines) + "\n"
