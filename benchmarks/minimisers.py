"""Minimisers side by side: what a snapshot costs, and whether its ions stay in their own basins.

    python benchmarks/minimisers.py RESULTS RUN [--snapshots 4]

RUN is a run whose molecular dynamics is done. The reference is a careful descent: fire with a short
step that cannot leave its basin. An ion has left its basin when it ends in another kind of site or
more than 0.7 Å from where the careful descent brings it.
"""

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from atomstates.campaign import RunFolder
from atomstates.campaign.layout import open_results
from atomstates.doas.sites import ion_sites
from atomstates.lammps.dump import Snapshot
from atomstates.lammps.instance import LammpsInstance
from atomstates.lammps.script import read_script, render
from atomstates.md.segments import snapshots
from atomstates.minimize.relaxation import Relaxation, relaxation, script_parts
from atomstates.resources import lammps_inputs_folder

SAME_BASIN = 0.7  # Å


@dataclass(frozen=True)
class Way:
    """A minimiser: its style, its timestep (ps) and the options of `min_modify`."""

    name: str
    style: str
    timestep: float
    options: str


WAYS = (
    Way("careful fire", "fire", 0.0005, "dmax 0.01 tmax 2"),
    Way("fire, 1 fs", "fire", 0.001, "dmax 0.1"),
    Way("fire, 2 fs", "fire", 0.002, "dmax 0.1"),
    Way("fire, 2 fs, short steps", "fire", 0.002, "dmax 0.03"),
    Way("fire, 4 fs", "fire", 0.004, "dmax 0.1"),
    Way("fire, 2 fs, tmax 4", "fire", 0.002, "dmax 0.1 tmax 4"),
    Way("cg", "cg", 0.002, "dmax 0.1"),
    Way("quickmin, 5 fs", "quickmin", 0.005, "dmax 0.1"),
)


def relaxed(run: RunFolder, frames: list[Snapshot], way: Way) -> tuple[list[Relaxation], float]:
    """All frames by one minimiser, and seconds a frame."""
    potentials = run.material_folder.stage_path("potentials").resolve()
    text = render(
        read_script(lammps_inputs_folder() / "minimize.in"),
        {
            "structure": potentials / "structure.data",
            "potential_folder": potentials,
            "potential": "potential.in",
            "style": way.style,
            "force_tolerance": run.campaign.minimize.force_tolerance_eV_per_A,
            "most_steps": 20000,
        },
    )
    script = script_parts(text)
    each = script.each.replace(
        "minimize  ", f"min_modify {way.options}\ntimestep {way.timestep}\nminimize  "
    )
    with tempfile.TemporaryDirectory() as folder, LammpsInstance(Path(folder) / "log") as lammps:
        lammps.commands(script.once)
        start = time.perf_counter()
        found = [relaxation(lammps, each, frame.positions, frame.cell) for frame in frames]
        return found, (time.perf_counter() - start) / len(frames)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("results", type=Path)
    parser.add_argument("run")
    parser.add_argument("--snapshots", type=int, default=4)
    arguments = parser.parse_args()
    run = open_results(arguments.results).run(arguments.run)
    frames = snapshots(run.stage_path("md"))
    frames = frames[:: max(1, len(frames) // arguments.snapshots)][: arguments.snapshots]
    element = np.array(frames[0].element)
    mobile, anions = element == run.material.mobile, np.isin(element, run.material.anions)
    cell = frames[0].cell
    careful = None
    print(f"{run.id}: {len(frames)} snapshots of {len(element)} atoms")
    columns = ("steps", "s/snapshot", "force", "ΔE meV", "farthest Å", "left")
    print(f"{'minimiser':26}" + "".join(f"{name:>12}" for name in columns))
    for way in WAYS:
        found, seconds = relaxed(run, frames, way)
        careful = careful or found
        kinds, kinds_there = (
            np.array([ion_sites(r.positions[mobile], r.positions[anions], cell).kind for r in ways])
            for ways in (found, careful)
        )
        apart = np.array(
            [
                np.linalg.norm((r.positions - c.positions)[mobile], axis=1)
                for r, c in zip(found, careful, strict=True)
            ]
        )
        left = (apart > SAME_BASIN) | (kinds != kinds_there)
        gained = np.mean(
            [r.potential_energy - c.potential_energy for r, c in zip(found, careful, strict=True)]
        )
        steps, force = np.mean([r.n_steps for r in found]), max(r.largest_force for r in found)
        print(
            f"{way.name:26}{steps:12.0f}{seconds:12.2f}{force:12.4f}"
            f"{1000 * gained:12.1f}{apart.max():12.3f}{left.mean():12.1%}",
            flush=True,
        )


if __name__ == "__main__":
    main()
