"""The figures of a report, in the order of the argument: states, disorder, motion, conductivity."""

from collections.abc import Sequence

from atomstates.report.arrhenius_pictures import arrhenius_picture, transition_picture
from atomstates.report.barrier_pictures import barriers_picture, differences_picture
from atomstates.report.comparison_pictures import comparison_picture
from atomstates.report.contents import MaterialContents
from atomstates.report.doas_pictures import density_picture, disorder_picture, environments_picture
from atomstates.report.environment_pictures import structures_picture
from atomstates.report.map_pictures import density_map_picture
from atomstates.report.motion_pictures import (
    convergence_picture,
    distinct_van_hove_picture,
    self_van_hove_picture,
    size_picture,
)
from atomstates.report.onset_pictures import onset_picture
from atomstates.report.order_pictures import order_picture
from atomstates.report.picture import Picture
from atomstates.report.profile_pictures import profiles_picture
from atomstates.report.radial_pictures import broadening_picture, radial_picture
from atomstates.report.spread_pictures import spread_picture
from atomstates.report.style import style
from atomstates.report.sublattice_pictures import heat_capacity_picture, sublattice_picture
from atomstates.report.transition_pictures import rates_picture, transitions_picture
from atomstates.report.transport_pictures import displacement_picture, thermo_picture

_ALL = (
    density_picture,
    spread_picture,
    disorder_picture,
    order_picture,
    onset_picture,
    sublattice_picture,
    heat_capacity_picture,
    environments_picture,
    structures_picture,
    transitions_picture,
    rates_picture,
    profiles_picture,
    barriers_picture,
    differences_picture,
    radial_picture,
    broadening_picture,
    density_map_picture,
    displacement_picture,
    convergence_picture,
    self_van_hove_picture,
    distinct_van_hove_picture,
    arrhenius_picture,
    transition_picture,
    thermo_picture,
)

BY_NAME = {picture.__name__.removesuffix("_picture"): picture for picture in _ALL}
"""What draws one figure of one material, by the name of the figure."""


def pictures(material: MaterialContents, materials: Sequence[MaterialContents]) -> list[Picture]:
    """Every figure that the products of a material allow; what compares several stands with the first."""
    family = [other for other in materials if other.family == material.family]
    with_states = [other.name for other in materials if other.density is not None]
    with style():
        found = [picture(material) for picture in _ALL]
        if len(family) > 1 and family[0].name == material.name:
            found.append(size_picture(material, family))
        if len(with_states) > 1 and with_states[0] == material.name:
            found.append(comparison_picture(material, materials))
    return [picture for picture in found if picture is not None]
