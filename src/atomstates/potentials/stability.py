"""Molecular dynamics of the finished model from the ordered crystal: does it stay one, and ordered?"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ase import Atoms

from atomstates.campaign.schema import Channels
from atomstates.potentials.exploration import FRAMES, TIMESTEP, Trip, read_frames, travel
from atomstates.potentials.host import FloatArray
from atomstates.potentials.recipe import Cell, Expedition, Recipe
from atomstates.structures.channels import channel_order
from atomstates.units import A2_PER_PS_TO_CM2_PER_S

_FRAME_EVERY = 0.5
"""ps between frames."""


@dataclass(frozen=True)
class Stay:
    """What became of the ordered crystal at one temperature.

    Attributes
    ----------
    order
        Order parameter of the channels at each frame, shape (n,).
    cage_drift
        Root-mean-square displacement of the framework (Å) in the last quarter, against the start.
    msd
        Mean square displacement of the mobile ions over a quarter of the run, all origins (Å²).
    diffusivity
        Slope of the MSD between an eighth and three eighths of the run, over 6 (cm²/s): rough.
    """

    temperature: float
    length: float
    completed: bool
    order: FloatArray
    cage_drift: float
    msd: float
    diffusivity: float

    @property
    def mean_order(self) -> float:
        """Order parameter in the second half of the run."""
        return float(self.order[len(self.order) // 2 :].mean())

    def summary(self) -> dict[str, float | bool]:
        """Numbers for the card."""
        return {
            "temperature_K": self.temperature,
            "length_ps": self.length,
            "completed": self.completed,
            "phi_mean_second_half": self.mean_order,
            "phi_end": float(self.order[-10:].mean()),
            "framework_displacement_A": self.cage_drift,
            "msd_quarter_A2": self.msd,
            "D_rough_cm2_per_s": self.diffusivity,
        }


def stays(
    recipe: Recipe,
    start: Atoms,
    cell: Cell,
    lengths: Sequence[tuple[float, float]],
    model: Path,
    folder: Path,
) -> list[Stay]:
    """One run per (temperature in K, length in ps), two at a time, from the relaxed ordered crystal."""
    planned = []
    for temperature, length in lengths:
        expedition = Expedition(
            origin="stability",
            filling="channels",
            temperatures_K=(temperature,),
            run_ps=length,
            frame_every_ps=_FRAME_EVERY,
        )
        planned.append(
            Trip(
                trip_folder(folder, temperature), start, temperature, expedition, recipe.seed % 100_000 + 1
            )
        )
    with ThreadPoolExecutor(recipe.teacher.processes) as pool:
        completed = list(pool.map(lambda trip: travel(trip, model, recipe.elements), planned))
    return [
        stay(trip, done, recipe.mobile, recipe.channels, cell)
        for trip, done in zip(planned, completed, strict=True)
    ]


def trip_folder(folder: Path, temperature: float) -> Path:
    """Folder of the run at one temperature."""
    return folder / f"{temperature:g}K"


def stay(trip: Trip, completed: bool, mobile: str, channels: Channels, cell: Cell) -> Stay:
    """Measure one run."""
    frames = read_frames(trip.folder / FRAMES, trip.start)
    positions = unwrapped(frames)
    is_mobile = np.array(frames[0].symbols) == mobile
    framework = positions[:, ~is_mobile]
    positions = positions - (framework.mean(axis=1) - framework[0].mean(axis=0))[:, None]
    fractions = np.linalg.solve(frames[0].cell[:].T, positions[:, is_mobile].transpose(0, 2, 1))
    order = channel_order(
        fractions.transpose(0, 2, 1) * np.array(cell),
        channels,
        int(np.prod(cell)),
        frames[0].cell[:] / np.array(cell)[:, None],
    )
    moved = positions[-len(positions) // 4 :, ~is_mobile] - positions[0, ~is_mobile]
    lags = np.arange(1, len(positions) // 2)
    msd = np.array(
        [
            np.mean(np.sum((positions[lag:, is_mobile] - positions[:-lag, is_mobile]) ** 2, axis=2))
            for lag in lags
        ]
    )
    used = slice(len(positions) // 8, 3 * len(positions) // 8)
    slope = np.polyfit(lags[used] * _FRAME_EVERY, msd[used], 1)[0]
    return Stay(
        temperature=trip.temperature,
        length=frames[-1].info["step"] * TIMESTEP,
        completed=completed,
        order=order,
        cage_drift=float(np.sqrt(np.mean(np.sum(moved**2, axis=2)))),
        msd=float(msd[len(positions) // 4]),
        diffusivity=float(slope) / 6 * A2_PER_PS_TO_CM2_PER_S,
    )


def unwrapped(frames: Sequence[Atoms]) -> FloatArray:
    """Positions (n_frames, n_atoms, 3) without jumps at the cell's faces (frames are close in time)."""
    cell = frames[0].cell[:]
    fractions = np.array([np.linalg.solve(cell.T, atoms.positions.T).T for atoms in frames])
    steps = np.diff(fractions, axis=0)
    steps -= np.round(steps)
    whole = np.concatenate([fractions[:1], fractions[0] + np.cumsum(steps, axis=0)])
    path: FloatArray = whole @ cell
    return path
