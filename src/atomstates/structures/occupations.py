"""Occupations of partially occupied sites: counted, enumerated or drawn, and reduced by symmetry.

An occupation is a row of small integers, one for each partially occupied site: 0 is a vacancy,
k the k-th element. Sites that share an element form one group, in which the number of atoms of
each element is fixed; a group may cover several Wyckoff positions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
Occupations = NDArray[np.uint8]


@dataclass(frozen=True)
class Group:
    """Sites over which the atoms of some elements are spread.

    ``sites`` are indices into the partially occupied sites; ``counts`` maps the number of an
    element (1, 2, ...) to its number of atoms; ``allowed`` holds the sites it may take.
    """

    sites: tuple[int, ...]
    counts: dict[int, int]
    allowed: dict[int, frozenset[int]]


def n_occupations(groups: Sequence[Group]) -> int:
    """Number of occupations, as if every element could take every site of its group."""
    number = 1
    for group in groups:
        free = len(group.sites)
        for count in group.counts.values():
            number *= comb(free, count)
            free -= count
    return number


def all_occupations(groups: Sequence[Group], n_sites: int) -> Occupations:
    """Every occupation, shape (M, n_sites)."""
    found = np.zeros((1, n_sites), dtype=np.uint8)
    for group in groups:
        rows = np.array(list(_fillings(group, n_sites)), dtype=np.uint8).reshape(-1, n_sites)
        found = (found[:, None, :] + rows[None, :, :]).reshape(-1, n_sites)
    return found


def drawn_occupations(
    groups: Sequence[Group], n_sites: int, n_draws: int, random: Generator
) -> Occupations:
    """Distinct random occupations, at most ``n_draws``; sites that an element may not take are avoided."""
    drawn = np.zeros((n_draws, n_sites), dtype=np.uint8)
    sound = np.ones(n_draws, dtype=bool)
    for group in groups:
        sites = np.array(group.sites)
        filling = np.zeros(len(sites), dtype=np.uint8)
        filling[: sum(group.counts.values())] = np.repeat(
            np.array(list(group.counts), dtype=np.uint8), list(group.counts.values())
        )
        drawn[:, sites] = random.permuted(np.tile(filling, (n_draws, 1)), axis=1)
        for element, allowed in group.allowed.items():
            barred = np.array([site not in allowed for site in group.sites])
            sound &= ~np.any(drawn[:, sites[barred]] == element, axis=1)
    distinct: Occupations = np.unique(drawn[sound], axis=0)
    return distinct


def distinct_occupations(occupations: Occupations, permutations: IntArray) -> tuple[IntArray, IntArray]:
    """One representative of each class of occupations that symmetry makes equal.

    The class of an occupation is known by the least code that it takes under all symmetry
    operations. The code is its number in the base of the occupants; where that does not fit
    into 64 bits it is a fixed random linear hash, whose orbit minimum names the class as well
    (two of a million classes share a code with a probability of 1e-7).

    Parameters
    ----------
    occupations
        Shape (M, n_sites).
    permutations
        Site that takes the place of each site, one row an operation, shape (P, n_sites).

    Returns
    -------
    tuple
        Rows of the representatives, in order, and for each the size of its class: the number
        of different occupations that the operations make of it.
    """
    n_sites = occupations.shape[1]
    base = int(occupations.max(initial=1)) + 1
    if base**n_sites < 2**63:
        weights: NDArray[np.uint64] = np.array([base**i for i in range(n_sites)], dtype=np.uint64)
    else:
        weights = np.random.default_rng(20230418).integers(1, 2**63, size=(n_sites,), dtype=np.uint64)
    operations = np.unique(permutations, axis=0)
    least = np.full(len(occupations), np.iinfo(np.uint64).max, dtype=np.uint64)
    wide = occupations.astype(np.uint64)
    for operation in operations:
        # Permuting the columns is permuting the weights.
        permuted = np.empty_like(weights)
        permuted[operation] = weights
        np.minimum(least, wide @ permuted, out=least)
    _, first = np.unique(least, return_index=True)
    representatives = np.sort(first)
    sizes = [len(np.unique(occupations[row][operations], axis=0)) for row in representatives]
    return representatives.astype(np.int64), np.array(sizes, dtype=np.int64)


def _fillings(group: Group, n_sites: int) -> Iterator[Occupations]:
    """Every filling of one group; sites outside it stay 0."""

    def filled(row: Occupations, elements: list[int]) -> Iterator[Occupations]:
        if not elements:
            yield row
            return
        element, rest = elements[0], elements[1:]
        free = [site for site in group.sites if row[site] == 0 and site in group.allowed[element]]
        for chosen in combinations(free, group.counts[element]):
            following = row.copy()
            following[list(chosen)] = element
            yield from filled(following, rest)

    yield from filled(np.zeros(n_sites, dtype=np.uint8), list(group.counts))
