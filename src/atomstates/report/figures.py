"""The figures of a report, in the order of the argument: states, disorder, motion, conductivity."""

from atomstates.report.contents import MaterialContents
from atomstates.report.doas_pictures import density_picture, disorder_picture, environments_picture
from atomstates.report.environment_pictures import structures_picture
from atomstates.report.picture import Picture
from atomstates.report.style import style
from atomstates.report.transition_pictures import rates_picture, transitions_picture
from atomstates.report.transport_pictures import arrhenius_picture, displacement_picture, thermo_picture

_ALL = (
    density_picture,
    disorder_picture,
    environments_picture,
    structures_picture,
    transitions_picture,
    rates_picture,
    displacement_picture,
    arrhenius_picture,
    thermo_picture,
)


def pictures(material: MaterialContents) -> list[Picture]:
    """Every figure that the products of a material allow."""
    with style():
        found = [picture(material) for picture in _ALL]
    return [picture for picture in found if picture is not None]
