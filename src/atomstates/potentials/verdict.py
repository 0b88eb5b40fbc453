"""One row of the table of a model's tests."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """One row of the table: what was found, what was asked for, and whether it was reached.

    ``target`` None: reported only.
    """

    name: str
    value: float
    unit: str
    target: str | None
    passed: bool | None
    note: str = ""


def at_most(name: str, value: float, most: float, unit: str, note: str = "") -> Verdict:
    """A test that its value is at most the target."""
    return Verdict(name, value, unit, f"<= {most:g}", bool(value <= most), note)
