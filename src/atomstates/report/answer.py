"""One answer of those that a report begins with."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """One answer: ``value`` is shown large, with what ``interval`` and ``meaning`` say below it."""

    question: str
    value: str
    unit: str
    interval: str
    meaning: str
    product: str
    figure: str
