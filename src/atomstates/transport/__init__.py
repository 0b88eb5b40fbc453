"""Displacements, diffusivity, conductivity, Arrhenius lines and the transition temperature."""

from atomstates.transport.arrhenius import Arrhenius, arrhenius, transition_temperature
from atomstates.transport.arrhenius_line import ArrheniusLine, arrhenius_line
from atomstates.transport.conductivity import haven_ratio, nernst_einstein_conductivity
from atomstates.transport.diffusivity import Diffusivity, diffusivity
from atomstates.transport.maps.density_map import DensityMap, voxel_counts
from atomstates.transport.maps.passage import Passages, passages
from atomstates.transport.maps.percolation import Percolation, percolation
from atomstates.transport.msd import (
    SquaredDisplacement,
    collective_squared_displacement,
    framework_drift_removed,
    mean_squared_displacement,
    replicas_joined,
)
from atomstates.transport.tensor import DiffusionTensor, charge_diffusion_tensor, diffusion_tensor
from atomstates.transport.van_hove import distinct_van_hove, self_van_hove

__all__ = [
    "Arrhenius",
    "ArrheniusLine",
    "DensityMap",
    "DiffusionTensor",
    "Diffusivity",
    "Passages",
    "Percolation",
    "SquaredDisplacement",
    "arrhenius",
    "arrhenius_line",
    "charge_diffusion_tensor",
    "collective_squared_displacement",
    "diffusion_tensor",
    "diffusivity",
    "distinct_van_hove",
    "framework_drift_removed",
    "haven_ratio",
    "mean_squared_displacement",
    "nernst_einstein_conductivity",
    "passages",
    "percolation",
    "replicas_joined",
    "self_van_hove",
    "transition_temperature",
    "voxel_counts",
]
