"""How fast a material's own potential is on this machine, measured in its own supercell."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from pymatgen.core.periodic_table import Element

from atomstates.campaign.schema import Campaign
from atomstates.check.verdicts import Examined
from atomstates.errors import ProgramError
from atomstates.lammps.data import data_text, lammps_frame
from atomstates.lammps.log import Loop, list_cutoff, loops
from atomstates.lammps.potential import (
    BEFORE,
    POTENTIAL,
    atom_style,
    before_text,
    potential_text,
    stored_files,
)
from atomstates.lammps.running import run_lammps
from atomstates.lammps.script import read_script, render
from atomstates.resources import lammps_inputs_folder

SCRIPT = "benchmark.in"
STEPS = 200
LIMIT_SECONDS = 60
"""Seconds after which each part ends; what was done until then is what the estimate rests on."""
_SKIN = 1.0
"""Å, of the neighbour lists in benchmark.in."""
_NO_CUDA = "failed to load library 'libcudart"


@dataclass(frozen=True)
class Benchmark:
    """Times of a step of dynamics and of a relaxation."""

    n_atoms: int
    ranks: int
    steps: int
    seconds_a_step: float
    relaxation_steps: int
    relaxation_seconds: float
    cpu_use: float | None
    cutoff: float | None
    """Å, as LAMMPS has it; None where it does not say."""
    gpu: str
    """Name of the GPU that the potential ran on; empty where it ran on the CPU."""

    def ns_per_day(self, timestep_fs: float) -> float:
        """Simulated time in a day."""
        return timestep_fs * 1e-6 / self.seconds_a_step * 86400


def measured(found: Examined, campaign: Campaign, folder: Path, gpus: list[str]) -> Benchmark:
    """Run the potential for some hundred steps and one relaxation, in ``folder``.

    Raises
    ------
    ProgramError
        LAMMPS is missing, or refuses the potential or the crystal; the message quotes its log.
    """
    _write_inputs(found, folder)
    script = folder / SCRIPT
    md, minimize = campaign.md, campaign.minimize
    minutes, seconds = divmod(LIMIT_SECONDS, 60)
    values = {
        "structure": "structure.data",
        "potential_folder": ".",
        "temperature": max(campaign.temperatures_K),
        "timestep": md.timestep_fs / 1000,
        "thermostat_damping": md.thermostat_damping_ps,
        "seed": campaign.seed,
        "steps": STEPS,
        "style": minimize.style,
        "force_tolerance": minimize.force_tolerance_eV_per_A,
        "most_steps": minimize.most_steps,
        "limit": f"0:{minutes:02d}:{seconds:02d}",
    }
    script.write_text(render(read_script(lammps_inputs_folder() / SCRIPT), values), encoding="utf-8")
    log = run_lammps(script, campaign.lammps_command).read_text(encoding="utf-8", errors="replace")
    printed = (folder / f"{script.stem}.out").read_text(encoding="utf-8", errors="replace")
    timed = loops(log)
    if len(timed) != 3 or timed[1].steps == 0:
        raise ProgramError(f"LAMMPS ended without the times of its parts; see the log:\n{log[-1000:]}")
    on_gpu = bool(gpus) and _NO_CUDA not in printed
    return _benchmark(timed[1], timed[2], list_cutoff(log), gpus[0] if on_gpu else "")


def _benchmark(dynamics: Loop, relaxation: Loop, lists: float | None, gpu: str) -> Benchmark:
    return Benchmark(
        n_atoms=dynamics.n_atoms,
        ranks=dynamics.ranks,
        steps=dynamics.steps,
        seconds_a_step=dynamics.seconds_a_step,
        relaxation_steps=relaxation.steps,
        relaxation_seconds=relaxation.seconds,
        cpu_use=dynamics.cpu_use,
        cutoff=None if lists is None else lists - _SKIN,
        gpu=gpu,
    )


def _write_inputs(found: Examined, folder: Path) -> None:
    """The supercell and the potential, as the ``potentials`` stage would write them."""
    material, cell = found.material, found.cell
    assert cell is not None
    stored = stored_files(material.potential, found.files)
    for name, source in stored.items():
        shutil.copyfile(source, folder / name)
    (folder / BEFORE).write_text(before_text(material.potential), encoding="utf-8")
    # of several models the first one drives
    names = tuple(stored)[: None if material.potential.deepmd is None else 1]
    text = potential_text(material.potential, found.elements, names)
    (folder / POTENTIAL).write_text(text, encoding="utf-8")
    masses = {element: float(Element(element).atomic_mass) for element in found.elements}
    charges = dict(material.charges) if atom_style(material.potential) == "charge" else None
    lattice = lammps_frame(cell.lattice)
    data = data_text(lattice, cell.positions, cell.elements, masses, charges, "benchmark")
    (folder / "structure.data").write_text(data, encoding="utf-8")
