"""Is energy conserved? An isolated crystal (NVE) at the timestep that users take."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from ase import Atoms

from atomstates.potentials.exploration import EXIT_CODE, TIMESTEP, ended_well, run_to_its_end, write_start
from atomstates.potentials.host import FloatArray
from atomstates.potentials.sharing import Piece, make_all
from atomstates.potentials.validation.orderings import folder_name, generator
from atomstates.potentials.validation.subject import Subject
from atomstates.potentials.validation.verdict import Part, Verdict, at_most

_BLOCKS = 20
_HEATING_PS = 2.0
_ENERGY = "energy.csv"


@dataclass(frozen=True)
class Slope:
    """Drift of a series and its standard error."""

    value: float
    error: float


def drift(time: FloatArray, energy: FloatArray) -> Slope:
    """Slope of the energy against time, by ordinary least squares through means over 20 blocks.

    Blocks are long against the vibrations that make single energies fluctuate, so that their
    residuals are independent and give the error.

    Raises
    ------
    ValueError
        There are fewer energies than blocks.
    """
    if len(time) < _BLOCKS:
        raise ValueError(f"{len(time)} energies; {_BLOCKS} are needed")
    usable = len(time) - len(time) % _BLOCKS
    x, y = (values[:usable].reshape(_BLOCKS, -1).mean(axis=1) for values in (time, energy))
    x = x - x.mean()
    slope = float(x @ y / (x @ x))
    residual = y - y.mean() - slope * x
    return Slope(slope, float(np.sqrt(residual @ residual / (_BLOCKS - 2) / (x @ x))))


def drift_tests(subject: Subject, references: Mapping[str, Atoms]) -> Part:
    """Drift of every material at each temperature; runs that are done are kept."""
    asked = subject.asked.drift
    runs = {
        (name, temperature): subject.folder / "drift" / folder_name(name) / f"{temperature:g}K"
        for name in references
        for temperature in asked.temperatures_K
    }

    def piece(name: str, temperature: float, folder: Path) -> Piece:
        return Piece(folder / EXIT_CODE, lambda: _run(subject, references[name], name, temperature, folder))

    make_all([piece(*key, folder) for key, folder in runs.items()], subject.processes)
    rows, curves, lost = [], [], []
    for (name, temperature), folder in runs.items():
        if not ended_well(folder):
            lost.append(f"{name} at {temperature:g} K")
            continue
        table = pd.read_csv(folder / _ENERGY)
        meV = 1e3 * np.asarray(table["energy_eV"], dtype=float) / len(references[name])
        found = drift(np.asarray(table["time_ps"], dtype=float) * 1e-3, meV)
        rows.append(
            {
                "material": name,
                "temperature_K": temperature,
                "mean_temperature_K": float(table["temperature_K"].mean()),
                "n_atoms": len(references[name]),
                "run_ps": float(table["time_ps"].iloc[-1]),
                "drift_meV_per_atom_ns": found.value,
                "error_meV_per_atom_ns": found.error,
                "fluctuation_meV_per_atom": float(meV.std()),
            }
        )
        curves.append(_curve(name, temperature, table["time_ps"], meV))
    tests = [at_most("runs at constant energy that fell apart", len(lost), 0, "", ", ".join(lost))]
    if not rows:
        return Part(tuple(tests))
    table = pd.DataFrame(rows)
    return Part((*_verdicts(table, subject), *tests), {"drift": table, "drift_energies": pd.concat(curves)})


def _verdicts(table: pd.DataFrame, subject: Subject) -> Iterator[Verdict]:
    """The worst material at each temperature."""
    for temperature, group in table.groupby("temperature_K"):
        size = group["drift_meV_per_atom_ns"].abs()
        worst = group.loc[size.idxmax()]
        yield at_most(
            f"energy drift at {temperature:g} K, {TIMESTEP * 1e3:g} fs",
            float(size.max()),
            subject.asked.targets.drift_meV_per_atom_ns,
            "meV/atom/ns",
            f"largest of {len(group)} materials ({worst['material']}): "
            f"{worst['drift_meV_per_atom_ns']:+.2f} ± {worst['error_meV_per_atom_ns']:.2f} in "
            f"{worst['run_ps']:g} ps; mean temperature {worst['mean_temperature_K']:.0f} K",
            error=float(worst["error_meV_per_atom_ns"]),
        )


def _curve(name: str, temperature: float, time: pd.Series, meV: FloatArray) -> pd.DataFrame:
    """Energies less the first block's mean, averaged over half a picosecond, for the figure."""
    table = pd.DataFrame({"time_ps": time, "energy_meV_per_atom": meV - meV[: len(meV) // _BLOCKS].mean()})
    width = max(len(table) // 100, 1)
    means = table.groupby(np.arange(len(table)) // width).mean()
    return means.assign(material=name, temperature_K=temperature)


def _run(subject: Subject, start: Atoms, name: str, temperature: float, folder: Path) -> None:
    """One run in LAMMPS."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write_start(start, folder, subject.model, subject.recipe.elements)
    random = generator(subject.recipe.seed, name, f"drift {temperature:g}")
    values = {
        "temperature": f"{temperature:g}",
        "timestep": f"{TIMESTEP:g}",
        "heating_steps": str(round(min(_HEATING_PS, subject.asked.drift.run_ps) / TIMESTEP)),
        "steps": str(round(subject.asked.drift.run_ps / TIMESTEP)),
        "energy_every": str(min(10, max(round(subject.asked.drift.run_ps / TIMESTEP) // 100, 1))),
        "seed": str(int(random.integers(1, 2**31 - 1))),
    }
    run_to_its_end(folder, "drift.in", values)
