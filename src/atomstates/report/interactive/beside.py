"""Two materials beside each other: which of them have an explorer whose data the page can use."""

from collections.abc import Mapping, Sequence

from atomstates.report.contents import MaterialContents
from atomstates.report.interactive.panel import Panel, panel_id
from atomstates.report.picture import anchor


def beside_panel(
    materials: Sequence[MaterialContents], panels: Mapping[str, Mapping[str, Panel]]
) -> Panel | None:
    """A panel that shows two of the materials at one temperature; None where fewer than two have explorers.

    It has no data of its own: it reads those of the explorers on the same page.

    Parameters
    ----------
    materials
        In the order of the campaign.
    panels
        Panels by name of the material and name of the picture below which they stand.
    """
    shown = [
        {"title": one.title or one.name, "id": panel_id(anchor(one.name, "density"))}
        for one in materials
        if "density" in panels.get(one.name, {})
    ]
    if len(shown) < 2:
        return None
    label = "Two materials beside each other: choose both, and the temperature"
    return Panel("beside", label, {"materials": shown})
