"""The edge of the room: trajectories in; ``diffusion.json`` and ``arrhenius.json`` out."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomstates.campaign import MaterialFolder, RunFolder
from atomstates.campaign.schema import Material, Transport
from atomstates.errors import ProductError, TooLittleDiffusion
from atomstates.md.segments import Trajectory, open_trajectory
from atomstates.parallel import Communicator
from atomstates.products import Summary, read_json, write_csv, write_json
from atomstates.transport.arrhenius import arrhenius
from atomstates.transport.checks import arrhenius_checks, diffusion_checks, replica_checks
from atomstates.transport.coarse import CoarseRun, coarse_run
from atomstates.transport.convergence import Prefix, convergence
from atomstates.transport.diffusivity import Diffusivity, diffusivity
from atomstates.transport.pieces import piece_diffusivities
from atomstates.transport.points import (
    ARRHENIUS_COLUMNS,
    arrhenius_content,
    arrhenius_rows,
    line_numbers,
    temperature_points,
)
from atomstates.transport.reading import RunDisplacements, run_displacements
from atomstates.transport.run import MSD_COLUMNS, RunTransport, diffusion_content, msd_rows
from atomstates.transport.van_hove import VAN_HOVE_COLUMNS
from atomstates.transport.window import FEWEST_FITTED_LAGS

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

DIFFUSION, MSD, VAN_HOVE = "diffusion.json", "msd.csv", "van_hove.csv"


def write_diffusion(place: RunFolder, comm: Communicator) -> Summary:
    """Write ``diffusion.json``, ``msd.csv`` and ``van_hove.csv`` of a run.

    Too little diffusion is a result, not a failure: ``refusal`` has the sentence.

    Raises
    ------
    ProductError
        The trajectory is too short, or has no mobile ion or no framework.
    """
    material, settings = place.material, place.campaign.transport
    trajectory = open_trajectory(place.stage_path("md"))
    elements = np.asarray(trajectory.elements)
    mobile, framework = _parts(trajectory, material.mobile, place.stage_path("md"))
    structure = place.material_folder.stage_path("potentials") / "structure.json"
    masses = _masses(structure, elements[framework])
    fractions: dict[str, Any] = {
        "longest_fraction": settings.longest_lag_fraction,
        "most_lags": settings.most_lags,
    }
    interval = float(trajectory.frame_interval_ps)
    found = run_displacements(trajectory, mobile, framework, masses, comm=comm, **fractions)
    coarse = coarse_run(
        trajectory,
        mobile,
        framework,
        masses,
        trajectory.cell,
        frame_interval=interval,
        comm=comm,
        **fractions,
    )
    fit, refusal, pieces = _fitted(found, interval, material, settings)
    prefixes = _converging(coarse, fit, refusal, interval, material, settings)
    result = RunTransport(
        displacements=found,
        frame_interval=interval,
        temperature=place.temperature,
        volume=float(trajectory.volume),
        charge=material.charges[material.mobile],
        hop_length=material.hop_length_A,
        fit=fit,
        refusal=refusal,
        convergence=tuple(prefixes),
    )
    content = diffusion_content(place.id, result)
    if comm.rank == 0:
        write_csv(place.stage_path("transport") / MSD, MSD_COLUMNS, msd_rows(found, interval))
        rows = coarse.van_hove.rows(coarse.stride * interval)
        write_csv(place.stage_path("transport") / VAN_HOVE, VAN_HOVE_COLUMNS, rows)
        write_json(place.stage_path("transport") / DIFFUSION, content)
    numbers = {name: content[name] for name in ("diffusivity", "conductivity", "haven_ratio")}
    facts = {"refusal": refusal, "n_frames": found.whole.n_frames, "n_ions": found.whole.n_ions}
    return Summary(numbers, diffusion_checks(fit, refusal, pieces, prefixes), facts)


def write_arrhenius(place: MaterialFolder, comm: Communicator) -> Summary:
    """Write ``arrhenius.json`` and ``arrhenius.csv`` of a material.

    Fewer than three temperatures with a diffusivity are a result, not a failure: ``refusal``
    has the sentence.

    Raises
    ------
    ProductError
        A ``diffusion.json`` is missing or truncated.
    """
    runs = [read_json(run.stage_path("transport") / DIFFUSION) for run in place.runs]
    points = temperature_points(runs)
    fitted = [point for point in points if point.refusal is None]
    refused = {point.temperature: point.refusal for point in points if point.refusal is not None}
    line, refusal = None, None
    try:
        line = arrhenius(
            [point.temperature for point in fitted],
            [point.conductivity for point in fitted],
            [point.conductivity_error for point in fitted],
        )
    except TooLittleDiffusion as error:
        refusal = f"{place.name}: {error}"
    extrapolate = place.campaign.transport.extrapolate_K
    content = arrhenius_content(place.name, points, line, refusal, extrapolate)
    if comm.rank == 0:
        folder = place.stage_path("transport")
        write_csv(folder / "arrhenius.csv", ARRHENIUS_COLUMNS, arrhenius_rows(points, line))
        write_json(folder / "arrhenius.json", content)
    numbers = {
        "activation_energy": content["activation_energy"],
        f"conductivity_at_{extrapolate:g}_K": line_numbers(line, refusal, extrapolate)[1],
    }
    checks = arrhenius_checks(line, refused, extrapolate) + replica_checks(runs)
    return Summary(numbers, checks, {"refusal": refusal})


def _parts(trajectory: Trajectory, mobile: str, folder: Path) -> tuple[Integers, Integers]:
    """Indices of the ions and of the framework's atoms of a trajectory that has both."""
    is_mobile = np.asarray(trajectory.elements) == mobile
    n_ions, n_others = int(is_mobile.sum()), int((~is_mobile).sum())
    if n_ions == 0 or n_others == 0:
        raise ProductError(
            f"{folder}: found {n_ions} {mobile} and {n_others} other atoms; "
            "ions and a framework are needed. Check `mobile` of the material."
        )
    if trajectory.n_frames < 2:
        raise ProductError(
            f"{folder}: the trajectory has {trajectory.n_frames} frames; two are needed at least. "
            "Raise md.produce_ps or lower md.frame_every_ps."
        )
    return np.flatnonzero(is_mobile), np.flatnonzero(~is_mobile)


def _fitted(
    found: RunDisplacements, interval: float, material: Material, settings: Transport
) -> tuple[Diffusivity | None, str | None, tuple[Floats, float] | None]:
    """The diffusivity or the refusal's sentence; D of pieces of the run and their error."""
    msd = found.whole
    try:
        fit = diffusivity(
            msd.lags,
            msd.mean,
            n_frames=msd.n_frames,
            n_ions=msd.n_ions,
            frame_interval=interval,
            hop_length=material.hop_length_A,
            blocks=msd.blocks,
            block_sizes=msd.block_sizes,
            tensor=msd.tensor,
            longest_fraction=settings.longest_lag_fraction,
            window=settings.fit_window_ps,
            ion=material.mobile,
        )
    except TooLittleDiffusion as error:
        return None, str(error), None
    shared = np.isin(found.piece_lags, fit.lags)
    if shared.sum() < FEWEST_FITTED_LAGS:
        return fit, None, None
    pieces = piece_diffusivities(
        fit,
        found.piece_lags[shared],
        found.pieces[:, shared],
        n_frames=found.piece_frames,
        n_ions=msd.n_ions,
        frame_interval=interval,
        hop_length=material.hop_length_A,
    )
    return fit, None, pieces


def _converging(
    coarse: CoarseRun,
    fit: Diffusivity | None,
    refusal: str | None,
    interval: float,
    material: Material,
    settings: Transport,
) -> list[Prefix]:
    """D of first parts of the run and of the whole."""
    return convergence(
        coarse.prefixes,
        fit,
        refusal,
        length=(coarse.trajectory_frames - 1) * interval,
        frame_interval=coarse.stride * interval,
        hop_length=material.hop_length_A,
        longest_fraction=settings.longest_lag_fraction,
        window=settings.fit_window_ps,
        ion=material.mobile,
    )


def _masses(structure: Path, elements: NDArray[np.str_]) -> Floats:
    """Mass of each atom, from the masses by element in ``structure.json``."""
    content: dict[str, Any] = read_json(structure)
    try:
        known = dict(zip(content["elements"], content["masses_u"], strict=True))
        return np.array([float(known[element]) for element in elements])
    except (KeyError, TypeError, ValueError) as error:
        raise ProductError(
            f"{structure}: no masses of all elements of the framework ({error}). "
            "Run the stage `potentials` of the material again."
        ) from error
