"""Density of states and disorder of one temperature, with errors from the bootstrap."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomstates.doas.density import (
    Bins,
    BlockSums,
    Sums,
    bootstrap_weights,
    shown_classes,
    weighted_sums,
)
from atomstates.doas.disorder import (
    UNITS,
    bootstrap_error,
    densities,
    disorder_measures,
    environment_measures,
    measured,
    measured_disorder,
)
from atomstates.doas.sites import OTHER, SITES
from atomstates.parallel import Communicator, share
from atomstates.products import Check, Measured

FloatArray = NDArray[np.float64]

_FEWEST_BLOCKS = 5
_MOST_OTHER = 0.05
_SAME = 1e-9
_SAMPLES_AT_A_TIME = 16


@dataclass(frozen=True)
class TemperatureDoas:
    """All that is known of a material at one temperature."""

    temperature: float
    """K"""
    n_states: int
    n_snapshots: int
    n_rejected: int
    n_runs: int
    n_blocks: int
    seed: int
    measures: dict[str, Measured]
    environments: list[dict[str, Any]]
    columns: list[str]
    """Names of the partial densities."""
    density: FloatArray
    """Total, then each column, 1/eV, shape (1 + C, M)."""
    density_error: FloatArray
    """The same shape; NaN where there is none."""


def bootstrapped(
    temperature: float,
    blocks: BlockSums,
    n_runs: int,
    n_rejected: int,
    n_samples: int,
    seed: int,
    comm: Communicator,
) -> TemperatureDoas:
    """Values from all blocks, errors from resampled ones (drawn in shares, one stream a sample)."""
    columns = shown_classes(blocks.classes)
    chosen = list(columns.values())

    def everything(sums: Sums) -> FloatArray:
        return np.concatenate(
            [
                disorder_measures(blocks, sums),
                environment_measures(blocks, sums),
                densities(blocks, sums, chosen).ravel(),
            ]
        )

    (all_of,) = weighted_sums(blocks, np.ones((1, blocks.n_blocks), dtype=np.int64))
    values = everything(all_of)
    own: dict[int, FloatArray] = {}
    samples = list(share(range(n_samples), comm))
    for start in range(0, len(samples), _SAMPLES_AT_A_TIME):
        some = samples[start : start + _SAMPLES_AT_A_TIME]
        weights = np.array([bootstrap_weights(blocks.n_blocks, seed, sample) for sample in some])
        own |= zip(some, map(everything, weighted_sums(blocks, weights)), strict=True)
    drawn = {sample: row for ranks in comm.gathered(own) for sample, row in ranks.items()}
    errors = bootstrap_error(np.array([drawn[sample] for sample in range(n_samples)]))
    if blocks.n_blocks < 2:
        errors = np.full_like(errors, np.nan)
    ends = np.cumsum([len(UNITS), 3 * len(blocks.classes)])
    disorder, environments, density = np.split(values, ends)
    disorder_error, environment_error, density_error = np.split(errors, ends)
    n_states = int(blocks.counts.sum())
    shape = (1 + len(chosen), blocks.bins.number)
    return TemperatureDoas(
        temperature=temperature,
        n_states=n_states,
        n_snapshots=int(blocks.snapshots.sum()),
        n_rejected=n_rejected,
        n_runs=n_runs,
        n_blocks=blocks.n_blocks,
        seed=seed,
        measures=measured_disorder(disorder, disorder_error, n_states, blocks),
        environments=_environments(blocks, environments, environment_error),
        columns=list(columns),
        density=density.reshape(shape),
        density_error=density_error.reshape(shape),
    )


def temperature_content(entry: TemperatureDoas) -> dict[str, Any]:
    """Entry of ``doas.json``."""
    return {
        "temperature_K": entry.temperature,
        "n_states": entry.n_states,
        "n_snapshots": entry.n_snapshots,
        "n_rejected": entry.n_rejected,
        "n_runs": entry.n_runs,
        "n_blocks": entry.n_blocks,
        "seed": entry.seed,
        **{name: asdict(number) for name, number in entry.measures.items()},
        "environments": entry.environments,
    }


def density_checks(found: Sequence[TemperatureDoas], bins: Bins) -> tuple[Check, ...]:
    """Partials against total, normalisation, rejected snapshots, sites, size of the sample."""
    norms = np.array([entry.density[0].sum() * bins.width for entry in found])
    kinds = slice(1, 1 + len(SITES))
    apart = max(
        float(np.abs(e.density[kinds].sum(axis=0) - e.density[0]).max() / e.density[0].max()) for e in found
    )
    n_rejected = sum(entry.n_rejected for entry in found)
    n_snapshots = sum(entry.n_snapshots for entry in found)
    other = {entry.temperature: entry.measures[f"{SITES[OTHER]}_fraction"].value or 0.0 for entry in found}
    worst = max(other, key=lambda temperature: other[temperature])
    few = [f"{e.temperature:g} K: {e.n_blocks} blocks" for e in found if e.n_blocks < _FEWEST_BLOCKS]
    off = float(np.abs(norms - 1).max())
    return (
        Check(
            "normalisation", "PASS" if off < _SAME else "FAIL", f"integrals of g(E) are 1 within {off:.1e}"
        ),
        Check(
            "partials",
            "PASS" if apart < _SAME else "FAIL",
            f"partial densities add up to the total within {apart:.1e}",
        ),
        Check(
            "snapshots",
            "PASS" if n_rejected == 0 else "WARN",
            f"{n_rejected} of {n_snapshots + n_rejected} relaxed snapshots failed a check and are left out",
        ),
        Check(
            "sites",
            "PASS" if other[worst] < _MOST_OTHER else "WARN",
            f"at most {other[worst]:.1%} of the ions are neither octahedral nor tetrahedral (at "
            f"{worst:g} K; below {_MOST_OTHER:.0%} expected)",
        ),
        Check(
            "sample",
            "PASS" if not few else "WARN",
            f"{min(e.n_snapshots for e in found)} snapshots or more at each temperature"
            + (
                f"; too few blocks for sound errors ({', '.join(few)}; {_FEWEST_BLOCKS} needed): run "
                "longer, take more replicas, or smaller block_snapshots"
                if few
                else ""
            ),
        ),
    )


def _environments(blocks: BlockSums, values: FloatArray, errors: FloatArray) -> list[dict[str, Any]]:
    """One entry for each class: what it is, how many ions are in it, mean and width of its energies."""
    by_class = blocks.counts.sum(axis=(0, 2))
    n_states = int(by_class.sum())
    entries = []
    for row, (kind, edge, face, *numbers) in enumerate(blocks.classes):
        fraction, mean, width = (
            measured(values[3 * row + i], errors[3 * row + i], unit, sample, note, blocks.n_blocks)
            for i, (unit, sample, note) in enumerate(
                (
                    ("1", n_states, "share of the mobile ions"),
                    ("eV", int(by_class[row]), blocks.bins.told.words),
                    ("eV", int(by_class[row]), "standard deviation"),
                )
            )
        )
        anions = {name: int(n) for name, n in zip(blocks.anion_species, numbers, strict=True)}
        entries.append(
            {
                "site": SITES[kind],
                "edge_sharing": int(edge),
                "face_sharing": int(face),
                **({"anions": anions} if anions else {}),
                "fraction": asdict(fraction),
                "mean": asdict(mean),
                "width": asdict(width),
            }
        )
    return entries
