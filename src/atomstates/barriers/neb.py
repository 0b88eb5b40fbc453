"""Nudged elastic bands with a climbing replica: from a first band to a profile."""

from dataclasses import asdict, dataclass
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from atomstates.barriers.band import has_left_its_path
from atomstates.barriers.damped import DampedDynamics, Style
from atomstates.barriers.elastic import SpringKind, band_forces
from atomstates.barriers.landscape import Landscape
from atomstates.barriers.profile import Failure, Profile

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class NebSettings:
    """How a band is relaxed, and what counts."""

    spring: float = 1.0
    """eV/Å², between replicas along the path."""
    spring_kind: SpringKind = "neighbours"
    """``neighbours``: equal distances of neighbours; ``ideal``: equal distances along the whole path."""
    force_tolerance: float = 0.03
    """eV/Å, largest force of the band that is left on an atom."""
    most_steps: int = 300
    """Steps before a replica climbs, at most."""
    climbing_steps: int = 1000
    """Steps with a replica that climbs, at most; a band that takes more has not converged."""
    climb_below: float = 0.3
    """eV/Å: the highest replica climbs as soon as no atom has more force left."""
    style: Style = "fire"
    """Damped dynamics: ``fire`` or ``quickmin``."""
    end_force_tolerance: float = 0.005
    """eV/Å, to which ends and intermediate minima are relaxed."""
    end_steps: int = 2000
    """Steps of these relaxations, at most."""
    least_displacement: float = 0.5
    """Å: ends of which no atom is farther apart are the same minimum."""
    least_barrier: float = 0.001
    """eV: what is not higher, on either side, is no barrier."""
    well_depth: float = 0.02
    """eV: an intermediate minimum that is deeper cuts the path in two."""
    most_cuts: int = 3
    """Minima at which a path is cut, with those at which the pieces of a piece are."""

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if isinstance(value, float) and not value > 0:
                raise ValueError(f"{name} must be positive, found {value}")
        if self.style not in get_args(Style):
            raise ValueError(f"style is one of {', '.join(get_args(Style))}, found {self.style!r}")
        if self.spring_kind not in get_args(SpringKind):
            raise ValueError(
                f"spring_kind is one of {', '.join(get_args(SpringKind))}, found {self.spring_kind!r}"
            )


def nudged_elastic_band(
    landscape: Landscape, band: FloatArray, cell: FloatArray, settings: NebSettings, *, climbs: bool = True
) -> Profile:
    """Relax a band between fixed ends; its highest replica climbs to the saddle.

    Parameters
    ----------
    landscape
        The potential.
    band
        Å, shape (R, N, 3); its ends are minima and stay where they are.
    cell
        Å, vectors as rows.
    settings
        Tolerances and steps.
    climbs
        If not, the band is left where a replica would begin to climb.

    Returns
    -------
    Profile
        Look at ``converged`` before you believe it.
    """
    positions = np.array(band, dtype=np.float64)
    energy = np.zeros(len(positions))
    energy[[0, -1]] = landscape.energies_and_forces(positions[[0, -1]], cell)[0]
    n_steps, climbing, largest = 0, -1, np.inf
    for climbing_phase in (False, True) if climbs else (False,):
        dynamics = DampedDynamics(landscape.masses, settings.style)
        most = settings.climbing_steps if climbing_phase else settings.most_steps
        loose = max(settings.climb_below, settings.force_tolerance)
        tolerance = settings.force_tolerance if climbing_phase else loose
        for step in range(most + 1):
            energy[1:-1], forces = landscape.energies_and_forces(positions[1:-1], cell)
            highest = int(np.argmax(energy))
            # an end that is the highest is no saddle, and nothing climbs toward it
            climbing = highest if climbing_phase and 0 < highest < len(energy) - 1 else -1
            total = band_forces(positions, energy, forces, settings.spring, settings.spring_kind, climbing)
            largest = float(np.sqrt(np.max(np.sum(total**2, axis=-1))))
            if largest <= tolerance or step == most or has_left_its_path(positions):
                break
            positions[1:-1] = dynamics.step(positions[1:-1], total)
            n_steps += 1
    return Profile(
        positions=positions,
        cell=cell,
        energy=energy,
        atom_energy=landscape.atom_energies(positions, cell),
        largest_force=largest,
        n_steps=n_steps,
        converged=largest <= settings.force_tolerance,
        climbing_replica=climbing,
    )


def left_its_path(profile: Profile) -> Failure:
    """What is said of a band in which an atom leaps."""
    return Failure(
        "left_its_path",
        f"after {profile.n_steps} steps an atom leaps from one replica to the next: the band has left its "
        "path, as it may where there is next to no barrier to climb",
        profile,
    )


def verdict(profile: Profile, settings: NebSettings) -> Profile | Failure:
    """The profile, if it is one that can be believed; else why not."""
    if has_left_its_path(profile.positions):
        return left_its_path(profile)
    if not profile.converged:
        return Failure(
            "not_converged",
            f"a force of {profile.largest_force:.3f} eV/Å was left on an atom of the band after "
            f"{profile.n_steps} steps, {settings.force_tolerance:g} are allowed: allow more steps",
            profile,
        )
    lower = min(profile.barrier_forward, profile.barrier_backward)
    if not lower > settings.least_barrier:
        return Failure(
            "no_barrier",
            f"the highest replica lies {profile.barrier_forward:.4f} eV above the start and "
            f"{profile.barrier_backward:.4f} eV above the end: the path only climbs or falls, so that "
            "one of its ends is no state of its own",
            profile,
        )
    return profile
