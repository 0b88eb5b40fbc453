"""States from elsewhere: products and figures of frames from any program, without a campaign."""

import logging
from collections.abc import Sequence
from pathlib import Path

from atomstates.cli.output import configure_logging
from atomstates.doas.assumptions import Question
from atomstates.doas.elsewhere import DENSITY, DOAS, Answer, write_states_from_elsewhere
from atomstates.errors import InputError
from atomstates.parallel import all_end_together, world
from atomstates.products import Measured

log = logging.getLogger("atomstates.cli")


def analyse_states(files: Sequence[Path], question: Question, output: Path | None) -> None:
    """Write ``doas.json``, ``density.csv``, the states and the figures into the output folder.

    Raises
    ------
    InputError
        An option is missing, or a file is not what it should be.
    """
    comm = world()
    configure_logging(comm.rank)
    with all_end_together(comm):
        if not question.ion:
            raise InputError("--states needs the mobile element: give it with --ion, as in --ion Li")
        if not question.anions:
            raise InputError("--states needs the anions: give their elements with --anions, as in Cl,Br")
        folder = output if output is not None else Path(f"{files[0].stem}-doas")
        answer = write_states_from_elsewhere(files, question, folder, comm)
        if comm.rank == 0:
            cations = sorted(set(answer.elements) - {question.ion, *question.anions})
            drawn = _draw(folder, question.ion, "/".join(cations) or "cation")
            _say(answer, folder, drawn)
            if len(answer.temperatures) > 1:
                _say_onsets(folder)


def _draw(folder: Path, ion: str, cation: str) -> list[str]:
    """The figures of the products as the report draws them, as SVG and PNG."""
    from atomstates.products import read_json, written_whole
    from atomstates.report.doas_pictures import density_figure, disorder_figure
    from atomstates.report.series import DISORDER, densities, site_trends, trend
    from atomstates.report.style import as_png, as_svg, style
    from atomstates.report.tables import read_table
    from atomstates.report.zero import energy_axis

    doas = read_json(folder / DOAS)
    trends = [found for key, label in DISORDER if (found := trend(doas, key, label)) is not None]
    with style():
        figures = {
            "density": density_figure(
                densities(read_table(folder / DENSITY)), ion, cation, energy_axis(doas, ion)
            )
        }
        if len(doas["temperatures"]) > 1:
            figures["disorder"] = disorder_figure(site_trends(doas), trends)
        names = []
        for name, figure in figures.items():
            for suffix, drawn in ((".svg", as_svg), (".png", as_png)):
                with written_whole(folder / f"{name}{suffix}") as unfinished:
                    unfinished.write_bytes(drawn(figure))
                names.append(f"{name}{suffix}")
    return names


def _say(answer: Answer, folder: Path, figures: Sequence[str]) -> None:
    """One line a temperature, the checks that did not pass, what was assumed, and where it all is."""
    for entry in answer.temperatures:
        shares = ", ".join(
            _words(entry.measures[f"{site}_fraction"], site)
            for site in ("octahedral", "tetrahedral", "other")
        )
        log.info(
            "%g K: %d states of %d frames; %s; %s eV %s",
            entry.temperature,
            entry.n_states,
            entry.n_snapshots,
            shares,
            _words(entry.measures["mean"], "mean"),
            answer.bins.told.words,
        )
    for check in answer.checks:
        if check.status != "PASS":
            log.warning("  %s %s: %s", check.status, check.name, check.message)
    for sentence in answer.assumed:
        log.info("assumed: %s", sentence)
    log.info("%s: %s, %s, states*.h5, %s", folder, DOAS, DENSITY, ", ".join(figures))


def _say_onsets(folder: Path) -> None:
    """Where the measures of disorder set in, and whether they agree."""
    from atomstates.products import read_json
    from atomstates.report.onset_pictures import consistency, onset_estimates

    found = onset_estimates(read_json(folder / DOAS), DOAS)
    log.info("onset of disorder: %s (each with its reason in %s)", consistency(found), DOAS)


def _words(number: Measured, name: str) -> str:
    """A number with its error."""
    spread = "" if number.error is None else f" ± {number.error:.2g}"
    return f"{name} {number.value:.3g}{spread}" if number.value is not None else f"{name} unknown"
