"""A panel of the page: what it shows as plain data, and the fragment of HTML that holds it."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from atomstates.report.interactive.packing import as_json

_SCRIPTS = (
    "panel.js",
    "scene.js",
    "surface.js",
    "isosurface.js",
    "histogram.js",
    "explorer.js",
    "beside.js",
    "path.js",
    "start.js",
)


@dataclass(frozen=True)
class Panel:
    """Something that the reader can turn and choose from.

    Attributes
    ----------
    kind
        Which script draws it: ``isosurface``, ``explorer``, ``beside`` or ``path``.
    label
        What it shows, in words, for who cannot see it.
    data
        Plain data, all that the script needs.
    """

    kind: str
    label: str
    data: Mapping[str, Any]


def fragment(panel: Panel, identifier: str) -> Markup:
    """The panel as HTML; the page holds ``viewer_scripts`` once, after all panels."""
    data = as_json(panel.data)
    return Markup(
        '<section class="panel" id="{}" data-panel="{}" aria-label="{}">\n'
        '<script type="application/json">{}</script>\n'
        '<noscript><p class="hint">Scripts are off; the figure above stands still.</p></noscript>\n'
        "</section>"
    ).format(identifier, panel.kind, panel.label, data)


def panel_id(figure: str) -> str:
    """What the panel below a figure is called within the page."""
    return f"{figure}-panel"


def viewer_library() -> Markup:
    """3Dmol.js with its licences, to stand in an element that is not executed before it is needed."""
    return Markup("/*\n{}*/\n{}").format(
        Markup(_text("3dmol/LICENSE")), Markup(_text("3dmol/3Dmol-min.js"))
    )


def viewer_scripts() -> Markup:
    """The scripts of all panels."""
    return Markup("\n".join(_text(name) for name in _SCRIPTS))


def viewer_styles() -> Markup:
    """The style sheet of all panels."""
    return Markup(_text("panels.css"))


def _text(name: str) -> str:
    return (files("atomstates.report.interactive") / name).read_text(encoding="utf-8")
