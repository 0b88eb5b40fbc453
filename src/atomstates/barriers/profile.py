"""What a nudged elastic band gives: a profile, or a named failure."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

Reason = Literal[
    "end_not_relaxed",
    "end_no_minimum",
    "other_occupation",
    "ends_coincide",
    "not_converged",
    "left_its_path",
    "no_barrier",
    "too_many_barriers",
]
REASONS: tuple[str, ...] = get_args(Reason)
"""Names of failures: an end that does not relax, is a saddle, or has other sites filled than asked for;
ends that are the same minimum; a band that does not converge; one whose replicas ran far off, mostly after
one that climbs where there is next to no barrier; a path that only climbs or falls; a path whose pieces
have yet more barriers after it was cut as often as allowed."""


@dataclass(frozen=True)
class Profile:
    """A band of R replicas of N atoms and what is known along it."""

    positions: FloatArray
    """(R, N, 3) Å; from replica to replica no atom jumps by a cell."""
    cell: FloatArray
    """(3, 3) Å, vectors as rows."""
    energy: FloatArray
    """(R,) eV"""
    atom_energy: FloatArray
    """(R, N) eV"""
    largest_force: float
    """eV/Å, of the band on an atom of a replica."""
    n_steps: int
    """Of the damped dynamics; each has R - 2 evaluations."""
    converged: bool
    climbing_replica: int
    """The replica that climbed: row of ``positions``; -1 where none did."""

    def __post_init__(self) -> None:
        n_replicas, n_atoms = self.positions.shape[:2]
        needed = {
            "positions": (n_replicas, n_atoms, 3),
            "cell": (3, 3),
            "energy": (n_replicas,),
            "atom_energy": (n_replicas, n_atoms),
        }
        for name, shape in needed.items():
            if np.shape(getattr(self, name)) != shape:
                raise ValueError(f"{name} has shape {np.shape(getattr(self, name))}, needed {shape}")

    @property
    def reaction_coordinate(self) -> FloatArray:
        """Length of the path up to each replica over its whole length, (R,), from 0 to 1."""
        steps = np.sqrt(np.sum(np.diff(self.positions, axis=0) ** 2, axis=(1, 2)))
        at = np.concatenate([[0.0], np.cumsum(steps)])
        return np.asarray(at / at[-1])

    @property
    def saddle(self) -> int:
        """Row of the highest replica."""
        return int(np.argmax(self.energy))

    @property
    def barrier_forward(self) -> float:
        """Saddle above the start, eV."""
        return float(self.energy[self.saddle] - self.energy[0])

    @property
    def barrier_backward(self) -> float:
        """Saddle above the end, eV."""
        return float(self.energy[self.saddle] - self.energy[-1])

    def intermediate_minima(self, depth: float) -> tuple[int, ...]:
        """Rows of minima between the ends that lie deeper than ``depth`` (eV) below what is around them."""
        return intermediate_minima(self.energy, depth)

    @property
    def reversed(self) -> "Profile":
        """The same path from its end to its start."""
        last = len(self.energy) - 1
        return Profile(
            positions=self.positions[::-1],
            cell=self.cell,
            energy=self.energy[::-1],
            atom_energy=self.atom_energy[::-1],
            largest_force=self.largest_force,
            n_steps=self.n_steps,
            converged=self.converged,
            climbing_replica=-1 if self.climbing_replica < 0 else last - self.climbing_replica,
        )


@dataclass(frozen=True)
class Failure:
    """No number: why, in a word and in a sentence with numbers."""

    reason: Reason
    message: str
    profile: Profile | None = None
    """The band as it was left, to look at, where there is one."""


def intermediate_minima(energy: FloatArray, depth: float) -> tuple[int, ...]:
    """Rows of minima of a profile that are no ends and deeper than ``depth``.

    The depth of a minimum is what has to be climbed to leave it for something lower or for an end (its
    topographic prominence): the lower of the two passes between it and the next row to either side that is
    not above it, an end counting as such. Of several rows in one well the lowest counts.

    Parameters
    ----------
    energy
        eV, shape (R,).
    depth
        eV; shallower wells are noise of the band or of no weight.
    """
    last, found = len(energy) - 1, []
    for row in range(1, last):
        # equal rows belong to the first of them
        left = next((i for i in range(row - 1, 0, -1) if energy[i] <= energy[row]), 0)
        right = next((i for i in range(row + 1, last) if energy[i] < energy[row]), last)
        passes = (float(energy[left:row].max()), float(energy[row + 1 : right + 1].max()))
        if min(passes) - float(energy[row]) > depth:
            found.append(row)
    return tuple(found)
