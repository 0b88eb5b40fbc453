"""What a round of active learning chooses and finds out: ``given.json``, ``frames.csv``, ``round.json``.

``given.json`` says what was found by exploration and chosen for labels, ``round.json`` adds the
errors against these labels.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from atomstates.potentials.deviation import VERDICTS, chosen, deviations, verdicts
from atomstates.potentials.exploration import Trip, found_frames, n_expected
from atomstates.potentials.labelling import all_labels, write_given
from atomstates.potentials.student import Answer, answers
from atomstates.potentials.training import SYSTEMS
from atomstates.potentials.workshop import Workshop
from atomstates.products import read_json, write_csv, write_json

FloatArray = NDArray[np.float64]

GIVEN = "given.json"
ROUND = "round.json"
FRAMES_TABLE = "frames.csv"
ERRORS_TABLE = "errors.csv"

_PERCENTILES = (50, 90, 99)


def write_given_frames(
    shop: Workshop, planned: Sequence[Trip], lost: int, models: Sequence[Path], home: Path, number: int
) -> None:
    """Give frames of the trips to the teacher: the chosen ones, or all where one model explores."""
    # What an attempt that was killed had chosen; nothing of it is labelled yet.
    for stale in [*(home / "labels").glob("frames-*.xyz"), *(home / "held-out").glob("frames-*.xyz")]:
        stale.unlink()
    frames = found_frames(planned, shop.recipe.limits)
    sound = np.flatnonzero([not atoms.info["too_close"] for atoms in frames])
    random = np.random.default_rng(shop.recipe.seed + number)
    summary: dict[str, Any] = {
        "trips": len(planned),
        "trips_ended_early": lost,
        "frames": len(frames),
        "frames_too_close": len(frames) - len(sound),
    }
    if shop.recipe.active_learning is None:
        picked = random.permutation(sound)
    else:
        picked, more = _choose(shop, planned, frames, sound, models, home, random)
        summary |= more
    write_given([frames[i] for i in picked], home / "labels")
    write_json(home / GIVEN, summary)


def _choose(
    shop: Workshop,
    planned: Sequence[Trip],
    frames: Sequence[Atoms],
    sound: NDArray[np.int64],
    models: Sequence[Path],
    home: Path,
    random: np.random.Generator,
) -> tuple[NDArray[np.int64], dict[str, Any]]:
    """Indices of the frames to label, after those held out are given; and what is said of all."""
    asked = shop.recipe.active_learning
    assert asked is not None
    deviation = np.full(len(frames), np.inf)
    deviation[sound] = deviations(models, [frames[i] for i in sound])
    verdict = verdicts(deviation, asked.trust_low_eV_per_A, asked.trust_high_eV_per_A)
    for atoms, one, word in zip(frames, deviation, verdict, strict=True):
        atoms.info |= {"deviation": float(one), "verdict": word}
    held = random.choice(sound, min(asked.held_out_frames, len(sound)), replace=False)
    candidates = np.setdiff1d(np.flatnonzero(np.array(verdict) == "candidate"), held)
    trip = np.array([atoms.info["trip"] for atoms in frames])
    time = np.array([atoms.info["time_ps"] for atoms in frames])
    picked = chosen(deviation, candidates, trip, time, asked.most_frames)
    relaxed = [i for i, atoms in enumerate(frames) if atoms.info["relaxed"] and verdict[i] != "failed"]
    rest = np.setdiff1d(np.array(relaxed, dtype=np.int64), np.concatenate([picked, held]))
    more_relaxed = random.choice(rest, min(asked.relaxed_frames, len(rest)), replace=False)
    picked = np.concatenate([picked, more_relaxed])
    write_given([frames[i] for i in held], home / "held-out")
    _write_frames(frames, set(picked.tolist()), set(held.tolist()), home / FRAMES_TABLE)
    missing = max(0, n_expected(planned) - sum(not atoms.info["relaxed"] for atoms in frames))
    counts = {word: verdict.count(word) for word in VERDICTS}
    # A trip that ended early owes its last frames: they are as bad as can be.
    counts["failed"] += missing
    total = sum(counts.values())
    finite = deviation[np.isfinite(deviation)]
    more = {
        "trust_eV_per_A": [asked.trust_low_eV_per_A, asked.trust_high_eV_per_A],
        "frames_missing": missing,
        "counts": counts,
        "shares": {word: count / total for word, count in counts.items()},
        "bad_share": 1 - counts["accurate"] / total,
        "chosen": len(picked),
        "held_out": len(held),
        "deviation_eV_per_A": {f"p{q}": float(np.percentile(finite, q)) for q in _PERCENTILES},
        "bad_by_crystal_and_temperature": _bad_shares(frames),
    }
    return picked, more


def _bad_shares(frames: Sequence[Atoms]) -> list[dict[str, Any]]:
    """Where frames are bad: share of candidates and failed ones by crystal and temperature."""
    groups: dict[tuple[str, float], list[bool]] = {}
    for atoms in frames:
        key = (str(atoms.info["crystal"]), float(atoms.info["temperature"]))
        groups.setdefault(key, []).append(atoms.info["verdict"] != "accurate")
    return [
        {"crystal": crystal, "temperature_K": temperature, "frames": len(bad), "bad_share": np.mean(bad)}
        for (crystal, temperature), bad in sorted(groups.items())
    ]


def _write_frames(frames: Sequence[Atoms], picked: set[int], held: set[int], path: Path) -> None:
    """One row for each frame that was found."""
    header = ["trip", "origin", "crystal", "temperature_K", "time_ps", "n_atoms", "deviation_eV_per_A"]
    rows = []
    for i, atoms in enumerate(frames):
        info = atoms.info
        use = "labelled" if i in picked else "held out" if i in held else ""
        known = [info["trip"], info["origin"], info["crystal"], info["temperature"]]
        found = [f"{info['time_ps']:.4g}", len(atoms), f"{info['deviation']:.5g}", info["verdict"]]
        rows.append([*known, *found, use])
    write_csv(path, [*header, "verdict", "use"], rows)


def write_round(shop: Workshop, number: int, models: Sequence[Path]) -> None:
    """Errors of this round's models on the frames labelled since, none of which they had seen."""
    home = shop.round_folder(number)
    summary = read_json(home / GIVEN)
    groups = {"chosen": all_labels(home / "labels"), "held_out": all_labels(home / "held-out")}
    errors, rows = {}, []
    for name, frames in groups.items():
        said = [answers(model, frames) for model in models] if frames else []
        errors[name] = ensemble_errors(frames, said)
        rows += [[name, *row] for row in _error_rows(frames, said)]
    header = ["set", "crystal", "temperature_K", "deviation_eV_per_A", "largest_force_error_eV_per_A"]
    write_csv(home / ERRORS_TABLE, [*header, "energy_error_eV_per_atom"], rows)
    content = {
        "round": number,
        "models": len(models),
        "steps": shop.recipe.round(number).training.steps,
        "frames_known": read_json(home / "data" / SYSTEMS)["frames"],
        **summary,
        "errors": errors,
    }
    write_json(home / ROUND, content)


def ensemble_errors(frames: Sequence[Atoms], said: Sequence[Sequence[Answer]]) -> Mapping[str, float]:
    """Root-mean-square errors over all models and frames (``said``: by model, then by frame)."""
    if not frames:
        return {"frames": 0}
    force, energy = [], []
    for of_model in said:
        for atoms, one in zip(frames, of_model, strict=True):
            force.append((one.forces - atoms.get_forces()).ravel())
            energy.append((one.energy - atoms.get_potential_energy()) / len(atoms))
    return {
        "frames": len(frames),
        "force_rmse_meV_per_A": float(1e3 * np.sqrt(np.mean(np.concatenate(force) ** 2))),
        "energy_rmse_meV_per_atom": float(1e3 * np.sqrt(np.mean(np.square(energy)))),
    }


def _error_rows(frames: Sequence[Atoms], said: Sequence[Sequence[Answer]]) -> list[list[Any]]:
    """For each frame the error on its worst atom, and of its energy, as means over the models."""
    rows = []
    for i, atoms in enumerate(frames):
        gaps = [np.linalg.norm(of_model[i].forces - atoms.get_forces(), axis=1).max() for of_model in said]
        energy = [abs(of_model[i].energy - atoms.get_potential_energy()) for of_model in said]
        info = atoms.info
        known = [
            info["crystal"],
            info["temperature"],
            f"{info['deviation']:.5g}" if "deviation" in info else "",
        ]
        rows.append([*known, f"{np.mean(gaps):.5g}", f"{np.mean(energy) / len(atoms):.5g}"])
    return rows
