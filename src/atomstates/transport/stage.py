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
from atomstates.products import Summary, fingerprint, read_json, write_csv, write_json
from atomstates.transport.arrhenius import arrhenius
from atomstates.transport.checks import arrhenius_checks, diffusion_checks, replica_checks
from atomstates.transport.coarse import CoarseRun, coarse_run
from atomstates.transport.convergence import Prefix, convergence
from atomstates.transport.diffusivity import Diffusivity
from atomstates.transport.fitting import fitted_diffusivity
from atomstates.transport.maps.stage import write_material_maps, write_run_map
from atomstates.transport.outcome import (
    ARRHENIUS_COLUMNS,
    PROFILE_COLUMNS,
    arrhenius_content,
    arrhenius_numbers,
    arrhenius_rows,
    profile_rows,
)
from atomstates.transport.points import temperature_points
from atomstates.transport.reading import run_displacements
from atomstates.transport.run import MSD_COLUMNS, RunTransport, diffusion_content, msd_rows
from atomstates.transport.van_hove import VAN_HOVE_COLUMNS

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

DIFFUSION, MSD, VAN_HOVE = "diffusion.json", "msd.csv", "van_hove.csv"


def write_diffusion(place: RunFolder, comm: Communicator) -> Summary:
    """Write ``diffusion.json``, ``msd.csv``, ``van_hove.csv`` and ``density_map.h5`` of a run.

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
    write_run_map(place, trajectory, mobile, framework, masses, comm)
    fit, refusal, pieces = fitted_diffusivity(
        found,
        interval,
        material.hop_length_A,
        settings.longest_lag_fraction,
        material.mobile,
        settings.fit_window_ps,
    )
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
    """Write ``arrhenius.json``, ``arrhenius.csv``, ``profile.csv`` and the density maps of a material.

    Fewer than three temperatures with a diffusivity are a result, not a failure: ``refusal``
    has the sentence.

    Raises
    ------
    ProductError
        A ``diffusion.json`` or ``density_map.h5`` is missing or truncated.
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
    checks = arrhenius_checks(result, points, extrapolate) + replica_checks(runs)
    checks += write_material_maps(place, [point.temperature for point in fitted], comm)
    return Summary(numbers, checks, facts)


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
