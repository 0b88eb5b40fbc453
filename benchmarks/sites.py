"""Sites of mobile ions: ours beside site-analysis' polyhedral sites, in one run, on the same frames.

    python benchmarks/sites.py [--frames 60] [--repeats 3] [--write]

Frames are made: anions and ions rattle, and one ion in fifty hops to a neighbouring polyhedron each
frame, as in molecular dynamics. site-analysis gets the polyhedra (corners and centres) that ours were
found to be, and pymatgen structures that are made before the clock starts; ours gets arrays. Both say
in which polyhedron every ion is. Polyhedra are found before the clock starts, and both have done one
frame. The best of the repeats counts, which take turns. ``--write`` puts the table into
``benchmarks/README.md``. Needs the extra ``bench``.
"""

import argparse
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray
from pymatgen.core import Lattice, Structure
from pymatgen.symmetry.groups import SpaceGroup
from readme import write_table
from site_analysis.atom import Atom
from site_analysis.polyhedral_site import PolyhedralSite
from site_analysis.trajectory import Trajectory

from atomstates.doas.polyhedra import OTHER, Polyhedra, anion_polyhedra
from atomstates.doas.sites import ion_sites, sites_in_frames

Floats = NDArray[np.float64]
Frames = list[tuple[Floats, Floats]]
Numbers = NDArray[np.int64]

RATTLE, HOPPING = 0.15, 0.02


@dataclass(frozen=True)
class Case:
    name: str
    cell: Floats
    anions: Floats
    n_ions: int
    closed: Floats
    """Fractional places of immobile cations, whose polyhedra no ion is in."""


def wyckoff(group: str, *positions: tuple[float, float, float]) -> Floats:
    images = [operation.operate(p) for p in positions for operation in SpaceGroup(group).symmetry_ops]
    return np.unique(np.round(np.array(images) % 1.0, 6) % 1.0, axis=0)


def repeated(fractional: Floats, n: int) -> Floats:
    shifts = np.stack(np.meshgrid(*[np.arange(n)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    return ((fractional[None] + shifts[:, None]) / n).reshape(-1, 3)


def cases() -> list[Case]:
    sulfide = wyckoff("F-43m", (0, 0, 0), (0.25, 0.25, 0.75), (0.119, -0.119, 0.619))
    phosphorus = repeated(wyckoff("F-43m", (0, 0, 0.5)), 2)
    cubic = 2 * 9.86 * np.eye(3)
    found = [Case("argyrodite, 2 × 2 × 2", cubic, repeated(sulfide, 2) @ cubic, 192, phosphorus)]
    for n in (4, 6):
        cell = n * np.array([[3.74, 0, 0], [-1.87, 1.87 * np.sqrt(3), 0], [0, 0, 6.06]])
        close = repeated(np.array([[1 / 3, 2 / 3, 0.25], [2 / 3, 1 / 3, 0.75]]), n) @ cell
        found.append(Case(f"hcp, {n} × {n} × {n}", cell, close, n**3, np.empty((0, 3))))
    return found


def open_polyhedra(case: Case, polyhedra: Polyhedra) -> Numbers:
    """Those that ions may be in."""
    wrong = ion_sites(case.closed @ case.cell, case.anions, case.cell, polyhedra).polyhedron
    return np.setdiff1d(np.flatnonzero(polyhedra.kind != OTHER), wrong)


def frames(case: Case, polyhedra: Polyhedra, n_frames: int) -> Frames:
    """Ions and anions of every frame, Å."""
    random = np.random.default_rng(1)
    free = open_polyhedra(case, polyhedra)
    neighbours: dict[int, list[int]] = {int(p): [] for p in free}
    for piece, beyond in enumerate(polyhedra.owner[polyhedra.neighbour]):
        own = int(polyhedra.owner[piece])
        if own in neighbours:
            neighbours[own] += [int(p) for p in beyond if int(p) != own and int(p) in neighbours]
    atoms, shift = polyhedra.corners
    at = random.permutation(free)[: case.n_ions]
    found = []
    for _ in range(n_frames):
        for ion in np.flatnonzero(random.random(case.n_ions) < HOPPING):
            at[ion] = random.choice(neighbours[int(at[ion])])
        places = polyhedra.places + random.normal(0, RATTLE / 2, case.anions.shape) @ np.linalg.inv(
            case.cell
        )
        there = atoms[at] >= 0
        corners = np.where(there[..., None], places[atoms[at]] + shift[at], 0)
        middles = corners.sum(axis=1) / there.sum(axis=1)[:, None]
        found.append((middles @ case.cell + random.normal(0, RATTLE, middles.shape), places @ case.cell))
    return found


def of_ours(case: Case, polyhedra: Polyhedra | None, made: Frames) -> Callable[[], Numbers]:
    def work() -> Numbers:
        if polyhedra is None:
            found = [ion_sites(ions, anions, case.cell) for ions, anions in made]
        else:
            ions, anions = (np.stack(atoms) for atoms in zip(*made, strict=True))
            cells = np.broadcast_to(case.cell, (len(made), 3, 3))
            found = sites_in_frames(ions, anions, cells, polyhedra)
        return np.array([sites.polyhedron for sites in found])

    return work


def of_site_analysis(case: Case, polyhedra: Polyhedra, made: Frames) -> Callable[[], Numbers]:
    chosen = open_polyhedra(case, polyhedra)
    sites = []
    for atoms, shift in zip(polyhedra.corners.atom[chosen], polyhedra.corners.shift[chosen], strict=True):
        there = atoms >= 0
        centre = (polyhedra.places[atoms[there]] + shift[there]).mean(axis=0) % 1.0
        vertices = (case.n_ions + atoms[there]).tolist()
        sites.append(PolyhedralSite(vertex_indices=vertices, reference_center=centre))
    number = {site.index: polyhedron for site, polyhedron in zip(sites, chosen.tolist(), strict=True)}
    ions = [Atom(index=ion) for ion in range(case.n_ions)]
    species = ["Li"] * case.n_ions + ["S"] * len(case.anions)
    lattice = Lattice(case.cell)
    structures = [
        Structure(lattice, species, np.concatenate(frame), coords_are_cartesian=True, to_unit_cell=True)
        for frame in made
    ]
    trajectory = Trajectory(sites=sites, atoms=ions)
    trajectory.append_timestep(structures[0])

    def work() -> Numbers:
        trajectory.reset()
        for structure in structures:
            trajectory.append_timestep(structure)
        return np.array([[number.get(site, -1) for site in ion.trajectory] for ion in ions]).T

    return work


def table(n_frames: int, repeats: int) -> str:
    lines = [
        f"{n_frames} frames; site-analysis {version('site-analysis')} with numba {version('numba')}, "
        f"Python {platform.python_version()}.",
        "",
        "| framework | sites × ions | atomstates, ms a frame | site-analysis, ms | ratio | equal answers | "
        "from the frame alone, ms |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for case in cases():
        polyhedra = anion_polyhedra(case.anions, case.cell)
        made = frames(case, polyhedra, n_frames)
        ways = [of_ours(case, polyhedra, made), of_site_analysis(case, polyhedra, made)]
        ways.append(of_ours(case, None, made[: max(n_frames // 10, 1)]))
        best, answers = [np.inf] * 3, [way() for way in ways]
        for _ in range(repeats):
            for number, way in enumerate(ways):
                start = time.perf_counter()
                way()
                per_frame = (time.perf_counter() - start) / len(answers[number]) * 1e3
                best[number] = min(best[number], per_frame)
        equal = float(np.mean(answers[0] == answers[1]))
        lines.append(
            f"| {case.name} | {len(open_polyhedra(case, polyhedra))} × {case.n_ions} | {best[0]:.2f} | "
            f"{best[1]:.2f} | {best[1] / best[0]:.1f} | {100 * equal:.2f} % | {best[2]:.1f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    found = table(options.frames, options.repeats)
    print(found)
    if options.write:
        write_table("sites.py", found)


if __name__ == "__main__":
    main()
