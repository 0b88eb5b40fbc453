"""How the lattice of each material grows with temperature in the model's own dynamics; reported only."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from ase import Atoms

from atomstates.potentials.exploration import FRAMES, read_frames
from atomstates.potentials.validation.own_dynamics import FREE, OwnRuns
from atomstates.potentials.validation.subject import Subject
from atomstates.potentials.validation.verdict import Part


def expansion(subject: Subject, runs: OwnRuns) -> Part:
    """Mean lengths of the free cells in the second half of each run, per unit cell.

    Growth is that of the volume against the relaxed ordering that the run started from; its error is
    half the gap between the means of the two quarters: a rough one.
    """
    rows = []
    for trip in runs.trips:
        if trip.expedition.origin != FREE:
            continue
        name = str(trip.start.info["material"])
        frames = read_frames(trip.folder / FRAMES, trip.start)
        late = frames[len(frames) // 2 :]
        if len(late) < 4:
            continue
        cell = subject.asked.materials[name].cell
        rows.append(_row(name, trip.temperature, late, trip.start, cell))
    columns = ["material", "temperature_K", "a_A", "b_A", "c_A", "volume_A3_per_atom"]
    return Part((), {"expansion": pd.DataFrame(rows, columns=None if rows else columns)})


def _row(
    name: str, temperature: float, frames: Sequence[Atoms], start: Atoms, cell: Sequence[int]
) -> dict[str, object]:
    """Means over frames, and growth against the start (percent)."""
    lengths = np.array([atoms.cell.lengths() for atoms in frames]) / np.array(cell)
    volume = np.array([atoms.get_volume() for atoms in frames]) / len(start)
    still = start.get_volume() / len(start)
    half = len(frames) // 2
    error = abs(volume[:half].mean() - volume[half:].mean()) / 2
    return {
        "material": name,
        "temperature_K": temperature,
        **{
            f"{letter}_A": float(length) for letter, length in zip("abc", lengths.mean(axis=0), strict=True)
        },
        "volume_A3_per_atom": float(volume.mean()),
        "growth_of_volume_percent": float(100 * (volume.mean() / still - 1)),
        "error_of_growth_percent": float(100 * error / still),
    }
