"""What is told of the barriers of a material: content of ``barriers.json``, tables, numbers and checks."""

from collections.abc import Iterator, Sequence
from typing import Any

from atomstates.barriers.entries import COLUMNS, PROFILE_COLUMNS, failures, profile_rows, row
from atomstates.barriers.ordered_paths import OrderedPaths
from atomstates.barriers.sides import Transition
from atomstates.barriers.summary import (
    HISTOGRAM_COLUMNS,
    SeenHop,
    distributions,
    rates_beside,
    resolved,
    seen_hops,
)
from atomstates.campaign import Campaign
from atomstates.products import Check, Measured, Summary

HOPS_CSV, ORDERED_CSV, PAIRS_CSV = "hops.csv", "ordered.csv", "pairs.csv"
DISTRIBUTIONS_CSV, PROFILES_CSV = "distributions.csv", "profiles.csv"
_PAIR_COLUMNS = (
    "ion",
    "from_to",
    "distance_A",
    "edge_sharing_start",
    "edge_sharing_end",
    "formation_energy_eV",
    "failure",
)

_MOST_FAILED = 0.3
_FEW = 5
"""Hops: a mean of fewer says little of a distribution."""

Tables = dict[str, tuple[Sequence[str], list[list[Any]]]]


def material_content(
    name: str,
    ordered: OrderedPaths,
    runs: Sequence[dict[str, Any]],
    tc: Transition,
    transitions: dict[str, Any] | None,
    campaign: Campaign,
) -> tuple[dict[str, Any], Tables]:
    """Content of ``barriers.json`` and the tables beside it."""
    settings = campaign.barriers
    hops = seen_hops(runs)
    moments, histograms = distributions(hops, tc, settings.bin_width_eV, campaign.seed, name)
    every = [entry for run in runs for entry in run["hops"]]
    content = {
        "material": name,
        "transition_temperature": tc.temperature,
        "transition_source": tc.source,
        "ordered": {
            "space_group": ordered.crystal.group.space_group,
            "n_hops": ordered.hops.n_hops,
            "n_distinct": len(ordered.hops.hops),
            "n_beside_cations": ordered.hops.n_left_out,
            "lowest": _lowest(ordered),
            "failures": failures(ordered.entries),
            "hops": ordered.entries,
            "pairs": ordered.pairs,
            "pair": _pair(ordered, separated=False),
            "separated_pair": _pair(ordered, separated=True),
        },
        "runs": [
            {
                "run": run["run"],
                "temperature_K": run["temperature_K"],
                "side": tc.side(run["temperature_K"]),
            }
            | {key: run[key] for key in ("moves", "n_pairs", "n_gaps", "failures")}
            for run in runs
        ],
        "failures": failures(every),
        "hops": [_short(hop, tc) for hop in hops],
        "distributions": moments,
        "resolved": resolved(hops, tc, campaign.seed, name),
        "prefactor_per_ps": settings.prefactor_per_ps,
        "rates": rates_beside(hops, transitions, settings.prefactor_per_ps),
    }
    followed = [("ordered", entry) for entry in ordered.entries]
    followed += [(run["run"], entry) for run in runs for entry in run["hops"]]
    rows = [row(entry, run["temperature_K"]) for run in runs for entry in run["hops"]]
    tables: Tables = {
        HOPS_CSV: (COLUMNS, rows),
        ORDERED_CSV: (COLUMNS, [row(entry, None) for entry in ordered.entries]),
        PAIRS_CSV: (_PAIR_COLUMNS, [_pair_row(pair) for pair in ordered.pairs]),
        DISTRIBUTIONS_CSV: (HISTOGRAM_COLUMNS, histograms),
        PROFILES_CSV: (
            PROFILE_COLUMNS,
            [line for where, entry in followed for line in profile_rows(where, entry)],
        ),
    }
    return content, tables


def material_summary(content: dict[str, Any]) -> Summary:
    """The numbers of a material, and what could have gone wrong."""
    ordered = content["ordered"]
    numbers: dict[str, Measured] = {
        f"barrier of {path}, ordered crystal": number for path, number in ordered["lowest"].items()
    }
    for key, words in (("pair", "of neighbours"), ("separated_pair", "far apart")):
        if ordered[key] is not None:
            numbers[f"energy of a vacancy-interstitial pair {words}"] = ordered[key]
    for side, path, entry in _each(content):
        numbers[f"barrier of {path}, {side} Tc"] = entry["barrier"]
    return Summary(
        numbers=numbers,
        checks=(
            _failed("hops of the runs", len(content["hops"]), content["failures"]),
            _failed("hops of the ordered crystal", len(ordered["hops"]), ordered["failures"], among=True),
            _sizes(content),
        ),
        facts={
            "transition": content["transition_source"],
            "n_hops": len(content["hops"]),
            "n_distinct": ordered["n_distinct"],
            "n_pairs": len(ordered["pairs"]),
        },
    )


def _failed(what: str, number: int, failed: dict[str, int], *, among: bool = False) -> Check:
    """How many have no number, and why; ``among``: the number counts them too."""
    n_failed = sum(failed.values())
    total = number if among else number + n_failed
    shown = f" ({', '.join(f'{n} {reason}' for reason, n in failed.items())})" if failed else ""
    words = f"{n_failed} of {total} have no barrier{shown}"
    return Check(what, "WARN" if n_failed > _MOST_FAILED * total else "PASS", words)


def _sizes(content: dict[str, Any]) -> Check:
    """Whether distributions have enough hops, and whether both sides of Tc are known."""
    if content["transition_temperature"].value is None:
        return Check("distributions", "WARN", content["transition_temperature"].note)
    few = [
        f"{path} {side} Tc: {entry['n_hops']}"
        for side, path, entry in _each(content)
        if entry["n_hops"] < _FEW
    ]
    if few:
        advice = "raise barriers.hops_per_class or add runs"
        return Check("distributions", "WARN", f"fewer than {_FEW} hops ({'; '.join(few)}): {advice}")
    words = f"each of {len(list(_each(content)))} has {_FEW} hops or more"
    return Check("distributions", "PASS" if any(_each(content)) else "WARN", words)


def _each(content: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Side, path and numbers of every distribution."""
    for side, paths in content["distributions"].items():
        for path, entry in paths.items():
            yield side, path, entry


def _lowest(ordered: OrderedPaths) -> dict[str, Measured]:
    """The lowest barrier of each path and environment of its ends in the ordered crystal."""
    found: dict[str, list[float]] = {}
    for entry in ordered.entries:
        if "failure" not in entry:
            start, end = entry["edge_sharing"]
            name = f"{entry['path']}, {start} to {end} edge-sharing"
            found.setdefault(name, []).append(entry["barrier_forward_eV"])
    note = "lowest of the distinct hops that were followed; no error: one crystal at 0 K"
    return {
        path: Measured(min(barriers), None, "eV", len(barriers), note)
        for path, barriers in sorted(found.items())
    }


def _pair(ordered: OrderedPaths, *, separated: bool) -> Measured | None:
    """The lowest energy of a pair of neighbours, or of one that is farther apart than a hop."""
    found = [
        (pair["formation_energy_eV"], pair["distance_A"])
        for pair in ordered.pairs
        if "failure" not in pair and pair["separated"] == separated
    ]
    if not found:
        return None
    (lowest, distance), (highest, _) = min(found), max(found)
    note = (
        f"{distance:.1f} Å apart, lowest of {len(found)} distinct pairs, highest {highest:.3f} eV; "
        "no error: a crystal at 0 K"
    )
    return Measured(lowest, None, "eV", len(found), note)


def _short(hop: SeenHop, tc: Transition) -> dict[str, Any]:
    """A hop without its profile, which the run's own ``barriers.json`` has."""
    kept = (
        "name",
        "class",
        "path",
        "kind",
        "weight",
        "edge_sharing",
        "barrier_forward_eV",
        "barrier_backward_eV",
        "energy_difference_eV",
    )
    entry = {key: hop.entry[key] for key in kept}
    return {"run": hop.run, "temperature_K": hop.temperature, "side": tc.side(hop.temperature), **entry}


def _pair_row(pair: dict[str, Any]) -> list[Any]:
    edges = pair.get("edge_sharing", (None, None))
    return [
        pair["ion"],
        pair["from_to"],
        f"{pair['distance_A']:.3f}",
        *edges,
        pair.get("formation_energy_eV"),
        pair.get("failure"),
    ]
