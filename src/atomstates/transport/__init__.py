"""Displacements, diffusivity, conductivity and the Arrhenius line."""

from atomstates.transport.arrhenius import ArrheniusLine, arrhenius
from atomstates.transport.conductivity import haven_ratio, nernst_einstein_conductivity
from atomstates.transport.diffusivity import Diffusivity, diffusivity
from atomstates.transport.msd import (
    SquaredDisplacement,
    collective_squared_displacement,
    framework_drift_removed,
    mean_squared_displacement,
)
from atomstates.transport.tensor import DiffusionTensor, charge_diffusion_tensor, diffusion_tensor
from atomstates.transport.van_hove import distinct_van_hove, self_van_hove

__all__ = [
    "ArrheniusLine",
    "DiffusionTensor",
    "Diffusivity",
    "SquaredDisplacement",
    "arrhenius",
    "charge_diffusion_tensor",
    "collective_squared_displacement",
    "diffusion_tensor",
    "diffusivity",
    "distinct_van_hove",
    "framework_drift_removed",
    "haven_ratio",
    "mean_squared_displacement",
    "nernst_einstein_conductivity",
    "self_van_hove",
]
