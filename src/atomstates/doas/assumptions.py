"""What is asked of frames from elsewhere, what is taken for granted, and what of it can be checked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from atomstates.doas.assignment import Roles
from atomstates.doas.frames import Frame
from atomstates.doas.states import States
from atomstates.doas.summaries import states_summary
from atomstates.doas.zero import WORDS, Reference
from atomstates.products import Check

_RELAXED = 0.05
"""eV/Å: a larger force on an atom is thermal motion."""
_SUM = 1e-3
"""eV per atom by which energies of atoms may miss the total energy."""


@dataclass(frozen=True)
class Question:
    """What is asked of the files, and what they do not say themselves."""

    ion: str
    anions: tuple[str, ...]
    temperature: float | None = None
    """K, of all frames; None to take that of each frame."""
    energy_column: str | None = None
    bin_width: float = 0.02
    """eV"""
    zero: Reference = "lowest"
    smoothing: float | None = None
    """Standard deviation of the kernel of the smooth line, eV; None for half a bin width, 0 for no line."""
    block_snapshots: int = 3
    bootstrap_samples: int = 400
    seed: int = 1


@dataclass
class ForeignRun:
    """Frames of the same atoms at one temperature, in order, from one file."""

    path: Path
    temperature: float
    frames: list[Frame] = field(default_factory=list)
    n_rejected: int = 0


def state_checks(runs: Iterable[States]) -> list[Check]:
    """Checks of the states of all runs: of each name the first that did not pass, else the first."""
    found: dict[str, Check] = {}
    for states in runs:
        for check in states_summary(states).checks:
            if found.setdefault(check.name, check).status == "PASS":
                found[check.name] = check
    return list(found.values())


def frame_checks(runs: Sequence[ForeignRun]) -> list[Check]:
    """Whether the frames are relaxed, and whether energies of atoms add up."""
    frames = [frame for run in runs for frame in run.frames]
    forces = [(frame.largest_force, frame.place) for frame in frames if frame.largest_force is not None]
    if forces:
        most, place = max(forces)
        relaxed = Check(
            "relaxed frames",
            "PASS" if most < _RELAXED else "WARN",
            f"largest force {most:.3g} eV/Å ({place}); above {_RELAXED} eV/Å energies are of thermal "
            "motion, not of states",
        )
    else:
        relaxed = Check("relaxed frames", "WARN", "no forces in the files: not known whether relaxed")
    miss = [abs(frame.energies.sum() - frame.total_energy) / len(frame.id) for frame in frames]
    worst = int(np.argmax(miss))
    sums = Check(
        "sum of energies",
        "PASS" if miss[worst] < _SUM else "WARN",
        f"energies of atoms miss the total by at most {miss[worst]:.2g} eV per atom "
        f"({frames[worst].place})",
    )
    return [relaxed, sums]


def assumptions(runs: Sequence[ForeignRun], parts: Roles, question: Question) -> tuple[str, ...]:
    """What is taken for granted, in words."""
    element = runs[0].frames[0].element
    cations = ", ".join(sorted(set(element[parts.cations].tolist())))
    others = f"{cations} stay in place as cations" if cations else "there are no other atoms"
    told = "as told for all frames" if question.temperature else "as each frame says"
    return (
        f"{question.ion} is the mobile ion, {', '.join(question.anions)} are the anions, {others}",
        f"temperatures are {told}",
        "frames are relaxed, of one potential, and follow each other in time within a file: errors are "
        f"from blocks of {question.block_snapshots} successive frames",
        f"energies are {WORDS[question.zero]} (of all files)",
        "anions keep their places in a file; where one leaves it, sites are from that frame alone",
    )
