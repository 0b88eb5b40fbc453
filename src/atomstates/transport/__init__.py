"""Displacements, diffusivity, conductivity and the Arrhenius line."""

from atomstates.transport.arrhenius import ArrheniusLine, arrhenius
from atomstates.transport.conductivity import haven_ratio, nernst_einstein_conductivity
from atomstates.transport.diffusivity import Diffusivity, diffusivity
from atomstates.transport.msd import (
    SquaredDisplacement,
    collective_squared_displacement,
    framework_drift_removed,
    mean_squared_displacement,
    replicas_joined,
)

__all__ = [
    "ArrheniusLine",
    "Diffusivity",
    "SquaredDisplacement",
    "arrhenius",
    "collective_squared_displacement",
    "diffusivity",
    "framework_drift_removed",
    "haven_ratio",
    "mean_squared_displacement",
    "nernst_einstein_conductivity",
    "replicas_joined",
]
