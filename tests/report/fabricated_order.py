"""Onsets as the stage finds them in fabricated measures, and an order over sites that follows a formula."""

from dataclasses import asdict

import numpy as np

from atomstates.doas.onsets import onsets
from atomstates.doas.outcome import TemperatureDoas
from atomstates.products import Measured, write_json


def onsets_of(entries):
    """Onsets of entries of doas.json whose numbers are Measured."""
    found = [
        TemperatureDoas(
            temperature=entry["temperature_K"],
            n_states=entry["n_states"],
            n_snapshots=entry["n_snapshots"],
            n_rejected=0,
            n_runs=entry["n_runs"],
            n_blocks=17,
            seed=1,
            measures={key: number for key, number in entry.items() if isinstance(number, Measured)},
            environments=[{**row, "fraction": asdict(row["fraction"])} for row in entry["environments"]],
            columns=[],
            density=np.zeros((1, 1)),
            density_error=np.zeros((1, 1)),
        )
        for entry in entries
    ]
    return onsets(found, seed=1)


def write_order(folder, material, orders):
    """Two sublattices, five and four of six sites full, whose order by temperature is given.

    At 500 K it was still falling, by 0.3.
    """

    def measured(value, error=0.02):
        return Measured(float(value), error, "1", 50)

    def occupation(filled, order):
        random = filled / 6
        return {
            "initially_filled": measured(random + (1 - random) * order),
            "initially_vacant": measured(random * (1 - order)),
        }

    def halves(temperature, order):
        falls = temperature == 500
        first, second = (measured(order + sign * 0.15 * falls) for sign in (1, -1))
        return {"first": first, "second": second, "falls": falls}

    write_json(
        folder / "order.json",
        {
            "material": material.name,
            "space_group": "P-3m1",
            "symmetry_tolerance_A": 0.5,
            "ions_outside": 0,
            "sublattices": [
                {
                    "site": "octahedral",
                    "sites_per_unit_cell": 6.0,
                    "filled_per_unit_cell": float(n),
                    "ions": 8 * n,
                }
                for n in (5, 4)
            ],
            "temperatures": [
                {
                    "temperature_K": temperature,
                    "n_snapshots": 50,
                    "occupations": [
                        {"sublattice": index, **occupation(n, order)} for index, n in ((1, 5), (2, 4))
                    ],
                }
                for temperature, order in orders.items()
            ],
            "runs": [
                {
                    "run": run.id,
                    "temperature_K": run.temperature,
                    "site_order": measured(orders[run.temperature]),
                    "order_parameter": measured(np.sqrt(orders[run.temperature])),
                    "halves": {"site_order": halves(run.temperature, orders[run.temperature])},
                }
                for run in material.runs
            ],
        },
    )
