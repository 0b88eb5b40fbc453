"""The sites that an ion passes on its path, and what the path is called by them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomstates.doas.polyhedra import Polyhedra
from atomstates.doas.sites import OCTAHEDRAL, OTHER, TETRAHEDRAL, ion_sites

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LETTERS = {OCTAHEDRAL: "Oct", TETRAHEDRAL: "Tet", OTHER: "other"}
CONCERTED = "concerted"

_BETWEEN = 4
"""Points looked at from one replica to the next: a tetrahedron is passed within a few tenths of an Å."""


@dataclass(frozen=True)
class Passage:
    """What an ion passes on a path of R replicas."""

    kind: NDArray[np.uint8]
    """(R,) site kind at each replica."""
    visited: tuple[int, ...]
    """Site kinds in the order in which it comes through their polyhedra, each once a stay."""

    @property
    def name(self) -> str:
        """``Oct-Tet-Oct`` and the like, in the direction of the path."""
        return "-".join(LETTERS[kind] for kind in self.visited)


def passage(
    positions: FloatArray, ion: int, anions: IntArray, cell: FloatArray, polyhedra: Polyhedra | None
) -> Passage:
    """Sites of one ion along a path; between replicas all atoms are taken to go straight.

    Parameters
    ----------
    positions
        Å, shape (R, N, 3); from replica to replica no atom jumps by a cell.
    ion, anions
        Rows of the atoms.
    cell
        Å, vectors as rows.
    polyhedra
        Those of the framework, as for ``ion_sites``.
    """
    kinds, homes = [], []
    for image in _finer(positions[:, np.concatenate([[ion], anions])]):
        found = ion_sites(image[:1], image[1:], cell, polyhedra)
        kinds.append(int(found.kind[0]))
        homes.append(int(found.polyhedron[0]))
    visited = [kinds[0]]
    for before, home, kind in zip(homes, homes[1:], kinds[1:], strict=False):
        if home != before:
            visited.append(kind)
    return Passage(np.array(kinds[::_BETWEEN], dtype=np.uint8), tuple(visited))


def class_of(passages: Sequence[Passage]) -> str:
    """What a hop is called, whatever its direction: its ion's path, or ``concerted`` for several ions."""
    if len(passages) > 1:
        return CONCERTED
    forth = [LETTERS[kind] for kind in passages[0].visited]
    return "-".join(min(forth, forth[::-1]))


def reverse_name(name: str) -> str:
    """The name of a path in the other direction."""
    return "-".join(reversed(name.split("-")))


def _finer(positions: FloatArray) -> FloatArray:
    """Replicas with points between them, shape ((R - 1) * _BETWEEN + 1, N, 3)."""
    places = np.linspace(0, len(positions) - 1, (len(positions) - 1) * _BETWEEN + 1)
    first = np.minimum(places.astype(np.int64), len(positions) - 2)
    part = (places - first)[:, None, None]
    return np.asarray((1 - part) * positions[first] + part * positions[first + 1])
