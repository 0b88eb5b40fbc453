"""The spread over models as content of ``spread.json``, rows of its tables, and verdict."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomstates.doas.density import Bins
from atomstates.doas.disorder import OF_SNAPSHOTS, UNITS, measured
from atomstates.doas.model_pairs import PAIR_NOTES, PAIR_UNITS
from atomstates.doas.spread import ModelSpread, spread_over
from atomstates.products import Check, Measured

FloatArray = NDArray[np.float64]

MEASURES_COLUMNS = ("temperature_K", "quantity", "model", "value", "error", "unit")
SPREAD = "spread"
_OF_CELLS = ("cell_correlation", "cell_rms_difference")
_NOTES = {
    "mean": "from the lowest state of the model",
    "sublattice_energy": "per mobile ion, from the lowest state of the model",
    "cell_energy": "per atom, from the lowest cell of the model; free of the gauge",
}
_MOST_OF_WIDTH = 0.5
"""Differences of the same ions' energies that are larger, as a part of the width of the density, say
that the models do not tell the same states apart."""
_LEAST_SAME_SITE = 0.95
_NO_WIDTH = 1e-9
"""eV"""


@dataclass(frozen=True)
class Model:
    """A model: its name in products, its file, hash of the potential, zeros (eV; of the cell per atom)."""

    name: str
    file: str
    potential: str
    zero: float
    cell_zero: float


def spread_content(
    material: str, models: Sequence[Model], bins: Bins, found: Sequence[ModelSpread]
) -> dict[str, Any]:
    """Content of ``spread.json``."""
    return {
        "material": material,
        "bin_width_eV": bins.width,
        "models": [
            {
                "name": model.name,
                "file": model.file,
                "potential": model.potential,
                "zero_eV": model.zero,
                "cell_zero_eV_per_atom": model.cell_zero,
            }
            for model in models
        ],
        "temperatures": [_temperature_content(models, entry) for entry in found],
    }


def _temperature_content(models: Sequence[Model], entry: ModelSpread) -> dict[str, Any]:
    """One temperature of ``spread.json``."""
    return {
        "temperature_K": entry.temperature,
        "n_states": entry.n_states,
        "n_snapshots": entry.n_snapshots,
        "n_blocks": entry.n_blocks,
        "seed": entry.seed,
        "measures": {
            name: {
                SPREAD: _spread(entry, q),
                **{
                    model.name: _measured(
                        entry, name, unit, entry.measures[k, q], entry.measures_error[k, q], _NOTES
                    )
                    for k, model in enumerate(models)
                },
            }
            for q, (name, unit) in enumerate(UNITS.items())
        },
        "against_first": {
            model.name: {
                name: _measured(entry, name, unit, entry.pairs[k, q], entry.pairs_error[k, q], PAIR_NOTES)
                for q, (name, unit) in enumerate(PAIR_UNITS.items())
            }
            for k, model in enumerate(models[1:])
        },
    }


def _spread(entry: ModelSpread, q: int) -> Measured:
    """Spread of a measure."""
    name, unit = list(UNITS.items())[q]
    note = f"standard deviation over {len(entry.measures)} models"
    return _measured(entry, name, unit, entry.spread[q], entry.spread_error[q], {name: note})


def _measured(
    entry: ModelSpread, name: str, unit: str, value: float, error: float, notes: dict[str, str]
) -> Measured:
    """A number of one temperature."""
    of_snapshots = name in OF_SNAPSHOTS or name in _OF_CELLS
    sample = entry.n_snapshots if of_snapshots else entry.n_states
    return measured(value, error, unit, sample, notes.get(name, ""), entry.n_blocks)


def density_columns(models: Sequence[Model]) -> list[str]:
    """Header of ``spread.csv``."""
    band = ["lowest", "highest", "lowest_less_error", "highest_plus_error", "mean", "standard_deviation"]
    own = [f"{model.name}{end}" for model in models for end in ("", "_error")]
    return ["temperature_K", "energy_eV", *(f"{name}_per_eV" for name in (*band, *own))]


def density_rows(bins: Bins, found: Sequence[ModelSpread]) -> Iterator[list[str]]:
    """Rows of ``spread.csv``; an error that does not exist is an empty cell."""
    for entry in found:
        own = np.stack([entry.density, entry.density_error], axis=1).reshape(-1, bins.number)
        mean = np.sort(entry.density, axis=0).mean(axis=0)
        columns = np.vstack([entry.band, entry.band_with_error, mean, spread_over(entry.density), own])
        for centre, values in zip(bins.centres, columns.T, strict=True):
            yield [f"{entry.temperature:g}", f"{centre:.10g}", *map(_cell, values)]


def measures_rows(models: Sequence[Model], found: Sequence[ModelSpread]) -> Iterator[list[str]]:
    """Rows of ``spread_measures.csv``: each measure's spread and of each model, then pairs."""
    for entry in found:
        for q, (name, unit) in enumerate(UNITS.items()):
            values = [(SPREAD, entry.spread[q], entry.spread_error[q])]
            values += [
                (model.name, entry.measures[k, q], entry.measures_error[k, q])
                for k, model in enumerate(models)
            ]
            for whose, value, error in values:
                yield [f"{entry.temperature:g}", name, whose, _cell(value), _cell(error), unit]
        for k, model in enumerate(models[1:]):
            for q, (name, unit) in enumerate(PAIR_UNITS.items()):
                row = (_cell(entry.pairs[k, q]), _cell(entry.pairs_error[k, q]), unit)
                yield [f"{entry.temperature:g}", f"{name}_with_first", model.name, *row]


def _cell(value: float) -> str:
    return repr(float(value)) if np.isfinite(value) else ""


def spread_check(found: Sequence[ModelSpread]) -> Check:
    """Whether the models agree on which ions are high and which are low, and where they are."""
    names = list(PAIR_UNITS)
    rms, same = names.index("rms_difference"), names.index("same_site")
    width = list(UNITS).index("width")
    parts = {
        e.temperature: float(e.pairs[:, rms].max() / max(e.measures[0, width], _NO_WIDTH)) for e in found
    }
    sites = {e.temperature: float(e.pairs[:, same].min()) for e in found}
    worst, fewest = max(parts, key=lambda t: parts[t]), min(sites, key=lambda t: sites[t])
    agree = parts[worst] <= _MOST_OF_WIDTH and sites[fewest] >= _LEAST_SAME_SITE
    return Check(
        "spread over models",
        "PASS" if agree else "WARN",
        f"relative energies of the same ions differ by up to {parts[worst]:.2g} widths of the density of "
        f"states (rms, {worst:g} K; {_MOST_OF_WIDTH:g} allowed), and at least {sites[fewest]:.1%} of the "
        f"ions are in the same site ({fewest:g} K; {_LEAST_SAME_SITE:.0%} expected)",
    )
