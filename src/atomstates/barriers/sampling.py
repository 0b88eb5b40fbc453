"""A representative sample of the moves of a run: some of each class, each with the weight it stands for."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomstates.barriers.moves import Moves
from atomstates.doas.sites import OTHER, SITES

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Sample:
    """m of the moves of a run, in order of time and ion."""

    move: IntArray
    """(m,) which of all moves."""
    stratum: NDArray[np.str_]
    """(m,) name of its class."""
    weight: FloatArray
    """(m,) moves that each stands for; those of a stratum add up to all of its moves."""
    population: dict[str, int]
    """Moves in each stratum, also in those that are not sampled."""


def strata(found: Moves) -> NDArray[np.str_]:
    """Class of each move by the kinds of its two sites, whatever the direction, shape (M,).

    In equilibrium each hop is made as often back as forth, and both have the same path. Moves from or to
    a site that is neither octahedral nor tetrahedral are ``other``.
    """
    names = [
        "other" if OTHER in pair else " - ".join(SITES[kind] for kind in sorted(pair))
        for pair in found.kinds.tolist()
    ]
    return np.array(names, dtype=np.str_)


def sample(found: Moves, number: int, seed: int) -> Sample:
    """At most ``number`` moves of each class, drawn without replacement; none of the class ``other``.

    A move of a stratum of N, of which n are drawn, has the weight N/n. A weighted mean over the sample
    is then an unbiased estimate of the mean over all moves (Horvitz and Thompson, 1952).

    Parameters
    ----------
    found
        All moves of a run.
    number
        Of moves in each stratum.
    seed
        The same seed and moves give the same sample.
    """
    names = strata(found)
    generator = np.random.default_rng(seed)
    population = {str(name): int(np.sum(names == name)) for name in np.unique(names)}
    chosen, weights = [np.empty(0, dtype=np.int64)], [np.empty(0)]
    for name, size in population.items():
        drawn = min(number, size)
        if name == "other" or not drawn:
            continue
        members = np.flatnonzero(names == name)
        chosen.append(generator.choice(members, drawn, replace=False))
        weights.append(np.full(drawn, size / drawn))
    move, weight = np.concatenate(chosen), np.concatenate(weights)
    order = np.lexsort((found.ion[move], found.first[move]))
    move = move[order]
    return Sample(move, names[move], weight[order], population)
