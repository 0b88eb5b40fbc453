"""Molecular dynamics of the student in LAMMPS, to find the frames where it should learn."""

import logging
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.io.lammpsdata import write_lammps_data

from atomstates.errors import ProgramError
from atomstates.lammps.running import found_command
from atomstates.potentials.configurations import FreeHop, closest_distance, free_hop, structure
from atomstates.potentials.host import Source
from atomstates.potentials.recipe import Expedition
from atomstates.potentials.sampling import Limits
from atomstates.potentials.sharing import Piece, make_all
from atomstates.products import written_whole
from atomstates.resources import lammps_inputs_folder

TIMESTEP = 0.002
"""ps."""
ONE_CORE = {
    "OMP_NUM_THREADS": "1",
    "DP_INTRA_OP_PARALLELISM_THREADS": "1",
    # Negative: TensorFlow works in LAMMPS' own thread. Handing every step to another thread
    # costs nothing on an idle machine and a factor of ten on a busy one.
    "DP_INTER_OP_PARALLELISM_THREADS": "-1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}
EXIT_CODE = "exit-code"
FRAMES = "frames.lammpstrj"
RELAXED = "relaxed.lammpstrj"
HOP = "hop.lammpstrj"
_KINDS = {HOP: " hop", FRAMES: "", RELAXED: " relaxed"}
"""Files of a trip, and what their frames add to its origin."""

_FROM_OUTSIDE = {
    code: number
    for number in (signal.SIGINT, signal.SIGKILL, signal.SIGTERM)
    for code in (-number, 128 + number, 256 - number)
}
"""Exit codes of a program that was killed: as it is, from a shell, from a Python that started it."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Trip:
    """One run of molecular dynamics: its folder, its start, its settings, and the hop that comes first."""

    folder: Path
    start: Atoms
    temperature: float
    expedition: Expedition
    seed: int
    hop: FreeHop | None = None


def trips(
    expeditions: Sequence[Expedition], sources: Mapping[str, Source], folder: Path, seed: int
) -> list[Trip]:
    """All runs of the expeditions through the crystals ``sources``, each with its own seed."""
    planned = []
    for number, expedition in enumerate(expeditions):
        names = expedition.crystals or tuple(sources)
        temperatures = enumerate(expedition.temperatures_K)
        for choice in product(enumerate(names), range(expedition.replicas), temperatures):
            (place, name), replica, (which, temperature) = choice
            random = np.random.default_rng([seed, number, place, replica, which])
            start = structure(sources[name], expedition, random)
            start.info["crystal"] = name
            label = f"{number:02d}-{expedition.origin.replace(' ', '-')}-{name}-{temperature:g}K-{replica}"
            trip_seed = int(random.integers(1, 2**31 - 1))
            hop = free_hop(start, sources[name].unit, random) if expedition.hop_images else None
            planned.append(Trip(folder / label, start, temperature, expedition, trip_seed, hop))
    return planned


def knobs(trip: Trip, elements: Sequence[str]) -> dict[str, str]:
    """Values of the variables of ``explore.in``."""
    expedition, hop = trip.expedition, trip.hop
    of_hop = {"hop_images": "0"}
    if hop is not None:
        way = {f"hop_{axis}": f"{part:.8g}" for axis, part in zip("abc", hop.way, strict=True)}
        of_hop = {"hop_images": str(expedition.hop_images), "hop_ion": str(hop.ion + 1), **way}
    return {
        **of_hop,
        "elements": " ".join(elements),
        "temperature": f"{trip.temperature:g}",
        "pressure": "none" if expedition.pressure_bar is None else f"{expedition.pressure_bar:g}",
        "final_temperature": f"{expedition.cool_to_K or trip.temperature:g}",
        "timestep": f"{TIMESTEP:g}",
        "steps": str(round(expedition.run_ps / TIMESTEP)),
        "frame_every": str(round(expedition.frame_every_ps / TIMESTEP)),
        "relaxed_every": str(expedition.relaxed_every),
        "seed": str(trip.seed),
    }


def travel(trip: Trip, model: Path, elements: Sequence[str]) -> bool:
    """Run one trip; whether LAMMPS came to its end (a student may blow up; its frames still count)."""
    if not (trip.folder / EXIT_CODE).is_file():
        _travel(trip, model, elements)
    return ended_well(trip.folder)


def _travel(trip: Trip, model: Path, elements: Sequence[str]) -> None:
    """Run one trip from its beginning, whatever an earlier attempt left."""
    shutil.rmtree(trip.folder, ignore_errors=True)
    trip.folder.mkdir(parents=True)
    write_start(trip.start, trip.folder, model, elements)
    run_to_its_end(trip.folder, "explore.in", knobs(trip, elements))


def run_to_its_end(folder: Path, script: str, values: dict[str, str]) -> None:
    """Run a script of ``lammps_inputs/`` and leave LAMMPS' exit code in ``folder``.

    Raises
    ------
    ProgramError
        LAMMPS was killed from outside: that says nothing about the student.
    """
    done = run_lammps(folder, script, values)
    if done.returncode in _FROM_OUTSIDE:
        raise ProgramError(
            f"{folder}: LAMMPS was killed by signal {_FROM_OUTSIDE[done.returncode]}. Typical cause: "
            "the end of the job, or too little memory. The same command again repeats this run."
        )
    with written_whole(folder / EXIT_CODE) as unfinished:
        unfinished.write_text(f"{done.returncode}\n", encoding="utf-8")


def ended_well(folder: Path) -> bool:
    """Whether the LAMMPS of this folder came to its end."""
    return (folder / EXIT_CODE).read_text(encoding="utf-8").strip() == "0"


def write_start(start: Atoms, folder: Path, model: Path, elements: Sequence[str]) -> None:
    """``structure.data`` and ``potential.in`` of one run."""
    write_lammps_data(folder / "structure.data", start, specorder=list(elements), masses=True)
    lines = f"pair_style deepmd {model.resolve()}\npair_coeff * * {' '.join(elements)}\n"
    (folder / "potential.in").write_text(lines, encoding="utf-8")


def run_lammps(folder: Path, script: str, values: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a script of ``lammps_inputs/`` in ``folder`` on one core, with these values of its variables.

    The rendered input lies beside the output: values first, then the script as it stands.
    """
    header = "".join(f"variable {name} index {_quoted(value)}\n" for name, value in values.items())
    rendered = header + (lammps_inputs_folder() / script).read_text(encoding="utf-8")
    (folder / script).write_text(rendered, encoding="utf-8")
    environment = os.environ | ONE_CORE
    command = [*found_command(["lmp"]), "-in", script]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def _quoted(value: str) -> str:
    """A value as LAMMPS reads it back as one word."""
    return f'"{value}"' if " " in value else value


def explore(
    planned: Sequence[Trip], models: Sequence[Path], elements: Sequence[str], processes: int
) -> int:
    """Run all trips, the models taking turns; the number of those that did not come to their end."""

    def piece(number: int) -> Piece:
        trip, model = planned[number], models[number % len(models)]
        return Piece(trip.folder / EXIT_CODE, lambda: _travel(trip, model, elements))

    make_all([piece(number) for number in range(len(planned))], processes)
    lost = [travel(trip, models[0], elements) for trip in planned].count(False)
    _log.info("%d trips of the student, %d of them ended early", len(planned), lost)
    if lost == len(planned) and not any((trip.folder / FRAMES).is_file() for trip in planned):
        log = planned[0].folder / "log.lammps"
        last = log.read_text(encoding="utf-8", errors="replace")[-800:] if log.is_file() else "no log"
        raise ProgramError(f"no trip left a frame; the first one's log ({log}) ends:\n{last}")
    return lost


def found_frames(planned: Sequence[Trip], limits: Limits) -> list[Atoms]:
    """Frames of the trips after their beginning.

    ``info`` says where each comes from: origin, crystal, temperature, number of the trip, time
    (ps), whether it was relaxed (or is a point of a hop, where all but one ion are), and whether
    atoms are closer than the limit (``too_close``).
    """
    found: list[Atoms] = []
    for number, trip in enumerate(planned):
        for name, kind in _KINDS.items():
            for atoms in read_frames(trip.folder / name, trip.start):
                time = 0.0 if name == HOP else atoms.info["step"] * TIMESTEP
                if name != HOP and time < max(trip.expedition.skip_ps, TIMESTEP):
                    continue
                sound = np.isfinite(atoms.positions).all() and closest_distance(atoms) >= limits.closest_A
                atoms.info = {
                    "origin": trip.expedition.origin + kind,
                    "temperature": trip.temperature,
                    "trip": number,
                    "time_ps": time,
                    "relaxed": name != FRAMES,
                    "too_close": not sound,
                    **trip.start.info,
                }
                found.append(atoms)
    return found


def n_expected(planned: Sequence[Trip]) -> int:
    """Thermal frames after their beginning that the trips have when all come to their end."""
    total = 0
    for trip in planned:
        asked = trip.expedition
        first = max(asked.skip_ps, TIMESTEP)
        every = round(asked.frame_every_ps / TIMESTEP) * TIMESTEP
        times = every * np.arange(1, round(asked.run_ps / TIMESTEP) * TIMESTEP / every + 1e-6)
        total += int(np.count_nonzero(times >= first - 1e-9))
    return total


def read_frames(path: Path, start: Atoms) -> list[Atoms]:
    """Whole frames of a LAMMPS dump with columns id, element, x, y, z; their order is that of ``start``.

    A last frame that is cut short (the student blew up) is left out.
    """
    if not path.is_file():
        return []
    found = []
    for block in path.read_text(encoding="utf-8").split("ITEM: TIMESTEP\n")[1:]:
        lines = block.splitlines()
        if len(lines) < 8 + len(start):
            continue
        rows = [line.split() for line in lines[8 : 8 + len(start)]]
        symbols = [row[1] for row in rows]
        if symbols != list(start.symbols):
            raise ProgramError(f"{path}: the atoms of step {lines[0]} are not those of the start")
        bounds = np.array([[float(word) for word in line.split()] for line in lines[4:7]])
        positions = np.array([[float(word) for word in row[2:5]] for row in rows])
        atoms = Atoms(symbols, positions, cell=_cell(bounds), pbc=True)
        atoms.info["step"] = int(lines[0])
        found.append(atoms)
    return found


def _cell(bounds: np.ndarray) -> np.ndarray:
    """Cell vectors (rows, Å) from the bounds of a dump: the box that encloses the tilted one."""
    if bounds.shape[1] == 2:
        return np.diag(bounds[:, 1] - bounds[:, 0])
    xy, xz, yz = bounds[:, 2]
    low = bounds[:, 0] - [min(0, xy, xz, xy + xz), min(0, yz), 0]
    high = bounds[:, 1] - [max(0, xy, xz, xy + xz), max(0, yz), 0]
    lx, ly, lz = high - low
    return np.array([[lx, 0, 0], [xy, ly, 0], [xz, yz, lz]])
