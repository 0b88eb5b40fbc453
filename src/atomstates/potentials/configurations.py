"""Structures to label and to start from: fillings, compositions, interstitials, hops, strains.

Pure functions of a host crystal and a random generator; nothing is read or written.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms
from ase.neighborlist import neighbor_list
from numpy.random import Generator

from atomstates.potentials.host import FloatArray, Host, Source
from atomstates.potentials.recipe import Start
from atomstates.potentials.sampling import Replacement

_NEIGHBOURS = 4.2
"""Å: longest jump between neighbouring octahedral sites (3.03 and 3.74 Å in Li3YCl6)."""

_AT_A_SITE = 0.8
"""Å: an ion farther from all regular sites is at none of them."""


@dataclass(frozen=True)
class FreeHop:
    """A mobile ion beside a vacant site: its index, and the way there in fractions of the cell vectors."""

    ion: int
    way: FloatArray


def structure(source: Source, start: Start, random: Generator) -> Atoms:
    """One structure of a crystal as ``start`` describes it.

    Its filling is one of the crystal's distinct orderings in every unit cell, or at random.
    """
    unit = source.unit
    large = unit.repeated(start.cells[random.integers(len(start.cells))])
    images = large.n_mobile // unit.n_mobile
    if start.filling == "random":
        chosen = random.choice(len(large.sites), large.n_mobile, replace=False)
    else:
        orderings = source.fillings[start.filling]
        ordering = np.array(orderings[random.integers(len(orderings))])
        chosen = (np.arange(images)[:, None] * len(unit.sites) + ordering).ravel()
    positions = large.sites[chosen]
    empty = np.delete(large.sites, chosen, axis=0)
    movers = random.permutation(len(positions))
    n_hops = int(random.integers(start.hops[0], start.hops[1] + 1))
    n_inside = int(random.integers(start.interstitials[0], start.interstitials[1] + 1))
    for mover in movers[:n_hops]:
        positions[mover] = on_the_way(large, positions[mover], empty, random)
    for mover in movers[n_hops : n_hops + n_inside]:
        positions[mover] = free_interstice(large, np.delete(positions, mover, axis=0), random)
    atoms = large.filled(positions)
    if start.replacement is not None:
        atoms = replaced(atoms, start.replacement, unit.elements, random)
    return strained(atoms, start, random)


def replaced(atoms: Atoms, replacement: Replacement, elements: Sequence[str], random: Generator) -> Atoms:
    """A copy with atoms replaced at random, in the order of ``elements``, and its cell scaled.

    Each length grows by ``1 + x * expansion`` at the share x that is replaced (Vegard's rule).
    """
    candidates = np.flatnonzero(np.array(atoms.symbols) == replacement.replace)
    least, most = (round(share * len(candidates)) for share in replacement.fraction)
    chosen = random.choice(candidates, random.integers(least, most + 1), replace=False)
    symbols = np.array(atoms.symbols, dtype="<U2")
    symbols[chosen] = replacement.by
    order = np.argsort([elements.index(symbol) for symbol in symbols], kind="stable")
    scale = 1 + replacement.expansion * len(chosen) / len(candidates)
    return Atoms(symbols[order], scale * atoms.positions[order], cell=scale * atoms.cell[:], pbc=True)


def on_the_way(host: Host, position: FloatArray, empty: FloatArray, random: Generator) -> FloatArray:
    """A fractional point between an ion and a vacant site beside it (its own if there is none)."""
    cell = host.framework.cell
    gap = empty - position
    gap -= np.round(gap)
    near = gap[np.linalg.norm(gap @ cell[:], axis=1) < _NEIGHBOURS]
    if not len(near):
        return position
    way: FloatArray = position + random.uniform(0.1, 0.9) * near[random.integers(len(near))]
    bump: FloatArray = cell.scaled_positions(random.normal(scale=0.3, size=3))
    return way + bump


def free_hop(atoms: Atoms, unit: Host, random: Generator) -> FreeHop | None:
    """A hop of one of the ions at regular sites to a vacant one beside it; None where there is none.

    ``atoms`` is a structure made of the crystal ``unit``, however large, strained or mixed.
    """
    times = np.round(atoms.cell.lengths() / unit.framework.cell.lengths()).astype(int).tolist()
    sites, cell = unit.repeated((times[0], times[1], times[2])).sites, atoms.cell[:]
    ions = np.flatnonzero(atoms.symbols == unit.mobile)
    way = sites[None] - atoms.get_scaled_positions(wrap=False)[ions][:, None]
    way -= np.round(way)
    distance = np.linalg.norm(way @ cell, axis=2)
    vacant = distance.min(axis=0) > _AT_A_SITE
    possible = np.argwhere(
        (distance < _NEIGHBOURS) & vacant[None] & (distance.min(axis=1) < _AT_A_SITE)[:, None]
    )
    if not len(possible):
        return None
    ion, site = possible[random.integers(len(possible))]
    return FreeHop(int(ions[ion]), way[ion, site])


def free_interstice(host: Host, others: FloatArray, random: Generator, nearest: float = 2.2) -> FloatArray:
    """A random tetrahedron whose centre is at least ``nearest`` Å from the other mobile ions.

    The last one tried is taken when a hundred draws find none.
    """
    cell = host.framework.cell[:]
    point: FloatArray = host.interstices[0]
    for _ in range(100):
        point = host.interstices[random.integers(len(host.interstices))]
        gap = others - point
        gap -= np.round(gap)
        if np.linalg.norm(gap @ cell, axis=1).min() > nearest:
            break
    return point


def strained(atoms: Atoms, start: Start, random: Generator) -> Atoms:
    """A copy with the plane and the third axis strained independently, and sheared a little."""
    plane, axis = random.uniform(-start.strain, start.strain, size=2)
    stretch = random.uniform(-start.plane_strain, start.plane_strain)
    deformation = np.diag([1 + plane + stretch, 1 + plane - stretch, 1 + axis])
    off = random.uniform(-start.shear, start.shear, size=3)
    deformation[[0, 0, 1], [1, 2, 2]] += off
    deformation[[1, 2, 2], [0, 0, 1]] += off
    copy: Atoms = atoms.copy()
    copy.set_cell(atoms.cell[:] @ deformation, scale_atoms=True)
    return copy


def shaken(atoms: Atoms, displacement: float, random: Generator) -> Atoms:
    """A copy with normal random displacements of standard deviation ``displacement`` (Å)."""
    copy: Atoms = atoms.copy()
    copy.positions += random.normal(scale=displacement, size=copy.positions.shape)
    return copy


def closest_distance(atoms: Atoms) -> float:
    """Smallest interatomic distance in Å (infinite when it is above 3 Å)."""
    distances = neighbor_list("d", atoms, 3.0)
    return float(distances.min()) if len(distances) else float("inf")
