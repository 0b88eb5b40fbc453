"""Stages that do nothing but leave a trace, put in the place of the real ones in every process of a job.

The tests put this folder on PYTHONPATH: who is called, how often, and what becomes of failures can then be
seen in seconds. Files in ``$ORDERS`` tell the stages what to do: ``fail-STAGE-PLACE`` holds an exit code or
``bug``, ``sleep-STAGE`` (or ``sleep``, for all of them) seconds.
"""

import os
import sys
import time
import types
from pathlib import Path

_WORK = {
    "atomstates.structures.stage": ("write_candidates",),
    "atomstates.potentials.stage": ("write_structure",),
    "atomstates.md.stage": ("run_dynamics",),
    "atomstates.minimize.stage": ("relax_snapshots",),
    "atomstates.doas.stage": ("write_states", "write_density"),
    "atomstates.transport.stage": ("write_diffusion", "write_arrhenius"),
    "atomstates.barriers.stage": ("write_hops", "write_barriers"),
    "atomstates.report.stage": ("write_report",),
}


def _stand_in(stage):
    def do(place, comm):
        from atomstates.errors import AtomStatesError, HopelessRun, Unfinished
        from atomstates.products import Measured, Summary
        from atomstates.stages import label

        orders = Path(os.environ["ORDERS"])
        devices = os.environ.get("CUDA_VISIBLE_DEVICES", "")
        if comm.rank == 0:
            with (orders / "trace").open("a") as trace:
                trace.write(f"{stage} {label(place)}\n")
            with (orders / "where").open("a") as where:
                where.write(f"{stage} {label(place)} {devices} {comm.size} {time.time():.2f}\n")
        order = orders / f"fail-{stage}-{label(place)}"
        if order.exists():
            code = order.read_text().strip()
            if code == "75":
                order.unlink()
                raise Unfinished("stopped at its time limit")
            if code == "bug":
                raise RuntimeError("a bug")
            raise (HopelessRun if code == "65" else AtomStatesError)(f"{stage} was told to fail")
        for order in (orders / f"sleep-{stage}", orders / "sleep"):
            if order.exists():
                time.sleep(float(order.read_text()))
        facts = {
            "ranks": comm.size,
            "devices": comm.gathered(devices),
            "lammps": os.environ.get("ATOMSTATES_LAMMPS", ""),
        }
        return Summary(numbers={"answer": Measured(42.0, 1.0, "eV", 3)}, facts=facts)

    return do


for _module, _names in _WORK.items():
    _fake = types.ModuleType(_module)
    for _name in _names:
        setattr(_fake, _name, _stand_in(_module.split(".")[1]))
    sys.modules[_module] = _fake
