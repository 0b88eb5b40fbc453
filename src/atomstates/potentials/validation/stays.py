"""Long molecular dynamics of the model: does the crystal stay one?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from ase import Atoms

from atomstates.potentials.exploration import EXIT_CODE, FRAMES, TIMESTEP, Trip, read_frames, travel
from atomstates.potentials.host import FloatArray
from atomstates.potentials.recipe import Expedition
from atomstates.potentials.sharing import Piece, make_all
from atomstates.potentials.validation.orderings import folder_name, generator, large_cell
from atomstates.potentials.validation.subject import Subject
from atomstates.potentials.validation.verdict import Part, at_most
from atomstates.units import A2_PER_PS_TO_CM2_PER_S

_FRAMES = 400
"""Written of a run."""


@dataclass(frozen=True)
class Stay:
    """What became of a crystal.

    Attributes
    ----------
    time
        Of the frames, shape (n,), ps.
    framework_displacement
        Root-mean-square displacement of the framework (Å) from its start, its centre held, shape (n,).
    msd
        Mean square displacement of the mobile ions over a quarter of the run, all origins (Å²).
    diffusivity
        Slope of the MSD between an eighth and three eighths of the run, over 6 (cm²/s): rough.
    """

    time: FloatArray
    framework_displacement: FloatArray
    msd: float
    diffusivity: float

    @property
    def late_displacement(self) -> float:
        """Root-mean-square displacement of the framework in the last quarter of the run, Å."""
        late = self.framework_displacement[-max(len(self.time) // 4, 1) :]
        return float(np.sqrt(np.mean(late**2)))


def stay_tests(subject: Subject, references: Mapping[str, Atoms], *, make: bool) -> Part:
    """Long runs of every material at its relaxed cell; without ``make`` only those that are there."""
    asked = subject.asked.long_run
    trips = [_trip(subject, name, atoms) for name, atoms in references.items()]
    if make:

        def piece(trip: Trip) -> Piece:
            product = trip.folder / EXIT_CODE
            return Piece(product, lambda: _ignored(travel(trip, subject.model, subject.recipe.elements)))

        make_all([piece(trip) for trip in trips], subject.processes)
    trips = [trip for trip in trips if (trip.folder / EXIT_CODE).is_file()]
    tests, rows, curves = [], [], []
    for trip in trips:
        name = str(trip.start.info["material"])
        completed = travel(trip, subject.model, subject.recipe.elements)
        found = stay(read_frames(trip.folder / FRAMES, trip.start), subject.recipe.mobile)
        label = f"framework after {asked.run_ps:g} ps at {asked.temperature_K:g} K, {name}"
        most = subject.asked.targets.framework_displacement_A
        note = f"{len(trip.start)} atoms; ions moved {found.msd:.1f} Å² in a quarter of the run"
        test = at_most(label, found.late_displacement, most, "Å", note)
        if not completed:
            test = replace(test, status="FAIL", note=f"fell apart after {found.time[-1]:g} ps")
        tests.append(test)
        rows.append(
            {
                "material": name,
                "temperature_K": trip.temperature,
                "run_ps": found.time[-1],
                "completed": completed,
                "framework_displacement_A": found.late_displacement,
                "msd_quarter_A2": found.msd,
                "D_rough_cm2_per_s": found.diffusivity,
            }
        )
        curves.append(
            pd.DataFrame(
                {"material": name, "time_ps": found.time, "displacement_A": found.framework_displacement}
            )
        )
    if not trips:
        return Part(())
    return Part(tuple(tests), {"stays": pd.DataFrame(rows), "stay_displacements": pd.concat(curves)})


def _ignored(result: object) -> None:
    """Nothing, of what is called for its effect."""


def _trip(subject: Subject, name: str, reference: Atoms) -> Trip:
    """The long run of a material from its relaxed reference ordering."""
    asked = subject.asked.long_run
    start = large_cell(reference, subject.asked.materials[name], subject.recipe.elements)
    start.info = {"material": name}
    expedition = Expedition(
        origin="stay",
        filling="orderings",
        temperatures_K=(asked.temperature_K,),
        run_ps=asked.run_ps,
        frame_every_ps=max(asked.run_ps / _FRAMES, TIMESTEP),
    )
    seed = int(generator(subject.recipe.seed, name, "stay").integers(1, 2**31 - 1))
    folder = subject.folder / "stays" / folder_name(name)
    return Trip(folder, start, asked.temperature_K, expedition, seed)


def stay(frames: Sequence[Atoms], mobile: str) -> Stay:
    """Measure one run at fixed cell from frames that are close in time."""
    positions = unwrapped(frames)
    is_mobile = np.array(frames[0].symbols) == mobile
    framework = positions[:, ~is_mobile]
    positions = positions - (framework.mean(axis=1) - framework[0].mean(axis=0))[:, None]
    moved = positions[:, ~is_mobile] - positions[0, ~is_mobile]
    time = np.array([atoms.info["step"] for atoms in frames]) * TIMESTEP
    lags = np.arange(1, max(len(positions) // 2, 2))
    ions = positions[:, is_mobile]
    msd = np.array([np.mean(np.sum((ions[lag:] - ions[:-lag]) ** 2, axis=2)) for lag in lags])
    used = slice(len(positions) // 8, 3 * len(positions) // 8)
    enough = len(lags[used]) > 1
    every = (time[-1] - time[0]) / max(len(time) - 1, 1)
    slope = np.polyfit(lags[used] * every, msd[used], 1)[0] if enough else np.nan
    return Stay(
        time=time,
        framework_displacement=np.sqrt(np.mean(np.sum(moved**2, axis=2), axis=1)),
        msd=float(msd[max(len(positions) // 4 - 1, 0)]),
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
