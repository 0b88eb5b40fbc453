"""Figures of the conductivity and of the transition: which panels there are, and what is said of them."""

from typing import Any

import numpy as np

from atomstates.report.arrhenius_figures import ArrheniusPlot, Segment, TransitionMark, draw_arrhenius
from atomstates.report.contents import MaterialContents
from atomstates.report.estimate_figures import (
    TransitionEstimate,
    TransitionProfile,
    draw_estimates,
    draw_profile,
)
from atomstates.report.numbers import measured_from
from atomstates.report.picture import Picture, listed
from atomstates.report.style import INK, blank_figure, temperature_colours
from atomstates.report.tables import column
from atomstates.report.transition import agreement, estimates

TRANSITIONS = "transitions.csv"
"""Table of the estimates that the report writes."""


def arrhenius_picture(material: MaterialContents) -> Picture | None:
    """ln(σT) against 1/T."""
    result = arrhenius_plot(material)
    if result is None or len(result.temperature) + len(result.refused) == 0:
        return None
    figure = blank_figure(height=3.3, width=5.2)
    draw_arrhenius(figure.subplots(), result)
    words = "; ".join(
        f"{value:.2f} at {temperature:g} K"
        for temperature, value in zip(result.temperature, result.value, strict=True)
    )
    caption = "Nernst–Einstein conductivity σ times temperature; bars are one standard error."
    if result.segments:
        lines = (
            "Line: weighted fit" if len(result.segments) == 1 else "Lines: weighted fit of both segments"
        )
        caption += f" {lines} with a band of one standard error, dashed where it extrapolates."
    if result.transition is not None:
        caption += " Vertical: the transition temperature with its 95 % interval."
    elif material.arrhenius is not None and (said := _said_of_transition(material.arrhenius)):
        caption += f" Transition: {said}."
    if len(result.refused):
        refused = listed(list(result.refused))
        caption += f" Open triangles: too little diffusion for a slope ({refused}), upper bounds."
    return Picture(
        name="arrhenius",
        material=material.name,
        title="Conductivity: Arrhenius",
        caption=caption,
        alt=f"ln(σT) against 1000/T. ln(σT): {words or 'no point'}."
        + (f" Refused: {listed(list(result.refused))}." if len(result.refused) else "")
        + (f" Transition at {result.transition.value:.0f} K." if result.transition else ""),
        data=(f"materials/{material.name}/transport/arrhenius.csv",),
        figure=figure,
    )


def transition_picture(material: MaterialContents) -> Picture | None:
    """Likelihood against Tc above the estimates of Tc, on one axis of temperature."""
    profile, found = transition_profile(material), estimates(material)
    if profile is None and all(one.interval is None for one in found):
        return None
    shown = [
        TransitionEstimate(one.label, transition_mark(one.measured), _absent(one.measured.note))
        for one in found
    ]
    panels = (profile is not None) + bool(shown)
    figure = blank_figure(height=0.6 + 1.6 * (profile is not None) + 0.34 * len(shown), width=5.2)
    heights = ([1.6] if profile is not None else []) + ([0.2 + 0.34 * len(shown)] if shown else [])
    axes = list(figure.subplots(panels, 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0])
    if profile is not None:
        draw_profile(axes[0], profile)
        axes[0].legend(loc="upper left", bbox_to_anchor=(1.06, 1.0), borderaxespad=0.0)
    if shown:
        draw_estimates(axes[-1], shown)
    else:
        axes[-1].set_xlabel("transition temperature, K")
    _, sentence = agreement(found)
    tables = (f"materials/{material.name}/transport/profile.csv",) if profile is not None else ()
    return Picture(
        name="transition",
        material=material.name,
        title="Transition temperature",
        caption=(
            (
                "Above: −2 ln L of the conductivities with a kink or a jump held at each temperature, all "
                "else fitted; below the dotted line is the 95 % interval where the model is true. Below "
                "it: estimates"
                if profile is not None
                else "Estimates"
            )
            + " of Tc with 95 % intervals, which for the conductivity hold the doubt between "
            f"kink and jump. {sentence}"
        ),
        alt=f"Estimates of the transition temperature. {sentence} "
        + " ".join(f"{one.label}: {one.mark.value:.0f} K." for one in shown if one.mark is not None),
        data=(*tables, TRANSITIONS),
        figure=figure,
    )


def arrhenius_plot(material: MaterialContents) -> ArrheniusPlot | None:
    """Points and segments of ``arrhenius.json``; None while there is none."""
    document = material.arrhenius
    if document is None:
        return None
    colours = temperature_colours([run.temperature for run in material.runs])
    accepted: list[tuple[float, float, float]] = []
    refused: list[tuple[float, float]] = []
    for point in sorted(document["points"], key=lambda point: float(point["temperature_K"])):
        temperature = float(point["temperature_K"])
        product = measured_from(point.get("sigma_T"))
        if product is not None and product.value:
            relative = (product.error or 0.0) / product.value
            accepted.append((temperature, float(np.log(product.value)), relative))
        else:
            bound = point.get("upper_bound_conductivity_mS_per_cm")
            refused.append((temperature, float(np.log(bound * temperature)) if bound else np.nan))
    points = np.array(accepted, dtype=np.float64).reshape(-1, 3)
    without = np.array(refused, dtype=np.float64).reshape(-1, 2)
    target = (document.get("conductivity_at") or {}).get("temperature_K")
    return ArrheniusPlot(
        temperature=points[:, 0],
        value=points[:, 1],
        error=points[:, 2],
        colours=tuple(colours.get(point[0], INK) for point in accepted),
        refused=without[:, 0],
        bound=without[:, 1],
        refused_colours=tuple(colours.get(temperature, INK) for temperature, _ in refused),
        segments=segments(document, points[:, 0]),
        transition=transition_mark(measured_from(document.get("transition_temperature"))),
        target=None if target is None else float(target),
    )


def transition_profile(material: MaterialContents) -> TransitionProfile | None:
    """The likelihood against Tc; None where too few temperatures have a conductivity."""
    table = material.profile
    if table is None or len(column(table, "transition_temperature_K")) == 0:
        return None
    kink, jump = column(table, "kink_minus_2_ln_L"), column(table, "jump_minus_2_ln_L")
    if not (np.isfinite(kink).any() or np.isfinite(jump).any()):
        return None
    line = float(column(table, "one_line_minus_2_ln_L")[0])
    return TransitionProfile(column(table, "transition_temperature_K"), kink, jump, line)


def transition_mark(number: Any) -> TransitionMark | None:
    """Tc and its interval where there are."""
    if number is None or number.value is None or number.interval is None:
        return None
    return TransitionMark(number.value, number.interval)


def segments(document: dict[str, Any], temperatures: Any) -> tuple[Segment, ...]:
    """Segments of the best model, or the one line through all temperatures."""
    found = tuple(
        Segment(
            float(one["coldest_K"]),
            float(one["hottest_K"]),
            float(one["intercept"]),
            float(one["slope_K"]),
            np.array(one["covariance"], dtype=np.float64),
        )
        for one in document.get("segments") or []
    )
    line = document.get("line")
    if found or not line or len(temperatures) == 0:
        return found
    covariance = np.array(line["covariance"], dtype=np.float64)
    ends = float(temperatures.min()), float(temperatures.max())
    return (Segment(*ends, float(line["intercept"]), float(line["slope_K"]), covariance),)


def _said_of_transition(document: dict[str, Any]) -> str:
    """Verdict and reason."""
    found = document.get("transition") or {}
    return f"{found['verdict']} ({found['reason']})" if found else ""


def _absent(note: str) -> str:
    """What stands in place of a Tc, from a note that begins with the verdict."""
    if note.startswith("one line"):
        return "no transition seen"
    return "cannot tell" if note.startswith("cannot tell") else note.split(";")[0]
