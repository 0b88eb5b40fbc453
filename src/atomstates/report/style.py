"""One look for all figures: sizes, colours of site kinds and temperatures, saving.

Colours of sites are those of Okabe and Ito (2008), which people with any colour vision can tell
apart; temperatures follow a perceptually uniform map from cold to hot.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import matplotlib
from matplotlib import colormaps, rc_context, rc_params_from_file
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

STYLE_FILE = Path(__file__).with_name("atomstates.mplstyle")

FULL_WIDTH = 6.7
"""Width in inches of a figure across both columns of a page."""

INK = "#222222"
PALE = "#8a8a8a"

TOTAL = "total"
_SITE_COLOURS = {
    "octahedral": "#0072B2",
    "octahedral_0": "#CC79A7",
    "octahedral_1": "#0072B2",
    "octahedral_2": "#56B4E9",
    "octahedral_3": "#009E73",
    "tetrahedral": "#D55E00",
    "other": "#7A7A7A",
    TOTAL: INK,
}


@contextmanager
def style() -> Iterator[None]:
    """The look of this package inside the block; nothing changes outside."""
    with rc_context(rc_params_from_file(STYLE_FILE, use_default_template=True)):
        yield


def blank_figure(height: float, width: float = FULL_WIDTH) -> Figure:
    """A figure of the given size in inches, drawn without a window system."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def site_colour(kind: str) -> str:
    """Colour of a site kind: ``octahedral_N`` for octahedra that share edges with N cations."""
    if kind.startswith("octahedral_"):
        n = min(int(kind.removeprefix("octahedral_")), 3)
        return _SITE_COLOURS[f"octahedral_{n}"]
    return _SITE_COLOURS.get(kind, _SITE_COLOURS["other"])


def temperature_colours(temperatures: Sequence[float]) -> dict[float, str]:
    """Colour of each temperature, from cold to hot."""
    ordered = sorted(set(temperatures))
    span = max(len(ordered) - 1, 1)
    return {
        temperature: to_hex(colormaps["plasma"](0.05 + 0.80 * index / span))
        for index, temperature in enumerate(ordered)
    }


def material_colours(names: Sequence[str]) -> dict[str, str]:
    """Colour of each material where several are in one figure, in their order; they repeat after eight."""
    return {name: to_hex(colormaps["Dark2"](index % 8)) for index, name in enumerate(names)}


def as_svg(figure: Figure) -> bytes:
    """The figure as SVG, the same bytes for the same figure."""
    with matplotlib.rc_context({"svg.fonttype": "path", "svg.hashsalt": "atomstates"}):
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def as_pdf(figure: Figure) -> bytes:
    """The figure as PDF in its own size, letters as text of embedded TrueType fonts, as journals ask."""
    with matplotlib.rc_context({"pdf.fonttype": 42}):
        buffer = io.BytesIO()
        figure.savefig(buffer, format="pdf", dpi=300, metadata={"CreationDate": None})
    return buffer.getvalue()


def as_png(figure: Figure) -> bytes:
    """The figure as PNG in publication resolution."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=300, metadata={"Software": None})
    return buffer.getvalue()
