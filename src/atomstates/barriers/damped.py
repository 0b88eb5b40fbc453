"""Damped dynamics of structures that are coupled to each other: they go where forces lead, and stop."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Style = Literal["fire", "quickmin"]

_FIRST, _SHORTEST, _LONGEST = 0.006, 0.0002, 0.02
"""ps, timesteps. Real masses precondition: light mobile ions lie in soft wells, heavy cations in stiff
ones."""
_LONGEST_QUICKMIN = 0.006
_FARTHEST = 0.1
"""Å that an atom moves at most in one step, so that a band stays in its own valley."""
_FORCE_OVER_MASS = 9648.533
"""1 eV/Å/u in Å/ps²."""


@dataclass(frozen=True)
class _Fire:
    """Numbers of FIRE (Bitzek et al., Phys. Rev. Lett. 97, 170201 (2006))."""

    delay: int = 5
    longer: float = 1.1
    shorter: float = 0.5
    mixing: float = 0.25
    """α at first, as in LAMMPS; 0.1, as in the paper, takes bands of ions half as many steps again."""
    less_mixing: float = 0.99


FIRE = _Fire()


@dataclass
class DampedDynamics:
    """One trajectory, a step at a time; what couples the structures is in the forces.

        a = F / m;   v <- v + a dt;   x <- x + v dt

    ``fire``: v <- (1 - α) v + α |v| F/|F| while v·F > 0, and the timestep grows; otherwise v <- 0, and it
    is cut.
    ``quickmin``: v <- (v·F) F/|F|² while v·F > 0, otherwise 0; the timestep stays.

    Products are over all atoms of all structures.

    Parameters
    ----------
    masses
        u, shape (N,).
    style
        ``fire`` or ``quickmin``.
    """

    masses: FloatArray
    style: Style = "fire"
    _velocity: FloatArray | None = field(default=None, init=False)
    _timestep: float = field(default=_FIRST, init=False)
    _mixing: float = field(default=FIRE.mixing, init=False)
    _downhill: int = field(default=0, init=False)

    def step(self, positions: FloatArray, forces: FloatArray) -> FloatArray:
        """Positions after one step, (M, N, 3) Å, by forces at the present ones, eV/Å."""
        velocity = np.zeros_like(positions) if self._velocity is None else self._velocity
        along = float(np.sum(velocity * forces))
        if along > 0:
            velocity = self._turned(velocity, forces, along)
        else:
            velocity = np.zeros_like(positions)
            if self._velocity is not None and self.style == "fire":
                self._timestep = max(_SHORTEST, self._timestep * FIRE.shorter)
            self._mixing, self._downhill = FIRE.mixing, 0
        velocity = velocity + _FORCE_OVER_MASS * self._timestep * forces / self.masses[:, None]
        self._velocity = velocity
        moved = velocity * self._timestep
        farthest = float(np.sqrt(np.max(np.sum(moved**2, axis=-1))))
        return np.asarray(positions + moved * min(1.0, _FARTHEST / max(farthest, 1e-30)))

    def _turned(self, velocity: FloatArray, forces: FloatArray, along: float) -> FloatArray:
        """The velocity, turned toward the force, and the timestep of what goes downhill."""
        squared = float(np.sum(forces**2))
        if self.style == "quickmin":
            self._timestep = min(_LONGEST_QUICKMIN, self._timestep * FIRE.longer)
            return along / squared * forces
        speed = float(np.sqrt(np.sum(velocity**2) / squared))
        turned = (1 - self._mixing) * velocity + self._mixing * speed * forces
        self._downhill += 1
        if self._downhill > FIRE.delay:
            self._timestep = min(_LONGEST, self._timestep * FIRE.longer)
            self._mixing *= FIRE.less_mixing
        return turned
