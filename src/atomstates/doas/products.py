"""What all runs of a material have in common, and ``doas.json`` and ``density.csv`` made of them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atomstates.doas.classes import occurring_classes
from atomstates.doas.density import Bins, common_bins
from atomstates.doas.onsets import onsets
from atomstates.doas.outcome import TemperatureDoas, temperature_content
from atomstates.doas.smoothing import bandwidth, smoothed
from atomstates.doas.states import States
from atomstates.doas.transition import transition_temperatures
from atomstates.doas.zero import Reference, zero
from atomstates.parallel import Communicator
from atomstates.products import fingerprint, provenance, write_csv

IntArray = NDArray[np.int64]


def common_ground(
    own: dict[str, States], width: float, comm: Communicator, reference: Reference = "lowest"
) -> tuple[Bins, IntArray]:
    """Bins from the lowest state of all runs up, with the zero that is asked for, and all classes."""
    energies = [(states.energy.min(), states.energy.max()) for states in own.values()]
    kinds = [occurring_classes(states) for states in own.values()]
    all_energies = np.array([pair for ranks in comm.gathered(energies) for pair in ranks])
    classes = np.unique(np.concatenate([rows for ranks in comm.gathered(kinds) for rows in ranks]), axis=0)
    bins = common_bins(float(all_energies[:, 0].min()), float(all_energies[:, 1].max()), width)
    bins = replace(bins, zero=zero(reference, own, bins.reference, comm))
    return bins, np.asarray(classes, dtype=np.int64)


def doas_content(
    name: str, bins: Bins, found: Sequence[TemperatureDoas], seed: int, smoothing: float | None = None
) -> dict[str, object]:
    """Content of ``doas.json``; the seed is that of the search for a transition."""
    return {
        "material": name,
        "zero": bins.told.reference,
        "reference_energy_eV": bins.told.energy,
        "lowest_state_eV": bins.reference,
        "bin_width_eV": bins.width,
        "smoothing_eV": bandwidth(smoothing, bins.width),
        "temperatures": [temperature_content(entry) for entry in found],
        "transition_temperatures": transition_temperatures(
            [entry.temperature for entry in found],
            [entry.measures for entry in found],
            int(fingerprint(seed, name, "transition"), 16),
        ),
        "onsets": onsets(found, int(fingerprint(seed, name, "onsets"), 16)),
        "provenance": provenance(),
    }


def write_density_table(
    path: Path, bins: Bins, found: Sequence[TemperatureDoas], smoothing: float | None = None
) -> None:
    """``density.csv``: per temperature and bin, total and partial densities with errors, a smooth total.

    ``smoothing`` is the standard deviation of the kernel (eV), None for half a bin; 0: no such column.
    """
    deviation = bandwidth(smoothing, bins.width)
    columns = ["total", *found[0].columns]
    header = ["temperature_K", "energy_eV"]
    header += [f"{name}{end}" for name in columns for end in ("_per_eV", "_error_per_eV")]
    header += ["total_smoothed_per_eV"] if deviation else []
    write_csv(path, header, _density_rows(bins, found, deviation))


def _density_rows(bins: Bins, found: Sequence[TemperatureDoas], deviation: float) -> Iterator[list[str]]:
    """Rows of ``density.csv``; an error that does not exist is an empty cell."""
    for entry in found:
        smooth = smoothed(entry.density[0], bins.width, deviation)
        for b, centre in enumerate(bins.centres):
            row = [f"{entry.temperature:g}", f"{centre:.10g}"]
            for value, error in zip(entry.density[:, b], entry.density_error[:, b], strict=True):
                row += [repr(float(value)), repr(float(error)) if np.isfinite(error) else ""]
            yield row + ([repr(float(smooth[b]))] if deviation else [])
