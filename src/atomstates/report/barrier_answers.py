"""The answers about barriers: in the ordered crystal, and above the transition."""

from dataclasses import replace
from typing import Any

from atomstates.products import Measured
from atomstates.report.answer import Answer
from atomstates.report.contents import MaterialContents
from atomstates.report.numbers import measured_from
from atomstates.report.profile_pictures import dashed
from atomstates.report.wording import measured_text, plain_text

_WANTED = "Oct-Tet-Oct"
"""The path of which the literature speaks, where there is one."""


def in_ordered_crystal(material: MaterialContents) -> Answer:
    """The lowest barrier of the ordered crystal, and what a vacancy-interstitial pair costs."""
    question, path = "Barrier in the ordered crystal", _path(material)
    if material.barriers is None:
        return _not_yet(question, path)
    ordered = material.barriers["ordered"]
    lowest = {name: measured_from(number) for name, number in ordered["lowest"].items()}
    if not lowest:
        return Answer(
            question, "—", "", "", "No hop of the ordered crystal has a barrier.", path, "profiles"
        )
    wanted = [name for name in lowest if name.startswith(f"{_WANTED},")] or list(lowest)
    name = min(wanted, key=lambda one: _value(lowest[one]))
    others = [
        f"{_place(other)} {plain_text(_value(lowest[other]))} eV" for other in lowest if other != name
    ]
    said = f"Lowest of {ordered['n_distinct']} symmetry-distinct hops on this path: {_place(name)}"
    said += f"; {'; '.join(others)}." if others else "."
    pair, apart = (measured_from(ordered[key]) for key in ("pair", "separated_pair"))
    if pair is not None:
        said += f" A vacancy and an interstitial beside it cost {plain_text(_value(pair))} eV at least"
        said += f", far apart {plain_text(_value(apart))} eV." if apart is not None else "."
    path_of_hop = dashed(name.split(",")[0])
    return Answer(
        question, plain_text(_value(lowest[name])), f"eV, {path_of_hop}", "", said, path, "profiles"
    )


def _place(name: str) -> str:
    """``Oct–Tet–Oct (2 to 1 edge-sharing)``."""
    path, _, ends = name.partition(", ")
    return f"{dashed(path)} ({ends})"


def _value(number: Measured | None) -> float:
    """The value, which is there."""
    assert number is not None and number.value is not None
    return number.value


def above_transition(material: MaterialContents) -> Answer:
    """The mean barrier of the hops that ions make above Tc, by path."""
    question, path = "Barriers above the transition", _path(material)
    if material.barriers is None:
        return _not_yet(question, path)
    found: dict[str, Any] = material.barriers["distributions"].get("above", {})
    if not found:
        tc = material.barriers["transition_temperature"]
        note = f"No hop above Tc has a barrier. {tc['note']}".strip()
        return Answer(question, "—", "", "", note + ".", path, "barriers")
    name = max(found, key=lambda one: (found[one]["n_hops"], one))
    number = measured_from(found[name]["barrier"])
    assert number is not None and number.value is not None
    parts = []
    for other, entry in sorted(found.items()):
        one = measured_from(entry["barrier"])
        if one is not None and one.value is not None and other != name:
            plain = measured_text(_without_interval(one))
            parts.append(f"{dashed(other)} {plain} eV ({entry['n_hops']} hops)")
    low, high = found[name]["lowest_eV"], found[name]["highest_eV"]
    said = (
        f"Mean of {found[name]['n_hops']} {dashed(name)} hops that the dynamics showed, "
        f"{plain_text(low)} to {plain_text(high)} eV, weighted by the moves that each stands for"
    )
    said += f"; {'; '.join(parts)}." if parts else "."
    interval = ""
    if number.interval is not None:
        interval = f"95 % interval {plain_text(number.interval[0])} to {plain_text(number.interval[1])} eV"
    value = measured_text(_without_interval(number))
    return Answer(question, value, f"eV, {dashed(name)}", interval, said, path, "barriers")


def _without_interval(number: Measured) -> Measured:
    """Value and error alone."""
    return replace(number, interval=None)


def _not_yet(question: str, path: str) -> Answer:
    said = "Not yet known: the barriers stage of this material has not been done."
    return Answer(question, "—", "", "", said, path, "barriers")


def _path(material: MaterialContents) -> str:
    return f"materials/{material.name}/barriers/barriers.json"
