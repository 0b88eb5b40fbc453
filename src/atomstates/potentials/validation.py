"""Tests of a finished model against its teacher; every number becomes a row of the model card."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms

from atomstates.potentials.exploration import FRAMES, read_frames
from atomstates.potentials.hop import ordered_cell
from atomstates.potentials.labelling import all_labels, label_frames
from atomstates.potentials.pipeline import Workshop
from atomstates.potentials.stability import Stay, stays, trip_folder
from atomstates.potentials.statics import compression, hop, orderings
from atomstates.potentials.student import Answer, answers
from atomstates.potentials.verdict import Verdict, at_most
from atomstates.units import EV_PER_A3_TO_GPA

_LARGEST_DRIFT = 1.2
"""Å: root-mean-square displacement of a framework that still is one (Cl-Cl is 3.4 Å and more)."""


@dataclass(frozen=True)
class Validation:
    """All tests of one model, and the tables behind them."""

    tests: tuple[Verdict, ...]
    tables: dict[str, Any]


def validate(shop: Workshop, model: Path, uncompressed: Path | None, folder: Path) -> Validation:
    """Run all tests; labels and trajectories that lie in ``folder`` are not made again."""
    static_tests, static_tables, relaxed = orderings(shop, model, folder / "orderings")
    stay_tests, stay_table = stability(shop, model, relaxed, folder / "stability")
    held_tests, held_table, frames = held_out(shop, model, folder)
    tests = [*held_tests, *static_tests, *hop(shop, model, relaxed, folder / "hop"), *stay_tests]
    if uncompressed is not None:
        tests += compression(shop, model, uncompressed, frames)
    return Validation(tuple(tests), {"held_out": held_table, **static_tables, "stability": stay_table})


def held_out(
    shop: Workshop, model: Path, folder: Path
) -> tuple[list[Verdict], list[dict[str, Any]], list[Atoms]]:
    """Errors on labelled frames of the model's own runs of ``stability``, never trained on."""
    recipe, asked = shop.recipe, shop.recipe.validation
    start = ordered_cell(shop.host(), asked.ordered, asked.stability_cell)
    given = []
    for temperature, _ in asked.stability:
        found = read_frames(trip_folder(folder / "stability", temperature) / FRAMES, start)
        for i in np.linspace(len(found) // 10, len(found) - 1, asked.held_out_frames).astype(int):
            atoms = found[i]
            atoms.info = {"origin": "held out", "temperature": temperature}
            given.append(atoms)
    label_frames(given, folder / "held-out", recipe.teacher, shop.interpreter)
    frames = all_labels(folder / "held-out")
    said = answers(model, frames)
    of_temperature = np.array([atoms.info["temperature"] for atoms in frames])
    table = []
    for temperature in np.unique(of_temperature):
        chosen = np.flatnonzero(of_temperature == temperature)
        row = errors([frames[i] for i in chosen], [said[i] for i in chosen])
        table.append({"temperature_K": float(temperature), **row})
    whole = errors(frames, said)
    bias = max(table, key=lambda row: abs(row["energy_bias_meV_per_atom"]))
    tests = [
        at_most("force RMSE, own MD", whole["force_rmse_meV_per_A"], asked.force_rmse_meV_per_A, "meV/Å"),
        at_most(
            "energy RMSE, own MD",
            whole["energy_rmse_meV_per_atom"],
            asked.energy_rmse_meV_per_atom,
            "meV/atom",
        ),
        at_most(
            "largest energy bias at one temperature",
            abs(bias["energy_bias_meV_per_atom"]),
            asked.energy_rmse_meV_per_atom,
            "meV/atom",
            f"{bias['energy_bias_meV_per_atom']:+.2f} at {bias['temperature_K']:g} K",
        ),
    ]
    return tests, [*table, {"temperature_K": "all", **whole}], frames


def errors(frames: Sequence[Atoms], said: Sequence[Answer]) -> dict[str, float]:
    """Bias and RMSE of a model's answers against labels (meV/atom, meV/Å, GPa, meV)."""
    energy = [
        1e3 * (one.energy - a.get_potential_energy()) / len(a) for a, one in zip(frames, said, strict=True)
    ]
    force = np.concatenate(
        [(one.forces - a.get_forces()).ravel() for a, one in zip(frames, said, strict=True)]
    )
    stress = [one.stress - a.get_stress(voigt=False) for a, one in zip(frames, said, strict=True)]
    row = {
        "frames": len(frames),
        "energy_bias_meV_per_atom": float(np.mean(energy)),
        "energy_rmse_meV_per_atom": float(np.sqrt(np.mean(np.square(energy)))),
        "force_rmse_meV_per_A": float(1e3 * np.sqrt(np.mean(force**2))),
        "stress_rmse_GPa": float(EV_PER_A3_TO_GPA * np.sqrt(np.mean(np.square(stress)))),
    }
    gap = np.concatenate(
        [one.atomic_energies - a.get_potential_energies() for a, one in zip(frames, said, strict=True)]
    )
    symbols = np.concatenate([np.array(atoms.symbols) for atoms in frames])
    for element in np.unique(symbols):
        row[f"atomic_energy_rmse_{element}_meV"] = float(
            1e3 * np.sqrt(np.mean(gap[symbols == element] ** 2))
        )
    return row


def stability(
    shop: Workshop, model: Path, relaxed: Atoms, folder: Path
) -> tuple[list[Verdict], list[dict[str, Any]]]:
    """Molecular dynamics from the ordered crystal at the student's relaxed cell."""
    asked = shop.recipe.validation
    start = ordered_cell(shop.host(), asked.ordered, asked.stability_cell)
    start.set_cell(relaxed.cell[:] * np.array(asked.stability_cell)[:, None], scale_atoms=True)
    found = stays(shop.recipe, start, asked.stability_cell, asked.stability, model, folder)
    return [*_verdicts(found)], [one.summary() for one in found]


def _verdicts(found: Sequence[Stay]) -> list[Verdict]:
    """The coldest run stays ordered, the hottest does not, and no run loses its framework."""
    cold, hot = min(found, key=lambda one: one.temperature), max(found, key=lambda one: one.temperature)
    tests = []
    for one, ordered in ((cold, True), (hot, False)):
        phi = one.mean_order
        target, passed = (">= 0.8", phi >= 0.8) if ordered else ("<= 0.5", phi <= 0.5)
        note = f"mean of the second half of {one.length:g} ps"
        tests.append(Verdict(f"phi at {one.temperature:g} K", phi, "", target, passed, note))
    drift = max(one.cage_drift for one in found)
    early = [f"{one.temperature:g} K ended early" for one in found if not one.completed]
    whole = not early and drift <= _LARGEST_DRIFT
    tests.append(
        Verdict(
            "framework displacement, any run", drift, "Å", f"<= {_LARGEST_DRIFT}", whole, "; ".join(early)
        )
    )
    return tests
