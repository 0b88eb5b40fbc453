"""The answers that a report begins with, each with its error, one sentence and its product."""

from dataclasses import replace
from typing import Any

from atomstates.products import Check, Measured
from atomstates.report.answer import Answer
from atomstates.report.barrier_answers import above_transition, in_ordered_crystal
from atomstates.report.contents import MaterialContents
from atomstates.report.numbers import measured_from
from atomstates.report.picture import listed
from atomstates.report.transition import agreement, agreement_check, estimates, loss_of_order, still_falling
from atomstates.report.wording import measured_text, plain_text, unit_text


def answers(material: MaterialContents) -> list[Answer]:
    """What the products of a material say; what cannot be said is said to be so."""
    return [
        _transition(material),
        _activation_energy(material),
        _conductivity(material),
        _order(material),
        _sites(material),
        in_ordered_crystal(material),
        above_transition(material),
    ]


def derived_checks(materials: list[MaterialContents]) -> list[Check]:
    """Whether the estimates of Tc agree, and whether the extrapolation crosses the loss of order."""
    checks = []
    for material in materials:
        checks += [agreement_check(material), _extrapolation_check(material)]
    return [check for check in checks if check is not None]


def _extrapolation_check(material: MaterialContents) -> Check | None:
    """Whether the extrapolated conductivity is read across the loss of order; None if either is unknown."""
    lost = loss_of_order(material)
    if material.arrhenius is None or lost is None or lost.interval is None:
        return None
    target, conductivity = extrapolated(material.arrhenius)
    if conductivity is None or conductivity.value is None or target is None:
        return None
    segments = material.arrhenius.get("segments") or []
    hottest = max(fitted_temperatures(material.arrhenius), default=target)
    if segments and target <= float(segments[0]["hottest_K"]):
        hottest = float(segments[0]["hottest_K"])
    low, high = lost.interval
    crosses = target < high < hottest
    return Check(
        f"extrapolation of {material.name}",
        "WARN" if crosses else "PASS",
        f"order is lost between {low:g} and {high:g} K; the conductivity at {target:g} K is "
        + ("read across that, so it is likely too high" if crosses else "read on the same side of it"),
    )


def extrapolated(arrhenius: dict[str, Any]) -> tuple[float | None, Measured | None]:
    """Temperature (K) and value of the extrapolated conductivity."""
    content = arrhenius.get("conductivity_at") or {}
    temperature = content.get("temperature_K")
    number = measured_from(content.get("measured", content))
    return (None if temperature is None else float(temperature)), number


def _transition(material: MaterialContents) -> Answer:
    question, path = "Transition temperature", f"materials/{material.name}/transport/arrhenius.json"
    _, sentence = agreement(estimates(material))
    if material.arrhenius is None:
        meaning = "Not yet known: the transport stage of this material has not been done."
        return Answer(question, "—", "", "", f"{meaning} {sentence}", path, "transition")
    if "transition" not in material.arrhenius:
        meaning = "This arrhenius.json is of an earlier version: do the stage again (`--force transport`)."
        return _answer(question, None, meaning, path, "arrhenius")
    number = measured_from(material.arrhenius.get("transition_temperature"))
    found = material.arrhenius["transition"] or {}
    if number is not None and number.value is not None:
        meaning = f"{_sentence(number.note)} {sentence}"
        return _answer(question, number, meaning, path, "transition")
    value = {"one line": "none seen", "cannot tell": "cannot tell"}.get(str(found.get("verdict")), "—")
    said = _sentence(str(found.get("reason") or "")) or _refusal(material.arrhenius, number)
    if (unseen := found.get("smallest_visible_change_eV")) is not None:
        said += f" A change of the activation energy by {unseen:.1g} eV would have been seen."
    unit = "" if value == "—" else "from transport"
    return Answer(question, value, unit, "", f"{said} {sentence}", path, "transition")


def _activation_energy(material: MaterialContents) -> Answer:
    number, path = None, f"materials/{material.name}/transport/arrhenius.json"
    question = "Activation energy"
    meaning = "Not yet known: the transport stage of this material has not been done."
    if material.arrhenius is None:
        return _answer(question, number, meaning, path, "arrhenius")
    number = measured_from(material.arrhenius.get("activation_energy"))
    below, above = (
        measured_from(material.arrhenius.get(f"activation_energy_{side}_Tc")) for side in ("below", "above")
    )
    if below is not None and above is not None and below.value is not None and above.value is not None:
        words = [f"{measured_text(replace(one, interval=None))} eV" for one in (below, above)]
        return Answer(
            question,
            words[0].removesuffix(" eV"),
            "eV below Tc",
            f"{words[1]} above Tc",
            "Slopes of ln(σT) against 1/T on either side of the transition: "
            f"{below.note.split(';')[0]} and {above.note.split(';')[0]}.",
            path,
            "arrhenius",
        )
    fitted = fitted_temperatures(material.arrhenius)
    meaning = _refusal(material.arrhenius, number) or (
        f"Slope of ln(σT) against 1/T over {listed(fitted)}: the lower it is, the less the "
        "conductivity falls on cooling."
    )
    return _answer(question, number, meaning, path, "arrhenius")


def _conductivity(material: MaterialContents) -> Answer:
    number, path = None, f"materials/{material.name}/transport/arrhenius.json"
    question, meaning = "Conductivity at room temperature", "Not yet known, for the same reason."
    if material.arrhenius is not None:
        target, number = extrapolated(material.arrhenius)
        question = f"Conductivity at {target:g} K" if target is not None else question
        check = _extrapolation_check(material)
        if number is not None and check is not None and check.status == "WARN":
            meaning = (
                f"{_sentence(check.message)} The Arrhenius line gives {measured_text(number)} "
                f"{unit_text(number.unit)}, which is no estimate: simulate longer below that temperature."
            )
            return Answer(question, "cannot tell", "from above Tc", "", meaning, path, "arrhenius")
        segment = " below Tc" if material.arrhenius.get("segments") else ""
        meaning = _refusal(material.arrhenius, number) or (
            f"Nernst–Einstein conductivity read off the Arrhenius line{segment}: true as long as nothing "
            "changes in the crystal on the way down."
        )
    return _answer(question, number, meaning, path, "arrhenius")


def _order(material: MaterialContents) -> Answer:
    question = f"Where the order of {material.mobile} is lost"
    if material.doas is None:
        meaning = "Not yet known: the doas stage of this material has not been done."
        return _answer(question, None, meaning, _doas_path(material), "disorder")
    number = loss_of_order(material)
    if number is None:
        meaning = (
            "No channels are named, and no sites that are alike are partly filled: no order is followed."
        )
        if "transition_temperatures" not in material.doas:
            meaning = "This doas.json is of an earlier version: do the stage again (`--force doas`)."
        return _answer(question, None, meaning, _doas_path(material), "disorder")
    if number.interval is None:
        return _answer(question, number, _sentence(number.note), _doas_path(material), "disorder")
    low, high = number.interval
    ordered = {one.key for one in estimates(material)}
    what = (
        "staggered filling of the channels"
        if "order_parameter" in ordered
        else "initial order of the sites"
    )
    meaning = (
        f"The {what} falls below one half between {low:g} and {high:g} K. A "
        "run that starts ordered may keep its order while it lasts, so longer runs can only lower this."
        f"{_falling_in_words(material)}"
    )
    return Answer(question, f"{low:g} to {high:g}", "K", "", meaning, _doas_path(material), "disorder")


def _falling_in_words(material: MaterialContents) -> str:
    """At which temperatures an order was still falling, in a sentence; empty at none."""
    found = {
        float(run["temperature_K"])
        for key in ("order_parameter", "site_order")
        for run in still_falling(material, key)
    }
    return f" At {listed(sorted(found))} it was still falling when runs ended." if found else ""


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
    return _sentence(said.removeprefix(f"{document.get('material')}: "))  # it stands above the card


def _sentence(words: str) -> str:
    """Words with a capital and a full stop."""
    return words[:1].upper() + words[1:] + ("" if words.endswith(".") or not words else ".")


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
