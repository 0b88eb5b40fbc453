"""The edge of the sublattice's energy: ``sublattice.csv`` and ``heat_capacity.json`` of a material."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomstates.campaign import MaterialFolder
from atomstates.doas.disorder import measured
from atomstates.doas.heat_capacity import difference_heat_capacity, fluctuation_heat_capacity
from atomstates.doas.outcome import TemperatureDoas
from atomstates.doas.states import States
from atomstates.parallel import Communicator
from atomstates.products import Measured, fingerprint, provenance, write_csv, write_json

FloatArray = NDArray[np.float64]

SUBLATTICE, HEAT_CAPACITY = "sublattice.csv", "heat_capacity.json"
COLUMNS = (
    "temperature_K",
    "run",
    "step",
    "sublattice_energy_eV_per_ion",
    "sublattice_above_lowest_eV_per_ion",
    "cell_energy_eV_per_atom",
    "cell_above_lowest_eV_per_atom",
)
UNIT = "k per mobile ion"


@dataclass(frozen=True)
class RunEnergies:
    """Energies of the S relaxed snapshots of one run."""

    step: NDArray[np.int64]
    sublattice: FloatArray
    """(S,) eV, sum over the mobile ions."""
    cell: FloatArray
    """(S,) eV, all atoms."""
    n_ions: int
    n_atoms: int


def write_sublattice(
    place: MaterialFolder, own: Mapping[str, States], found: Sequence[TemperatureDoas], comm: Communicator
) -> None:
    """Energy of the sublattice and of the cell in every snapshot, and the heat capacity of the cell.

    Parameters
    ----------
    place
        The material.
    own
        States of this rank's runs, by run.
    found
        Every temperature's measures, whose mean energies are those of the finite differences.
    comm
        The ranks; the result does not depend on their number.
    """
    mine = {
        name: RunEnergies(
            states.snapshot_step,
            states.sublattice_energy,
            states.cell_energy,
            n_ions=len(states.energy) // states.n_snapshots,
            n_atoms=states.n_atoms,
        )
        for name, states in own.items()
    }
    runs = {name: part for ranks in comm.gathered(mine) for name, part in ranks.items()}
    if comm.rank == 0:
        folder = place.stage_path("doas")
        write_csv(folder / SUBLATTICE, COLUMNS, _rows(place, runs))
        write_json(folder / HEAT_CAPACITY, _heat_capacities(place, runs, found))


def _rows(place: MaterialFolder, runs: Mapping[str, RunEnergies]) -> Iterator[tuple[Any, ...]]:
    """One row a snapshot; each energy as it is and from the lowest of all temperatures."""
    lowest = min(float(run.sublattice.min()) / run.n_ions for run in runs.values())
    lowest_cell = min(float(run.cell.min()) / run.n_atoms for run in runs.values())
    for run in sorted(place.runs, key=lambda run: (run.temperature, run.replica)):
        part = runs[run.id]
        ions, cells = part.sublattice / part.n_ions, part.cell / part.n_atoms
        for step, ion, cell in zip(part.step.tolist(), ions.tolist(), cells.tolist(), strict=True):
            yield run.temperature, run.id, step, ion, ion - lowest, cell, cell - lowest_cell


def _heat_capacities(
    place: MaterialFolder, runs: Mapping[str, RunEnergies], found: Sequence[TemperatureDoas]
) -> dict[str, Any]:
    """Content of ``heat_capacity.json``."""
    settings = place.campaign.doas
    (n_ions,), (n_atoms,) = ({getattr(run, n) for run in runs.values()} for n in ("n_ions", "n_atoms"))
    entries = []
    for entry in found:
        energies = [runs[run.id].cell for run in place.runs if run.temperature == entry.temperature]
        seed = int(fingerprint(place.campaign.seed, place.name, f"{entry.temperature:g}", "heat"), 16)
        value, error, n_blocks = fluctuation_heat_capacity(
            energies,
            entry.temperature,
            n_ions,
            settings.block_snapshots,
            settings.bootstrap_samples,
            seed,
        )
        note = "fluctuation of the relaxed cell's energy: of the basins that were visited"
        number = measured(value, error, UNIT, entry.n_snapshots, note, n_blocks)
        entries.append(
            {"temperature_K": entry.temperature, "seed": seed, "heat_capacity_of_fluctuations": number}
        )
    return {
        "material": place.name,
        "n_ions": n_ions,
        "n_atoms": n_atoms,
        "temperatures": entries,
        "between": _differences(found, n_ions, n_atoms, place.campaign.md.cell == "mean-npt"),
        "provenance": provenance(),
    }


def _differences(
    found: Sequence[TemperatureDoas], n_ions: int, n_atoms: int, expands: bool
) -> list[dict[str, Any]]:
    """Heat capacity between neighbouring temperatures, from their mean energies."""
    temperatures = np.array([entry.temperature for entry in found])
    numbers = [entry.measures["cell_energy"] for entry in found]
    means, errors = (
        np.array([getattr(number, of) for number in numbers], dtype=np.float64) * n_atoms
        for of in ("value", "error")
    )
    values, spreads = difference_heat_capacity(temperatures, means, errors, n_ions)
    note = "difference of the mean relaxed energies of two temperatures"
    if expands:
        note += "; their cells differ, so the energy of thermal expansion is in it"
    entries = []
    for index, (value, error) in enumerate(zip(values.tolist(), spreads.tolist(), strict=True)):
        sample = numbers[index].sample + numbers[index + 1].sample
        if np.isfinite(error):
            number = Measured(value, error, UNIT, sample, note)
        else:
            number = Measured(value, None, UNIT, sample, f"{note}; no error: a mean has none")
        low, high = found[index].temperature, found[index + 1].temperature
        entries.append(
            {
                "temperature_K": (low + high) / 2,
                "from_K": low,
                "to_K": high,
                "heat_capacity_of_difference": number,
            }
        )
    return entries
