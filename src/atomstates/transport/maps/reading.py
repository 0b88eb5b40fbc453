"""Visits of the voxels of the unit cell in a run, counted by every rank for its share of the frames."""

import numpy as np
from numpy.typing import NDArray

from atomstates.parallel import Communicator, share
from atomstates.potentials.crystal import Crystal
from atomstates.transport.maps.density_map import voxel_counts
from atomstates.transport.msd import centre_of_mass
from atomstates.transport.reading import Frames

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

GROUPS = 4
"""Groups of successive frames whose visits are kept apart, to tell how sure the map is."""
_BYTES_OF_FRAMES = 2**23
_BYTES_GATHERED = 2**25


def run_visits(
    trajectory: Frames,
    cell: Floats,
    mobile: Integers,
    framework: Integers,
    masses: Floats,
    crystal: Crystal,
    shape: tuple[int, int, int],
    comm: Communicator,
    *,
    bytes_of_frames: int = _BYTES_OF_FRAMES,
    bytes_gathered: int = _BYTES_GATHERED,
) -> tuple[Integers, Integers]:
    """Visits of each voxel by mobile ions in each group of frames, the same for any number of ranks.

    The framework's centre of mass is kept where it is in the crystal, so that maps of several runs
    have one origin. Frames are cut into stretches by their number and that of the atoms alone;
    visits are whole numbers, so no order of adding them leaves a trace.

    Parameters
    ----------
    trajectory
        Unwrapped positions of all atoms.
    cell
        Vectors of the simulated cell as rows, Å, shape (3, 3).
    mobile, framework
        Indices of the ions (N,) and of the atoms (M,) of the framework.
    masses
        Masses of the framework's atoms (M,), any unit.
    crystal
        Where each atom is at home; its supercell says how often the unit cell is repeated.
    shape
        Voxels along each vector of the unit cell.
    bytes_of_frames, bytes_gathered
        Memory for the frames that are read at once, and for what is added over ranks at once.

    Returns
    -------
    tuple
        Visits (G, n_a, n_b, n_c) and frames (G,) of each group.
    """
    inverse, supercell = np.linalg.inv(cell), np.array(crystal.supercell)
    reference = crystal.positions[framework] @ np.linalg.inv(crystal.cell)
    first = trajectory.read(0, 1)[:, framework]
    away = first[0] @ inverse - reference
    # where the centre of mass would be had no atom of the framework been wrapped in the first frame
    offset = centre_of_mass(first, masses)[0] @ inverse - _mean_phase(away, masses)
    visits = np.zeros((GROUPS, *shape), dtype=np.int64)
    borders = np.arange(GROUPS + 1) * trajectory.n_frames // GROUPS
    for group, start, stop in share(
        _stretches(borders, max(1, bytes_of_frames // (24 * trajectory.n_atoms))), comm
    ):
        frames = trajectory.read(start, stop)
        drift = centre_of_mass(frames[:, framework], masses) @ inverse - offset
        fractional = frames[:, mobile] @ inverse - drift[:, None, :]
        visits[group] += voxel_counts(fractional * supercell, shape)
    _add_ranks(visits, comm, bytes_gathered)
    return visits, np.diff(borders)


def _mean_phase(away: Floats, masses: Floats) -> Floats:
    """Common displacement of the framework from its reference as fractions of the cell, (3,).

    The circular mean, weighted by mass: needs no unwrapped positions, and equals the displacement of
    the centre of mass up to the cube of single displacements.
    """
    phases = np.average(np.exp(2j * np.pi * away), axis=0, weights=masses)
    mean: Floats = np.angle(phases) / (2 * np.pi)
    return mean


def _stretches(borders: Integers, length: int) -> list[tuple[int, int, int]]:
    """Group, first frame and end of every stretch of ``length`` frames at most."""
    return [
        (group, start, min(start + length, end))
        for group, (begin, end) in enumerate(zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True))
        for start in range(begin, end, length)
    ]


def _add_ranks(visits: Integers, comm: Communicator, bytes_gathered: int) -> None:
    """Put the sum over all ranks in place of a rank's own visits, in portions that fit into memory."""
    if comm.size == 1:
        return
    flat = visits.reshape(-1)
    portion = max(1, bytes_gathered // (flat.itemsize * comm.size))
    for start in range(0, len(flat), portion):
        stop = start + portion
        flat[start:stop] = np.sum(comm.gathered(flat[start:stop].copy()), axis=0)
