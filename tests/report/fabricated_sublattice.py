"""Energies of snapshots and the heat capacity of fabricated results: ions with two levels 0.1 eV apart."""

import numpy as np
from scipy.special import ndtri

from atomstates.doas.heat_capacity import difference_heat_capacity
from atomstates.doas.sublattice import COLUMNS, HEAT_CAPACITY, SUBLATTICE, UNIT
from atomstates.products import Measured, write_csv, write_json

KT, GAP, N_IONS, N_ATOMS, N_SNAPSHOTS = 8.617333e-5, 0.1, 72, 240, 50


def write_sublattice(folder, material) -> None:
    """Normal distributions (their quantiles) with the mean and variance of the two levels."""
    rows, at, means = [], [], []
    temperatures = sorted(material.campaign.temperatures_K)
    for temperature in temperatures:
        share = 1 / (1 + np.exp(GAP / (KT * temperature)))
        variance = share * (1 - share) * GAP**2 / N_IONS
        ion = share * GAP + np.sqrt(variance) * ndtri((np.arange(N_SNAPSHOTS) + 0.5) / N_SNAPSHOTS)
        (run,) = (run.id for run in material.runs if run.temperature == temperature)
        cell = ion * N_IONS / N_ATOMS
        rows += [
            (temperature, run, 500 * step, -4.0 + i, i, -4.3 + c, c)
            for step, (i, c) in enumerate(zip(ion.tolist(), cell.tolist(), strict=True))
        ]
        means.append(share * GAP * N_IONS)
        number = Measured(variance * N_IONS / (KT * temperature) ** 2, 0.03, UNIT, N_SNAPSHOTS)
        at.append({"temperature_K": temperature, "heat_capacity_of_fluctuations": number})
    value, error = difference_heat_capacity(
        np.array(temperatures, dtype=float), np.array(means), np.full(len(means), 0.05), N_IONS
    )
    between = [
        {
            "temperature_K": (low + high) / 2,
            "from_K": low,
            "to_K": high,
            "heat_capacity_of_difference": Measured(float(v), float(e), UNIT, 2 * N_SNAPSHOTS),
        }
        for low, high, v, e in zip(temperatures, temperatures[1:], value, error, strict=False)
    ]
    lowest = [min(row[place] for row in rows) for place in (4, 6)]
    rows = [(*row[:4], row[4] - lowest[0], row[5], row[6] - lowest[1]) for row in rows]
    write_csv(folder / SUBLATTICE, COLUMNS, rows)
    write_json(
        folder / HEAT_CAPACITY,
        {
            "material": material.name,
            "n_ions": N_IONS,
            "n_atoms": N_ATOMS,
            "temperatures": at,
            "between": between,
        },
    )
