"""The edge of the transitions: states of all runs in; ``transitions.json`` and ``transitions.csv`` out."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomstates.campaign import MaterialFolder
from atomstates.doas.classes import rows_in
from atomstates.doas.states import States
from atomstates.doas.transition_outcome import (
    COLUMNS,
    joined_content,
    transition_checks,
    transition_content,
    transition_rates,
    transition_rows,
)
from atomstates.doas.transitions import (
    TransitionCounts,
    joined,
    transition_classes,
    transition_counts,
)
from atomstates.md.plan import plan
from atomstates.parallel import Communicator
from atomstates.products import Check, fingerprint, write_csv, write_json

TRANSITIONS, TRANSITIONS_CSV = "transitions.json", "transitions.csv"


def write_transitions(
    place: MaterialFolder, own: Mapping[str, States], reference: float, comm: Communicator
) -> tuple[Check, ...]:
    """Rates between classes of states at every temperature and in every run; checks of them.

    Parameters
    ----------
    place
        The material.
    own
        States of this rank's runs, by run.
    reference
        Zero of energies, eV.
    comm
        The ranks; the result does not depend on their number.
    """
    steps = plan(place.campaign.md)
    interval = steps.snapshot_every * steps.timestep
    counts = _all_counts(own, steps.snapshot_every, place.campaign.doas.block_snapshots, comm)
    rows: list[list[Any]] = []
    entries, found = [], {}
    for temperature in sorted(place.campaign.temperatures_K):
        runs = [run.id for run in place.runs if run.temperature == temperature]
        parts = [("", joined([counts[run] for run in runs])), *((run, counts[run]) for run in runs)]
        for run, part in parts:
            seed = int(
                fingerprint(place.campaign.seed, place.name, f"{temperature:g}", run, "transitions"), 16
            )
            rates = transition_rates(part, interval, place.campaign.doas.bootstrap_samples, seed)
            rows += transition_rows(temperature, run, rates)
            if not run:
                found[temperature] = rates
                entries.append(transition_content(temperature, rates, len(runs), reference))
    if comm.rank == 0:
        folder = place.stage_path("doas")
        write_json(folder / TRANSITIONS, joined_content(place.name, interval, entries))
        write_csv(folder / TRANSITIONS_CSV, COLUMNS, rows)
    return transition_checks(found)


def _all_counts(
    own: Mapping[str, States], interval: int, block_snapshots: int, comm: Communicator
) -> dict[str, TransitionCounts]:
    """Transitions of every run among all classes that occur in any."""
    kinds = {name: transition_classes(states.site, states.edge_sharing) for name, states in own.items()}
    distinct = [np.unique(rows, axis=0) for rows in kinds.values()]
    classes: NDArray[np.int64] = np.unique(
        np.concatenate([rows for ranks in comm.gathered(distinct) for rows in ranks]), axis=0
    )
    counts = {
        name: transition_counts(
            rows_in(kinds[name], classes),
            states.site_key,
            states.ion,
            states.energy,
            states.snapshot_step,
            interval,
            classes,
            block_snapshots,
        )
        for name, states in own.items()
    }
    return {name: part for ranks in comm.gathered(counts) for name, part in ranks.items()}
