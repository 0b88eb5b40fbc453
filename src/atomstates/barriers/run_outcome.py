"""What is told of the hops of one run: entries, content of ``barriers.json``, numbers and checks."""

from typing import Any

import numpy as np

from atomstates.barriers.entries import failure_entry, failures, outcome_entry
from atomstates.barriers.harvest import Lost
from atomstates.barriers.profile import Failure
from atomstates.barriers.run_hops import RunHops
from atomstates.barriers.sites import SiteNames
from atomstates.barriers.splitting import Chain
from atomstates.campaign import RunFolder
from atomstates.md.plan import plan
from atomstates.products import Check, Measured, Summary

PATHS = "paths"

MOST_FAILED = 0.3
"""Share of the hops that were followed; the rest would be a chosen sample."""


def run_entry(
    place: RunFolder, found: RunHops, i: int, outcomes: dict[str, Chain | Failure], names: SiteNames
) -> dict[str, Any]:
    """What is told of one chosen move."""
    name, one = found.names[i], found.found[i]
    entry: dict[str, Any] = {
        "name": name,
        "moved": str(found.sample.stratum[i]),
        "weight": float(found.sample.weight[i]),
    }
    if isinstance(one, Lost):
        return entry | failure_entry("lost", one.reason)
    steps = plan(place.campaign.md)
    rows = np.flatnonzero(names.parts.mobile)[one.ions]
    entry |= {
        "ions": names.crystal.id[rows].tolist(),
        "kind": one.kind,
        "time_ps": [round(frame * steps.frame_every * steps.timestep, 6) for frame in one.frames],
        "n_others": one.n_others,
        "n_relaxed": one.n_relaxed,
    }
    if isinstance(outcomes[name], Chain):
        entry["xyz"] = f"{PATHS}/{name}.xyz"
    return entry | outcome_entry(outcomes[name], rows, names)


def run_content(place: RunFolder, found: RunHops, entries: list[dict[str, Any]]) -> dict[str, Any]:
    """Content of a run's ``barriers.json``."""
    return {
        "run": place.id,
        "temperature_K": place.temperature,
        "n_pairs": found.n_pairs,
        "n_gaps": found.n_gaps,
        "moves": found.sample.population,
        "failures": failures(entries),
        "hops": entries,
    }


def run_summary(found: RunHops, entries: list[dict[str, Any]]) -> Summary:
    """How many moves there were, how many hops were followed, and what became of them."""
    failed = failures(entries)
    n_failed = sum(failed.values())
    shown = f" ({', '.join(f'{number} {reason}' for reason, number in failed.items())})" if failed else ""
    n_moves = sum(found.sample.population.values())
    good = [entry["barrier_forward_eV"] for entry in entries if "failure" not in entry]
    note = "forward, of the hops that were followed, unweighted"
    mean = Measured(None, None, "eV", 0, "no hop has a barrier")
    if good:
        error = float(np.std(good, ddof=1) / np.sqrt(len(good))) if len(good) > 1 else None
        mean = Measured(float(np.mean(good)), error, "eV", len(good), note)
    checks = [
        Check(
            "hops",
            "WARN" if n_failed > MOST_FAILED * len(entries) else "PASS",
            f"{n_failed} of {len(entries)} hops have no barrier{shown}; {n_moves} moves in {found.n_pairs} "
            "pairs of snapshots",
        )
    ]
    left_out = found.sample.population.get("other", 0)
    if left_out:
        words = f"{left_out} of {n_moves} moves are from or to a site that is no octahedron or tetrahedron"
        checks.append(Check("moves", "WARN", f"{words}: not followed"))
    return Summary(
        numbers={"barrier": mean},
        checks=tuple(checks),
        facts={
            "n_moves": n_moves,
            "moves": found.sample.population,
            "n_hops": len(entries),
            "failed": failed,
            "n_relaxed": sum(entry.get("n_relaxed", 0) for entry in entries),
        },
    )
