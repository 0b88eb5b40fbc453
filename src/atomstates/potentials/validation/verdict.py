"""One row of the table of a model's tests, and what a test leaves besides."""

from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

Status = Literal["PASS", "WARN", "FAIL"]


@dataclass(frozen=True)
class Verdict:
    """One row of the table: what was found, what was asked for, and whether it was reached.

    Attributes
    ----------
    target, status
        None: reported only. WARN: reached or missed, but not for sure (``note`` says why).
    error
        Standard error of the value, where one is known.
    """

    name: str
    value: float
    unit: str
    target: str | None
    status: Status | None
    note: str = ""
    error: float | None = None

    @property
    def passed(self) -> bool | None:
        """Whether the target was reached; None where there is none."""
        return None if self.status is None else self.status != "FAIL"

    def row(self) -> dict[str, Any]:
        """What the card says of it."""
        return {
            "name": self.name,
            "value": self.value,
            "error": self.error,
            "unit": self.unit,
            "target": self.target,
            "status": self.status,
            "passed": self.passed,
            "note": self.note,
        }


@dataclass(frozen=True)
class Part:
    """Some tests of a model, and the tables behind them, by name."""

    tests: tuple[Verdict, ...]
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)


def at_most(
    name: str,
    value: float,
    most: float,
    unit: str,
    note: str = "",
    *,
    error: float | None = None,
    doubt: bool = False,
) -> Verdict:
    """A test that its value is at most the target.

    It ends with WARN where the target lies within two standard errors of the value, and where it
    is reached in ``doubt``.
    """
    status: Status = "PASS" if value <= most else "FAIL"
    close = error is not None and abs(value - most) < 2 * error
    if close or (doubt and status == "PASS"):
        status = "WARN"
    return Verdict(name, float(value), unit, f"<= {most:g}", status, note, error)


def at_least(
    name: str, value: float, least: float, unit: str, note: str = "", *, doubt: bool = False
) -> Verdict:
    """A test that its value is at least the target; a miss in ``doubt`` ends with WARN."""
    status: Status = "PASS" if value >= least else "WARN" if doubt else "FAIL"
    return Verdict(name, float(value), unit, f">= {least:g}", status, note)


def reported(name: str, value: float, unit: str, note: str = "", error: float | None = None) -> Verdict:
    """A number without a target."""
    return Verdict(name, float(value), unit, None, None, note, error)
