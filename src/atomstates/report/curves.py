"""What a figure says about itself for the page: the values of its curves, and what is of one temperature.

Functions that draw call these beside what they draw; ``readings`` turns it into data for the page.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.spines import Spine

from atomstates.report.tables import Array

_CURVES, _TEMPERATURE = "_atomstates_curves", "_atomstates_temperature"


@dataclass(frozen=True)
class Curve:
    """Points of one curve, or bars, in the units of the axes on which they are drawn.

    Attributes
    ----------
    name
        What distinguishes it from others of the figure, in words.
    colour
        That it is drawn in.
    x, y
        Shape (P,).
    error
        Standard errors of ``y``, shape (P,), NaN where there is none.
    half_width
        Half the width of a bar along ``x``; 0 for points.
    temperature
        K; None where the curve is not of one temperature.
    unit
        Of ``y``, where the label of the axis does not end with it: the quantity then is in the name.
    words
        What is said of each point instead of its coordinates: (P,) or empty.
    """

    name: str
    colour: str
    x: Array
    y: Array
    error: Array | None = None
    _: KW_ONLY
    half_width: float = 0.0
    temperature: float | None = None
    unit: str | None = None
    words: Sequence[str] = ()

    def __post_init__(self) -> None:
        if self.x.shape != self.y.shape or self.x.ndim != 1:
            raise ValueError(
                f"{self.name}: x has shape {self.x.shape}, y {self.y.shape}; both must be (P,)"
            )
        if self.error is not None and self.error.shape != self.y.shape:
            raise ValueError(f"{self.name}: the errors have shape {self.error.shape}, y {self.y.shape}")
        if len(self.words) not in (0, len(self.x)):
            raise ValueError(f"{self.name}: words of {len(self.words)} points out of {len(self.x)}")


def tell(ax: Axes, *curves: Curve) -> None:
    """Let the page tell the values of curves that are drawn on these axes."""
    setattr(ax, _CURVES, (*told(ax), *curves))


def told(ax: Axes) -> tuple[Curve, ...]:
    """The curves of which these axes tell."""
    return tuple(getattr(ax, _CURVES, ()))


def bars(
    name: str, colour: str, edges: Array, values: Array, error: Array | None, temperature: float | None
) -> Curve:
    """Bars between edges (B + 1,) of equal width as a curve through their middles."""
    half_width = float(np.diff(edges).mean()) / 2
    middle = (edges[:-1] + edges[1:]) / 2
    return Curve(name, colour, middle, values, error, half_width=half_width, temperature=temperature)


def point(
    name: str,
    colour: str,
    x: float,
    y: float,
    error: float | None = None,
    *,
    temperature: float | None = None,
    said: str = "",
) -> Curve:
    """A point that stands alone; ``said`` takes the place of its coordinates."""
    errors = None if error is None else np.array([error], dtype=np.float64)
    at = np.array([x], dtype=np.float64), np.array([y], dtype=np.float64)
    return Curve(name, colour, *at, errors, temperature=temperature, words=(said,) if said else ())


def belong(temperature: float | None, *artists: Artist) -> None:
    """Say that artists, or all that is drawn on whole axes, are of one temperature (K) and of no other."""
    for artist in artists:
        if isinstance(artist, Axes):  # whose scales other axes may share
            drawn = (one for one in artist.get_children() if not isinstance(one, Axis | Spine))
            belong(temperature, *(one for one in drawn if one is not artist.patch))
        else:
            setattr(artist, _TEMPERATURE, temperature)


@contextmanager
def drawn_at(ax: Axes, temperature: float | None) -> Iterator[None]:
    """What is drawn on the axes within the block belongs to this temperature (K)."""
    before = set(ax.get_children())
    yield
    belong(temperature, *(artist for artist in ax.get_children() if artist not in before))


def identified_temperatures(figure: Figure) -> tuple[float, ...]:
    """Give what is of one temperature the id ``T600-1``, ... in the SVG; the temperatures (K)."""
    found: dict[float, int] = {}
    for artist in _artists(figure):
        temperature = getattr(artist, _TEMPERATURE, None)
        if temperature is not None:
            found[temperature] = found.get(temperature, 0) + 1
            artist.set_gid(f"T{temperature:g}-{found[temperature]}")
    return tuple(sorted(found))


def _artists(figure: Figure) -> Iterable[Artist]:
    for ax in figure.axes:
        yield from ax.get_children()
