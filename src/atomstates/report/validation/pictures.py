"""The figures of a potential's tests, with their words, from the tables of the tests."""

from atomstates.potentials.validation.settings import Targets
from atomstates.report.style import material_colours, style
from atomstates.report.validation.accuracy_pictures import errors_picture, parity_picture
from atomstates.report.validation.crystal_pictures import (
    lattice_picture,
    orderings_picture,
    volumes_picture,
)
from atomstates.report.validation.motion_pictures import (
    barriers_picture,
    drift_picture,
    profiles_picture,
    stays_picture,
)
from atomstates.report.validation.picture import Tables, TestedPicture


def pictures(tables: Tables, names: list[str], targets: Targets, ion: str) -> list[TestedPicture]:
    """Every figure that the tables allow; ``names`` are the materials, ``ion`` the mobile element."""
    colours = material_colours(names)
    with style():
        found = [
            parity_picture(tables, colours, ion),
            errors_picture(tables, colours, targets),
            lattice_picture(tables, colours, targets),
            volumes_picture(tables, colours),
            orderings_picture(tables, colours),
            barriers_picture(tables, colours),
            profiles_picture(tables, colours),
            drift_picture(tables, colours),
            stays_picture(tables, colours, targets),
        ]
    return [picture for picture in found if picture is not None]
