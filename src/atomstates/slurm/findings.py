"""The verdict on what the jobs of ``validation`` found."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from atomstates import __version__
from atomstates.slurm.site import Site

ENERGY = -4.31564282
"""Energy per atom (eV) of ``validate.data`` with the shipped potential, on a CPU in single precision."""

ENERGY_TOLERANCE = 1e-5
"""Relative; single precision in another order of summation stays far below."""


@dataclass(frozen=True)
class Finding:
    """The verdict on one thing: what was found, and what to do unless it passed."""

    status: Literal["PASSED", "WARN", "ERROR"]
    what: str
    found: str
    to_do: str = ""


def judged_nodes(folder: Path, site: Site) -> Iterator[Finding]:
    """What the two tasks of the array found."""
    nodes = [_read(folder / f"node.{index}.json") for index in range(2)]
    there = [node for node in nodes if node]
    if len(there) < 2:
        yield Finding(
            "ERROR",
            "arrays",
            f"{len(there)} of 2 tasks wrote what they found into {folder}; {_log(folder, 'node')}",
            "a folder that all nodes see; `setup`, `container` and the Python of the jobs in the site file",
        )
    if not there:
        return
    hosts = ", ".join(sorted({node["host"] for node in there}))
    if len(there) == 2:
        yield Finding("PASSED", "arrays", f"both tasks ran ({hosts}) and what they wrote is seen here")
    odd = sorted({node["version"] for node in there} - {__version__})
    if odd:
        yield Finding(
            "WARN", "version", f"{', '.join(odd)} on the nodes, {__version__} here", "the same in both"
        )
    locks = [node["locks"].get("found") for node in there]
    yield (
        Finding("PASSED", "locks", "this file system has locks")
        if all(locks)
        else Finding(
            "WARN", "locks", "this file system has no locks", "never start a run by hand that SLURM runs"
        )
    )
    yield _judged_gpus(there, site)
    yield from _judged_lammps(there[0], site)


def _judged_gpus(nodes: list[dict[str, Any]], site: Site) -> Finding:
    asked, seen = site.md.gpus, [node["devices"] or "none" for node in nodes]
    if not asked:
        return Finding("PASSED", "GPUs", f"none asked for in `md` (seen: {', '.join(seen)})")
    shown = f"{asked} asked for, CUDA_VISIBLE_DEVICES {' and '.join(seen)}"
    names = [name for node in nodes for name in node["gpus"].get("found", [])]
    if "none" in seen:
        return Finding("ERROR", "GPUs", shown, "`gpus` of md, or options: [--gpus-per-task=1]")
    if not names:
        return Finding("WARN", "GPUs", f"{shown}; nvidia-smi shows none", "the driver of the nodes")
    return Finding("PASSED", "GPUs", f"{shown}: {names[0]}")


def _judged_lammps(node: dict[str, Any], site: Site) -> Iterator[Finding]:
    """LAMMPS as a program, and the potential in it."""
    told = node["lammps"]
    if "error" in told:
        lines = told["error"].splitlines()
        cure = "`pip install 'atomstates[cpu]'` or [gpu], or `lammps_command` of the site file"
        if "Unknown pair style" in told["error"] or "Unrecognized pair style" in told["error"]:
            cure = "a LAMMPS with DeePMD's plugin (LAMMPS_PLUGIN_PATH for one of your own): " + cure
        yield Finding("ERROR", "LAMMPS with DeePMD", " ".join(lines[:2]), cure)
        return
    found = told["found"]
    speed = f"{found['ns_per_day']:.1f} ns/day for 240 atoms on {found['ranks']} rank(s)"
    if abs(found["energy"] / ENERGY - 1) > ENERGY_TOLERANCE:
        yield Finding(
            "ERROR", "LAMMPS with DeePMD", f"{found['energy']:.6f} eV an atom, {ENERGY:.6f} elsewhere",
            "another build of DeePMD: its numbers cannot be believed",
        )  # fmt: skip
    elif site.md.gpus and not found["has_cuda"]:
        yield Finding(
            "ERROR", "LAMMPS with DeePMD", f"{found['version']}: {speed}, but without the CUDA libraries",
            "`pip install 'atomstates[gpu]'`, or load the cluster's CUDA in `setup`",
        )  # fmt: skip
    else:
        yield Finding("PASSED", "LAMMPS with DeePMD", f"{found['version']}: {speed}, the right energy")


def judged_order(folder: Path) -> Finding:
    """Whether the tasks of one array followed those of another."""
    after = [_read(folder / f"after.{index}.json") for index in range(2)]
    if all(one and one["counterpart"] for one in after):
        return Finding(
            "PASSED", "tasks after tasks", "each began when its counterpart had ended (aftercorr)"
        )
    return Finding(
        "ERROR", "tasks after tasks", f"not both came after their counterparts; {_log(folder, 'after')}",
        "use `atomstates submit --wait` one stage at a time, or `atomstates run` in an allocation",
    )  # fmt: skip


def judged_ranks(folder: Path, site: Site) -> Finding:
    """Whether the launcher starts the ranks of one world, and LAMMPS works in each of them."""
    what, found = f"ranks by `{site.launcher}`", _read(folder / "ranks.json")
    cure = "`launcher` of the site file: `mpiexec`, or what `srun --mpi=list` offers that fits your MPI"
    if not found:
        return Finding("ERROR", what, _log(folder, "ranks"), cure)
    ranks = found["ranks"]
    errors = [rank["lammps"]["error"] for rank in ranks if "error" in rank["lammps"]]
    if errors:
        return Finding(
            "ERROR", what, errors[0].splitlines()[0], "the Python module of LAMMPS, for `minimize`"
        )
    energies = [rank["lammps"]["found"] for rank in ranks]
    if any(abs(energy / ENERGY - 1) > ENERGY_TOLERANCE for energy in energies):
        return Finding("ERROR", what, f"energies {energies} eV an atom", "another build of DeePMD")
    devices = [rank["device"] for rank in ranks]
    shown = f"{len(ranks)} of one world on {', '.join(sorted({rank['host'] for rank in ranks}))}"
    if site.minimize.gpus and len(set(devices)) < min(len(devices), 2):
        return Finding("WARN", what, f"{shown}, all on GPU {devices[0]}", "`gpus` of minimize: one a rank")
    return Finding("PASSED", what, f"{shown}, LAMMPS in each of them")


def _read(path: Path) -> dict[str, Any] | None:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content


def _log(folder: Path, kind: str) -> str:
    """The last words of a probe."""
    for path in sorted(folder.glob(f"{kind}.*.log")):
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
        said = [line for line in lines if "rror" in line] or [line for line in lines if line.strip()]
        if said:
            return f"{path} says: {said[0].strip()}"
    return f"no log in {folder}"
