"""The onset temperature of every measure of disorder: a figure, a table, and whether they agree."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from atomstates.doas.onsets import HALF, MEASURES
from atomstates.report.arrhenius_figures import TransitionMark
from atomstates.report.contents import MaterialContents
from atomstates.report.estimate_figures import TransitionEstimate, draw_estimates
from atomstates.report.numbers import measured_from
from atomstates.report.picture import Picture, PictureTable
from atomstates.report.style import blank_figure
from atomstates.report.transition import Estimate
from atomstates.report.wording import plain_text

ONSETS = "onsets.csv"
ONSET_COLUMNS = (
    "measure",
    "onset_K",
    "error_K",
    "interval_low_K",
    "interval_high_K",
    "n_temperatures",
    "verdict",
    "reason",
)
_VERDICTS = ("one line", "kink", "jump", "cannot tell")
_ABSENT = {"one line": "one line: no onset seen", "cannot tell": "cannot tell"}


def onset_estimates(doas: dict[str, Any] | None, product: str) -> list[Estimate]:
    """The onset of each measure that ``doas.json`` has, in its order."""
    content = (doas or {}).get("onsets") or {}
    numbers = {key: measured_from(number) for key, number in content.items()}
    return [Estimate(key, number, product) for key, number in numbers.items() if number is not None]


def _of(material: MaterialContents) -> list[Estimate]:
    return onset_estimates(material.doas, f"materials/{material.name}/doas/doas.json")


def onset_picture(material: MaterialContents) -> Picture | None:
    """Onsets of all measures on one axis of temperature, with a table of verdicts and reasons."""
    found = _of(material)
    if not found:
        return None
    sentence = consistency(found)
    shown = [TransitionEstimate(measure(one.key), _mark(one), _absent(one)) for one in found]
    figure = blank_figure(height=0.7 + 0.31 * len(shown), width=6.0)
    ax = figure.subplots()
    draw_estimates(ax, shown)
    # an axis of all temperatures of the campaign, so that "nowhere" is told from "not looked at"
    temperatures = sorted({run.temperature for run in material.runs})
    if len(temperatures) > 1:
        margin = 0.04 * float(np.ptp(temperatures))
        ax.set_xlim(temperatures[0] - margin, temperatures[-1] + margin)
    ax.plot(temperatures, np.full(len(temperatures), -0.7), "v", ms=4, color="#8a8a8a", clip_on=False)
    ax.set_xlabel("onset temperature, K")
    return Picture(
        name="onsets",
        material=material.name,
        title="Onset of disorder by each measure",
        caption=(
            "Where each measure of disorder has a kink or a jump against temperature (the same calibrated "
            "comparison of lines as for the conductivity), with 95 % intervals; orders also where they "
            "fall below one half. Triangles are the temperatures of the runs: nothing is known between two "
            "of them. A measure without an onset says why in the table; one that grows smoothly, as an "
            f"activated fraction does, has none. {sentence}"
        ),
        alt=f"Onset temperatures by measure. {sentence} "
        + " ".join(f"{one.label}: {one.mark.value:.0f} K." for one in shown if one.mark is not None),
        data=(ONSETS,),
        figure=figure,
        table=_table(found),
    )


def consistency(found: Sequence[Estimate]) -> str:
    """Whether the measures agree, in words.

    Two estimates are apart if their 95 % intervals are: T_1 − T_2 then is more than 1.96 (e_1 + e_2), which
    is the largest error that the difference can have, whatever the correlation of the two. So
    the sentence needs no independence, of which there is none: all measures are of the same
    snapshots. For the same reason there is no mean and no narrower common interval: what they share is
    only said to be allowed by each.
    """
    known = {measure(one.key): one for one in found if one.interval is not None}
    if not known:
        return f"None of {len(found)} measures has an onset."
    told = f"{len(known)} of {len(found)} measures have an onset"
    intervals = {name: one.interval for name, one in known.items() if one.interval is not None}
    if len(known) == 1:
        ((name, (low, high)),) = intervals.items()
        return f"Only one of {len(found)} measures has an onset, {name}: {_span(low, high)}."
    low_name = max(intervals, key=lambda name: intervals[name][0])
    high_name = min(intervals, key=lambda name: intervals[name][1])
    low, high = intervals[low_name][0], intervals[high_name][1]
    sharpest = min(intervals, key=lambda name: intervals[name][1] - intervals[name][0])
    values = [one.measured.value for one in known.values() if one.measured.value is not None]
    told += f", from {min(values):.0f} to {max(values):.0f} K"
    if low <= high:
        verdict = f" and agree: {_span(low, high)} is allowed by each"
    else:
        verdict = (
            f" and do not agree: {low_name} has {_span(*intervals[low_name])}, {high_name} "
            f"{_span(*intervals[high_name])}"
        )
    return (
        f"{told}{verdict}. The narrowest interval is that of {sharpest}, {_span(*intervals[sharpest])}. "
        "All are of the same snapshots, so their errors are correlated: they are compared, not averaged, "
        "and many that agree are worth little more than one."
    )


def onset_rows(material: MaterialContents) -> Iterator[tuple[object, ...]]:
    """Rows of the table behind the figure."""
    for one in _of(material):
        number = one.measured
        low, high = number.interval or (None, None)
        verdict, reason = _said(one)
        yield one.key, number.value, number.error, low, high, number.sample, verdict, reason


def measure(key: str) -> str:
    """A measure in words."""
    name = key.removesuffix(HALF)
    if name not in MEASURES:
        site, _, rest = name.removesuffix("_fraction").partition("_")
        return f"share {site}, {rest.replace('_sharing', '-sharing').replace('_', ' ').replace(' -', '-')}"
    return f"{MEASURES[name]} below ½" if key.endswith(HALF) else MEASURES[name]


def _said(one: Estimate) -> tuple[str, str]:
    """Verdict and reason from a note."""
    note = one.measured.note
    verdict = next((word for word in _VERDICTS if note.startswith(f"{word},")), "")
    if not verdict:
        return ("below ½" if one.measured.value is not None else "no loss seen"), note
    return verdict, note.split(" against T: ", 1)[-1]


def _table(found: Sequence[Estimate]) -> PictureTable:
    """Measure, onset, interval, verdict and reason."""
    rows = []
    for one in found:
        number, interval = one.measured, one.interval
        verdict, reason = _said(one)
        onset = "—" if number.value is None else f"{number.value:.0f} ± {number.error or 0:.0f}"
        rows.append(
            (measure(one.key), onset, "—" if interval is None else _ends(*interval), verdict, reason)
        )
    header = ("measure", "onset, K", "95 % interval, K", "verdict", "reason")
    return PictureTable(header, tuple(rows), tuple(() for _ in rows))


def _mark(one: Estimate) -> TransitionMark | None:
    if one.measured.value is None or one.interval is None:
        return None
    return TransitionMark(one.measured.value, one.interval)


def _absent(one: Estimate) -> str:
    verdict, reason = _said(one)
    return _ABSENT.get(verdict, reason)


def _ends(low: float, high: float) -> str:
    return f"{plain_text(low)} to {plain_text(high)}"


def _span(low: float, high: float) -> str:
    return f"{_ends(low, high)} K"
