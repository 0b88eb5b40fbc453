"""Drawings of the polyhedra around an ion: one function draws one cluster on one axes."""

from itertools import combinations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon
from scipy.spatial import ConvexHull, QhullError

from atomstates.doas.clusters import Cluster
from atomstates.report.style import INK
from atomstates.report.tables import Array

FRAMEWORK = "#9aa0a6"
ANIONS = ("#7fb069", "#a5673f", "#c9b037")
"""Colours of the species of anions, in alphabetical order."""
_TILT = np.deg2rad(16)
_SIZES = {"ion": 42.0, "cation": 34.0}
_SIZE_OF_ANIONS = 22.0
_SAME_PLANE = 0.98
"""Cosine between the normals of two triangles of one face, whose common side is no edge."""


def draw_cluster(ax: Axes, cluster: Cluster, colour: str, half_width: float) -> None:
    """The ion's polyhedron in its colour, those of its cations in grey, shared edges and faces thick.

    Seen from the side, the third axis upwards, turned so that the cluster is as wide as it can be; the
    axes reach ``half_width`` (Å) from its middle.
    """
    seen = view(cluster.positions)
    own = cluster.polyhedra[0][1:]
    for number, (_, *corners) in enumerate(cluster.polyhedra):
        _draw_polyhedron(ax, seen[corners], FRAMEWORK if number else colour)
        if number:
            _draw_shared(ax, seen, sorted(set(corners) & set(own)), colour)
    species = sorted(set(cluster.element[[role.endswith("anion") for role in cluster.role]].tolist()))
    for place, element, role in zip(seen, cluster.element, cluster.role, strict=True):
        anion = str(role).endswith("anion")
        face = ANIONS[species.index(str(element)) % len(ANIONS)] if anion else INK
        ax.scatter(
            [place[0]], [place[1]], s=_SIZE_OF_ANIONS if anion else _SIZES[str(role)],
            color=colour if role == "ion" else face, edgecolors="white", lw=0.6, zorder=100 + place[2],
        )  # fmt: skip
    middle = (seen[:, :2].min(axis=0) + seen[:, :2].max(axis=0)) / 2
    ax.set_xlim(middle[0] - half_width, middle[0] + half_width)
    ax.set_ylim(middle[1] - half_width, middle[1] + half_width)
    ax.set_aspect("equal")
    ax.axis("off")


def half_extent(cluster: Cluster) -> float:
    """Half the width or height of the drawing of a cluster, whichever is larger, Å."""
    return float(np.ptp(view(cluster.positions)[:, :2], axis=0).max() / 2)


def view(positions: Array) -> Array:
    """Right, up, and towards the reader, shape (M, 3), of positions from the ion (Å)."""
    flat = positions[:, :2] - positions[:, :2].mean(axis=0)
    # The axis in the plane along which the cluster is longest; its sign is that of its largest part.
    wide = np.linalg.eigh(flat.T @ flat)[1][:, 1]
    wide = wide * np.sign(wide[np.argmax(np.abs(wide))])
    right, away = positions[:, :2] @ wide, positions[:, :2] @ np.array([-wide[1], wide[0]])
    up = positions[:, 2] * np.cos(_TILT) + away * np.sin(_TILT)
    towards = positions[:, 2] * np.sin(_TILT) - away * np.cos(_TILT)
    return np.column_stack([right, up, towards])


def _draw_polyhedron(ax: Axes, corners: Array, colour: str) -> None:
    """Faces of the convex hull, farther ones first, and its edges."""
    try:
        hull = ConvexHull(corners)
    except QhullError:  # corners in a plane: an open framework, nothing to fill
        return
    for triangle in hull.simplices:
        depth = float(corners[triangle, 2].mean())
        ax.add_patch(
            Polygon(corners[triangle, :2], closed=True, fc=colour, ec="none", alpha=0.16, zorder=50 + depth)
        )
    normals = hull.equations[:, :3]
    for one, other in combinations(range(len(hull.simplices)), 2):
        side = sorted(set(hull.simplices[one]) & set(hull.simplices[other]))
        if len(side) == 2 and normals[one] @ normals[other] < _SAME_PLANE:
            line = corners[side]
            ax.plot(line[:, 0], line[:, 1], color=colour, lw=0.7, zorder=50 + float(line[:, 2].mean()))


def _draw_shared(ax: Axes, seen: Array, common: list[int], colour: str) -> None:
    """Sides of the edge or face that two polyhedra share."""
    for pair in combinations(common, 2):
        line = seen[list(pair)]
        ax.plot(line[:, 0], line[:, 1], color=colour, lw=2.0, zorder=60 + float(line[:, 2].mean()))
