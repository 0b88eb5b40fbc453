"""Paths with several barriers: cut at the minima between, each piece a band of its own."""

from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from atomstates.barriers.band import (
    has_left_its_path,
    minimum_image_path,
    n_replicas_for,
    path_length,
    spread_evenly,
)
from atomstates.barriers.endpoints import farthest_apart
from atomstates.barriers.landscape import Landscape
from atomstates.barriers.neb import NebSettings, left_its_path, nudged_elastic_band, verdict
from atomstates.barriers.profile import Failure, Profile

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Chain:
    """A path in pieces of one barrier each; the end of a piece is the start of the next."""

    pieces: tuple[Profile, ...]
    ways: tuple[float, ...] = field(default=())
    """Forward barrier (eV) of each way that was tried, NaN where it failed; the pieces are the lowest's."""

    def __post_init__(self) -> None:
        for before, after in pairwise(self.pieces):
            if not np.array_equal(before.positions[-1], after.positions[0]):
                raise ValueError("a piece does not begin where the one before it ends")

    @property
    def cell(self) -> FloatArray:
        return self.pieces[0].cell

    @property
    def positions(self) -> FloatArray:
        """(R, N, 3) Å, minima between pieces once."""
        return _joined([piece.positions for piece in self.pieces])

    @property
    def energy(self) -> FloatArray:
        """(R,) eV"""
        return _joined([piece.energy for piece in self.pieces])

    @property
    def atom_energy(self) -> FloatArray:
        """(R, N) eV"""
        return _joined([piece.atom_energy for piece in self.pieces])

    @property
    def whole(self) -> Profile:
        """All pieces as one profile; its saddle is the highest of all."""
        highest = self.pieces[self.highest_piece]
        before = sum(len(piece.energy) - 1 for piece in self.pieces[: self.highest_piece])
        return Profile(
            positions=self.positions,
            cell=self.cell,
            energy=self.energy,
            atom_energy=self.atom_energy,
            largest_force=max(piece.largest_force for piece in self.pieces),
            n_steps=sum(piece.n_steps for piece in self.pieces),
            converged=all(piece.converged for piece in self.pieces),
            climbing_replica=before + highest.climbing_replica,
        )

    @property
    def reaction_coordinate(self) -> FloatArray:
        """(R,), from 0 to 1."""
        return self.whole.reaction_coordinate

    @property
    def highest_piece(self) -> int:
        """The piece with the highest saddle."""
        return int(np.argmax([piece.energy.max() for piece in self.pieces]))

    @property
    def barrier_forward(self) -> float:
        """Highest saddle above the start, eV."""
        return self.whole.barrier_forward

    @property
    def barrier_backward(self) -> float:
        """Highest saddle above the end, eV."""
        return self.whole.barrier_backward


def _joined(parts: list[FloatArray]) -> FloatArray:
    """Rows of all pieces, without those that begin a later piece."""
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])


def chain(
    landscape: Landscape, band: FloatArray, cell: FloatArray, settings: NebSettings
) -> Chain | Failure:
    """The minimum-energy path of a band, cut wherever it has a minimum deeper than ``settings.well_depth``.

    Parameters
    ----------
    landscape
        The potential.
    band
        Å, shape (R, N, 3); its ends are minima.
    cell
        Å, vectors as rows.
    settings
        Tolerances and steps.

    Returns
    -------
    Chain or Failure
        ``not_converged``, ``left_its_path``, ``too_many_barriers`` or ``no_barrier``.
    """
    pieces = _pieces(landscape, band, cell, settings, settings.most_cuts)
    if isinstance(pieces, Failure):
        return pieces
    found = Chain(tuple(pieces))
    checked = verdict(found.whole, settings)
    return checked if isinstance(checked, Failure) else found


def _pieces(
    landscape: Landscape, band: FloatArray, cell: FloatArray, settings: NebSettings, cuts: int
) -> list[Profile] | Failure:
    """Converged bands from start to end, without minima between."""
    # a loose band shows deep minima already, and they keep a band with few replicas from converging
    profile = loose = nudged_elastic_band(landscape, band, cell, settings, climbs=False)
    if has_left_its_path(loose.positions):
        return left_its_path(loose)
    corners = _corners(landscape, loose, settings)
    if len(corners) == 2:
        profile = nudged_elastic_band(landscape, loose.positions, cell, settings)
        profile = replace(profile, n_steps=loose.n_steps + profile.n_steps)
        corners = _corners(landscape, profile, settings)
    if len(corners) == 2:
        checked = verdict(profile, settings)
        if isinstance(checked, Failure) and checked.reason != "no_barrier":  # the whole path may have one
            return checked
        return [profile]
    if len(corners) - 2 > cuts:
        return Failure(
            "too_many_barriers",
            f"the path still has minima after {settings.most_cuts} cuts: choose ends nearer to each other",
            profile,
        )
    pieces: list[Profile] = []
    for (first, start), (last, end) in pairwise(corners):
        part = np.array([start, *profile.positions[first + 1 : last], end])
        n_replicas = max(5, n_replicas_for(path_length(part)))
        found = _pieces(landscape, spread_evenly(part, n_replicas), cell, settings, cuts - len(corners) + 2)
        if isinstance(found, Failure):
            return found
        pieces += found
    return pieces


def _corners(landscape: Landscape, profile: Profile, settings: NebSettings) -> list[tuple[int, FloatArray]]:
    """Ends and relaxed minima between them, with their rows in the profile."""
    last = len(profile.energy) - 1
    corners = [(0, profile.positions[0])]
    rows = profile.intermediate_minima(settings.well_depth)
    relaxed = landscape.relaxed([profile.positions[row] for row in rows], profile.cell)
    for row, one in zip(rows, relaxed, strict=True):
        place = minimum_image_path(profile.positions[row], one.positions, profile.cell)
        others = (corners[-1][1], profile.positions[last])
        distinct = all(
            farthest_apart(other, place, profile.cell) >= settings.least_displacement for other in others
        )
        # what falls into an end, or into the minimum before it, was none
        if distinct and one.largest_force <= settings.end_force_tolerance:
            corners.append((row, place))
    return [*corners, (last, profile.positions[last])]
