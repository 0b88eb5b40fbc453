"""Structures to label and to start from: fillings, interstitials, ions on the way, strains.

Pure functions of a host crystal and a random generator; nothing is read or written.
"""

import numpy as np
from ase import Atoms
from ase.neighborlist import neighbor_list
from numpy.random import Generator

from atomstates.potentials.host import FloatArray, Host
from atomstates.potentials.recipe import Start

_NEIGHBOURS = 4.2
"""Å: longest jump between neighbouring octahedral sites (3.03 and 3.74 Å in Li3YCl6)."""


def structure(
    unit: Host,
    start: Start,
    orderings: list[tuple[int, ...]],
    random: Generator,
) -> Atoms:
    """One structure as ``start`` describes it.

    Parameters
    ----------
    unit
        The unit cell.
    orderings
        Indices of the filled sites of one cell, one of which each structure takes
        (unless its filling is ``random``).
    """
    large = unit.repeated(start.cells[random.integers(len(start.cells))])
    images = large.n_mobile // unit.n_mobile
    if start.filling == "random":
        chosen = random.choice(len(large.sites), large.n_mobile, replace=False)
    else:
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
    return strained(large.filled(positions), start.strain, start.shear, random)


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


def strained(atoms: Atoms, strain: float, shear: float, random: Generator) -> Atoms:
    """A copy with the plane and the third axis strained independently, and sheared a little."""
    plane, axis = random.uniform(-strain, strain, size=2)
    deformation = np.diag([1 + plane, 1 + plane, 1 + axis])
    off = random.uniform(-shear, shear, size=3)
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
