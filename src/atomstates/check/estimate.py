"""What a campaign would cost: core-hours from a measured benchmark, bytes from the sizes of its files.

Bytes, with N atoms, n mobile ions and F, S, T frames, snapshots and rows of thermo of a run, and M models:

=================  =====================================================================
trajectory (DCD)   276 + F (12 N + 80): single precision, with the cell and record marks
snapshots (text)   S (46 N + 150)
restart files      3 (92 N + 500): the three newest are kept
logs and thermo    800 T
relaxed snapshots  M S (64 N + 200): two sets of positions, energy and force in double precision
states             84 M n S
hops               48 N + 9 (98 N) + 94 kB a hop (`hops.py`)
density maps       25 bytes a voxel and temperature: `cube` files, and copies of them beside the report
model              what its files take, copied once
report             15 MB a material, of figures and tables
=================  =====================================================================

Constants without a derivation are those of this package's own files; a test holds them against a finished
campaign.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from atomstates.campaign.schema import Campaign
from atomstates.check.benchmark import Benchmark
from atomstates.check.hops import (
    hop_bytes,
    hops_of_a_run,
    ordered_seconds,
    paths_of_ordered_crystal,
    run_seconds,
)
from atomstates.check.verdicts import Examined
from atomstates.md.plan import Plan
from atomstates.transport.maps.density_map import grid_shape

SEARCH_EVALUATIONS = 30
"""Energies for the relaxation of an ordering together with its cell; Li3YCl6 takes 20 to 30."""
_CUBE_BYTES = 12.5
_REPORT_BYTES = 15e6


@dataclass(frozen=True)
class Time:
    """Time of the stages that run the potential."""

    md_hours: float
    minimize_hours: float
    potentials_hours: float
    barriers_hours: float
    ranks: int
    """Ranks of one run; an hour with two of them is two core-hours."""
    cpu_use: float
    """Share of the benchmark in which its ranks had a core: other work on the machine is not counted."""
    gpu: str

    @property
    def hours(self) -> float:
        """Hours of one job after the other, on this machine as it was during the benchmark."""
        return self.md_hours + self.minimize_hours + self.potentials_hours + self.barriers_hours

    @property
    def core_hours(self) -> float:
        return self.hours * self.ranks * self.cpu_use

    @property
    def gpu_hours(self) -> float | None:
        """None where the benchmark ran on the CPU: nothing was measured of a GPU."""
        return self.hours if self.gpu else None


@dataclass(frozen=True)
class Disk:
    """Bytes of the products of a material's runs and of its maps."""

    trajectories: float
    snapshots: float
    restarts: float
    logs: float
    relaxed: float
    states: float
    hops: float
    maps: float
    model: float
    report: float

    @property
    def total(self) -> float:
        return float(sum(asdict(self).values()))


def disk(found: Examined, campaign: Campaign, steps: Plan) -> Disk:
    """Bytes of a material's products."""
    cell, material = found.cell, found.material
    assert cell is not None
    n, n_temperatures = cell.n_atoms, len(campaign.temperatures_K)
    runs, models = n_temperatures * campaign.replicas, material.potential.n_models
    ions = cell.elements.count(material.mobile)
    rows = (steps.last_step - steps.first_step) // steps.thermo_every + 1
    unit_cell = cell.lattice / np.array(material.supercell)[:, None]
    voxels = float(np.prod(grid_shape(unit_cell, campaign.transport.map_spacing_A)))
    return Disk(
        trajectories=runs * (276.0 + steps.n_frames * (12 * n + 80)),
        snapshots=runs * steps.n_snapshots * (46.0 * n + 150),
        restarts=runs * 3 * (92.0 * n + 500),
        logs=runs * 800.0 * rows,
        relaxed=runs * models * steps.n_snapshots * (64.0 * n + 200),
        states=runs * models * 84.0 * ions * steps.n_snapshots,
        hops=hop_bytes(n)
        * (runs * hops_of_a_run(campaign.barriers) + paths_of_ordered_crystal(campaign.barriers)),
        maps=2 * n_temperatures * _CUBE_BYTES * voxels,
        model=float(sum(path.stat().st_size for key, path in found.files.items() if key != "cif")),
        report=_REPORT_BYTES,
    )


def time(found: Examined, campaign: Campaign, steps: Plan, benchmark: Benchmark) -> Time:
    """Hours of a material's runs.

        t = R (L τ + M S ρ + t_hops) + C E τ N_search / N + t_ordered

    with R runs of L steps of τ each, S snapshots that take ρ to relax with each of M models, and C
    orderings of N_search atoms that take E energies each; the energy of a local potential costs in
    proportion to its atoms. Hops and those of the ordered crystal: ``hops.py``.
    """
    material, cell = found.material, found.cell
    assert cell is not None
    runs = len(campaign.temperatures_K) * campaign.replicas
    share = float(np.prod(material.ordering.cell) / np.prod(material.supercell))
    candidates = min(material.ordering.candidates, found.n_orderings)
    seconds, relaxation = benchmark.seconds_a_step, benchmark.relaxation_seconds
    hops = run_seconds(campaign.barriers, steps.snapshot_every // steps.frame_every, seconds, relaxation)
    return Time(
        md_hours=runs * (steps.last_step - steps.first_step) * seconds / 3600,
        minimize_hours=runs * material.potential.n_models * steps.n_snapshots * relaxation / 3600,
        potentials_hours=candidates * SEARCH_EVALUATIONS * share * seconds / 3600,
        barriers_hours=(runs * hops + ordered_seconds(campaign.barriers, seconds, relaxation)) / 3600,
        ranks=benchmark.ranks,
        # a rank that waits for its GPU takes no time of its core, but has it
        cpu_use=1.0 if benchmark.cpu_use is None or benchmark.gpu else benchmark.cpu_use,
        gpu=benchmark.gpu,
    )


def as_content(time: Time | None, disk: Disk) -> dict[str, Any]:
    """The estimate of a material as plain data."""
    content: dict[str, Any] = {"disk_bytes": {**asdict(disk), "total": disk.total}}
    if time is not None:
        content["time"] = {
            **asdict(time),
            "hours": time.hours,
            "core_hours": time.core_hours,
            "gpu_hours": time.gpu_hours,
        }
    return content
