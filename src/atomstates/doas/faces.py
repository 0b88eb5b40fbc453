"""Faces of the ions' polyhedra, and what lies beyond them: an ion, a cation, or a vacant site.

A face is three corners of a polyhedron with all other corners on one side of their plane: four in a
tetrahedron, eight in an octahedron. A polyhedron of another atom that has these three corners
lies beyond it; where there is none, the site beyond is vacant, and its kind is that of a point a
little way beyond the face. Each is one step away for the ion, since ions hop through faces.
"""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from atomstates.doas.environments import SharedCorners
from atomstates.doas.neighbours import FloatArray, IntArray
from atomstates.doas.sites import MOST_ANIONS, OCTAHEDRAL, OTHER, TETRAHEDRAL, Sites, sites_beyond

BoolArray = NDArray[np.bool_]

_TRIPLES = np.array(list(combinations(range(MOST_ANIONS), 3)))
_BITS = (1 << _TRIPLES).sum(axis=1)
_BEYOND = 1 / np.sqrt(24)
"""Distance from a face to the centre of an ideal tetrahedron on it, in lengths of its edges; half
the distance to the centre of an ideal octahedron."""


def vacant_neighbours(
    sites: Sites, neighbours: SharedCorners, cations: SharedCorners
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Vacant octahedra and vacant tetrahedra that share a face with each ion's polyhedron.

    Parameters
    ----------
    sites
        Of the N ions. Those that are ``other`` have no polyhedron and no vacant neighbours.
    neighbours, cations
        Ions and framework cations whose polyhedra share corners with theirs.
    Returns
    -------
    Two arrays of shape (N,).
    """
    n_ions = len(sites.kind)
    free = polyhedron_faces(sites) & ~occupied_faces(n_ions, neighbours) & ~occupied_faces(n_ions, cations)
    ion, triple = np.nonzero(free)
    corners = sites.anions[ion[:, None], _TRIPLES[triple]]
    beyond = sites_beyond(_beyond(sites, ion, corners), sites)
    # The polyhedron beyond must have the face: a point in a gap of an open framework finds others.
    own = sites.images.index[corners]
    there = np.where(beyond.anions >= 0, beyond.images.index[beyond.anions], -1)
    on_face = np.all(np.any(there[:, None, :] == own[:, :, None], axis=2), axis=1)
    octahedra, tetrahedra = (
        np.bincount(ion[on_face & (beyond.kind == kind)], minlength=n_ions).astype(np.uint8)
        for kind in (OCTAHEDRAL, TETRAHEDRAL)
    )
    return octahedra, tetrahedra


def polyhedron_faces(sites: Sites) -> BoolArray:
    """Which of the 20 triples of corners are faces of each polyhedron, shape (N, 20)."""
    there = sites.anions >= 0
    corners = sites.images.positions[np.where(there, sites.anions, sites.anions[:, :1])]
    a, b, c = (corners[:, _TRIPLES[:, i]] for i in range(3))
    heights = np.einsum("nti,nkti->nkt", np.cross(b - a, c - a), corners[:, :, None] - a[:, None])
    # Corners of the face itself, and columns that hold no corner, are on neither side.
    apart = there[:, :, None] & ~np.any(np.arange(MOST_ANIONS)[:, None, None] == _TRIPLES, axis=2)
    one_side = np.all((heights > 0) | ~apart, axis=1) | np.all((heights < 0) | ~apart, axis=1)
    return np.asarray(one_side & there[:, _TRIPLES].all(axis=2) & (sites.kind != OTHER)[:, None])


def occupied_faces(n_ions: int, shared: SharedCorners) -> BoolArray:
    """Triples of corners of each of N ions that belong to a polyhedron of the others, shape (N, 20)."""
    occupied = np.zeros((n_ions, len(_TRIPLES)), dtype=np.bool_)
    pair, triple = np.nonzero((shared.rows[:, None] & _BITS) == _BITS)
    occupied[shared.ion[pair], triple] = True
    return occupied


def _beyond(sites: Sites, ion: IntArray, corners: IntArray) -> FloatArray:
    """A point on the outer side of each face (F, 3 corners), Å, shape (F, 3)."""
    face = sites.images.positions[corners]
    own = sites.anions[ion]
    there = (own >= 0)[..., None]
    inside = (sites.images.positions[own] * there).sum(axis=1) / there.sum(axis=1)
    middle = face.mean(axis=1)
    normal = np.cross(face[:, 1] - face[:, 0], face[:, 2] - face[:, 0])
    # |normal| is the product of two edges times sin 60° in a regular face.
    length = np.linalg.norm(normal, axis=1, keepdims=True)
    edge = np.sqrt(length * 2 / np.sqrt(3))
    outwards = np.sign(np.sum(normal * (middle - inside), axis=1, keepdims=True))
    return np.asarray(middle + outwards * _BEYOND * edge * normal / length, dtype=np.float64)
