"""Stages that do nothing but leave a trace, put in the place of the real ones in every process.

The tests of the workflow put this folder on PYTHONPATH: who is called, how often, and what becomes
of failures can then be seen in seconds. A file ``fail-STAGE-PLACE`` in the results folder holds the
exit code with which that stage fails; ``slow`` makes every stage take half a minute.
"""

import sys
import time
import types

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
        from atomstates.products import Measured, Summary
        from atomstates.stages import label

        folder = place.stage_path(stage)
        results = folder.parents[0 if stage == "report" else 2]
        with (results / "trace.txt").open("a") as trace:
            trace.write(f"{stage} {label(place)}\n")
        order = results / f"fail-{stage}-{label(place)}"
        if order.exists():
            kind = order.read_text().strip()
            if kind == "75":
                order.unlink()
                raise Unfinished("stopped at its time limit")
            if kind == "bug":
                raise RuntimeError("a bug")
            raise (HopelessRun if kind == "65" else AtomStatesError)(f"{stage} was told to fail")
        if (results / "slow").exists():
            time.sleep(30)
        return Summary(numbers={"answer": Measured(42.0, 1.0, "eV", 3)})

    return do


for _module, _names in _WORK.items():
    _fake = types.ModuleType(_module)
    for _name in _names:
        setattr(_fake, _name, _stand_in(_module.split(".")[1]))
    sys.modules[_module] = _fake
