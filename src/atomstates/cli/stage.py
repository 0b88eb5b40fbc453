"""One verb per stage: do it for one run or material, or for all that are not done."""

import logging
from contextlib import nullcontext
from pathlib import Path

from atomstates.campaign.layout import Results, open_results
from atomstates.cli.finding import results_folder
from atomstates.cli.output import configure_logging, problems, summary_line
from atomstates.errors import DONE, ProductError
from atomstates.locks import FOR_EVER, held
from atomstates.parallel import Communicator, Serial, all_end_together, world
from atomstates.products import as_json, read_marker
from atomstates.stages import STAGES, label, perform, places, stage_named
from atomstates.workflow import Work, left_to_do

log = logging.getLogger("atomstates.cli")


def do_stage(name: str, folder: Path | None, run: str | None, material: str | None) -> int:
    """Do a stage of a run, of a material, or of all places, unless it is done."""
    comm = world()
    configure_logging(comm.rank)
    with all_end_together(comm):
        results = open_results(results_folder(folder, run or material))
        for work in _chosen(name, results, run, material):
            _do(work, comm)
    return DONE


def report_what_is_there(folder: Path | None) -> None:
    """Make the report of what is done so far; it counts as done only when nothing is missing.

    Raises
    ------
    ProductError
        Something is missing: the page names it.
    """
    results = open_results(results_folder(folder))
    left = left_to_do(results)
    if not left or [work.stage.name for work in left] == ["report"]:
        do_stage("report", folder, None, None)
        return
    configure_logging()
    (work,) = _chosen("report", results, None, None)
    with held(work.lock, work.name, patience=FOR_EVER):
        work.marker.unlink(missing_ok=True)
        work.stage.function()(results, Serial())
    missing = [other.name for other in left if other.stage.name != "report"]
    shown = ", ".join(missing[:6]) + (f" and {len(missing) - 6} more" if len(missing) > 6 else "")
    raise ProductError(
        f"{work.marker.parent / 'index.html'}: shows what is there; {len(missing)} stages are not done: "
        f"{shown}"
    )


def show_report(folder: Path | None) -> None:
    """Show as JSON what the report answers, every check of every stage, and where page and numbers lie."""
    results = open_results(results_folder(folder))
    found = results.stage_path("report")
    marker = read_marker(found)
    done = [
        (stage.name, label(place), read_marker(place.stage_path(stage.name)))
        for stage in STAGES
        for place in places(stage, results)
        if place.is_done(stage.name)
    ]
    checks = [
        {"stage": name, "place": place, **check}
        for name, place, content in done
        for check in content["checks"]
    ]
    content = {
        "campaign": results.name,
        "page": found / marker["facts"]["page"],
        "numbers_file": found / "numbers.json",
        "numbers": marker["numbers"],
        "checks": checks,
    }
    print(as_json(content))


def _chosen(name: str, results: Results, run: str | None, material: str | None) -> list[Work]:
    """The pieces of work that the options name."""
    chosen = []
    if run is not None:
        chosen.append(Work(stage_named(name, "run"), results.run(run)))
    if material is not None:
        chosen.append(Work(stage_named(name, "material"), results.material(Path(material).name)))
    if chosen:
        return chosen
    return [
        Work(stage, place) for stage in STAGES if stage.name == name for place in places(stage, results)
    ]


def _do(work: Work, comm: Communicator) -> None:
    """Do one piece of work, alone, and say in one line what came of it."""
    alone = held(work.lock, work.name, patience=FOR_EVER) if comm.rank == 0 else nullcontext()
    with alone:
        did_something = perform(work.stage, work.place, comm)
    if comm.rank:
        return
    marker = read_marker(work.marker.parent)
    log.info("%s: %s%s", work.name, summary_line(marker), "" if did_something else " (was done)")
    for problem in problems(marker) if did_something else ():
        log.warning("  %s", problem)
