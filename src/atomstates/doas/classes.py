"""Classes of states: the environments by which densities are split, as rows of small numbers."""

import numpy as np
from numpy.typing import NDArray

from atomstates.doas.states import States

IntArray = NDArray[np.int64]

_COLUMNS = 3
"""Site kind, edge-sharing and face-sharing cations; the others are numbers of anions."""
_MOST_CATIONS, _MOST_ANIONS = 256, 8
"""Numbers below these can be told apart in the code of a class, which has room for ten species."""
_AT_A_TIME = 2**19
"""States that are worked on at once."""


def occurring_classes(states: States) -> IntArray:
    """Every class of which there is a state, sorted, shape (K, C)."""
    pieces = range(0, max(len(states.energy), 1), _AT_A_TIME)
    found = [_distinct(classes_of(states, slice(start, start + _AT_A_TIME))) for start in pieces]
    return _distinct(np.concatenate(found))


def _distinct(classes: IntArray) -> IntArray:
    """The different ones of some classes, sorted."""
    return classes[np.unique(_class_codes(classes), return_index=True)[1]]


def classes_of(states: States, chosen: slice = slice(None)) -> IntArray:
    """Site kind, edge-sharing and face-sharing cations of every state, shape (n, 3).

    Where there are several species of anions, columns follow with the number of each in the polyhedron.
    """
    columns = [of_all[chosen] for of_all in (states.site, states.edge_sharing, states.face_sharing)]
    if len(states.anion_species) > 1:
        columns += list(states.around.anion_numbers[chosen].T)
    return np.column_stack(columns).astype(np.int64)


def rows_in(rows: IntArray, table: IntArray) -> IntArray:
    """Position of each class, shape (n, C), in a table of distinct classes that has them all, (K, C)."""
    codes, known = _class_codes(rows), _class_codes(table)
    order = np.argsort(known)
    place = order[np.minimum(np.searchsorted(known[order], codes), len(table) - 1)]
    if np.any(known[place] != codes):
        raise ValueError("a state is of a class that was not announced")
    return np.asarray(place, dtype=np.int64)


def _class_codes(classes: IntArray) -> IntArray:
    """One number for each class."""
    codes = np.zeros(len(classes), dtype=np.int64)
    for number, column in enumerate(classes.T):
        codes = codes * (_MOST_CATIONS if number < _COLUMNS else _MOST_ANIONS) + column
    return codes
