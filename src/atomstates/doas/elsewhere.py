"""States from elsewhere: sites, environments and density of states of frames from any program.

What a campaign knows must be said or assumed here, and the assumptions are written into the product:
which atoms are mobile ions and anions, the temperature, and that the frames are relaxed, are of one
potential and follow each other in time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from atomstates.doas.assignment import Roles, roles
from atomstates.doas.assumptions import ForeignRun, Question, assumptions, frame_checks, state_checks
from atomstates.doas.collection import collected_states
from atomstates.doas.density import Bins, block_sums, joined
from atomstates.doas.frames import Frame, read_frames
from atomstates.doas.mixing import refuse_mixtures
from atomstates.doas.outcome import TemperatureDoas, bootstrapped, density_checks
from atomstates.doas.products import common_ground, doas_content, write_density_table
from atomstates.doas.states import States, write_states_file
from atomstates.errors import InputError
from atomstates.minimize.relaxed import CONVERGED, Relaxed
from atomstates.parallel import Communicator
from atomstates.potentials.crystal import Crystal
from atomstates.products import Check, fingerprint, write_json

DOAS, DENSITY = "doas.json", "density.csv"


@dataclass(frozen=True)
class Answer:
    """What was found."""

    bins: Bins
    temperatures: list[TemperatureDoas]
    runs: list[States]
    checks: tuple[Check, ...]
    assumed: tuple[str, ...]
    elements: tuple[str, ...]
    """All elements that are there."""


def write_states_from_elsewhere(
    paths: Sequence[Path], question: Question, folder: Path, comm: Communicator
) -> Answer:
    """Write ``doas.json``, ``density.csv`` and the states of every run; the figures are made of these.

    Raises
    ------
    InputError
        A file or frame is not what it should be (it is named), the ions or anions are not there, or
        the frames are of two materials or two potentials.
    """
    runs = _runs(paths, question)
    refuse_mixtures([frame for run in runs for frame in run.frames])
    parts = [_roles(run, question) for run in runs]
    states = {
        f"{number:06d}": _states(run, part, comm)
        for number, (run, part) in enumerate(zip(runs, parts, strict=True))
    }
    # Every rank has all states and draws its share of the bootstrap samples.
    bins, classes = common_ground(states, question.bin_width, comm, question.zero)
    found = []
    for temperature in sorted({run.temperature for run in runs}):
        of_it = [name for name, of_run in states.items() if of_run.temperature == temperature]
        blocks = joined([block_sums(states[n], classes, bins, question.block_snapshots) for n in of_it])
        n_rejected = sum(states[name].n_rejected for name in of_it)
        seed = int(fingerprint(question.seed, f"{temperature:g}", "doas"), 16)
        found.append(
            bootstrapped(
                temperature, blocks, len(of_it), n_rejected, question.bootstrap_samples, seed, comm
            )
        )
    checks = (*density_checks(found, bins), *state_checks(states.values()), *frame_checks(runs))
    answer = Answer(
        bins=bins,
        temperatures=found,
        runs=list(states.values()),
        checks=checks,
        assumed=assumptions(runs, parts[0], question),
        elements=tuple(np.unique(runs[0].frames[0].element).tolist()),
    )
    if comm.rank == 0:
        _write(folder, runs, question, answer)
    return answer


def _runs(paths: Sequence[Path], question: Question) -> list[ForeignRun]:
    """Frames by file, temperature and atoms."""
    runs: dict[Any, ForeignRun] = {}
    for path in paths:
        frames, n_rejected = read_frames(path, question.energy_column)
        first = len(runs)
        for frame in frames:
            temperature = question.temperature or frame.temperature
            if temperature is None:
                raise InputError(
                    f"{frame.place}: has no temperature (`temperature_K` or `temperature` in its comment "
                    "line); give that of all frames with --temperature-K"
                )
            key = (path, temperature, tuple(frame.element))
            runs.setdefault(key, ForeignRun(path, temperature)).frames.append(frame)
        n_runs = len(runs) - first
        if n_runs > 2 and n_runs > len(frames) / 2:
            raise InputError(
                f"{path}: {len(frames)} frames have {n_runs} different temperatures or kinds of cell. If "
                "the temperatures are those of the moment, give that of the run with --temperature-K."
            )
        list(runs.values())[first].n_rejected = n_rejected
    return list(runs.values())


def _roles(run: ForeignRun, question: Question) -> Roles:
    """Roles of the atoms of a run."""
    if not question.anions:
        raise InputError("no anions are named: give their elements, as in --anions Cl,Br")
    if question.ion in question.anions:
        raise InputError(f"{question.ion} is named as mobile ion and as anion")
    frame = run.frames[0]
    missing = sorted(set(question.anions) - set(frame.element.tolist()))
    try:
        found = roles(frame.element, question.ion, question.anions)
    except ValueError as error:
        raise InputError(f"{frame.place}: {error}. Correct --ion and --anions.") from error
    if missing:
        raise InputError(
            f"{frame.place}: no atom is the anion {', '.join(missing)}; there are "
            f"{sorted(set(frame.element.tolist()))}. Correct --anions."
        )
    return found


def _states(run: ForeignRun, parts: Roles, comm: Communicator) -> States:
    """States of the frames of a run."""
    try:
        found = collected_states(_relaxed(run), parts, _crystal(run.frames[0]), None, comm)
    except ValueError as error:
        raise InputError(
            f"{run.frames[0].place} to {run.frames[-1].place}: no polyhedra: {error}. Atoms must "
            "be in the same order in all frames, and the anions must keep their places."
        ) from error
    return replace(found, n_rejected=run.n_rejected)


def _relaxed(run: ForeignRun) -> Relaxed:
    """The frames of a run as relaxed snapshots."""
    frames, number = run.frames, len(run.frames)
    positions = np.array([frame.positions for frame in frames])
    return Relaxed(
        step=np.arange(number),
        positions=positions,
        snapshot_positions=positions,
        cell=np.array([frame.cell for frame in frames]),
        atom_energy=np.array([frame.energies for frame in frames]),
        potential_energy=np.array([frame.total_energy for frame in frames]),
        largest_force=np.array(
            [np.nan if frame.largest_force is None else frame.largest_force for frame in frames]
        ),
        status=np.full(number, CONVERGED, dtype=np.uint8),
        element=frames[0].element,
        id=frames[0].id,
        temperature=run.temperature,
        potential=frames[0].potential,
    )


def _crystal(frame: Frame) -> Crystal:
    """The first frame in the place of the crystal: it names the sites."""
    return Crystal(frame.id, frame.element, frame.positions, frame.cell, (1, 1, 1))


def _write(folder: Path, runs: Sequence[ForeignRun], question: Question, answer: Answer) -> None:
    """All products."""
    described = []
    for number, (run, states) in enumerate(zip(runs, answer.runs, strict=True), start=1):
        name = "states.h5" if len(runs) == 1 else f"states.{number}.h5"
        write_states_file(folder / name, states)
        described.append(
            {
                "file": run.path.as_posix(),
                "temperature_K": run.temperature,
                "n_snapshots": states.n_snapshots,
                "states": name,
            }
        )
    content = doas_content(runs[0].path.stem, answer.bins, answer.temperatures, 1, question.smoothing)
    settings = {"runs": described, "assumed": answer.assumed, "checks": answer.checks, "asked": question}
    write_json(folder / DOAS, content | settings)
    write_density_table(folder / DENSITY, answer.bins, answer.temperatures, question.smoothing)
