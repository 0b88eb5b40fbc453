"""The edge of the room for density maps: ``density_map.h5`` of runs; maps of materials with their words."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from atomstates.campaign import MaterialFolder, RunFolder
from atomstates.errors import InputError, ProductError
from atomstates.md.segments import Trajectory
from atomstates.parallel import Communicator, share
from atomstates.potentials.crystal import Crystal, read_crystal
from atomstates.products import Check, write_csv, write_json
from atomstates.transport.maps.density_map import folded_sites, grid_shape
from atomstates.transport.maps.products import (
    PROJECTION_COLUMNS,
    RunVisits,
    cube_name,
    map_checks,
    map_content,
    projection_rows,
    read_visits,
    temperature_map,
    write_cube,
    write_visits,
)
from atomstates.transport.maps.reading import run_visits

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

VISITS, MAP, PROJECTIONS = "density_map.h5", "density_map.json", "density_projections.csv"
MOST_VOXELS = 2**23


def write_run_map(
    place: RunFolder,
    trajectory: Trajectory,
    mobile: Integers,
    framework: Integers,
    masses: Floats,
    comm: Communicator,
) -> None:
    """Write ``density_map.h5`` of a run.

    Raises
    ------
    ProductError
        The trajectory is not one of this crystal.
    InputError
        So many voxels do not fit into memory.
    """
    crystal = _crystal(place.material_folder)
    if tuple(crystal.element.tolist()) != tuple(trajectory.elements):
        raise ProductError(
            f"{place.stage_path('md')}: found {trajectory.n_atoms} atoms that are not those of the crystal "
            f"({len(crystal.element)} atoms) in its order. Run the stage `md` again."
        )
    supercell = np.array(crystal.supercell)
    spacing = place.campaign.transport.map_spacing_A
    shape = grid_shape(crystal.cell / supercell[:, None], spacing)
    if np.prod(shape) > MOST_VOXELS:
        raise InputError(
            f"{place.material.name}: {spacing:g} Å cut the unit cell into {' × '.join(map(str, shape))} "
            f"voxels; {MOST_VOXELS} are possible. Raise transport.map_spacing_A."
        )
    visits, frames = run_visits(
        trajectory, trajectory.cell, mobile, framework, masses, crystal, shape, comm
    )
    if comm.rank == 0:
        unit_cell = trajectory.cell / supercell[:, None]
        found = RunVisits(visits, frames, unit_cell, int(supercell.prod()), place.temperature)
        write_visits(place.stage_path("transport") / VISITS, found)


def write_material_maps(
    place: MaterialFolder, diffusing: Collection[float], comm: Communicator
) -> tuple[Check, ...]:
    """Write ``density_map.json``, ``density_projections.csv`` and a cube file for each temperature.

    ``diffusing`` are the temperatures (K) that have a diffusivity.

    Raises
    ------
    ProductError
        A ``density_map.h5`` is missing or truncated.
    """
    crystal = _crystal(place)
    framework = crystal.element != place.material.mobile
    unit_cell = crystal.cell / np.array(crystal.supercell)[:, None]
    places = crystal.positions[framework] @ np.linalg.inv(unit_cell)
    sites = folded_sites(places, crystal.element[framework], unit_cell)
    folder = place.stage_path("transport")
    temperatures, own = sorted({run.temperature for run in place.runs}), []
    for temperature in share(temperatures, comm):
        of_it = [run for run in place.runs if run.temperature == temperature]
        runs = [read_visits(run.stage_path("transport") / VISITS) for run in of_it]
        own.append(temperature_map(runs))
    maps = sorted((one for rank in comm.gathered(own) for one in rank), key=lambda one: one.temperature)
    if comm.rank == 0:
        for one in maps:
            write_cube(folder / cube_name(one.temperature), one.map, place.material.mobile, sites)
        write_json(folder / MAP, map_content(place.name, place.material.mobile, sites, maps))
        write_csv(folder / PROJECTIONS, PROJECTION_COLUMNS, projection_rows(maps))
    return map_checks(maps, diffusing)


def _crystal(place: MaterialFolder) -> Crystal:
    """The crystal that the runs of a material began as."""
    folder = place.stage_path("potentials")
    return read_crystal(folder / "structure.data", folder / "structure.json")
