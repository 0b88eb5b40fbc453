"""The stages: what each is called, what it works on, what must be done before, who does it.

One table for the command line, the workflow and the status: to add a stage is to add a row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Literal

from atomstates.campaign import MaterialFolder, Results, RunFolder
from atomstates.errors import HopelessRun, ProductError
from atomstates.parallel import Communicator
from atomstates.products import HOPELESS_MARKER, MARKER, Summary, mark_done, mark_hopeless

Place = MaterialFolder | RunFolder | Results
Level = Literal["material", "run", "campaign"]


@dataclass(frozen=True)
class Stage:
    """One stage at one level."""

    name: str
    level: Level
    work: str
    """``module:function`` called with the place and the communicator; returns a Summary."""
    before: tuple[tuple[str, Level], ...]

    def function(self) -> Callable[[Place, Communicator], Summary]:
        """The function that does the work, imported when it is needed."""
        module, _, name = self.work.partition(":")
        function: Callable[[Place, Communicator], Summary] = getattr(import_module(module), name)
        return function


STAGES = (
    Stage("structures", "material", "atomstates.structures.stage:write_candidates", ()),
    Stage(
        "potentials",
        "material",
        "atomstates.potentials.stage:write_structure",
        (("structures", "material"),),
    ),
    Stage("md", "run", "atomstates.md.stage:run_dynamics", (("potentials", "material"),)),
    Stage("minimize", "run", "atomstates.minimize.stage:relax_snapshots", (("md", "run"),)),
    Stage("doas", "run", "atomstates.doas.stage:write_states", (("minimize", "run"),)),
    Stage("doas", "material", "atomstates.doas.stage:write_density", (("doas", "run"),)),
    Stage("transport", "run", "atomstates.transport.stage:write_diffusion", (("md", "run"),)),
    Stage("transport", "material", "atomstates.transport.stage:write_arrhenius", (("transport", "run"),)),
    Stage("barriers", "run", "atomstates.barriers.stage:write_hops", (("minimize", "run"),)),
    Stage(
        "barriers",
        "material",
        "atomstates.barriers.stage:write_barriers",
        (("barriers", "run"), ("doas", "material"), ("transport", "material")),
    ),
    Stage(
        "report",
        "campaign",
        "atomstates.report.stage:write_report",
        (("doas", "material"), ("transport", "material"), ("barriers", "material")),
    ),
)

NAMES = tuple(dict.fromkeys(stage.name for stage in STAGES))


def stage_named(name: str, level: Level) -> Stage:
    """The stage of that name at that level."""
    for stage in STAGES:
        if (stage.name, stage.level) == (name, level):
            return stage
    raise ValueError(f"there is no stage {name!r} of a {level}")


def downstream(name: str) -> tuple[Stage, ...]:
    """The stages that use, directly or not, what the stage of that name makes, and that stage."""
    reached = {(stage.name, stage.level) for stage in STAGES if stage.name == name}
    for stage in STAGES:
        if any(before in reached for before in stage.before):
            reached.add((stage.name, stage.level))
    return tuple(stage for stage in STAGES if (stage.name, stage.level) in reached)


def perform(stage: Stage, place: Place, comm: Communicator) -> bool:
    """Do a stage of one place unless it is done; True when there was something to do.

    Raises
    ------
    ProductError
        A stage that must come before is not done.
    HopelessRun
        It would fail again in the same way; a marker says so (``hopeless.json``).
    """
    if comm.from_first(place.is_done(stage.name)):
        return False
    missing = comm.from_first([str(p) for p in _unfinished_before(stage, place)])
    if missing:
        shown = ", ".join(missing[:4]) + (" ..." if len(missing) > 4 else "")
        raise ProductError(
            f"{stage.name} of {label(place)}: not yet done, or done with other settings: {shown}. "
            "Run those stages first (`atomstates run` does all that is left)."
        )
    if comm.rank == 0:
        (place.stage_path(stage.name) / HOPELESS_MARKER).unlink(missing_ok=True)
    try:
        summary = stage.function()(place, comm)
    except HopelessRun as error:
        if comm.rank == 0:
            mark_hopeless(
                place.stage_path(stage.name), stage.name, place.fingerprint(stage.name), str(error)
            )
        raise
    if comm.rank == 0:
        mark_done(place.stage_path(stage.name), stage.name, place.fingerprint(stage.name), summary)
    comm.barrier()
    return True


def places(stage: Stage, results: Results) -> list[Place]:
    """Every place of a campaign at which the stage is done."""
    if stage.level == "campaign":
        return [results]
    return list(results.materials if stage.level == "material" else results.runs)


def _unfinished_before(stage: Stage, place: Place) -> list[str]:
    """Markers of earlier stages that are missing or stale."""
    return [
        str(other.stage_path(name) / MARKER)
        for name, level in stage.before
        for other in sources(place, level)
        if not other.is_done(name)
    ]


def sources(place: Place, level: Level) -> list[Place]:
    """The places of ``level`` whose products a stage at ``place`` reads."""
    if isinstance(place, RunFolder):
        return [place] if level == "run" else [place.material_folder]
    if isinstance(place, MaterialFolder):
        return [place] if level == "material" else list(place.runs)
    return list(place.materials if level == "material" else place.runs)


def label(place: Place) -> str:
    """How a place is called in messages."""
    return place.id if isinstance(place, RunFolder) else place.name
