"""A player of paths: an ion moves from site to site, with the profile of the energy beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomstates.report.interactive.packing import packed
from atomstates.report.interactive.panel import Panel

Floats = NDArray[np.float64]

REACH = 6.0
"""Å from the ion, at any image, within which atoms are shown."""


@dataclass(frozen=True)
class IonPath:
    """F images of N atoms along a path, as a nudged elastic band gives them.

    Attributes
    ----------
    name
        How the path is called where there are several.
    frames
        Positions, Å, wrapped or not, shape (F, N, 3).
    elements
        Shape (N,).
    cell
        Vectors as rows, Å, shape (3, 3).
    energies
        eV, of any zero, shape (F,).
    ion
        Row of the atom that moves.
    errors
        Standard errors of the energies, eV, shape (F,), where there are any.
    """

    name: str
    frames: Floats
    elements: Sequence[str]
    cell: Floats
    energies: Floats
    ion: int
    errors: Floats | None = None

    def __post_init__(self) -> None:
        n_frames, n_atoms = len(self.energies), len(self.elements)
        if n_frames < 2 or np.shape(self.frames) != (n_frames, n_atoms, 3):
            raise ValueError(
                f"{self.name}: {n_frames} energies and {n_atoms} elements, so frames of shape "
                f"({n_frames}, {n_atoms}, 3) are needed, two at least; found {np.shape(self.frames)}"
            )
        if np.shape(self.cell) != (3, 3) or not 0 <= self.ion < n_atoms:
            raise ValueError(
                f"{self.name}: a cell of shape {np.shape(self.cell)} and ion {self.ion} of {n_atoms}"
            )
        if self.errors is not None and len(self.errors) != n_frames:
            raise ValueError(f"{self.name}: {len(self.errors)} errors of {n_frames} energies")
        if not (np.isfinite(self.frames).all() and np.isfinite(self.energies).all()):
            raise ValueError(f"{self.name}: positions or energies are not finite")

    @property
    def barrier(self) -> float:
        """Highest energy above the first image, eV."""
        return float(np.max(self.energies) - self.energies[0])


def continuous(frames: Floats, cell: Floats) -> Floats:
    """Positions without jumps across the borders of the cell: each step is the shortest, (F, N, 3)."""
    fractional = frames @ np.linalg.inv(cell)
    steps = np.diff(fractional, axis=0)
    steps -= np.round(steps)
    whole = np.concatenate([fractional[:1], fractional[0] + np.cumsum(steps, axis=0)])
    found: Floats = whole @ cell
    return found


def along(frames: Floats, ion: int) -> Floats:
    """Length of the ion's way up to each frame, Å, shape (F,), of continuous frames."""
    steps = np.linalg.norm(np.diff(frames[:, ion], axis=0), axis=-1)
    return np.concatenate([[0.0], np.cumsum(steps)])


def surroundings(frames: Floats, cell: Floats, ion: int, reach: float) -> tuple[NDArray[np.int64], Floats]:
    """Atoms, with their periodic images, that come within ``reach`` of the ion.

    Returns
    -------
    tuple
        Which atom each is, the ion itself first, shape (M,); and their positions seen from the middle of
        the ion's way, shape (F, M, 3).
    """
    whole = continuous(frames, cell)
    middle = whole[:, ion].mean(axis=0)
    # every image that can come near lies within the reach, half of the way and what the atom moves
    extent = reach + float(np.linalg.norm(whole[:, ion] - middle, axis=-1).max())
    drift = float(np.linalg.norm(whole - whole[:1], axis=-1).max())
    heights = 1 / np.linalg.norm(np.linalg.inv(cell), axis=0)
    fractional = (whole[0] - middle) @ np.linalg.inv(cell)
    home = whole - np.floor(fractional + 0.5) @ cell
    images = [range(-n, n + 1) for n in np.ceil((extent + drift) / heights).astype(int)]
    shifts = np.array(list(product(*images)), dtype=np.float64) @ cell
    near = np.array(
        [
            np.linalg.norm(home + shift - whole[:, ion, None], axis=-1).min(axis=0) <= reach
            for shift in shifts
        ]
    )
    which, atom = np.nonzero(near)
    places = home[:, atom] + shifts[which] - middle
    own = np.linalg.norm(places[0] - (whole[0, ion] - middle), axis=-1) < 1e-6
    order = np.argsort(~own, kind="stable")
    return atom[order], places[:, order]


def path_panel(
    title: str,
    paths: Sequence[IonPath],
    anions: Sequence[str],
    colours: Mapping[str, str],
    reach: float = REACH,
) -> Panel:
    """A panel that plays paths, one at a time.

    Parameters
    ----------
    title
        What is played, for the heading.
    paths
        One at least.
    anions
        Elements to which the ion and the cations are bonded.
    colours
        Of all elements.
    reach
        Å around the ion within which atoms are shown.
    """
    if not paths:
        raise ValueError("a player needs a path")
    barriers = "; ".join(f"{path.name}: {path.barrier:.3f} eV" for path in paths)
    return Panel(
        "path",
        f"{title}, as a film beside the profile of the energy. Highest above the first image: {barriers}",
        {
            "title": title,
            "anions": sorted(anions),
            "colours": dict(colours),
            "paths": [_path_data(path, reach) for path in paths],
        },
    )


def _path_data(path: IonPath, reach: float) -> dict[str, Any]:
    """A path as plain data."""
    atoms, places = surroundings(np.asarray(path.frames), np.asarray(path.cell), path.ion, reach)
    energies = np.asarray(path.energies) - path.energies[0]
    return {
        "name": path.name,
        "elements": [str(path.elements[atom]) for atom in atoms],
        "positions": packed(places, "f4"),
        "along": along(continuous(np.asarray(path.frames), np.asarray(path.cell)), path.ion)
        .round(4)
        .tolist(),
        "energies": energies.round(6).tolist(),
        "errors": None if path.errors is None else np.asarray(path.errors).round(6).tolist(),
    }
