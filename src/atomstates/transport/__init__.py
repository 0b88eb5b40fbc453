"""Displacements, diffusivity, conductivity, Arrhenius lines and the transition temperature."""

from atomstates.transport.arrhenius import Arrhenius, arrhenius, transition_temperature
from atomstates.transport.arrhenius_line import ArrheniusLine, arrhenius_line
from atomstates.transport.conductivity import haven_ratio, nernst_einstein_conductivity
from atomstates.transport.diffusivity import Diffusivity, diffusivity
from atomstates.transport.msd import (
    SquaredDisplacement,
    collective_squared_displacement,
    framework_drift_removed,
    mean_squared_displacement,
)

__all__ = [
    "Arrhenius",
    "ArrheniusLine",
    "Diffusivity",
    "SquaredDisplacement",
    "arrhenius",
    "arrhenius_line",
    "collective_squared_displacement",
    "diffusivity",
    "framework_drift_removed",
    "haven_ratio",
    "mean_squared_displacement",
    "nernst_einstein_conductivity",
    "transition_temperature",
]
