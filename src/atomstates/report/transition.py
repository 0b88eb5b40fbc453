"""The estimates of the transition temperature side by side, and whether they agree."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from atomstates.products import Check, Measured
from atomstates.report.contents import MaterialContents
from atomstates.report.numbers import measured_from
from atomstates.report.wording import plain_text

TRANSPORT = "conductivity"
"""What transport has to say; all other estimates are of relaxed states."""
LABELS = {
    "conductivity": TRANSPORT,
    "sublattice_energy": "energy of the ions",
    "cell_energy": "energy of the cell",
    "order_parameter": "order of the ions",
    "site_order": "order over alike sites",
    "width": "width of the DOAS",
}
"""How figures name what an estimate comes from, in the order in which they are shown."""
ESTIMATE_COLUMNS = (
    "from",
    "transition_temperature_K",
    "error_K",
    "interval_low_K",
    "interval_high_K",
    "sample",
    "note",
    "product",
)


@dataclass(frozen=True)
class Estimate:
    """One estimate of Tc (K): what it comes from, and the product that has it."""

    key: str
    measured: Measured
    product: str

    @property
    def label(self) -> str:
        """What it comes from, in words."""
        return LABELS.get(self.key, self.key.replace("_", " "))

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % interval, None where there is no Tc."""
        return None if self.measured.value is None else self.measured.interval


def estimates(material: MaterialContents) -> list[Estimate]:
    """Every estimate that the products of a material have, that of the conductivity first."""
    found = []
    if material.arrhenius is not None:
        number = measured_from(material.arrhenius.get("transition_temperature"))
        if number is not None:
            found.append(
                Estimate("conductivity", number, f"materials/{material.name}/transport/arrhenius.json")
            )
    if material.doas is not None:
        for key, content in (material.doas.get("transition_temperatures") or {}).items():
            number = measured_from(content)
            if number is not None:
                found.append(Estimate(key, number, f"materials/{material.name}/doas/doas.json"))
    return found


def loss_of_order(material: MaterialContents) -> Measured | None:
    """Where the order of the ions is lost, from ``doas.json``; None where no order is followed."""
    found = {one.key: one.measured for one in estimates(material)}
    return found.get("order_parameter", found.get("site_order"))


def still_falling(material: MaterialContents, key: str) -> list[dict[str, Any]]:
    """Runs of ``order.json`` whose second half has less of an order than the first."""
    runs = (material.order or {}).get("runs", [])
    return [run for run in runs if ((run.get("halves") or {}).get(key) or {}).get("falls")]


def agreement(found: list[Estimate]) -> tuple[bool | None, str]:
    """Whether the 95 % intervals of all estimates overlap, and what transport and the states say of Tc.

    The first is None with fewer than two estimates.
    """
    known = {one.label: interval for one in found if (interval := one.interval) is not None}
    silent = [one.label for one in found if one.interval is None and one.label != TRANSPORT]
    rest = f" No Tc from: {', '.join(silent)}." if silent else ""
    if not known:
        return None, "No estimate gives a transition temperature."
    of_states = [label for label in known if label != TRANSPORT]
    mute = any(one.label == TRANSPORT for one in found) and TRANSPORT not in known
    first = f"Transport ({TRANSPORT}) gives no Tc, but the relaxed states do: " if mute else ""
    if len(known) == 1:
        ((label, interval),) = known.items()
        return None, f"{first or 'Only one estimate gives a Tc: '}{label}, {_span(interval)}.{rest}"
    subject = ", ".join(of_states)
    if TRANSPORT in known:
        subject = f"transport ({TRANSPORT}) and the relaxed states ({subject})"
    if not first:
        subject = subject[0].upper() + subject[1:]
    low = max(known, key=lambda label: known[label][0])
    high = min(known, key=lambda label: known[label][1])
    if known[low][0] <= known[high][1]:
        common = _span((known[low][0], known[high][1]))
        return True, f"{first}{subject} agree, {common} lies within the 95 % interval of each.{rest}"
    apart = f"{low} has {_span(known[low])} and {high} has {_span(known[high])}"
    return False, f"{first}{subject} do not agree: {apart}.{rest}"


def agreement_check(material: MaterialContents) -> Check | None:
    """Whether the estimates agree; None where there are not two of them."""
    agrees, words = agreement(estimates(material))
    if agrees is None:
        return None
    return Check(f"estimates of Tc of {material.name}", "PASS" if agrees else "WARN", words)


def estimate_rows(found: list[Estimate]) -> Iterator[tuple[str | float | None, ...]]:
    """Rows of the table of all estimates."""
    for one in found:
        number = one.measured
        low, high = number.interval or (None, None)
        yield (one.key, number.value, number.error, low, high, number.sample, number.note, one.product)


def _span(interval: tuple[float, float]) -> str:
    low, high = (plain_text(end) for end in interval)
    return f"{low} to {high} K"
