"""What a job finds on its node: LAMMPS, the potential, GPUs, ranks. Written as JSON for ``validation``.

A probe that fails writes why: each finds out about one thing, and the others go on.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from atomstates import __version__
from atomstates.errors import AtomStatesError, InputError
from atomstates.lammps.instance import LammpsInstance
from atomstates.lammps.log import loops
from atomstates.lammps.running import run_lammps
from atomstates.lammps.script import read_script, render
from atomstates.locks import held
from atomstates.parallel import Communicator
from atomstates.products import write_json
from atomstates.resources import lammps_inputs_folder, shipped_model

SCRIPT, STRUCTURE, ENERGY = "validate.in", "validate.data", "energy_per_atom.txt"


def probe_node(folder: Path) -> None:
    """Write ``node.INDEX.json``: what one task of an array finds."""
    index = os.environ.get("SLURM_ARRAY_TASK_ID", "0")
    found = {
        "host": os.uname().nodename,
        "began": time.time(),
        "version": __version__,
        "python": sys.executable,
        "devices": os.environ.get("CUDA_VISIBLE_DEVICES", ""),
        "gpus": _told(gpus),
        "locks": _told(lambda: _lock(folder, index)),
        "lammps": _told(lambda: _lammps(folder / f"node.{index}")),
    }
    write_json(folder / f"node.{index}.json", found)


def probe_after(folder: Path) -> None:
    """Write ``after.INDEX.json``: that a task began when its counterpart had ended."""
    index = os.environ.get("SLURM_ARRAY_TASK_ID", "0")
    write_json(folder / f"after.{index}.json", {"counterpart": (folder / f"node.{index}.json").exists()})


def probe_ranks(folder: Path, comm: Communicator) -> None:
    """Write ``ranks.json``: how many ranks there are, where, and what LAMMPS in each of them says."""
    own = {
        "host": os.uname().nodename,
        "device": os.environ.get("CUDA_VISIBLE_DEVICES", ""),
        "lammps": _told(lambda: _instance(folder / f"log.rank-{comm.rank}")),
    }
    ranks = comm.gathered(own)
    if comm.rank == 0:
        write_json(folder / "ranks.json", {"ranks": ranks})


def _told(probe: Callable[[], Any]) -> dict[str, Any]:
    """What a probe finds, or why it cannot."""
    try:
        return {"found": probe()}
    except (AtomStatesError, OSError) as error:
        return {"error": str(error)}


def gpus() -> list[str]:
    """Names of the GPUs that the driver shows."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    shown = subprocess.run([program, "-L"], capture_output=True, text=True, timeout=60, check=False)
    return [line.split(" (UUID")[0] for line in shown.stdout.splitlines() if line.startswith("GPU")]


def _lock(folder: Path, index: str) -> bool:
    """Whether a lock that one process holds keeps another one out, on this file system."""
    path = folder / f"node.{index}.lock"
    with held(path, "a probe"):
        try:
            with held(path, "another probe"):
                return False
        except InputError:
            return True


def _values(model: Path, steps: int) -> dict[str, object]:
    """The knobs of ``validate.in``."""
    return {
        "structure": lammps_inputs_folder() / STRUCTURE,
        "model": model,
        "elements": "Li Y Cl",
        "copies": 2,
        "timestep": 0.002,
        "steps": steps,
    }


def _lammps(folder: Path) -> dict[str, Any]:
    """Energy and speed of the shipped potential in LAMMPS as a program, as ``md`` runs it."""
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / SCRIPT
    values = _values(shipped_model("li-y-cl-br"), 200)
    script.write_text(render(read_script(lammps_inputs_folder() / SCRIPT), values), encoding="utf-8")
    log = run_lammps(script).read_text(encoding="utf-8", errors="replace")
    printed = (folder / f"{script.stem}.out").read_text(encoding="utf-8", errors="replace")
    timed = loops(log)[-1]
    return {
        "version": log.splitlines()[0],
        "energy": float((folder / ENERGY).read_text()),
        "ns_per_day": 0.002e-3 / timed.seconds_a_step * 86400,
        "ranks": timed.ranks,
        "has_cuda": "failed to load library 'libcudart" not in printed,
    }


def _instance(log: Path) -> float:
    """Energy per atom (eV) in LAMMPS inside this process, as ``minimize`` uses it."""
    text = render(read_script(lammps_inputs_folder() / SCRIPT), _values(shipped_model("li-y-cl-br"), 0))
    with LammpsInstance(log) as lammps:
        lammps.commands(text.partition("\nvelocity")[0])
        return lammps.thermo("pe") / lammps.n_atoms
