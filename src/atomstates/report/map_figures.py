"""Figure of a density map: the unit cell as seen along one of its vectors, oblique cells as they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import Normalize
from matplotlib.patches import Polygon
from matplotlib.patheffects import withStroke

from atomstates.report.style import INK, PALE
from atomstates.report.tables import Array

COLOURS = "magma_r"
"""Perceptually uniform, from nearly white where no ion is ever found."""
_MARKS = (("o", "#2a7f9e"), ("x", INK), ("s", "#3c8a4e"), ("^", PALE), ("D", "#2a7f9e"), ("v", INK))
"""Marker and colour of the framework's elements, in alphabetical order."""
_BORDER = 0.02
"""Fraction of the cell by which a site may lie beyond its border and still be drawn there."""
MARGIN = 0.4
"""Å around the cell."""
_IN_PLANE = ((1, 2), (0, 2), (0, 1))


@dataclass(frozen=True)
class SideView:
    """The unit cell as seen along one vector.

    Attributes
    ----------
    axis
        0, 1 or 2: along a, b or c.
    edges
        The other two vectors on the paper, rows, Å, shape (2, 2).
    density
        Integrated along the line of sight, 1/Å², shape (n, m), centred on fractions i/n and j/m.
    sites
        Places of the framework by element, each of shape (S, 2): fractions of the two vectors.
    """

    axis: int
    edges: Array
    density: Array
    sites: dict[str, Array]

    @property
    def names(self) -> tuple[str, str]:
        """Names of the two vectors on the paper."""
        first, second = _IN_PLANE[self.axis]
        return "abc"[first], "abc"[second]

    @property
    def size(self) -> tuple[float, float]:
        """Width and height on the paper, Å."""
        corners = _CORNERS @ self.edges
        width, height = corners.max(axis=0) - corners.min(axis=0)
        return float(width), float(height)


_CORNERS = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], dtype=np.float64)


def edges_on_paper(cell: Array, axis: int) -> Array:
    """The two other vectors of a cell (rows, Å) as seen along one of them, shape (2, 2).

    Their parts across the line of sight; c points up where it is seen, and a to the right elsewhere.
    """
    sight = cell[axis] / np.linalg.norm(cell[axis])
    first, second = (
        vector - (vector @ sight) * sight for vector in (cell[other] for other in _IN_PLANE[axis])
    )
    if axis == 2:
        right = first / np.linalg.norm(first)
        up = np.cross(sight, right)
    else:
        up = second / np.linalg.norm(second)
        # seen from the front along b, so that a points to the right
        right = np.cross(up, sight if axis == 0 else -sight)
    return np.array([[vector @ right, vector @ up] for vector in (first, second)])


def side_view(cell: Array, axis: int, density: Array, framework: Sequence[tuple[str, Array]]) -> SideView:
    """A view along one vector of a cell (rows, Å); ``framework`` are elements with fractions (3,)."""
    seen = list(_IN_PLANE[axis])
    sites = {
        element: np.array([place[seen] for other, place in framework if other == element])
        for element in sorted({element for element, _ in framework})
    }
    return SideView(axis, edges_on_paper(cell, axis), density, sites)


def draw_side_view(ax: Axes, view: SideView, norm: Normalize) -> QuadMesh:
    """The density within the outline of the cell, with the framework's sites."""
    n, m = view.density.shape
    wrapped = np.pad(view.density, ((0, 1), (0, 1)), mode="wrap")
    i, j = np.meshgrid((np.arange(n + 2) - 0.5) / n, (np.arange(m + 2) - 0.5) / m, indexing="ij")
    x, y = np.moveaxis(np.stack([i, j], axis=-1) @ view.edges, -1, 0)
    mesh = ax.pcolormesh(x, y, wrapped, norm=norm, cmap=COLOURS, rasterized=True)
    outline = Polygon(_CORNERS @ view.edges, fc="none", ec=INK, lw=0.7, joinstyle="round")
    ax.add_patch(outline)
    mesh.set_clip_path(outline)
    for (element, places), (marker, colour) in zip(view.sites.items(), cycle(_MARKS)):
        at = _with_images(places) @ view.edges
        # small and hollow, so that the density stays what is seen
        (marks,) = ax.plot(
            at[:, 0], at[:, 1], marker, ms=3.2, mew=0.8, mec=colour, mfc="none", label=element
        )
        marks.set_path_effects([withStroke(linewidth=1.8, foreground="white")])
    corners = _CORNERS @ view.edges
    (left, low), (right, high) = corners.min(axis=0) - MARGIN, corners.max(axis=0) + MARGIN
    ax.set_xlim(left, right)
    ax.set_ylim(low, high)
    ax.set_aspect("equal", anchor="S")
    ax.set_axis_off()
    _name_edges(ax, view)
    return mesh


def draw_scale_bar(ax: Axes, view: SideView, length: float) -> None:
    """A bar of ``length`` Å above the upper right corner of the cell."""
    right, high = (_CORNERS @ view.edges).max(axis=0)
    at = high + 0.08 * max(view.size)
    ax.plot([right - length, right], [at, at], color=INK, lw=1.4, solid_capstyle="butt", clip_on=False)
    ax.text(right - length - 0.25, at, f"{length:g} Å", fontsize=7, color=INK, ha="right", va="center")


def _with_images(places: Array) -> Array:
    """Places of the cell together with their images on or just beyond its borders."""
    shifts = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)])
    images = (places[:, None] + shifts).reshape(-1, 2)
    inside: Array = images[np.all(np.abs(images - 0.5) <= 0.5 + _BORDER, axis=1)]
    return inside


def _name_edges(ax: Axes, view: SideView) -> None:
    """Names of the vectors beside the middle of the edges they are."""
    for edge, name, away in zip(view.edges, view.names, ((0, -1), (-1, 0)), strict=True):
        ax.annotate(
            name,
            edge / 2,
            xytext=(4 * away[0], 4 * away[1]),
            textcoords="offset points",
            ha="right" if away[0] else "center",
            va="top" if away[1] else "center",
            fontsize=7,
            fontstyle="italic",
            color=INK,
        )
