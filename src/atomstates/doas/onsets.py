"""Onset temperature of every measure of disorder: where its lines against T have a kink or a jump."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomstates.doas.outcome import TemperatureDoas
from atomstates.doas.transition import broken_line, loss_of_order
from atomstates.products import Measured

FloatArray = NDArray[np.float64]
Rows = list[tuple[float, float, float]]

MEASURES = {
    "mean": "mean relaxed energy of the ions",
    "cell_energy": "mean relaxed energy of the whole cell",
    "width": "width of the DOAS",
    "entropy": "entropy of the DOAS",
    "effective_levels": "effective number of levels",
    "gap": "tetrahedral − octahedral gap",
    "overlap": "overlap of octahedral and tetrahedral",
    "tetrahedral_fraction": "tetrahedral fraction",
    "order_parameter": "order of the channels",
    "site_order": "order over sites that are alike",
    "initial_site_fraction": "share of the ions in the initial sites",
}
"""What each measure is in words, in the order in which they are told; occupancies follow."""
HALF = "_below_one_half"
"""Ends the name of what tells where an order falls below one half."""
LEAST_FRACTION = 0.05
"""Share of the ions that an environment must hold at some temperature."""
_ORDERS = ("order_parameter", "site_order")
_OF_IONS = (*_ORDERS, "tetrahedral_fraction", "initial_site_fraction")
"""Measures that are numbers of ions over a number of ions."""


def onsets(found: Sequence[TemperatureDoas], seed: int) -> dict[str, Measured]:
    """Onset temperature (K) of each measure, or in its note why there is none.

    Each measure is judged alone, by straight lines against T with a kink, a jump or neither
    (:func:`atomstates.piecewise.transition`): a measure that bends smoothly (as an activated
    fraction does) is said to do so and has no onset. The orders also have the interval in which they
    fall below one half (:func:`atomstates.doas.transition.loss_of_order`), which needs fewer temperatures.

    All measures are of the same snapshots and states, so that their errors are correlated, some of them
    nearly fully (entropy and effective levels are functions of each other): they test
    each other's sense, they are not independent samples, and no mean of their onsets is formed.

    A fraction that is equal in all blocks has an error of zero, which says only that the sample is
    small: it is taken to be that of one ion elsewhere in one block, 1/(ions × blocks).

    Parameters
    ----------
    found
        All temperatures.
    seed
        Of the bootstrap.
    """
    told = {}
    for name, words in MEASURES.items():
        rows = [(entry, entry.measures[name]) for entry in found if name in entry.measures]
        if not any(number.value is not None for _, number in rows):
            continue
        points = _points(rows, floored=name in _OF_IONS)
        told[name] = broken_line(words, *points, seed)
        if name in _ORDERS:
            told[f"{name}{HALF}"] = loss_of_order(*points)
    for name, numbers in _occupancies(found).items():
        words = f"share of ions that are {name.removesuffix('_fraction').replace('_', ' ')}"
        told[name] = broken_line(words, *_points(numbers, floored=True), seed)
    return told


def _points(
    numbers: Sequence[tuple[TemperatureDoas, Measured]], *, floored: bool
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Temperatures, values and errors where there are any, coldest first."""
    rows: Rows = []
    for entry, number in numbers:
        if number.value is None or number.error is None:
            continue
        error = number.error
        if floored and error == 0:
            error = entry.n_snapshots / (entry.n_states * entry.n_blocks)
        if error > 0:
            rows.append((entry.temperature, number.value, error))
    table = np.array(sorted(rows), dtype=np.float64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def _occupancies(
    found: Sequence[TemperatureDoas],
) -> dict[str, list[tuple[TemperatureDoas, Measured]]]:
    """Fraction of each populous octahedral environment at every temperature, by name."""
    by_name: dict[str, list[tuple[TemperatureDoas, Measured]]] = {}
    for entry in found:
        for name, number in _octahedral(entry.environments):
            by_name.setdefault(name, []).append((entry, number))
    return {
        name: numbers
        for name, numbers in sorted(by_name.items())
        if max(number.value or 0.0 for _, number in numbers) >= LEAST_FRACTION
    }


def _octahedral(environments: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Measured]]:
    """Name and fraction of each octahedral environment."""
    for row in environments:
        if row["site"] != "octahedral":
            continue
        name = f"octahedral_{row['edge_sharing']}_edge_sharing"
        name += f"_{row['face_sharing']}_face_sharing" if row["face_sharing"] else ""
        name += "".join(f"_{n}_{element}" for element, n in (row.get("anions") or {}).items())
        yield f"{name}_fraction", Measured(**row["fraction"])
