"""Order of the ions over the sites of the crystal: what is drawn, and what is said about it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from atomstates.report.contents import MaterialContents
from atomstates.report.curves import Curve, point, tell
from atomstates.report.doas_figures import Trend, draw_trends
from atomstates.report.numbers import measured_from
from atomstates.report.picture import Picture
from atomstates.report.series import trend
from atomstates.report.style import INK, blank_figure
from atomstates.report.tables import Array
from atomstates.report.transition import still_falling

ORDER = "order.csv"
ORDER_COLUMNS = ("temperature_K", "run", "quantity", "value", "error", "n_snapshots", "note")
_ORDERS = (
    ("site_order", "order over alike sites, S", "#009E73"),
    ("order_parameter", "order of channels, φ", INK),
)
_COLOURS = ("#0072B2", "#D55E00", "#CC79A7", "#56B4E9", "#E69F00", "#7A7A7A")
_MOST_SUBLATTICES = len(_COLOURS)


def order_picture(material: MaterialContents) -> Picture | None:
    """Orders against temperature, of each run and of all, beside the occupation of each sublattice."""
    if material.order is None or material.doas is None:
        return None
    found = [
        (key, one)
        for key, label, colour in _ORDERS
        if (one := trend(material.doas, key, label, colour)) is not None
    ]
    occupied = _occupation_trends(material.order)
    if not occupied:
        return None
    figure = blank_figure(height=2.9)
    axes = figure.subplots(1, 2 if found else 1, squeeze=False)[0]
    if found:
        draw_trends(axes[0], [one for _, one in found])
        for key, one in found:
            _draw_runs(axes[0], material.order, key, one.colour)
            _draw_second_halves(axes[0], material, key, one.colour)
        axes[0].axhline(0, color="#8a8a8a", lw=0.6)
        axes[0].set_ylabel("order parameter")
        axes[0].legend(loc="best", fontsize=6.5)
    _draw_occupations(axes[-1], occupied)
    axes[-1].set_ylabel(f"{material.mobile} per site")
    axes[-1].legend(loc="best", fontsize=6)
    return Picture(
        name="order",
        material=material.name,
        title="Order over the sites of the crystal",
        caption=_caption(material, [key for key, _ in found]),
        alt=_in_words([one for _, one in found] + list(occupied.values())),
        data=(ORDER,),
        figure=figure,
    )


def order_rows(material: MaterialContents) -> Iterator[Sequence[object]]:
    """Rows of the table behind the figure: all runs, each run, and occupations."""
    for entry in (material.doas or {}).get("temperatures", []):
        for key, _, _ in _ORDERS:
            yield from _row(entry["temperature_K"], "", key, entry.get(key))
    content = material.order or {}
    for run in content.get("runs", []):
        for key, _, _ in _ORDERS:
            yield from _row(run["temperature_K"], run["run"], key, run.get(key))
            for word in ("first", "second"):
                half = ((run.get("halves") or {}).get(key) or {}).get(word)
                yield from _row(run["temperature_K"], run["run"], f"{key} {word} half", half)
    for entry in content.get("temperatures", []):
        for row in entry["occupations"]:
            for word in ("filled", "vacant"):
                name = f"occupation of sublattice {row['sublattice']}, initially {word}"
                yield from _row(entry["temperature_K"], "", name, row[f"initially_{word}"])


def _row(temperature: float, run: str, name: str, content: Any) -> Iterator[Sequence[object]]:
    number = measured_from(content)
    if number is not None and number.value is not None:
        yield temperature, run, name, number.value, number.error, number.sample, number.note


def _draw_occupations(ax: Axes, shown: Mapping[tuple[int, str], Trend]) -> None:
    """Occupations against temperature: open points and dashes where the sites were vacant at the start."""
    for (_, word), one in shown.items():
        vacant = word == "vacant"
        ax.errorbar(
            one.temperature,
            one.value,
            yerr=one.error,
            marker="o",
            ls="--" if vacant else "-",
            color=one.colour,
            mfc="white" if vacant else one.colour,
            mec=one.colour if vacant else "white",
            mew=0.9 if vacant else 0.6,
            elinewidth=0.9,
            lw=1.0,
            label=one.label,
        )
        tell(ax, Curve(one.label, one.colour, one.temperature, one.value, one.error))
    ax.set_xlabel("temperature, K")
    ax.grid(axis="y")
    ax.set_axisbelow(True)
    ax.margins(x=0.08)


def _occupation_trends(order: dict[str, Any]) -> dict[tuple[int, str], Trend]:
    """Ions per site by sublattice and by what its sites were at the start, against temperature."""
    entries = sorted(order["temperatures"], key=lambda entry: float(entry["temperature_K"]))
    temperature = np.array([float(entry["temperature_K"]) for entry in entries])
    found = {}
    for index, described in enumerate(order["sublattices"][:_MOST_SUBLATTICES]):
        for word in ("filled", "vacant"):
            numbers = [measured_from(entry["occupations"][index][f"initially_{word}"]) for entry in entries]
            value = _array([None if one is None else one.value for one in numbers])
            if not np.isfinite(value).any():
                continue
            error = np.nan_to_num(_array([None if one is None else one.error for one in numbers]))
            share = described["filled_per_unit_cell"]
            number = share if word == "filled" else described["sites_per_unit_cell"] - share
            label = f"{index + 1}: {number:.3g} {described['site'][:3]}. a cell, {word} at the start"
            found[(index, word)] = Trend(label, "", temperature, value, error, _COLOURS[index])
    return found


def _draw_runs(ax: Axes, order: dict[str, Any], key: str, colour: str) -> None:
    """Each run as a small open circle, where there are several at a temperature."""
    if len(order["runs"]) <= len(order["temperatures"]):
        return
    for run in order["runs"]:
        number = measured_from(run.get(key))
        if number is not None and number.value is not None:
            at = (run["temperature_K"], number.value)
            ax.errorbar(*at, yerr=number.error, marker="o", ms=3, mfc="white", color=colour, elinewidth=0.5)
            tell(ax, point(f"run {run['run']}", colour, *at, number.error))


def _draw_second_halves(ax: Axes, material: MaterialContents, key: str, colour: str) -> None:
    """The second half of each run in which the order was still falling, as a triangle."""
    for run in still_falling(material, key):
        number = measured_from(run["halves"][key]["second"])
        if number is not None and number.value is not None:
            at = (run["temperature_K"], number.value)
            ax.errorbar(*at, yerr=number.error, marker="v", ms=4, mfc="white", color=colour, elinewidth=0.5)
            tell(ax, point(f"second half of run {run['run']}", colour, *at, number.error))


def _caption(material: MaterialContents, keys: Sequence[str]) -> str:
    """What is drawn, and what it can and cannot tell."""
    order = material.order or {}
    groups = "; ".join(
        f"sublattice {index}: {one['sites_per_unit_cell']:.3g} {one['site']} sites a unit cell, "
        f"{one['filled_per_unit_cell']:.3g} of them filled"
        for index, one in enumerate(order["sublattices"], start=1)
    )
    words = []
    if "site_order" in keys:
        words.append(
            "S tells how far the ions are in the sites that were filled at the start rather than at random "
            f"over all that are alike by the framework's symmetry, {order['space_group']} ({groups}): 1 as "
            "at the start, 0 at random; ions that have left for other sites count as lost order. It is the "
            "memory of that one arrangement: ions that order in another domain, or hop among arrangements "
            "of nearly equal energy, lower it as disorder does, and in a short run it has not yet fallen "
            "as far as it will."
        )
    else:
        words.append(
            f"The ordered crystal has {groups}, alike by the framework's symmetry "
            f"({order['space_group']}); no sublattice is partly filled, so there is no order over alike "
            "sites to lose."
        )
    if "order_parameter" in keys:
        words.append(
            "φ, the staggered filling of channels, is the same for both domains and for hops within a "
            "channel, but as a modulus it does not fall to 0 in a small cell."
        )
    if any(still_falling(material, key) for key in keys):
        words.append(
            "Triangles: second half of a run in which the order was still falling: the points are "
            "upper bounds there."
        )
    words.append("Right: ions per site of each sublattice." if keys else "Drawn: ions per site of each.")
    return " ".join([*words, "Bars are one standard error."])


def _in_words(trends: Sequence[Trend]) -> str:
    """Each quantity at its coldest and hottest temperature."""
    told = "; ".join(
        f"{one.label}: {one.value[0]:.2f} at {one.temperature[0]:g} K, {one.value[-1]:.2f} at "
        f"{one.temperature[-1]:g} K"
        for one in trends
    )
    return f"Orders and occupations against temperature. {told}."


def _array(values: Sequence[float | None]) -> Array:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
