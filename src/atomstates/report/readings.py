"""Values of the curves of a figure as plain data, with where they stand in the picture."""

import json
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from atomstates.report.curves import Curve, told
from atomstates.report.tables import Array

MOST_POINTS = 300
"""Of one curve; of longer ones every second, third, ... is told."""
FINEST = 1e-4
"""Part of an axis to which values are told: less than a picture shows."""
DIGITS = 4
"""On logarithmic axes."""


def readings(figure: Figure) -> dict[str, Any] | None:
    """What the page needs to tell the values of the curves of a figure that has been drawn.

    Returns
    -------
    ``panels``, each with its ``box`` (left, top, right, bottom as parts of the picture), its axes ``x`` and
    ``y`` (``range``, ``log``, ``quantity``, ``unit``, ``decimals``) and ``curves``, whose ``x`` are rows of
    ``xs``, which curves share. None where no curve is told of.
    """
    shared: dict[str, int] = {}
    xs: list[list[float | None]] = []
    panels = []
    for ax in figure.axes:
        curves = [found for one in told(ax) if (found := _curve(one, ax, shared, xs)) is not None]
        if curves:
            panels.append(_panel(ax, figure, curves))
    return {"panels": panels, "xs": xs} if panels else None


def _panel(ax: Axes, figure: Figure, curves: list[dict[str, Any]]) -> dict[str, Any]:
    box = ax.get_position()
    title = _plain(ax.get_title(loc="left") or ax.get_title())
    return {
        "title": "" if any(curve["name"].startswith(title) for curve in curves) else title,
        "box": [round(float(part), 4) for part in (box.x0, 1 - box.y1, box.x1, 1 - box.y0)],
        "x": _axis(ax.get_xscale(), ax.get_xlim(), _label(ax, figure, "x")),
        "y": _axis(ax.get_yscale(), ax.get_ylim(), _label(ax, figure, "y")),
        "curves": curves,
    }


def _curve(
    curve: Curve, ax: Axes, shared: dict[str, int], xs: list[list[float | None]]
) -> dict[str, Any] | None:
    """A curve as far as it is inside its axes."""
    shown = np.isfinite(curve.x) & np.isfinite(curve.y)
    shown &= _inside(curve.x, ax.get_xlim())
    shown &= _inside(curve.y, ax.get_ylim())
    rows = np.flatnonzero(shown).tolist()
    if not rows:
        return None
    rows = rows[:: -(-len(rows) // MOST_POINTS)]
    x = _rounded(curve.x[rows], ax.get_xscale(), ax.get_xlim())
    y = _rounded(curve.y[rows], ax.get_yscale(), ax.get_ylim())
    key = json.dumps(x)
    if key not in shared:
        shared[key] = len(xs)
        xs.append(x)
    found: dict[str, Any] = {"name": _plain(curve.name), "colour": curve.colour, "x": shared[key], "y": y}
    if curve.error is not None and np.any(curve.error[rows] > 0):
        found["error"] = [_two_digits(error) for error in curve.error[rows]]
    if curve.half_width:
        found["half_width"] = float(f"{curve.half_width:.4g}")
    if curve.temperature is not None:
        found["temperature"] = curve.temperature
    if curve.unit is not None:
        found["unit"] = curve.unit
    if curve.words:
        found["words"] = [curve.words[row] for row in rows]
    return found


def _inside(values: Array, limits: tuple[float, float]) -> NDArray[np.bool_]:
    low, high = sorted(limits)
    margin = 1e-9 * (high - low)
    return np.asarray((values >= low - margin) & (values <= high + margin))


def decimals(limits: tuple[float, float]) -> int:
    """Places behind the point that tell ``FINEST`` of a linear axis."""
    return max(0, int(np.ceil(-np.log10(FINEST * abs(limits[1] - limits[0])))))


def _rounded(values: Array, scale: str, limits: tuple[float, float]) -> list[float | None]:
    if scale == "log":
        return [_short(float(f"{value:.{DIGITS}g}")) for value in values]
    places = decimals(limits)
    return [_short(round(float(value), places)) for value in values]


def _two_digits(error: float) -> float | None:
    return _short(float(f"{error:.2g}")) if np.isfinite(error) and error > 0 else None


def _short(value: float) -> float:
    """Whole numbers without a point."""
    return int(value) if value == int(value) and abs(value) < 1e15 else value


def _axis(scale: str, limits: tuple[float, float], label: str) -> dict[str, Any]:
    quantity, unit = quantity_and_unit(label)
    found: dict[str, Any] = {
        "range": [float(f"{limit:.8g}") for limit in limits],
        "quantity": quantity,
        "unit": unit,
    }
    return found | ({"log": True} if scale == "log" else {"decimals": decimals(limits)})


def _label(ax: Axes, figure: Figure, which: str) -> str:
    """The label of an axis: its own, that of one that shares it, or that of the figure."""
    group = ax.get_shared_x_axes() if which == "x" else ax.get_shared_y_axes()
    for one in (ax, *group.get_siblings(ax)):
        if label := (one.get_xlabel() if which == "x" else one.get_ylabel()):
            return _plain(label)
    return _plain(figure.get_supxlabel() if which == "x" else figure.get_supylabel())


def quantity_and_unit(label: str) -> tuple[str, str]:
    """``("lag time", "ps")`` of "lag time, ps"; what stands in parentheses is no unit."""
    quantity, comma, unit = label.rpartition(", ")
    if not comma or unit.count("(") != unit.count(")"):
        return label, ""
    return quantity, unit.strip()


def _plain(text: str) -> str:
    """Words without mathematics' dollars and line breaks."""
    return re.sub(r"\$_\{?(\w+)\}?\$", r"_\1", " ".join(text.split()))


def temperatures_shown(groups: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """Temperatures (K) of figures between whose temperatures one can choose."""
    return tuple(sorted({one for group in groups if len(group) > 1 for one in group}))
