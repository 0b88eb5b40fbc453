"""What is around each mobile ion: anions by species, other ions, vacant sites, distances."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from atomstates.doas.environments import SharedCorners, neighbours_of_ions
from atomstates.doas.faces import vacant_neighbours
from atomstates.doas.neighbours import FloatArray, folded, periodic_images
from atomstates.doas.sites import Sites


@dataclass(frozen=True)
class Surroundings:
    """Surroundings of n ions; all arrays but the first have shape (n,)."""

    anion_numbers: NDArray[np.uint8]
    """Anions of each species in the polyhedron, shape (n, A)."""
    edge_sharing_ions: NDArray[np.uint8]
    """Mobile ions whose polyhedron shares an edge: occupied neighbouring sites."""
    face_sharing_ions: NDArray[np.uint8]
    """Mobile ions whose polyhedron shares a face."""
    vacant_octahedra: NDArray[np.uint8]
    """Octahedra without an atom that share a face."""
    vacant_tetrahedra: NDArray[np.uint8]
    """Tetrahedra without an atom that share a face."""
    anion_distance: FloatArray
    """Å, mean over the polyhedron's anions."""
    cation_distance: FloatArray
    """Å, to the nearest framework cation; NaN where there is none."""
    ion_distance: FloatArray
    """Å, to the nearest other mobile ion (or an image of its own)."""

    def __post_init__(self) -> None:
        n_states = len(self.anion_numbers)
        for field in fields(self):
            found = np.shape(getattr(self, field.name))
            needed = (n_states, found[-1]) if field.name == "anion_numbers" else (n_states,)
            if found != needed:
                raise ValueError(f"{field.name} has shape {found}, needed {needed}")


NAMES = tuple(field.name for field in fields(Surroundings))
QUANTITIES = NAMES[1:]
"""Those of one number a state."""


def surroundings(
    sites: Sites,
    ions: FloatArray,
    species: NDArray[np.int64],
    cations: FloatArray,
    cation_neighbours: SharedCorners,
) -> Surroundings:
    """Surroundings of every ion of one snapshot.

    Parameters
    ----------
    sites
        Of the N ions.
    ions, cations
        Positions, Å, shapes (N, 3) and (C, 3); wrapped or not.
    species
        Of the anions: 0, 1, ... shape (A,).
    cation_neighbours
        Framework cations whose polyhedra share corners with those of the ions.
    """
    neighbours = neighbours_of_ions(sites)
    edge, face = neighbours.counts(len(ions))
    octahedra, tetrahedra = vacant_neighbours(sites, neighbours, cation_neighbours)
    there = sites.anions >= 0
    own = sites.images.index[sites.anions]
    kinds = [np.sum(there & (species[own] == kind), axis=1) for kind in range(int(species.max()) + 1)]
    points = folded(ions, sites.images.cell)
    apart = np.linalg.norm(sites.images.positions[sites.anions] - points[:, None], axis=2)
    return Surroundings(
        anion_numbers=np.column_stack(kinds).astype(np.uint8),
        edge_sharing_ions=edge,
        face_sharing_ions=face,
        vacant_octahedra=octahedra,
        vacant_tetrahedra=tetrahedra,
        anion_distance=np.sum(apart * there, axis=1) / there.sum(axis=1),
        cation_distance=nearest_distances(ions, cations, sites.images.cell),
        ion_distance=nearest_distances(ions, ions, sites.images.cell, paired=True),
    )


def nearest_distances(
    points: FloatArray, atoms: FloatArray, cell: FloatArray, *, paired: bool = False
) -> FloatArray:
    """Distance of each point to the nearest atom over all images, Å, shape (P,); NaN without atoms.

    With ``paired``, row i of both is the same atom and is not its own neighbour.
    """
    if len(atoms) == 0:
        return np.full(len(points), np.nan)
    inside, rank = folded(np.asarray(points, dtype=np.float64), cell), 1 if paired else 0
    n_nearest = rank + 1
    # Images up to a margin that grows until it holds the nearest atom of every point.
    while True:
        images = periodic_images(np.asarray(atoms, dtype=np.float64), cell, n_nearest)
        distances = np.asarray(images.tree.query(inside, k=[rank + 1])[0][:, 0], dtype=np.float64)
        if distances.max() <= images.margin:
            return distances
        n_nearest *= 8


def joined(parts: Sequence[Surroundings]) -> Surroundings:
    """Surroundings of several snapshots, one after the other."""
    return Surroundings(*(np.concatenate([getattr(part, name) for part in parts]) for name in NAMES))


def class_sums(around: Surroundings, rows: NDArray[np.int64], n_classes: int) -> FloatArray:
    """Number, sum and sum of squares of each quantity over the states of each class, shape (K, Q, 3).

    Parameters
    ----------
    around
        Of n states.
    rows
        Class of each state, shape (n,), from 0 to K - 1.
    """
    found = np.zeros((n_classes, len(QUANTITIES), 3))
    for column, name in enumerate(QUANTITIES):
        values = np.asarray(getattr(around, name), dtype=np.float64)
        there = np.isfinite(values)
        for power in range(3):
            weights = values[there] ** power
            found[:, column, power] = np.bincount(rows[there], weights=weights, minlength=n_classes)
    return found


def described(sums: FloatArray) -> dict[str, dict[str, float]]:
    """Mean and standard deviation over states of each quantity that exists, from its sums (Q, 3)."""
    content = {}
    for name, (number, first, second) in zip(QUANTITIES, sums, strict=True):
        if number:
            mean = first / number
            deviation = float(np.sqrt(max(second / number - mean**2, 0.0)))
            unit = "_A" if name.endswith("distance") else ""
            content[f"{name}{unit}"] = {"mean": float(mean), "deviation": deviation}
    return content
