"""The edge of the room: trajectories in; ``diffusion.json`` and ``arrhenius.json`` out."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomstates.campaign import MaterialFolder, RunFolder
from atomstates.errors import ProductError, TooLittleDiffusion
from atomstates.md.segments import open_trajectory
from atomstates.parallel import Communicator
from atomstates.products import Summary, fingerprint, read_json, write_csv, write_json
from atomstates.transport.arrhenius import arrhenius
from atomstates.transport.checks import arrhenius_checks, diffusion_checks
from atomstates.transport.diffusivity import Diffusivity, diffusivity, piece_diffusivities
from atomstates.transport.outcome import (
    ARRHENIUS_COLUMNS,
    PROFILE_COLUMNS,
    arrhenius_content,
    arrhenius_numbers,
    arrhenius_rows,
    profile_rows,
)
from atomstates.transport.points import temperature_points
from atomstates.transport.reading import RunDisplacements, run_displacements
from atomstates.transport.run import MSD_COLUMNS, RunTransport, diffusion_content, msd_rows
from atomstates.transport.window import FEWEST_FITTED_LAGS

Floats = NDArray[np.float64]

DIFFUSION, MSD = "diffusion.json", "msd.csv"


def write_diffusion(place: RunFolder, comm: Communicator) -> Summary:
    """Write ``diffusion.json`` and ``msd.csv`` of a run.

    Too little diffusion is a result, not a failure: ``refusal`` has the sentence.

    Raises
    ------
    ProductError
        The trajectory is too short, or has no mobile ion or no framework.
    """
    material, settings = place.material, place.campaign.transport
    trajectory = open_trajectory(place.stage_path("md"))
    elements = np.asarray(trajectory.elements)
    mobile = np.flatnonzero(elements == material.mobile)
    framework = np.flatnonzero(elements != material.mobile)
    folder = place.stage_path("md")
    if len(mobile) == 0 or len(framework) == 0:
        raise ProductError(
            f"{folder}: found {len(mobile)} {material.mobile} and {len(framework)} other atoms; "
            "ions and a framework are needed. Check `mobile` of the material."
        )
    if trajectory.n_frames < 2:
        raise ProductError(
            f"{folder}: the trajectory has {trajectory.n_frames} frames; two are needed at least. "
            "Raise md.produce_ps or lower md.frame_every_ps."
        )
    structure = place.material_folder.stage_path("potentials") / "structure.json"
    found = run_displacements(
        trajectory,
        mobile,
        framework,
        _masses(structure, elements[framework]),
        longest_fraction=settings.longest_lag_fraction,
        most_lags=settings.most_lags,
        comm=comm,
    )
    interval = float(trajectory.frame_interval_ps)
    fit, refusal, pieces = _fitted(
        found, interval, material.hop_length_A, settings.longest_lag_fraction, material.mobile
    )
    result = RunTransport(
        displacements=found,
        frame_interval=interval,
        temperature=place.temperature,
        volume=float(trajectory.volume),
        charge=material.charges[material.mobile],
        hop_length=material.hop_length_A,
        fit=fit,
        refusal=refusal,
    )
    content = diffusion_content(place.id, result)
    if comm.rank == 0:
        write_csv(place.stage_path("transport") / MSD, MSD_COLUMNS, msd_rows(found, interval))
        write_json(place.stage_path("transport") / DIFFUSION, content)
    numbers = {name: content[name] for name in ("diffusivity", "conductivity", "haven_ratio")}
    facts = {"refusal": refusal, "n_frames": found.whole.n_frames, "n_ions": found.whole.n_ions}
    return Summary(numbers, diffusion_checks(fit, refusal, pieces), facts)


def write_arrhenius(place: MaterialFolder, comm: Communicator) -> Summary:
    """Write ``arrhenius.json``, ``arrhenius.csv`` and ``profile.csv`` of a material.

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
    seed = int(fingerprint(place.campaign.seed, place.name, "arrhenius"), 16)
    result, refusal = None, None
    try:
        result = arrhenius(
            [point.temperature for point in fitted],
            [point.conductivity for point in fitted],
            [point.conductivity_error for point in fitted],
            seed=seed,
        )
    except TooLittleDiffusion as error:
        refusal = f"{place.name}: {error}"
    extrapolate = place.campaign.transport.extrapolate_K
    if comm.rank == 0:
        folder = place.stage_path("transport")
        content = arrhenius_content(place.name, points, result, refusal, extrapolate, seed)
        write_csv(folder / "arrhenius.csv", ARRHENIUS_COLUMNS, arrhenius_rows(points, result))
        write_csv(folder / "profile.csv", PROFILE_COLUMNS, profile_rows(result))
        write_json(folder / "arrhenius.json", content)
    numbers = arrhenius_numbers(result, refusal, extrapolate)
    numbers[f"conductivity_at_{extrapolate:g}_K"] = numbers.pop("conductivity")
    if result is not None and result.transition.temperature is None:
        numbers = {name: one for name, one in numbers.items() if not name.endswith("_Tc")}
    facts = {"refusal": refusal, "transition": None if result is None else result.transition.reason}
    return Summary(numbers, arrhenius_checks(result, points, extrapolate), facts)


def _fitted(
    found: RunDisplacements, interval: float, hop_length: float, longest: float, ion: str
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
            hop_length=hop_length,
            blocks=msd.blocks,
            block_sizes=msd.block_sizes,
            longest_fraction=longest,
            ion=ion,
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
        hop_length=hop_length,
    )
    return fit, None, pieces


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
