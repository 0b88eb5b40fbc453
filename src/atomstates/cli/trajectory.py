"""``atomstates transport --trajectory``: what trajectories of other programs say about diffusion."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from atomstates.cli.output import configure_logging, number_words
from atomstates.errors import InputError
from atomstates.parallel import all_end_together, world
from atomstates.products import (
    Measured,
    Summary,
    as_json,
    fingerprint,
    mark_done,
    write_csv,
    write_json,
    written_whole,
)

log = logging.getLogger("atomstates.cli")

_SHOWN = (
    "diffusivity",
    "conductivity",
    "charge_diffusivity",
    "collective_conductivity",
    "haven_ratio",
    "largest_msd",
)


@dataclass(frozen=True)
class Request:
    """The options of a trajectory as the command line has them."""

    files: tuple[Path, ...] = ()
    topology: Path | None = None
    form: str | None = None
    elements: str | None = None
    ion: str | None = None
    framework: str | None = None
    timestep: float | None = None
    interval: float | None = None
    start: float = 0.0
    every: int = 1
    unwrapped: bool = False
    charge: float | None = None
    temperature: float | None = None
    volume: float | None = None
    hop_length: float | None = None
    window: tuple[float, float] | None = None
    output: Path | None = None
    as_json: bool = False


def analyse_trajectory(request: Request) -> None:
    """Say (and write) diffusivity, conductivity and Haven ratio of a trajectory, and what was assumed.

    Raises
    ------
    InputError
        An option is missing or makes no sense.
    """
    # these load the packages that read trajectories
    from atomstates.transport.foreign.clock import Clock
    from atomstates.transport.foreign.diffusion import Conditions, ForeignDiffusion, foreign_diffusion
    from atomstates.transport.foreign.sources import Source
    from atomstates.transport.foreign.trajectory import foreign_trajectory

    comm = world()
    configure_logging(comm.rank)
    with all_end_together(comm):
        _check(request)
        assert request.ion is not None
        source = Source(request.files, request.topology, request.form, _words(request.elements))
        clock = Clock(request.timestep, request.interval, request.start, request.every)
        given = Conditions(
            request.ion,
            _words(request.framework),
            request.charge,
            request.temperature,
            request.volume,
            request.hop_length,
            request.window,
        )
        with foreign_trajectory(
            source, clock, comm, labels=given.labels, unwrapped=request.unwrapped
        ) as trajectory:
            found: ForeignDiffusion = foreign_diffusion(request.files[0].name, trajectory, given, comm)
        if comm.rank == 0:
            _say(request, found)
            if request.output is not None:
                _write(request.output, request, found)


def _words(listed: str | None) -> tuple[str, ...]:
    """The words of a list with commas."""
    return tuple(word.strip() for word in (listed or "").split(",") if word.strip())


def _check(request: Request) -> None:
    """What cannot be: said before anything is read."""
    if request.ion is None:
        raise InputError("no mobile ions are named: say which by --ion, for example --ion Li")
    if request.topology is not None and not request.topology.is_file():
        raise InputError(f"{request.topology}: there is no such file (--topology)")
    positive = {
        "--timestep-ps": request.timestep,
        "--frame-interval-ps": request.interval,
        "--temperature-K": request.temperature,
        "--volume-A3": request.volume,
        "--hop-length-A": request.hop_length,
    }
    for name, value in positive.items():
        if value is not None and value <= 0:
            raise InputError(f"{name} {value:g}: a positive number is needed")
    if request.window is not None and not 0 < request.window[0] < request.window[1]:
        raise InputError(
            f"--fit-window-ps {request.window[0]:g} {request.window[1]:g}: no lags between them"
        )
    if request.charge == 0:
        raise InputError("--charge 0: atoms without charge conduct nothing; leave --charge out")


def _say(request: Request, found: Any) -> None:
    """Assumptions, numbers and problems; or all of it as JSON."""
    if request.as_json:
        print(as_json({**found.content, "checks": found.checks}))
        return
    print("taken:")
    for sentence in found.content["assumptions"]:
        print(f"  {sentence}")
    print("found:")
    for line in _numbers(found.content):
        print(f"  {line}")
    for check in found.checks:
        # a refusal has been said
        if check.status != "PASS" and (found.content["refusal"] or "\n") not in check.message:
            log.warning("%s %s: %s", check.status, check.name, check.message)


def _numbers(content: dict[str, Any]) -> Iterator[str]:
    """The numbers, one a line; without a slope the refusal and what it still says."""
    if content["refusal"]:
        bound = content["upper_bound"]
        yield f"no diffusivity: {content['refusal']}"
        yield f"diffusivity below {bound['diffusivity_cm2_per_s']:.2g} cm²/s ({bound['note']})"
    for name in _SHOWN if not content["refusal"] else ("largest_msd",):
        number: Measured = content[name]
        words = number_words(name.replace("_", " ").replace("msd", "MSD"), vars(number))
        yield f"{words} ({number.note})" if number.value is None else words


def _write(folder: Path, request: Request, found: Any) -> None:
    """The products of a run, and the figure of its mean squared displacement."""
    from atomstates.report.style import INK, as_png, as_svg, blank_figure, style
    from atomstates.report.transport_figures import SquaredDisplacement, draw_squared_displacement
    from atomstates.transport.run import MSD_COLUMNS, msd_rows

    write_csv(folder / "msd.csv", MSD_COLUMNS, msd_rows(found.displacements, found.interval))
    write_json(folder / "diffusion.json", found.content)
    msd, lags = found.displacements.whole, found.content["lags"]
    drawn = SquaredDisplacement(
        label=f"{found.content['ion']}",
        colour=INK,
        lag=msd.lags * found.interval,
        value=msd.mean,
        error=np.asarray(msd.error),
        fitted=None if lags is None else (lags["first_ps"], lags["last_ps"]),
    )
    with style():
        figure = blank_figure(height=3.1, width=4.4)
        draw_squared_displacement(figure.subplots(), [drawn])
        pictures = {"msd.svg": as_svg(figure), "msd.png": as_png(figure)}
    for name, picture in pictures.items():
        with written_whole(folder / name) as unfinished:
            unfinished.write_bytes(picture)
    numbers = {name: found.content[name] for name in _SHOWN}
    facts = {"refusal": found.content["refusal"], "assumptions": found.content["assumptions"]}
    mark_done(folder, "transport", fingerprint(vars(request)), Summary(numbers, found.checks, facts))
    log.info("%s: diffusion.json, msd.csv, msd.svg, msd.png", folder)
