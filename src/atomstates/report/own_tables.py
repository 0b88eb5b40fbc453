"""Tables behind figures that put together what several products say."""

from collections.abc import Iterable, Sequence

from atomstates.report.arrhenius_pictures import TRANSITIONS
from atomstates.report.contents import MaterialContents
from atomstates.report.motion_pictures import CONVERGENCE, SIZE
from atomstates.report.motion_series import CONVERGENCE_COLUMNS, SIZE_COLUMNS, convergence_rows, size_rows
from atomstates.report.onset_pictures import ONSET_COLUMNS, ONSETS, onset_rows
from atomstates.report.order_pictures import ORDER, ORDER_COLUMNS, order_rows
from atomstates.report.radial_pictures import BROADENING, BROADENING_COLUMNS, broadening_rows
from atomstates.report.sublattice_pictures import (
    HEAT_CAPACITY,
    HEAT_CAPACITY_COLUMNS,
    heat_capacity_rows,
)
from atomstates.report.transition import ESTIMATE_COLUMNS, estimate_rows, estimates


def own_table(
    name: str, material: MaterialContents, materials: Sequence[MaterialContents]
) -> tuple[Sequence[str], Iterable[Sequence[object]]] | None:
    """Header and rows of the table of that name; None where it is not one of these."""
    if name == CONVERGENCE:
        return CONVERGENCE_COLUMNS, convergence_rows(material)
    if name == BROADENING:
        return BROADENING_COLUMNS, broadening_rows(material)
    if name == HEAT_CAPACITY:
        return HEAT_CAPACITY_COLUMNS, heat_capacity_rows(material)
    if name == ONSETS:
        return ONSET_COLUMNS, onset_rows(material)
    if name == ORDER:
        return ORDER_COLUMNS, order_rows(material)
    if name == TRANSITIONS:
        return ESTIMATE_COLUMNS, estimate_rows(estimates(material))
    if name == SIZE:
        return SIZE_COLUMNS, size_rows([other for other in materials if other.family == material.family])
    return None
