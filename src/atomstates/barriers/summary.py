"""The hops of all runs together: distributions of barriers on either side of Tc, and rates from them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomstates.barriers.distribution import Barriers, histogram, weighted_moments
from atomstates.barriers.paths import CONCERTED, LETTERS, reverse_name
from atomstates.barriers.rates import mean_rate_of_paths
from atomstates.barriers.sides import Transition
from atomstates.doas.sites import SITES
from atomstates.doas.transitions import rates
from atomstates.products import Measured, fingerprint

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

HISTOGRAM_COLUMNS = ("side", "path", "barrier_from_eV", "per_eV", "error_per_eV")

_SAMPLES = 400


@dataclass(frozen=True)
class SeenHop:
    """A hop with barriers, as a run's ``barriers.json`` tells it."""

    run: str
    temperature: float
    entry: dict[str, Any]

    @property
    def directions(self) -> Iterator[tuple[str, float, float]]:
        """Path, barrier (eV) and weight in both directions.

        In equilibrium a hop is made as often back as forth. Where both directions are of one class, each
        has half of the weight.
        """
        concerted = self.entry["class"] == CONCERTED
        forth = CONCERTED if concerted else str(self.entry["path"])
        back = CONCERTED if concerted else reverse_name(forth)
        weight = float(self.entry["weight"]) * (0.5 if forth == back else 1.0)
        yield forth, float(self.entry["barrier_forward_eV"]), weight
        yield back, float(self.entry["barrier_backward_eV"]), weight


def seen_hops(runs: Sequence[dict[str, Any]]) -> list[SeenHop]:
    """Every hop with barriers in the documents of all runs."""
    return [
        SeenHop(run["run"], float(run["temperature_K"]), entry)
        for run in runs
        for entry in run["hops"]
        if "failure" not in entry
    ]


def by_path(hops: Sequence[SeenHop]) -> dict[str, Barriers]:
    """Barriers of each class of paths, of both directions of all hops."""
    rows = [
        (path, barrier, weight, number)
        for number, hop in enumerate(hops)
        for path, barrier, weight in hop.directions
    ]
    return {
        name: Barriers(
            np.array([barrier for path, barrier, _, _ in rows if path == name]),
            np.array([weight for path, _, weight, _ in rows if path == name]),
            np.array([number for path, _, _, number in rows if path == name]),
        )
        for name in sorted({path for path, *_ in rows})
    }


def distributions(
    hops: Sequence[SeenHop], tc: Transition, width: float, seed: int, material: str
) -> tuple[dict[str, dict[str, Any]], list[list[Any]]]:
    """Moments of the barriers of each path on either side of Tc, and rows of the histograms."""
    found: dict[str, dict[str, Any]] = {}
    rows = []
    for side in sorted(
        {side for hop in hops if (side := tc.side(hop.temperature)) is not None}, reverse=True
    ):
        for path, barriers in by_path([h for h in hops if tc.side(h.temperature) == side]).items():
            own = int(fingerprint(seed, material, side, path, "barriers"), 16)
            found.setdefault(side, {})[path] = _moments(barriers, own)
            table = zip(*histogram(barriers, width, _SAMPLES, own), strict=True)
            rows += [[side, path, f"{left:.6g}", value, finite(error)] for left, value, error in table]
    return found, rows


def _sides(hops: Sequence[SeenHop], tc: Transition) -> list[str]:
    """Sides of Tc on which there are hops, below first."""
    return sorted({side for hop in hops if (side := tc.side(hop.temperature)) is not None}, reverse=True)


def resolved(
    hops: Sequence[SeenHop], tc: Transition, seed: int, material: str
) -> dict[str, dict[str, Any]]:
    """Kinetically resolved barriers of each class on either side of Tc: those without the ends' difference.

        E_KRA = (E_forward + E_backward)/2

    Source
    ------
    Van der Ven et al., Phys. Rev. B 64, 184307 (2001).
    """
    found: dict[str, dict[str, Any]] = {}
    for side in _sides(hops, tc):
        own = [hop for hop in hops if tc.side(hop.temperature) == side]
        for name in sorted({hop.entry["class"] for hop in own}):
            chosen = [hop.entry for hop in own if hop.entry["class"] == name]
            middle = [(hop["barrier_forward_eV"] + hop["barrier_backward_eV"]) / 2 for hop in chosen]
            weight = np.array([hop["weight"] for hop in chosen], dtype=np.float64)
            barriers = Barriers(np.array(middle), weight, np.arange(len(chosen)))
            own_seed = int(fingerprint(seed, material, side, name, "resolved"), 16)
            found.setdefault(side, {})[name] = _moments(barriers, own_seed)
    return found


def _moments(barriers: Barriers, seed: int) -> dict[str, Any]:
    """Mean, width and median as numbers with errors."""
    found, n_hops = weighted_moments(barriers, _SAMPLES, seed), barriers.n_hops
    note = f"weighted by moves seen, worth {barriers.effective_hops:.1f} equal hops"
    if n_hops < 2:
        note += "; one hop has no error"
    numbers = {
        name: Measured(value, finite(error), "eV", n_hops, note)
        for name, (value, error) in (
            ("barrier", found.mean),
            ("barrier_width", found.deviation),
            ("median_barrier", found.median),
        )
    }
    if np.isfinite(found.interval).all():
        mean = numbers["barrier"]
        numbers["barrier"] = Measured(mean.value, mean.error, "eV", n_hops, note, found.interval)
    return {
        "n_hops": n_hops,
        "lowest_eV": float(barriers.value.min()),
        "highest_eV": float(barriers.value.max()),
        **numbers,
    }


def rates_beside(
    hops: Sequence[SeenHop], transitions: dict[str, Any] | None, prefactor: float
) -> list[dict[str, Any]]:
    """At each temperature the mean rate of a path between kinds of sites, beside the rate seen of an ion.

    An ion has several paths before it, so that their number (times the true attempt frequency over the one
    that was taken) is the ratio of both.
    """
    entries = []
    for temperature in sorted({hop.temperature for hop in hops}):
        seen = _seen_rates(transitions, temperature)
        ends: dict[tuple[str, str], list[tuple[float, float]]] = {}
        for path, barrier, weight in (
            way for hop in hops if hop.temperature == temperature for way in hop.directions
        ):
            if path != CONCERTED:
                stations = path.split("-")
                ends.setdefault((stations[0], stations[-1]), []).append((barrier, weight))
        between = {}
        for (first, last), rows in sorted(ends.items()):
            barrier, weight = np.array(rows).T
            rate = mean_rate_of_paths(barrier, weight, temperature, prefactor)
            note = f"harmonic mean over the hops seen, attempt frequency {prefactor:g}/ps; no error"
            of_ion = seen.get((first, last), Measured(None, None, "1/ps", 0, "not counted"))
            between[f"{first} to {last}"] = {
                "rate_of_a_path": Measured(rate, None, "1/ps", len(rows), note),
                "rate_seen": of_ion,
                "ratio": of_ion.value / rate if of_ion.value else None,
            }
        entries.append({"temperature_K": temperature, "between": between})
    return entries


def _seen_rates(transitions: dict[str, Any] | None, temperature: float) -> dict[tuple[str, str], Measured]:
    """Rates between kinds of sites, from the transitions between classes (``transitions.json``)."""
    if transitions is None:
        return {}
    of_all = [entry for entry in transitions["temperatures"] if entry["temperature_K"] == temperature]
    if not of_all:
        return {}
    entry, interval = of_all[0], float(transitions["interval_ps"])
    kinds = list(SITES)
    changes = np.zeros((len(kinds), len(kinds)), dtype=np.int64)
    starts = np.zeros(len(kinds), dtype=np.int64)
    for name, number in entry["ion_intervals"].items():
        starts[_kind(name)] += int(number)
    for name, row in entry["transitions"].items():
        for other, number in row.items():
            changes[_kind(name), _kind(other)] += int(number)
    found = rates(changes, starts, interval)
    return {
        (LETTERS[i], LETTERS[j]): Measured(
            finite(float(found[i, j])),
            None if not changes[i, j] else finite(float(found[i, j] / np.sqrt(changes[i, j]))),
            "1/ps",
            int(starts[i]),
            f"{changes[i, j]} seen in snapshots {interval:g} ps apart: a lower bound; Poisson error",
        )
        for i in range(len(kinds))
        for j in range(len(kinds))
        if starts[i]
    }


def _kind(name: str) -> int:
    """Site kind of a class of transitions (``octahedral_1_edge_sharing``)."""
    return SITES.index(name.partition("_")[0])


def finite(value: float) -> float | None:
    """A number, or None where there is none."""
    return float(value) if np.isfinite(value) else None
