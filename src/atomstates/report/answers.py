"""The answers that a report begins with, each with its error, one sentence and its product."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from atomstates.products import Check, Measured
from atomstates.report.contents import MaterialContents
from atomstates.report.numbers import Row, measured_from
from atomstates.report.picture import listed
from atomstates.report.wording import measured_text, plain_text, unit_text

HALF_ORDER = 0.5
SURE = 2.0
"""Standard errors by which an order parameter must differ from one half to count."""


@dataclass(frozen=True)
class Answer:
    """One answer: ``value`` is shown large, with what ``interval`` and ``meaning`` say below it."""

    question: str
    value: str
    unit: str
    interval: str
    meaning: str
    product: str
    figure: str


def answers(material: MaterialContents) -> list[Answer]:
    """What the products of a material say; what cannot be said is said to be so."""
    return [
        _activation_energy(material),
        _conductivity(material),
        _order(material),
        _sites(material),
    ]


def loss_of_order(doas: dict[str, Any]) -> Measured:
    """Temperature (K) at which the channel order falls below one half.

    T_1 is the highest temperature up to which phi - 2 error > 1/2 throughout, T_2 the lowest
    from which on phi + 2 error < 1/2. All that is known is that the loss lies between them:
    value (T_1 + T_2)/2, interval (T_1, T_2), error (T_2 - T_1)/sqrt(12) of a flat distribution.
    """
    entries = sorted(doas["temperatures"], key=lambda entry: float(entry["temperature_K"]))
    known = [
        (float(entry["temperature_K"]), number)
        for entry in entries
        if (number := measured_from(entry.get("order_parameter"))) is not None and number.value is not None
    ]
    if not known:
        return Measured(None, None, "K", 0, "this material names no channels, so no order is followed")
    sample = len(known)
    temperatures = np.array([temperature for temperature, _ in known])
    value = np.array([number.value for _, number in known], dtype=float)
    error = SURE * np.array([number.error or 0.0 for _, number in known])
    # from the cold side ordered without exception, from the hot side disordered without exception
    ordered = np.logical_and.accumulate(value - error > HALF_ORDER)
    disordered = np.logical_and.accumulate((value + error < HALF_ORDER)[::-1])[::-1]
    if not ordered.any() and not disordered.any():
        return Measured(
            None, None, "K", sample, "the order parameter is not clearly above or below one half"
        )
    if not disordered.any():
        return Measured(None, None, "K", sample, f"not lost up to {temperatures[ordered][-1]:g} K")
    if not ordered.any():
        return Measured(None, None, "K", sample, f"lost already at {temperatures[disordered][0]:g} K")
    low, high = float(temperatures[ordered][-1]), float(temperatures[disordered][0])
    return Measured((low + high) / 2, (high - low) / 12**0.5, "K", sample, "", (low, high))


def derived_rows(materials: list[MaterialContents]) -> list[Row]:
    """Numbers that the report itself derives, with the product that they come from."""
    return [
        Row(
            quantity="loss of channel order",
            material=material.name,
            run="",
            temperature_K=None,
            measured=loss_of_order(material.doas),
            product=_doas_path(material),
            pointer="/temperatures",
        )
        for material in materials
        if material.doas is not None
    ]


def derived_checks(materials: list[MaterialContents]) -> list[Check]:
    """Whether the extrapolated conductivity crosses the loss of order."""
    found = []
    for material in materials:
        if material.doas is None or material.arrhenius is None:
            continue
        lost = loss_of_order(material.doas)
        target, conductivity = extrapolated(material.arrhenius)
        if lost.interval is None or conductivity is None or conductivity.value is None or target is None:
            continue
        crosses = target < lost.interval[1]
        low, high = lost.interval
        found.append(
            Check(
                f"extrapolation of {material.name}",
                "WARN" if crosses else "PASS",
                f"order is lost between {low:g} and {high:g} K; the conductivity at {target:g} K is "
                + (
                    "read across that, so it is likely too high"
                    if crosses
                    else "read on the same side of it"
                ),
            )
        )
    return found


def extrapolated(arrhenius: dict[str, Any]) -> tuple[float | None, Measured | None]:
    """Temperature (K) and value of the extrapolated conductivity."""
    content = arrhenius.get("conductivity_at") or {}
    temperature = content.get("temperature_K")
    number = measured_from(content.get("measured", content))
    return (None if temperature is None else float(temperature)), number


def _activation_energy(material: MaterialContents) -> Answer:
    number, path = None, f"materials/{material.name}/transport/arrhenius.json"
    meaning = "Not yet known: the transport stage of this material has not been done."
    if material.arrhenius is not None:
        number = measured_from(material.arrhenius.get("activation_energy"))
        fitted = fitted_temperatures(material.arrhenius)
        meaning = _refusal(material.arrhenius, number) or (
            f"Slope of ln(σT) against 1/T over {listed(fitted)}: the lower it is, the less the "
            "conductivity falls on cooling."
        )
    return _answer("Activation energy", number, meaning, path, "arrhenius")


def _conductivity(material: MaterialContents) -> Answer:
    number, path = None, f"materials/{material.name}/transport/arrhenius.json"
    question, meaning = "Conductivity at room temperature", "Not yet known, for the same reason."
    if material.arrhenius is not None:
        target, number = extrapolated(material.arrhenius)
        question = f"Conductivity at {target:g} K" if target is not None else question
        meaning = _refusal(material.arrhenius, number) or (
            "Nernst–Einstein conductivity read off the Arrhenius line: true as long as nothing changes "
            "in the crystal on the way down."
            + "".join(
                f" Here {check.message}." for check in derived_checks([material]) if check.status == "WARN"
            )
        )
    return _answer(question, number, meaning, path, "arrhenius")


def _order(material: MaterialContents) -> Answer:
    question = f"Where the order of {material.mobile} is lost"
    if material.doas is None:
        meaning = "Not yet known: the doas stage of this material has not been done."
        return _answer(question, None, meaning, _doas_path(material), "disorder")
    number = loss_of_order(material.doas)
    if number.interval is None:
        meaning = f"{number.note[0].upper()}{number.note[1:]}."
        return _answer(question, number, meaning, _doas_path(material), "disorder")
    low, high = number.interval
    meaning = (
        f"The staggered filling of the channels falls below one half between {low:g} and {high:g} K. A "
        "run that starts ordered may keep its order while it lasts, so longer runs can only lower this."
    )
    return Answer(question, f"{low:g} to {high:g}", "K", "", meaning, _doas_path(material), "disorder")


def _sites(material: MaterialContents) -> Answer:
    question = f"Sites of {material.mobile}"
    if material.doas is None:
        meaning = "Not yet known: the doas stage of this material has not been done."
        return _answer(question, None, meaning, _doas_path(material), "environments")
    entries = sorted(material.doas["temperatures"], key=lambda entry: float(entry["temperature_K"]))
    sentences = [
        f"At {entry['temperature_K']:g} K {_site_shares(entry)}." for entry in (entries[0], entries[-1])
    ]
    hottest = measured_from(entries[-1].get("tetrahedral_fraction"))
    value = "—" if hottest is None or hottest.value is None else _percent(hottest)
    return Answer(
        question=question,
        value=value,
        unit=f"% tetrahedral at {entries[-1]['temperature_K']:g} K",
        interval="",
        meaning=" ".join(sentences) + " Tetrahedral sites are the stations between octahedra.",
        product=_doas_path(material),
        figure="environments",
    )


def _site_shares(entry: dict[str, Any]) -> str:
    shares = []
    for kind in ("octahedral", "tetrahedral", "other"):
        number = measured_from(entry.get(f"{kind}_fraction"))
        if number is not None and number.value is not None:
            shares.append(f"{_percent(number)} % {kind}")
    return ", ".join(shares)


def _percent(number: Measured) -> str:
    assert number.value is not None
    error = None if number.error is None else 100 * number.error
    return measured_text(Measured(100 * number.value, error, "%", number.sample))


def fitted_temperatures(arrhenius: dict[str, Any]) -> list[float]:
    """Temperatures (K) whose conductivity entered the line."""
    found = []
    for point in arrhenius.get("points", []):
        number = measured_from(point.get("sigma_T")) or measured_from(point.get("conductivity"))
        if number is not None and number.value is not None:
            found.append(float(point["temperature_K"]))
    return sorted(found)


def _refusal(document: dict[str, Any], number: Measured | None) -> str:
    """Why there is no number; empty where there is one."""
    if number is not None and number.value is not None:
        return ""
    said = str(document.get("refusal") or (number.note if number else "") or "no value was given")
    said = said.removeprefix(f"{document.get('material')}: ")  # the card stands under the material's name
    return said[0].upper() + said[1:] + ("" if said.endswith(".") else ".")


def _answer(question: str, number: Measured | None, meaning: str, product: str, figure: str) -> Answer:
    if number is None or number.value is None:
        return Answer(question, "—", "", "", meaning, product, figure)
    unit, interval = unit_text(number.unit), ""
    if number.interval is not None:
        low, high = (plain_text(limit) for limit in number.interval)
        interval = f"95 % interval {low} to {high} {unit}".rstrip()
    value = measured_text(number) if number.interval is None else plain_text(number.value)
    return Answer(question, value, unit, interval, meaning, product, figure)


def _doas_path(material: MaterialContents) -> str:
    return f"materials/{material.name}/doas/doas.json"
