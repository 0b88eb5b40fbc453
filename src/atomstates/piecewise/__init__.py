"""Straight lines with a kink, a jump or neither: fit, comparison, bootstrap, transition temperature."""

from atomstates.piecewise.comparison import Comparison, Model, compared
from atomstates.piecewise.profile import Profile
from atomstates.piecewise.transition import Abscissa, Segment, Transition, transition
from atomstates.piecewise.visibility import smallest_visible_bend

__all__ = [
    "Abscissa",
    "Comparison",
    "Model",
    "Profile",
    "Segment",
    "Transition",
    "compared",
    "smallest_visible_bend",
    "transition",
]
