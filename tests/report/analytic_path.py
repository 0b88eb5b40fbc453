"""An ion between two octahedra of rock salt through the tetrahedron between them, in closed form."""

import numpy as np

from atomstates.report.interactive.path import IonPath

EDGE = 5.2
BARRIER = 0.3


def rock_salt_path(n_frames=9, wrapped=True):
    """Li goes across a border of the cell with energy BARRIER sin²(pi s); Cl and one Y stand still."""
    cell = 2 * EDGE * np.eye(3)
    corners = np.array([(i, j, k) for i in range(4) for j in range(4) for k in range(4)])
    anions = corners[corners.sum(axis=1) % 2 == 0] * EDGE / 2
    cation, start = np.array([3.0, 2, 2]) * EDGE / 2, np.array([0.0, 0, 1]) * EDGE / 2
    share = np.linspace(0, 1, n_frames)
    through = np.array([-0.25, 0.25, 0]) * EDGE  # the tetrahedron
    end = np.array([-0.5, 0.5, 0]) * EDGE
    bow = np.array([0, 0, 0.25]) * EDGE
    way = start + share[:, None] * end + np.sin(np.pi * share)[:, None] ** 2 * (through - end / 2 + bow)
    frames = np.array([np.vstack([place, anions, cation]) for place in way])
    if wrapped:
        frames = frames % (2 * EDGE)
    elements = ["Li", *["Cl"] * len(anions), "Y"]
    return IonPath(
        "oct–tet–oct", frames, elements, cell, BARRIER * np.sin(np.pi * share) ** 2 - 4.1, 0
    ), way
