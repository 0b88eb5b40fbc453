"""A crystal without its mobile ions, the places that they may take, and how they may be ordered."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from ase import Atoms
from ase.geometry import get_distances
from ase.neighborlist import neighbor_list
from ase.spacegroup import Spacegroup
from ase.spacegroup import crystal as built_crystal
from numpy.typing import NDArray

from atomstates.campaign.schema import Crystal
from atomstates.potentials.recipe import Cell

FloatArray = NDArray[np.float64]

_ANION_EDGE = 4.7
"""Å: anions nearer than this share an edge of a polyhedron; an octahedron's diagonal is longer."""
_FACE_SHARING = 2.7
"""Å: a tetrahedron's centre nearer than this to a framework cation shares a face with it."""


@dataclass(frozen=True)
class Host:
    """A crystal without its mobile ions, and the places that they may take.

    Attributes
    ----------
    framework
        All atoms but the mobile ones.
    sites
        Fractional positions of the mobile ions' regular (octahedral) sites, shape (n, 3).
    interstices
        Fractional centres of the tetrahedra that share no face with a framework cation, (m, 3).
    mobile, n_mobile
        Element of the mobile ion, and how many of them fill the sites.
    elements
        Order in which atoms are sorted.
    space_group
        International number of the framework with all sites filled.
    """

    framework: Atoms
    sites: FloatArray
    interstices: FloatArray
    mobile: str
    n_mobile: int
    elements: tuple[str, ...]
    space_group: int

    def __post_init__(self) -> None:
        if not 0 < self.n_mobile <= len(self.sites):
            raise ValueError(f"{self.n_mobile} mobile ions do not fit into {len(self.sites)} sites")

    def repeated(self, cell: Cell) -> "Host":
        """The same crystal in a cell that is ``cell`` times as large.

        Sites are ordered by image first: site j of image i has the index ``i * n + j``.
        """
        shifts = np.array(
            [(i, j, k) for i in range(cell[0]) for j in range(cell[1]) for k in range(cell[2])]
        )

        def spread(points: FloatArray) -> FloatArray:
            spread_out: FloatArray = (points[None] + shifts[:, None]).reshape(-1, 3) / np.array(cell)
            return spread_out

        return Host(
            framework=self.framework.repeat(cell),
            sites=spread(self.sites),
            interstices=spread(self.interstices),
            mobile=self.mobile,
            n_mobile=self.n_mobile * len(shifts),
            elements=self.elements,
            space_group=self.space_group,
        )

    def filled(self, positions: FloatArray) -> Atoms:
        """The crystal with mobile ions at fractional ``positions`` (n_mobile, 3), sorted by element."""
        ions = Atoms(
            [self.mobile] * len(positions), scaled_positions=positions, cell=self.framework.cell, pbc=True
        )
        whole = ions + self.framework
        rank = [self.elements.index(symbol) for symbol in whole.symbols]
        sorted_atoms: Atoms = whole[np.argsort(rank, kind="stable")]
        return sorted_atoms


@dataclass(frozen=True)
class Source:
    """A crystal that structures are made of: its name, unit cell, and ordered fillings by kind.

    A filling is a tuple of indices of the filled sites of one cell.
    """

    name: str
    unit: Host
    fillings: dict[str, list[tuple[int, ...]]]


def host(crystal: Crystal, mobile: str, anion: str, n_mobile: int, elements: tuple[str, ...]) -> Host:
    """Framework and sites of a crystal given by space group; sites of the mobile element may be partial."""
    if crystal.space_group is None or crystal.lattice_A is None:
        raise ValueError("a recipe's crystal is given by space group, lattice and sites")

    def built(of_mobile: bool) -> Atoms:
        chosen = [site for site in crystal.sites if (site.element == mobile) == of_mobile]
        return built_crystal(
            [site.element for site in chosen],
            [site.position for site in chosen],
            spacegroup=crystal.space_group,
            cellpar=[*(crystal.lattice_A or ()), *crystal.angles_deg],
            onduplicates="error",
        )

    framework = built(of_mobile=False)
    bare = Atoms(framework.symbols, framework.positions, cell=framework.cell, pbc=True)
    return Host(
        framework=bare,
        sites=built(of_mobile=True).get_scaled_positions(),
        interstices=tetrahedra(bare, anion),
        mobile=mobile,
        n_mobile=n_mobile,
        elements=elements,
        space_group=crystal.space_group,
    )


def tetrahedra(framework: Atoms, anion: str) -> FloatArray:
    """Fractional centres (n, 3) of anion tetrahedra that share no face with a framework cation.

    A tetrahedron is four anions of which each two share an edge.
    """
    is_anion = np.array(framework.symbols) == anion
    anions = framework[is_anion]
    first, _, vectors = neighbor_list("ijD", anions, _ANION_EDGE)
    centres = []
    for i in range(len(anions)):
        around = vectors[first == i]
        gap = np.linalg.norm(around[:, None] - around[None], axis=2)
        bound = (gap < _ANION_EDGE) & (gap > 0)
        for a, b, c in combinations(range(len(around)), 3):
            if bound[a, b] and bound[a, c] and bound[b, c]:
                centres.append(anions.positions[i] + (around[a] + around[b] + around[c]) / 4)
    points = np.array(centres)
    _, gap = get_distances(points, cell=framework.cell, pbc=True)
    points = points[(np.tril(gap < 0.1, -1)).sum(axis=1) == 0]
    cations = framework[~is_anion]
    _, to_cations = get_distances(points, cations.positions, cell=framework.cell, pbc=True)
    free: FloatArray = framework.cell.scaled_positions(points[to_cations.min(axis=1) > _FACE_SHARING])
    return free


def distinct_orderings(host: Host) -> list[tuple[tuple[int, ...], int]]:
    """All fillings of the sites of a unit cell that its space group does not map onto each other.

    Returns
    -------
    list
        (indices of the filled sites, number of equivalent fillings), in lexical order.
    """
    maps = set()
    for rotation, translation in zip(*Spacegroup(host.space_group).get_op(), strict=True):
        gap = (host.sites @ rotation.T + translation)[:, None] - host.sites[None]
        maps.add(tuple(np.linalg.norm(gap - np.round(gap), axis=2).argmin(axis=1).tolist()))
    seen: set[tuple[int, ...]] = set()
    found = []
    for chosen in combinations(range(len(host.sites)), host.n_mobile):
        if chosen not in seen:
            images = {tuple(sorted(image[i] for i in chosen)) for image in maps}
            seen |= images
            found.append((chosen, len(images)))
    return found
