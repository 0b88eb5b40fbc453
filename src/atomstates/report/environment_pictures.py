"""The environments of a material: drawings of a representative of each, and their table."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from atomstates.doas.clusters import Cluster
from atomstates.report.contents import MaterialContents
from atomstates.report.environment_figures import ANIONS, FRAMEWORK, draw_cluster, half_extent
from atomstates.report.numbers import measured_from
from atomstates.report.picture import Picture, PictureTable
from atomstates.report.series import environment_kind
from atomstates.report.style import INK, blank_figure, site_colour
from atomstates.report.wording import measured_text

_MOST_PANELS, _COLUMNS = 8, 4
_SHOWN = (
    "edge_sharing_ions",
    "face_sharing_ions",
    "vacant_octahedra",
    "vacant_tetrahedra",
    "anion_distance_A",
)


def structures_picture(material: MaterialContents) -> Picture | None:
    """A representative structure of each populous environment, and the table of them."""
    if material.environments is None or material.doas is None:
        return None
    entries = material.environments["environments"]
    if not entries:
        return None
    most = {entry["name"]: most_populous(material.doas, entry) for entry in entries}
    order = sorted(entries, key=lambda entry: -float(most[entry["name"]]["fraction"]["value"]))
    shown = order[:_MOST_PANELS]
    folder = f"materials/{material.name}/doas/environments"
    words = [environment_text(entry, material.cation) for entry in shown]
    return Picture(
        name="structures",
        material=material.name,
        title="Environments",
        caption=(
            f"A {material.mobile} of each environment that holds at least "
            f"{100 * material.environments['least_share']:g} % of the ions at some temperature: the state "
            "whose energy is nearest to the mean, in its relaxed snapshot. The ion's polyhedron is "
            "coloured by its site; grey are those of cations that share an edge or a face with it (thick "
            "lines); the third axis is up, and all are drawn to one scale. Files: the whole relaxed cell "
            "(CIF, the ion in its middle, labelled _ion) and the cluster as drawn (extended XYZ). In the "
            "table: neighbours across edges and faces of the polyhedron, and distances, are means over all "
            "states of all temperatures, with the standard deviation of the states in parentheses."
            + (f" Drawn are the {len(shown)} most populous ones." if len(shown) < len(order) else "")
        ),
        alt=f"Drawings of anion polyhedra around {material.mobile}, one for each of: {'; '.join(words)}.",
        data=(
            "environments.csv",
            *(f"{folder}/{e['name']}.{end}" for e in order for end in ("cif", "xyz")),
        ),
        figure=structures_figure(shown, [most[entry["name"]] for entry in shown], material),
        table=_table(order, most, material, folder),
    )


def structures_figure(
    shown: Sequence[dict[str, Any]], most: Sequence[dict[str, Any]], material: MaterialContents
) -> Figure:
    """One panel an environment, the most populous first."""
    n_rows = -(-len(shown) // _COLUMNS)
    figure = blank_figure(height=0.35 + 2.2 * n_rows)
    axes = figure.subplots(n_rows, _COLUMNS, squeeze=False).ravel()
    clusters = [cluster_from(entry["cluster"]) for entry in shown]
    half_width = 1.08 * max(half_extent(cluster) for cluster in clusters)
    for ax, entry, row, cluster in zip(axes, shown, most, clusters, strict=False):
        colour = site_colour(environment_kind(entry))
        draw_cluster(ax, cluster, colour, half_width)
        words = environment_text(entry, material.cation).replace(", ", "\n")
        ax.set_title(words, fontsize=7, color=colour, loc="center")
        share, mean = measured_from(row["fraction"]), measured_from(row["mean"])
        if share is not None and mean is not None and share.value is not None:
            text = f"{100 * share.value:.2g} % at {row['temperature_K']:g} K\n{measured_text(mean)} eV"
            lowest, highest = ax.get_ylim()
            ax.set_ylim(lowest - 0.32 * half_width, highest)  # room for two lines
            ax.text(0.5, 0.0, text, ha="center", va="bottom", fontsize=6.5, transform=ax.transAxes)
    for ax in axes[len(shown) :]:
        ax.set_visible(False)
    figure.legend(handles=_handles(clusters, material.cation), loc="outside upper right", ncols=5)
    return figure


def _handles(clusters: Sequence[Cluster], cation: str) -> list[Line2D]:
    """Legend of the atoms and polyhedra."""
    anions = {
        str(e) for c in clusters for e, r in zip(c.element, c.role, strict=True) if r.endswith("anion")
    }
    colours = {cation: INK} if any("cation" in c.role for c in clusters) else {}
    colours |= {name: ANIONS[i % len(ANIONS)] for i, name in enumerate(sorted(anions))}
    handles = [
        Line2D([], [], color=colour, label=name, marker="o", ls="", mec="white")
        for name, colour in colours.items()
    ]
    if cation in colours:
        handles.append(Line2D([], [], color=FRAMEWORK, lw=4, alpha=0.5, label=f"polyhedra of {cation}"))
    return handles


def most_populous(doas: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    """The environment in ``doas.json`` at the temperature at which it holds most ions."""
    rows = [
        {**row, "temperature_K": float(temperature["temperature_K"])}
        for temperature in doas["temperatures"]
        for row in temperature["environments"]
        if _identity(row) == _identity(entry)
    ]
    return max(rows, key=lambda row: float(row["fraction"]["value"] or 0))


def environment_text(entry: dict[str, Any], cation: str) -> str:
    """An environment in words: ``octahedral, 1 edge-sharing Y, 2 Br 4 Cl``."""
    shared = [
        f"{entry[f'{kind}_sharing']} {kind}-sharing {cation}"
        for kind in ("edge", "face")
        if entry[f"{kind}_sharing"]
    ]
    numbers = entry.get("anions") or {}
    anions = " ".join(f"{number} {element}" for element, number in numbers.items() if number)
    return ", ".join(
        [str(entry["site"]), *(shared or [f"no {cation} beside"]), *([anions] if anions else [])]
    )


def cluster_from(content: dict[str, Any]) -> Cluster:
    """A cluster from its plain data."""
    return Cluster(
        element=np.array(content["element"], dtype=np.str_),
        id=np.array(content["id"], dtype=np.int64),
        positions=np.array(content["positions"], dtype=np.float64).reshape(-1, 3),
        role=np.array(content["role"], dtype=np.str_),
        polyhedra=tuple(tuple(int(row) for row in one) for one in content["polyhedra"]),
        shared=tuple(int(number) for number in content["shared"]),
    )


def _identity(row: dict[str, Any]) -> tuple[Any, ...]:
    anions = tuple(sorted((row.get("anions") or {}).items()))
    return row["site"], row["edge_sharing"], row["face_sharing"], anions


def _table(
    order: Sequence[dict[str, Any]],
    most: dict[str, dict[str, Any]],
    material: MaterialContents,
    folder: str,
) -> PictureTable:
    """Share, mean and width of each environment where it holds most ions, and its files."""
    ion = material.mobile
    header = (
        *("environment", "most ions at, K", "share", "mean energy, eV", "width, eV"),
        *(f"{ion} across edges", f"{ion} across faces", "vacant oct.", "vacant tet."),
        *("mean distance to anions, Å", "structure of"),
    )
    rows, links = [], []
    for entry in order:
        row = most[entry["name"]]
        numbers = [measured_from(row[key]) for key in ("fraction", "mean", "width")]
        text = ["—" if number is None else measured_text(number) for number in numbers]
        text += [_spread(entry["surroundings"].get(key)) for key in _SHOWN]
        state = f"{entry['run']}, step {entry['step']}, {ion} {entry['ion']}"
        rows.append((environment_text(entry, material.cation), f"{row['temperature_K']:g}", *text, state))
        links.append(tuple((end.upper(), f"{folder}/{entry['name']}.{end}") for end in ("cif", "xyz")))
    return PictureTable(header, tuple(rows), tuple(links))


def _spread(number: dict[str, float] | None) -> str:
    """Mean and, in parentheses, standard deviation."""
    return "—" if number is None else f"{number['mean']:.2f} ({number['deviation']:.2f})"
