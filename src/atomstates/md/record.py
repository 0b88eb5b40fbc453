"""The record of a run's segments (``segments.jsonl``), and which of their steps count.

A segment is one attempt. It starts from a step (the crystal's, or a restart file's), and what
earlier segments recorded after that step belongs to a path that was left: the later segment
wins.
"""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from socket import gethostname
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomstates.products import as_json

SEGMENTS = "segments.jsonl"

IntegerArray = NDArray[np.int64]


@dataclass(frozen=True)
class Segment:
    """One attempt: its number and the step (LAMMPS' count) that it started from, and more facts."""

    number: int
    first_step: int
    facts: dict[str, Any]


def file_names(number: int) -> dict[str, str]:
    """Names of the files of a segment, by the knobs of `md.in` that name them."""
    return {
        "trajectory": f"trajectory.{number:03d}.dcd",
        "snapshots": f"snapshots.{number:03d}.lammpstrj",
        "thermo_file": f"thermo.{number:03d}.csv",
    }


def segments(folder: Path) -> list[Segment]:
    """The segments of a run as ``segments.jsonl`` has them, in order; none without that file."""
    try:
        lines = (folder / SEGMENTS).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    found: dict[int, dict[str, Any]] = {}
    for line in lines:
        try:
            record = json.loads(line)
        except ValueError:
            # the process was killed while it wrote this line
            continue
        found.setdefault(record["segment"], {}).update(record)
    return [
        Segment(number, facts["first_step"], facts)
        for number, facts in sorted(found.items())
        if "first_step" in facts
    ]


def note(folder: Path, number: int, **facts: Any) -> None:
    """Add a line on a segment to ``segments.jsonl``: one at its start, one at its end."""
    path = folder / SEGMENTS
    unended = path.exists() and not path.read_bytes().endswith(b"\n")
    with path.open("a", encoding="utf-8") as handle:
        handle.write(("\n" if unended else "") + as_json({"segment": number, **facts}, compact=True) + "\n")
        handle.flush()
        os.fsync(handle.fileno())


def start_facts() -> dict[str, Any]:
    """Where and when a segment starts."""
    batch = {
        name.lower(): os.environ[name]
        for name in ("SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID", "CUDA_VISIBLE_DEVICES")
        if name in os.environ
    }
    return {"started": now(), "host": gethostname(), "pid": os.getpid(), **batch}


def now() -> str:
    """The time, as it is written."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def kept(folder: Path, steps: dict[int, IntegerArray]) -> list[tuple[int, IntegerArray]]:
    """Of the steps recorded by each segment those that count: (segment, indices into its steps).

    A segment's record counts up to the first step of any later segment; the later segment has
    that step too when it is one at which something is written.
    """
    started = {segment.number: segment.first_step for segment in segments(folder)}
    chosen = []
    for number in sorted(steps):
        later = [first for other, first in started.items() if other > number]
        own = steps[number]
        counts = own <= min(later, default=np.iinfo(np.int64).max)
        for other in steps:
            if other > number:
                counts &= ~np.isin(own, steps[other])
        chosen.append((number, np.flatnonzero(counts)))
    return chosen
