"""The model's own dynamics of every material: frames for the teacher, and how the lattice expands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from ase import Atoms

from atomstates.potentials.exploration import (
    TIMESTEP,
    Trip,
    explore,
    found_frames,
)
from atomstates.potentials.recipe import Expedition
from atomstates.potentials.student import answers
from atomstates.potentials.validation.accuracy import Comparison, Errors, errors_of
from atomstates.potentials.validation.ensemble import ensemble_tests
from atomstates.potentials.validation.orderings import folder_name, generator
from atomstates.potentials.validation.relaxed import RelaxedOrderings, bare, turn
from atomstates.potentials.validation.settings import OwnDynamics
from atomstates.potentials.validation.subject import Subject
from atomstates.potentials.validation.verdict import Part, Verdict, at_most, reported

_RECORDED = 100
"""Frames of a run that are written."""
_SKIPPED = 0.1
"""Share of a run in which it comes to equilibrium."""

FIXED, FREE = "fixed cell", "free cell"


@dataclass(frozen=True)
class OwnRuns:
    """The runs, and how many of them did not come to their end."""

    trips: tuple[Trip, ...]
    lost: int


def own_runs(subject: Subject, found: Mapping[str, RelaxedOrderings]) -> OwnRuns:
    """Dynamics of every material from its relaxed orderings in turns; runs that are done are kept."""
    asked = subject.asked.own_dynamics
    planned = []
    for name, one in found.items():
        random = generator(subject.recipe.seed, name, "own dynamics")
        choices = [
            *((FIXED, temperature) for temperature in asked.temperatures_K),
            *((FREE, temperature) for temperature in asked.free_cell_temperatures_K),
        ]
        for number, (kind, temperature) in enumerate(choices):
            folder = subject.folder / "own-dynamics" / folder_name(name)
            folder /= f"{kind.replace(' ', '-')}-{temperature:g}K"
            start = bare(turn(one.student, one.reference + number), material=name)
            seed = int(random.integers(1, 2**31 - 1))
            planned.append(Trip(folder, start, temperature, _expedition(asked, kind, temperature), seed))
    lost = explore(planned, [subject.model], subject.recipe.elements, subject.processes)
    return OwnRuns(tuple(planned), lost)


def _expedition(asked: OwnDynamics, kind: str, temperature: float) -> Expedition:
    """Settings of one run."""
    every = max(round(asked.run_ps / _RECORDED / TIMESTEP), 1)
    recorded = int(asked.run_ps / TIMESTEP) // every
    return Expedition(
        origin=kind,
        filling="orderings",
        temperatures_K=(temperature,),
        pressure_bar=1.0 if kind == FREE else None,
        run_ps=asked.run_ps,
        skip_ps=_SKIPPED * asked.run_ps,
        frame_every_ps=every * TIMESTEP,
        relaxed_every=max(recorded // asked.relaxed_frames, 1) if asked.relaxed_frames else 0,
    )


def held_out(subject: Subject, runs: OwnRuns, bands: Sequence[Atoms]) -> tuple[Part, list[Atoms]]:
    """Errors on frames that no training saw: of the runs, relaxed ones, and images of ``bands``.

    The ensemble's other models are asked about the same frames.

    Returns
    -------
    tuple
        Tests with their tables, and the labelled frames.
    """
    asked = subject.asked.own_dynamics
    frames = found_frames(runs.trips, subject.recipe.limits)
    sound = [atoms for atoms in frames if not atoms.info["too_close"]]
    given = []
    for number in range(len(runs.trips)):
        for relaxed, most in ((False, asked.frames), (True, asked.relaxed_frames)):
            own = [a for a in sound if a.info["trip"] == number and a.info["relaxed"] == relaxed]
            given += _evenly(own, most)
    labelled = [
        _thermal_or_relaxed(atoms) for atoms in subject.labelled(given, subject.folder / "held-out")
    ]
    labelled += bands
    errors = errors_of(Comparison(labelled, answers(subject.model, labelled)), subject.recipe.mobile)
    ensemble = ensemble_tests(subject, errors, labelled)
    broken = len(frames) - len(sound)
    tests = (
        *accuracy_tests(errors, subject),
        *ensemble.tests,
        at_most(
            "own dynamics that fell apart",
            runs.lost + (broken > 0),
            0,
            "",
            f"of {len(runs.trips)} runs of {asked.run_ps:g} ps {runs.lost} ended early; atoms too close in "
            f"{broken} of {len(frames)} frames",
        ),
    )
    tables = {
        "errors_by_material": errors.by("material"),
        "errors_by_temperature": errors.by("material", "origin", "temperature_K"),
        "errors_by_origin": errors.by("origin"),
        "energies": errors.energies,
        "forces": errors.forces,
        **ensemble.tables,
    }
    if errors.stresses is not None:
        tables["stresses"] = errors.stresses
    if errors.ions is not None:
        tables["ion_energies"] = errors.ions
    return Part(tests, tables), labelled


def _thermal_or_relaxed(atoms: Atoms) -> Atoms:
    """The frame; one that was relaxed has no temperature."""
    if atoms.info["relaxed"]:
        atoms.info["temperature"] = 0.0
    return atoms


def _evenly(frames: Sequence[Atoms], most: int) -> list[Atoms]:
    """At most so many frames, evenly spread."""
    if len(frames) <= most:
        return list(frames)
    return [frames[i] for i in np.linspace(0, len(frames) - 1, most).round().astype(int)] if most else []


def accuracy_tests(errors: Errors, subject: Subject) -> list[Verdict]:
    """Errors over all frames against their targets."""
    targets, mobile = subject.asked.targets, subject.recipe.mobile
    whole = errors.by().iloc[0]
    worst = errors.by("material")
    n_frames = f"{int(whole['frames'])} frames"

    def each(column: str, form: str) -> str:
        parts = [f"{row['material']} {row[column]:{form}}" for _, row in worst.iterrows()]
        return f"{n_frames}; " + ", ".join(parts)

    force, energy, ion = "force_rmse_meV_per_A", "energy_rmse_meV_per_atom", "ion_energy_rmse_meV"
    tests = [
        at_most("force RMSE", whole[force], targets.force_rmse_meV_per_A, "meV/Å", each(force, ".1f")),
        at_most(
            "energy RMSE", whole[energy], targets.energy_rmse_meV_per_atom, "meV/atom", each(energy, ".2f")
        ),
    ]
    if errors.ions is None:
        return [*tests, *_stress(errors, whole, each)]
    label = f"{mobile} atomic energy RMSE, relative"
    ions = at_most(label, whole[ion], targets.atomic_energy_rmse_meV, "meV", each(ion, ".1f"))
    return [*tests, ions, *_stress(errors, whole, each)]


def _stress(errors: Errors, whole: pd.Series, each) -> list[Verdict]:  # type: ignore[no-untyped-def]
    """Error of the stress, where the teacher has one."""
    if errors.stresses is None:
        return []
    column = "stress_rmse_GPa"
    return [reported("stress RMSE", whole[column], "GPa", each(column, ".3f"))]
