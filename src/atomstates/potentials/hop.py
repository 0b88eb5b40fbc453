"""Barrier of one jump: nudged elastic band of the student, and the teacher on the same path."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.mep import NEB
from ase.optimize import FIRE

from atomstates.potentials.host import FloatArray, Host
from atomstates.potentials.recipe import Cell, Hop
from atomstates.potentials.student import ase_calculator

_FREE_IMAGES = 5
_BAND_FORCE = 0.05
"""eV/Å."""
_BUMP = 0.6
"""Å along the third axis: toward one or the other tetrahedron beside the straight line."""


@dataclass(frozen=True)
class Band:
    """A converged band: its images, energies relative to the first, and whether it converged."""

    images: tuple[Atoms, ...]
    energies: FloatArray
    converged: bool

    @property
    def barrier(self) -> float:
        """Highest energy above the first image, eV."""
        return float(self.energies.max() - self.energies[0])


def filled_sites(unit: Host, positions: Sequence[Sequence[float]]) -> list[int]:
    """Indices of the sites nearest to these fractional positions of the unit cell."""
    gap = np.asarray(positions)[:, None] - unit.sites[None]
    gap -= np.round(gap)
    nearest = np.linalg.norm(gap @ unit.framework.cell[:], axis=2).argmin(axis=1)
    return [int(index) for index in nearest]


def end_points(unit: Host, ordered: Sequence[Sequence[float]], hop: Hop) -> tuple[Atoms, Atoms]:
    """Unrelaxed start and end of the jump in the ordered cell repeated ``hop.cell`` times."""
    filling = filled_sites(unit, ordered)
    large = unit.repeated(hop.cell)
    images = large.n_mobile // unit.n_mobile
    chosen = (np.arange(images)[:, None] * len(unit.sites) + np.array(filling)).ravel()
    positions = large.sites[chosen]
    before, after = filled_sites(unit, [hop.start, hop.end])
    moved = positions.copy()
    # The jump takes place in the first image of the unit cell.
    moved[filling.index(before)] = large.sites[after]
    return large.filled(positions), large.filled(moved)


def ordered_cell(unit: Host, ordered: Sequence[Sequence[float]], cell: Cell) -> Atoms:
    """The ordered crystal in a cell of ``cell`` unit cells."""
    filling = filled_sites(unit, ordered)
    large = unit.repeated(cell)
    images = large.n_mobile // unit.n_mobile
    chosen = (np.arange(images)[:, None] * len(unit.sites) + np.array(filling)).ravel()
    return large.filled(large.sites[chosen])


def lowest_path(start: Atoms, end: Atoms, model: Path, mover: int, steps: int = 400) -> Band:
    """The lowest of the bands that start straight (IDPP) and bent toward either tetrahedron.

    Both ends are relaxed at fixed cell; five free images, climbing.
    """
    calculator = ase_calculator(model)
    ends = []
    for atoms in (start, end):
        still = atoms.copy()
        still.calc = calculator
        FIRE(still, logfile=None).run(fmax=0.01, steps=1000)
        ends.append(still)
    found = [_band(ends[0], ends[1], calculator, mover, bump, steps) for bump in (0.0, _BUMP, -_BUMP)]
    usable = [path for path in found if path.converged] or found
    return min(usable, key=lambda path: path.barrier)


def _band(first: Atoms, last: Atoms, calculator: object, mover: int, bump: float, steps: int) -> Band:
    """One climbing band between relaxed ends."""
    images = [first.copy() for _ in range(_FREE_IMAGES + 1)] + [last.copy()]
    band = NEB(images, climb=False, method="improvedtangent", allow_shared_calculator=True)
    band.interpolate(method="linear" if bump else "idpp", mic=True)
    for number, image in enumerate(images):
        image.positions[mover, 2] += bump * np.sin(np.pi * number / (len(images) - 1))
        image.calc = calculator
    FIRE(band, logfile=None).run(fmax=0.3, steps=steps)
    band.climb = True
    converged = FIRE(band, logfile=None).run(fmax=_BAND_FORCE, steps=steps)
    energies = np.array([image.get_potential_energy() for image in images])
    bare = tuple(Atoms(image.symbols, image.positions, cell=image.cell, pbc=True) for image in images)
    return Band(bare, energies - energies[0], bool(converged))
