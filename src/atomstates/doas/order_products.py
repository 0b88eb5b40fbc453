"""The edge of the order over sites: ``order.json`` of a material, by sublattice, run and temperature."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomstates.campaign import MaterialFolder
from atomstates.doas.assignment import roles
from atomstates.doas.density import bootstrap_weights
from atomstates.doas.disorder import bootstrap_error, measured
from atomstates.doas.settling import Halves, halves, settling_check
from atomstates.doas.sites import SITES
from atomstates.doas.states import States
from atomstates.doas.sublattices import SYMMETRY_TOLERANCE, Sublattices, occupations, site_sublattices
from atomstates.parallel import Communicator
from atomstates.potentials.crystal import read_crystal
from atomstates.products import Check, Measured, fingerprint, provenance, write_json

FloatArray = NDArray[np.float64]

ORDER = "order.json"
ORDERS = {
    "order_parameter": "staggered filling of the channels",
    "site_order": "1 as at the start, 0 at random over sites that are alike; blind to other domains",
    "initial_site_fraction": "share of the ions in the sites that were filled at the start",
}
"""Orders of a run, and what their notes say."""
_MOST_OUTSIDE = 0.05


def write_order(place: MaterialFolder, own: Mapping[str, States], comm: Communicator) -> tuple[Check, ...]:
    """Order of every run, and occupation of each sublattice at every temperature: ``order.json``.

    With checks of the sublattices, and of whether the order of every run has settled.

    Parameters
    ----------
    place
        The material.
    own
        States of this rank's runs, by run.
    comm
        The ranks; the result does not depend on their number.
    """
    potentials, material = place.stage_path("potentials"), place.material
    crystal = read_crystal(potentials / "structure.data", potentials / "structure.json")
    sublattices = site_sublattices(crystal, roles(crystal.element, material.mobile, material.anions))
    mine = {name: _per_snapshot(states, sublattices) for name, states in own.items()}
    runs = {name: part for ranks in comm.gathered(mine) for name, part in ranks.items()}
    settled = {
        run.id: _halves(runs[run.id]["orders"], place.campaign.doas.block_snapshots)
        for run in sorted(place.runs, key=lambda run: (run.temperature, run.replica))
    }
    checks = (_check(sublattices), *settling_check(settled))
    if comm.rank != 0:
        return checks
    content = {
        "material": place.name,
        "space_group": sublattices.space_group,
        "symmetry_tolerance_A": SYMMETRY_TOLERANCE,
        "ions_outside": sublattices.n_outside,
        "sublattices": _described(sublattices, int(np.prod(crystal.supercell))),
        "temperatures": [
            _temperature(place, temperature, runs, sublattices)
            for temperature in sorted(place.campaign.temperatures_K)
        ],
        "runs": [
            {
                "run": run.id,
                "temperature_K": run.temperature,
                **_run_orders(place, run.id, runs[run.id]),
                "halves": _halves_content(settled[run.id], len(runs[run.id]["orders"])),
            }
            for run in sorted(place.runs, key=lambda run: (run.temperature, run.replica))
        ],
        "provenance": provenance(),
    }
    write_json(place.stage_path("doas") / ORDER, content)
    return checks


def bootstrapped_means(
    values: Sequence[FloatArray], block_snapshots: int, n_samples: int, seed: int
) -> tuple[FloatArray, FloatArray, int]:
    """Mean over snapshots of each of Q quantities, its error by block bootstrap, and the number of blocks.

    Parameters
    ----------
    values
        Of each run, in order of time, shape (S, Q); no block spans two runs.
    block_snapshots, n_samples, seed
        Of the bootstrap.
    """
    sums, numbers = [], []
    for part in values:
        starts = np.arange(0, len(part), block_snapshots)
        sums.append(np.add.reduceat(part, starts, axis=0))
        numbers.append(np.diff(np.append(starts, len(part))))
    of_blocks, n = np.concatenate(sums), np.concatenate(numbers)
    weights = np.array([bootstrap_weights(len(n), seed, sample) for sample in range(n_samples)])
    errors = bootstrap_error((weights @ of_blocks) / (weights @ n)[:, None])
    return of_blocks.sum(axis=0) / n.sum(), errors, len(n)


def _check(sublattices: Sublattices) -> Check:
    """Whether the order over sites is that of all ions."""
    n_ions = int(sublattices.ions.sum()) + sublattices.n_outside
    outside = sublattices.n_outside / n_ions
    shared = int(np.sum(sublattices.ions > 1))
    return Check(
        "sublattices",
        "PASS" if outside < _MOST_OUTSIDE and not shared else "WARN",
        f"framework {sublattices.space_group} within {SYMMETRY_TOLERANCE:g} Å; {len(sublattices.occupied)} "
        f"of its sublattices of sites hold ions in the crystal; {outside:.1%} of the {n_ions} ions are in "
        f"no octahedron or tetrahedron (below {_MOST_OUTSIDE:.0%} expected), {shared} sites hold several",
    )


def _per_snapshot(states: States, sublattices: Sublattices) -> dict[str, FloatArray]:
    """Orders (S, 3) and occupations (S, G) of a run."""
    n_ions = len(states.energy) // states.n_snapshots
    keys = states.site_key.reshape(states.n_snapshots, n_ions)
    return {
        "orders": np.column_stack([getattr(states, name) for name in ORDERS]),
        "occupations": np.array([occupations(one, sublattices) for one in keys]),
    }


def _described(sublattices: Sublattices, n_cells: int) -> list[dict[str, Any]]:
    """Every sublattice that holds ions in the crystal."""
    return [
        {
            "site": SITES[sublattices.kind[of_it][0]],
            "sites_per_unit_cell": int(of_it.sum()) / n_cells,
            "filled_per_unit_cell": int(sublattices.filled[of_it].sum()) / n_cells,
            "ions": int(sublattices.ions[of_it].sum()),
        }
        for of_it in (sublattices.orbit == orbit for orbit in sublattices.occupied)
    ]


def _temperature(
    place: MaterialFolder,
    temperature: float,
    runs: Mapping[str, Mapping[str, FloatArray]],
    sublattices: Sublattices,
) -> dict[str, Any]:
    """Occupation of the sites of each sublattice that were filled, and of those that were vacant."""
    settings = place.campaign.doas
    names = [run.id for run in place.runs if run.temperature == temperature]
    seed = int(fingerprint(place.campaign.seed, place.name, f"{temperature:g}", "occupations"), 16)
    values = [runs[name]["occupations"] for name in names]
    means, errors, n_blocks = bootstrapped_means(
        values, settings.block_snapshots, settings.bootstrap_samples, seed
    )
    sample = sum(len(part) for part in values)
    rows = []
    for index in range(len(sublattices.occupied)):
        filled, vacant = (
            measured(
                means[column],
                errors[column],
                "1",
                sample,
                f"ions per site that was {word} at the start",
                n_blocks,
            )
            for column, word in ((2 * index, "filled"), (2 * index + 1, "vacant"))
        )
        rows.append({"sublattice": index + 1, "initially_filled": filled, "initially_vacant": vacant})
    return {"temperature_K": temperature, "n_snapshots": sample, "occupations": rows}


def _run_orders(place: MaterialFolder, name: str, run: Mapping[str, FloatArray]) -> dict[str, Measured]:
    """Orders of one run."""
    settings = place.campaign.doas
    seed = int(fingerprint(place.campaign.seed, place.name, name, "order"), 16)
    means, errors, n_blocks = bootstrapped_means(
        [run["orders"]], settings.block_snapshots, settings.bootstrap_samples, seed
    )
    return {
        key: measured(means[row], errors[row], "1", len(run["orders"]), note, n_blocks)
        for row, (key, note) in enumerate(ORDERS.items())
    }


def _halves(orders: FloatArray, block_snapshots: int) -> dict[str, Halves]:
    """Each order of a run (S, 3) in either half of it, where it can be told."""
    found = {
        key: halves(values, block_snapshots)
        for key, values in zip(ORDERS, orders.T, strict=True)
        if key != "initial_site_fraction"
    }
    return {key: of_it for key, of_it in found.items() if of_it is not None}


def _halves_content(found: Mapping[str, Halves], n_snapshots: int) -> dict[str, Any]:
    """First and second half of each order of a run, and whether it falls."""
    middle = n_snapshots // 2
    return {
        key: {
            "first": Measured(*one.first, "1", middle, "in the first half of the run"),
            "second": Measured(*one.second, "1", n_snapshots - middle, "in the second half of the run"),
            "falls": one.falls,
        }
        for key, one in found.items()
    }
