"""Files of density maps: visits of a run, and of a material the map of each temperature with its words."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from atomstates.products import Check, Measured, as_json, provenance, readable, written_whole
from atomstates.transport.maps.density_map import BLOCK, DensityMap, block_counts, merged_maps
from atomstates.transport.maps.passage import FEWEST_VISITS, Passage, Passages, passages
from atomstates.transport.maps.percolation import percolation
from atomstates.units import BOHR

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Sites = Sequence[tuple[str, tuple[float, float, float]]]

PROJECTION_COLUMNS = (
    "temperature_K",
    "along_axis",
    "first_fraction",
    "second_fraction",
    "density_per_A2",
)


@dataclass(frozen=True)
class RunVisits:
    """Visits (G, n_a, n_b, n_c) and frames (G,) of each group of frames of a run; its unit cell in Å."""

    visits: Integers
    frames: Integers
    cell: Floats
    n_cells: int
    temperature: float

    @property
    def map(self) -> DensityMap:
        """All groups together."""
        return DensityMap(self.visits.sum(axis=0), self.cell, int(self.frames.sum()) * self.n_cells)


@dataclass(frozen=True)
class TemperatureMap:
    """The runs of one temperature as one map, with the ways through it."""

    temperature: float
    n_runs: int
    n_frames: int
    map: DensityMap
    passages: Passages


def write_visits(path: Path, found: RunVisits) -> None:
    """Write ``density_map.h5`` of a run whole."""
    with written_whole(path) as unfinished, h5py.File(unfinished, "w") as file:
        file.create_dataset("visits", data=found.visits.astype(np.uint32), compression="gzip")
        file["frames"] = found.frames
        file["unit_cell_A"] = found.cell
        file.attrs["n_cells"] = found.n_cells
        file.attrs["temperature_K"] = found.temperature
        file.attrs["provenance"] = as_json(provenance(), compact=True)


def read_visits(path: Path) -> RunVisits:
    """Read ``density_map.h5`` of a run.

    Raises
    ------
    ProductError
        It is missing, truncated or not what was expected.
    """
    with readable(path), h5py.File(path, "r") as file:
        return RunVisits(
            file["visits"][:].astype(np.int64),
            file["frames"][:],
            file["unit_cell_A"][:],
            int(file.attrs["n_cells"]),
            float(file.attrs["temperature_K"]),
        )


def temperature_map(runs: Sequence[RunVisits]) -> TemperatureMap:
    """The map of the replicas of one temperature; every group of every run tells how sure it is."""
    groups = np.concatenate([block_counts(run.visits) for run in runs])
    temperature = runs[0].temperature
    n_frames = sum(int(run.frames.sum()) for run in runs)
    found = merged_maps([run.map for run in runs])
    ways = passages(groups, temperature, percolation(found.counts))
    return TemperatureMap(temperature, len(runs), n_frames, found, ways)


def map_content(material: str, ion: str, sites: Sites, found: Sequence[TemperatureMap]) -> dict[str, Any]:
    """Content of ``density_map.json``."""
    shape = found[0].map.counts.shape
    return {
        "material": material,
        "ion": ion,
        "voxels": shape,
        "voxels_in_a_block": BLOCK**3,
        "fewest_visits": FEWEST_VISITS,
        "criterion": f"a path of blocks of {BLOCK} × {BLOCK} × {BLOCK} voxels, joined through their faces, "
        f"each visited at least {FEWEST_VISITS} times",
        "framework": [{"element": element, "fraction": place} for element, place in sites],
        "temperatures": [_temperature_content(one) for one in found],
    }


def cube_name(temperature: float) -> str:
    """Name of the cube file of a temperature."""
    return f"density_{temperature:g}K.cube"


def write_cube(path: Path, found: DensityMap, ion: str, sites: Sites) -> None:
    """Write a map as a Gaussian cube file: lengths in Bohr, density in ions per Bohr³, as the format wants.

    The framework's atoms are those of the crystal, folded into the unit cell.
    """
    from pymatgen.core.lattice import Lattice
    from pymatgen.core.structure import Structure
    from pymatgen.io.common import VolumetricData

    lattice = Lattice(found.cell)
    structure = Structure(lattice, [element for element, _ in sites], [place for _, place in sites])
    comment = f"density of {ion} in 1/Bohr^3 (1/A^3: divide by {BOHR**3:.7f}); {found.n_samples} samples"
    with written_whole(path) as unfinished:
        VolumetricData(structure, {"total": found.density * BOHR**3}).to_cube(str(unfinished), comment)


def projection_rows(found: Sequence[TemperatureMap]) -> Iterator[tuple[float | int, ...]]:
    """Rows of ``density_projections.csv``; ``along_axis`` 1, 2, 3 for a, b, c."""
    for one in found:
        for axis in range(3):
            table = one.map.projection(axis)
            for (i, j), value in np.ndenumerate(table):
                first, second = i / table.shape[0], j / table.shape[1]
                yield one.temperature, axis + 1, round(first, 6), round(second, 6), float(f"{value:.6g}")


def map_checks(found: Sequence[TemperatureMap], diffusing: Collection[float]) -> tuple[Check, ...]:
    """Whether there is a path wherever the ions were seen to diffuse.

    ``diffusing`` are the temperatures (K) that have a diffusivity.
    """
    shut = [one.temperature for one in found if one.temperature in diffusing and not one.passages.axes]
    listed = "; ".join(
        f"{one.temperature:g} K: {' '.join(one.passages.axes) or 'no axis'} (rarest block along a, b, c: "
        f"{', '.join(str(way.visits) for way in one.passages.along)} visits)"
        for one in found
    )
    advice = (
        ""
        if not shut
        else f"; ions diffuse at {', '.join(f'{t:g}' for t in shut)} K but no path was "
        "sampled well enough: run longer, or raise transport.map_spacing_A"
    )
    return (Check("percolation of the density", "WARN" if shut else "PASS", f"{listed}{advice}"),)


def _temperature_content(one: TemperatureMap) -> dict[str, Any]:
    """One entry of ``temperatures``."""
    ways = dict(zip("abc", one.passages.along, strict=True))
    block_volume = one.map.voxel_volume * BLOCK**3
    per_visit = 1 / (one.map.n_samples * block_volume)
    return {
        "temperature_K": one.temperature,
        "n_runs": one.n_runs,
        "n_frames": one.n_frames,
        "unit_cell_A": one.map.cell,
        "ions_per_cell": one.map.ions_per_cell,
        "percolates_along": list(one.passages.axes),
        "dimensions": one.passages.dimensions,
        "peak_density_per_A3": one.passages.peak * per_visit,
        "rarest_blocks": {
            axis: {
                "visits": way.visits,
                "density_per_A3": way.visits * per_visit,
                "fraction_of_peak": way.visits / one.passages.peak,
                "barrier_above_eV": way.bound,
            }
            for axis, way in ways.items()
        },
        **{f"percolation_barrier_along_{axis}": _barrier(way) for axis, way in ways.items()},
        "cube": cube_name(one.temperature),
    }


def _barrier(way: Passage) -> Measured:
    """A barrier, or a sentence in its place."""
    if way.barrier is None:
        assert way.bound is not None
        words = (
            f"no path of blocks with {FEWEST_VISITS} visits each, {way.visits} at the rarest: "
            f"above {way.bound:.2g} eV (95 %, if visits are independent)"
        )
        return Measured(None, None, "eV", way.visits, words)
    note = (
        "−kT ln of the density over its peak, at the rarest block of the easiest path; sample: its visits"
    )
    return Measured(way.barrier, way.error, "eV", way.visits, note)
