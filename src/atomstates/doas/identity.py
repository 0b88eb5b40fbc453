"""Which site an ion is in, by name: the same in every snapshot, whatever the atoms' images.

Anions stay at their places of the crystal, so that the set of anions around an ion names its
polyhedron. In a cell of few polyhedra the same anions, in other images, are corners of another
one; therefore the images count too, relative to each other and to the places of the crystal.
"""

import numpy as np
from numpy.typing import NDArray

from atomstates.doas.neighbours import FloatArray, IntArray
from atomstates.doas.sites import OTHER, Sites

KeyArray = NDArray[np.uint64]

NO_SITE = 0
"""Key of an ion that is in no polyhedron."""

_HALF, _BASE = 8, 16
"""Relative images are told apart from -8 to 7 cells along each axis."""


def site_keys(sites: Sites, anion_ids: IntArray, cells_from_place: IntArray) -> KeyArray:
    """Name of the polyhedron of each ion: a hash of its anions, shape (N,).

    Equal for the same polyhedron, its images included; different for two polyhedra but for a
    chance of n²/2⁶⁵ among n of them. ``NO_SITE`` for an ion that is ``other``.

    Parameters
    ----------
    sites
        Of the ions.
    anion_ids
        Ids of the anions, shape (A,).
    cells_from_place
        Whole cells by which each folded anion is moved from its place in the crystal, shape (A, 3).
    """
    there = sites.anions >= 0
    anion = sites.images.index[sites.anions]
    ids = np.where(there, anion_ids[anion], 0)
    cells = np.where(there[..., None], sites.images.shift[sites.anions] + cells_from_place[anion], 0)
    # By id, then by image; the order of images is that of their differences.
    order = np.lexsort((cells[..., 2], cells[..., 1], cells[..., 0], ids, ~there), axis=1)
    ids, there = np.take_along_axis(ids, order, axis=1), np.take_along_axis(there, order, axis=1)
    cells = np.take_along_axis(cells, order[..., None], axis=1)
    relative = np.where(there[..., None], cells - cells[:, :1], 0) + _HALF
    code = np.where(there, ids * _BASE**3 + relative @ np.array([_BASE**2, _BASE, 1]), 0).astype(np.uint64)
    key = np.zeros(len(code), dtype=np.uint64)
    for column in code.T:
        key = _mixed(key ^ column)
    return np.where(sites.kind == OTHER, np.uint64(NO_SITE), key)


def cells_from_place(positions: FloatArray, cell: FloatArray, places: FloatArray) -> IntArray:
    """Whole cells by which atoms, folded into the cell, are moved from their places, shape (A, 3).

    Parameters
    ----------
    positions, cell
        Å, shapes (A, 3) and (3, 3) with vectors as rows; wrapped or not.
    places
        Fractional coordinates in the crystal, moved along with the framework's drift, shape (A, 3).
    """
    fractional = positions @ np.linalg.inv(cell)
    fractional -= np.floor(fractional)
    return np.asarray(np.round(fractional - places), dtype=np.int64)


def _mixed(value: KeyArray) -> KeyArray:
    """Finaliser of SplitMix64 (Steele, Lea and Flood 2014): every bit depends on every bit."""
    value = value + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
