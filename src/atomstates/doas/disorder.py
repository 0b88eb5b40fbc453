"""How disordered the mobile sublattice is: numbers that follow from the density of states.

Each is a function of sums over states (``Sums``), so the same function gives the value and, over
bootstrap samples, its error.
"""

import numpy as np
from numpy.typing import NDArray

from atomstates.doas.density import BlockSums, Sums
from atomstates.doas.sites import OCTAHEDRAL, SITES, TETRAHEDRAL
from atomstates.products import Measured

FloatArray = NDArray[np.float64]

UNITS = {
    "mean": "eV",
    "width": "eV",
    "entropy": "1",
    "effective_levels": "1",
    "octahedral_fraction": "1",
    "tetrahedral_fraction": "1",
    "other_fraction": "1",
    "gap": "eV",
    "overlap": "1",
    "order_parameter": "1",
    "site_order": "1",
    "initial_site_fraction": "1",
    "sublattice_energy": "eV",
    "cell_energy": "eV",
}
OF_SNAPSHOTS = (
    "order_parameter",
    "site_order",
    "initial_site_fraction",
    "sublattice_energy",
    "cell_energy",
)
_NOTES = {
    "mean": "{zero}",
    "entropy": "-sum g ln(g · 1 eV) dE by bins of {width:g} eV; grows with the sample until they fill",
    "effective_levels": "exp(entropy)/dE: bins of {width:g} eV that are as good as evenly filled",
    "order_parameter": "staggered filling of the channels: 1 ordered, 0 disordered",
    "site_order": "filling of the sites that were filled at the start, among sites that are alike: 1 as at "
    "the start, 0 at random; blind to order in other domains",
    "initial_site_fraction": "share of the ions in the sites that were filled at the start",
    "gap": "mean of tetrahedral minus mean of octahedral states",
    "overlap": "integral of the smaller of both normalised densities, bins of {width:g} eV",
    "sublattice_energy": "per mobile ion, {zero}",
    "cell_energy": "per atom of the relaxed cell; does not depend on how energies are split into atoms",
}
_LEAST_SAMPLES = 0.5
"""Share of the bootstrap samples in which a quantity must exist for an error to be given."""


def entropy(density: FloatArray, width: float) -> float:
    """S = -sum_b g_b ln(g_b · 1 eV) dE, the differential entropy of a histogram.

    It depends on the bin width, and for bins that hold few states it is too low: compare values
    of equal width and like sample. exp(S)/dE is the effective number of levels (filled bins), from 1
    (all states in one bin) to the number of bins.

    Parameters
    ----------
    density
        Normalised, 1/eV, shape (M,).
    width
        Of the bins, eV.
    """
    filled = density[density > 0]
    return float(-np.sum(filled * np.log(filled)) * width)


def overlap(one: FloatArray, other: FloatArray, width: float) -> float:
    """Integral of min(g_1, g_2) of two normalised densities: 1 when equal, 0 when apart."""
    return float(np.minimum(one, other).sum() * width)


def disorder_measures(blocks: BlockSums, sums: Sums) -> FloatArray:
    """All measures in the order of ``UNITS``, shape (14,); NaN where one does not exist."""
    width = blocks.bins.width
    by_class = sums.counts.sum(axis=1)
    n_states = by_class.sum()
    density = sums.counts.sum(axis=0) / (n_states * width)
    mean, spread = _moments(n_states, sums.first.sum(), sums.second.sum())
    kinds = [blocks.of_site(kind) for kind in range(len(SITES))]
    fractions = [by_class[kind].sum() / n_states for kind in kinds]
    total_entropy = entropy(density, width)
    gap, common = np.nan, np.nan
    octahedral, tetrahedral = kinds[OCTAHEDRAL], kinds[TETRAHEDRAL]
    n_oct, n_tet = by_class[octahedral].sum(), by_class[tetrahedral].sum()
    if n_oct and n_tet:
        gap = sums.first[tetrahedral].sum() / n_tet - sums.first[octahedral].sum() / n_oct
        normalised = (
            sums.counts[octahedral].sum(axis=0) / (n_oct * width),
            sums.counts[tetrahedral].sum(axis=0) / (n_tet * width),
        )
        common = overlap(*normalised, width)
    sublattice, cell, *orders = sums.per_snapshot / sums.snapshots
    return np.array(
        [
            mean + blocks.bins.offset,
            spread,
            total_entropy,
            np.exp(total_entropy) / width,
            *fractions,
            gap,
            common,
            *orders,
            sublattice + blocks.bins.offset,
            cell,
        ]
    )


def environment_measures(blocks: BlockSums, sums: Sums) -> FloatArray:
    """Fraction, mean (eV) and width (eV) of every class, flattened from shape (K, 3)."""
    by_class = sums.counts.sum(axis=1)
    rows = [
        (number / by_class.sum(), *np.add(_moments(number, first, second), (blocks.bins.offset, 0.0)))
        for number, first, second in zip(by_class, sums.first, sums.second, strict=True)
    ]
    return np.array(rows, dtype=np.float64).ravel()


def densities(blocks: BlockSums, sums: Sums, columns: list[NDArray[np.bool_]]) -> FloatArray:
    """Total density and that of each set of classes, 1/eV, flattened from shape (1 + C, M)."""
    norm = sums.counts.sum() * blocks.bins.width
    parts = [sums.counts.sum(axis=0), *(sums.counts[chosen].sum(axis=0) for chosen in columns)]
    return np.asarray(np.concatenate(parts) / norm, dtype=np.float64)


def bootstrap_error(samples: FloatArray) -> FloatArray:
    """Standard deviation over bootstrap samples, shape (Q,) from (R, Q); NaN where too few exist."""
    exists = np.isfinite(samples)
    number = exists.sum(axis=0)
    enough = number >= max(2, _LEAST_SAMPLES * len(samples))
    # Summed by hand: nanstd warns of empty columns.
    mean = np.where(exists, samples, 0.0).sum(axis=0) / np.maximum(number, 1)
    squares = np.where(exists, samples - mean, 0.0) ** 2
    deviation = np.sqrt(squares.sum(axis=0) / np.maximum(number - 1, 1))
    return np.where(enough, deviation, np.nan)


def measured_disorder(
    values: FloatArray, errors: FloatArray, n_states: int, blocks: BlockSums
) -> dict[str, Measured]:
    """Values and errors as numbers with unit, sample and note, by name."""
    found = {}
    for (name, unit), value, error in zip(UNITS.items(), values, errors, strict=True):
        sample = int(blocks.snapshots.sum()) if name in OF_SNAPSHOTS else n_states
        note = _NOTES.get(name, "").format(width=blocks.bins.width, zero=blocks.bins.told.words)
        found[name] = measured(value, error, unit, sample, note, blocks.n_blocks)
    return found


def measured(value: float, error: float, unit: str, sample: int, note: str, n_blocks: int) -> Measured:
    """A value that may not exist, with an error that needs at least two blocks."""
    if not np.isfinite(value):
        return Measured(
            None, None, unit, 0, f"{note}; does not exist here" if note else "does not exist here"
        )
    if n_blocks < 2 or not np.isfinite(error):
        why = (
            "no error: one block of snapshots only"
            if n_blocks < 2
            else "no error: in too few bootstrap samples"
        )
        return Measured(float(value), None, unit, sample, f"{note}; {why}" if note else why)
    return Measured(float(value), float(error), unit, sample, note)


def _moments(number: int, first: float, second: float) -> tuple[float, float]:
    """Mean and standard deviation (of the population) from sums; NaN for no states."""
    if number == 0:
        return np.nan, np.nan
    mean = first / number
    # Energies count from the reference, so that the difference loses no digits.
    return float(mean), float(np.sqrt(max(second / number - mean**2, 0.0)))
