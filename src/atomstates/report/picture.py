"""A drawn figure together with its words and the names of the tables behind it."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure


@dataclass(frozen=True)
class PictureTable:
    """A table below a figure: words in each row, and links to files behind them."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    links: tuple[tuple[tuple[str, str], ...], ...]
    """Label and path of each file of each row: one of the figure's ``data``."""

    def __post_init__(self) -> None:
        if any(len(row) != len(self.header) for row in self.rows) or len(self.links) != len(self.rows):
            raise ValueError("a row of the table has not as many cells as its header, or no links")


@dataclass(frozen=True)
class Picture:
    """A figure of the report."""

    name: str
    material: str
    title: str
    caption: str
    alt: str
    """What the figure shows, in words, for who cannot see it."""
    data: tuple[str, ...]
    """Tables behind the figure: paths in the results folder, or names of those the report writes."""
    figure: Figure
    table: PictureTable | None = None


def anchor(material: str, name: str) -> str:
    """What the figure of that name is called within the page."""
    return f"{material}_{name}".lower().replace(".", "-")


def listed(temperatures: Sequence[float]) -> str:
    """Temperatures in words."""
    words = [f"{temperature:g}" for temperature in temperatures]
    if len(words) < 2:
        return f"{''.join(words)} K"
    return f"{', '.join(words[:-1])} and {words[-1]} K"
