"""Stages that do nothing but leave a trace, put in the place of the real ones in every process of a job.

Files in ``$ORDERS`` tell them what to do: ``fail-STAGE-PLACE`` holds an exit code, ``sleep-STAGE`` seconds.
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
    "atomstates.report.stage": ("write_report",),
}


def _stand_in(stage):
    def do(place, comm):
        from atomstates.errors import AtomStatesError, HopelessRun, Unfinished
        from atomstates.products import Summary
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
            raise (HopelessRun if code == "65" else AtomStatesError)(f"{stage} was told to fail")
        if (orders / f"sleep-{stage}").exists():
            time.sleep(float((orders / f"sleep-{stage}").read_text()))
        facts = {"ranks": comm.size, "devices": comm.gathered(os.environ.get("CUDA_VISIBLE_DEVICES", ""))}
        return Summary(facts={**facts, "lammps": os.environ.get("ATOMSTATES_LAMMPS", "")})

    return do


for _module, _names in _WORK.items():
    _fake = types.ModuleType(_module)
    for _name in _names:
        setattr(_fake, _name, _stand_in(_module.split(".")[1]))
    sys.modules[_module] = _fake
