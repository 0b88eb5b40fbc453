"""What the figures of a potential's tests share: their words, a legend, a square panel."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from atomstates.report.style import blank_figure
from atomstates.report.validation.parity import draw_scatter

PANEL = 3.2
"""Inches, of one of two panels side by side."""

Tables = Mapping[str, pd.DataFrame]
"""Tables of the tests by name."""


@dataclass(frozen=True)
class TestedPicture:
    """A figure of the tests: name of its files, title, words, and the tables behind it."""

    name: str
    title: str
    caption: str
    alt: str
    data: tuple[str, ...]
    figure: Figure


def legend_above(figure: Figure, colours: Mapping[str, str]) -> None:
    """One legend of the materials above all panels."""
    handles: dict[str, Any] = {}
    for ax in figure.axes:
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
    if not handles:
        ax = figure.axes[0]
        handles = {name: ax.plot([], [], "-", color=colour)[0] for name, colour in colours.items()}
    figure.legend(list(handles.values()), list(handles), loc="outside upper center", ncols=len(handles))


def square_scatter(table: pd.DataFrame, unit: str, colours: Mapping[str, str], label: str) -> Figure:
    """Student against teacher in one square panel, a legend of the materials inside."""
    figure = blank_figure(height=PANEL, width=PANEL + 0.4)
    ax = figure.subplots()
    draw_scatter(ax, table, unit, colours, label)
    ax.legend(loc="upper left")
    return figure
