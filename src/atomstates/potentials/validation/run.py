"""All tests of a finished model against its teacher, in the order in which they need each other."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from atomstates.errors import InputError
from atomstates.lammps.deepmd_model import model_elements
from atomstates.potentials.training import UNCOMPRESSED
from atomstates.potentials.validation.drift import drift_tests
from atomstates.potentials.validation.expansion import expansion
from atomstates.potentials.validation.hops import find_paths, hop_tests, slots
from atomstates.potentials.validation.model_file import compression_tests, size_test, speed_tests
from atomstates.potentials.validation.own_dynamics import held_out, own_runs
from atomstates.potentials.validation.relaxed import (
    lattice_tests,
    ordering_tests,
    references,
    relaxed_orderings,
    volume_tests,
)
from atomstates.potentials.validation.stays import stay_tests
from atomstates.potentials.validation.subject import Subject
from atomstates.potentials.validation.verdict import Part, Verdict

Stays = Literal["make", "leave", "only"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Found:
    """All tests of one model, and the tables behind them by name."""

    tests: tuple[Verdict, ...]
    tables: dict[str, pd.DataFrame]


def validate(subject: Subject, *, stays: Stays = "make", against: Path | None = None) -> Found:
    """Run all tests; labels, relaxations and runs that lie in the folder are not made again.

    Parameters
    ----------
    stays
        The long runs: ``make`` them, ``leave`` them out unless they are there, or do ``only`` them.
    against
        A model whose speed is measured in turns with this one's.

    Raises
    ------
    InputError
        ``against`` does not know the elements of the material in which the speed is measured.
    """
    name = next(iter(subject.asked.materials))
    _log.info("%s: relaxing orderings of %d materials", subject.folder, len(subject.asked.materials))
    found = relaxed_orderings(subject)
    relaxed = references(found)
    if against is not None:
        _refuse_foreign(against, set(relaxed[name].symbols))
    if stays == "only":
        return _joined([stay_tests(subject, relaxed, make=True)])
    _log.info("own dynamics")
    runs = own_runs(subject, found)
    _log.info("%d hops", subject.asked.hops)
    hops, bands = hop_tests(subject, find_paths(subject, slots(subject, found)))
    _log.info("labels of held-out frames")
    accuracy, frames = held_out(subject, runs, bands)
    parts = [
        accuracy,
        lattice_tests(subject, found),
        volume_tests(subject, found),
        expansion(subject, runs),
        ordering_tests(subject, found),
        hops,
    ]
    _log.info("energy drift")
    parts.append(drift_tests(subject, relaxed))
    parts.append(stay_tests(subject, relaxed, make=stays == "make"))
    uncompressed = subject.model.parent / UNCOMPRESSED
    if uncompressed.is_file():
        parts.append(compression_tests(subject, uncompressed, frames))
    _log.info("speed")
    parts.append(Part((size_test(subject),)))
    parts.append(speed_tests(subject, relaxed[name], name, against))
    return _joined(parts)


def _joined(parts: list[Part]) -> Found:
    """Tests and tables of all parts."""
    tables = {name: table for part in parts for name, table in part.tables.items()}
    return Found(tuple(test for part in parts for test in part.tests), tables)


def _refuse_foreign(against: Path, elements: set[str]) -> None:
    """The other model must know what its speed is measured in."""
    missing = sorted(elements - set(model_elements(against)))
    if missing:
        raise InputError(
            f"--against {against}: it does not know {' '.join(missing)}, which the first material of "
            "the recipe's validation has"
        )
