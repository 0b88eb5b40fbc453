"""Figures of the report, one at a time."""

import difflib

from matplotlib.figure import Figure

from atomstates.campaign import Results
from atomstates.errors import InputError, ProductError
from atomstates.report.contents import contents
from atomstates.report.figures import BY_NAME
from atomstates.report.style import style


def drawn(results: Results, name: str, material: str | None) -> Figure:
    """A figure of a material, or of the first one.

    Raises
    ------
    InputError
        There is no such figure or material.
    ProductError
        Its products do not allow it.
    """
    if name not in BY_NAME:
        near = difflib.get_close_matches(name, BY_NAME, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(BY_NAME)}"
        raise InputError(f"there is no figure {name!r}; {hint}")
    wanted = results.material(material).name if material else results.materials[0].name
    content = next(found for found in contents(results) if found.name == wanted)
    with style():
        picture = BY_NAME[name](content)
    if picture is None:
        raise ProductError(f"{results.path}: the products of {wanted!r} do not allow the figure {name!r}")
    return picture.figure
