"""The notebook of the documents: its cells run on a campaign, and its fit gives back a known line."""

import re
import shutil
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

from atomstates.products import Measured, read_json, write_json

NOTEBOOK = Path(__file__).resolve().parents[2] / "docs" / "notebook.md"
BOLTZMANN = 8.617333262e-5
ACTIVATION_ENERGY = 0.3


def code_cells():
    return re.findall(
        r"^```python\n(.*?)^```", NOTEBOOK.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )


def with_known_line(arrhenius):
    """Points of ln(sigma T) = 12 - E/kT with errors of 5 %, at temperatures of which one was refused."""
    content = read_json(arrhenius)
    template, points = content["points"][0], []
    for temperature in (300.0, 600.0, 700.0, 800.0, 900.0):
        sigma = float(np.exp(12 - ACTIVATION_ENERGY / (BOLTZMANN * temperature)) / temperature)
        known = {
            "temperature_K": temperature,
            "conductivity": Measured(sigma, 0.05 * sigma, "mS/cm", 100),
            "diffusivity": Measured(1e-6, 1e-7, "cm²/s", 100),
            "upper_bound_conductivity_mS_per_cm": None,
            "refusal": None,
        }
        refused = {"temperature_K": temperature, "conductivity": None, "diffusivity": None}
        refused |= {"upper_bound_conductivity_mS_per_cm": 1.0, "refusal": "Li hardly moved"}
        points.append(template | (known if temperature > 300 else refused))
    write_json(arrhenius, content | {"points": points})


def run_cells(results, folder, monkeypatch):
    """Run all cells in a folder that has the results where the tutorial leaves them; what they defined."""
    heavy = shutil.ignore_patterns("*.dcd", "*.lammpstrj", "restart.*", "*.pb", "*.cube")
    here = folder / "results" / "first"
    shutil.copytree(results, here, ignore=heavy)
    (arrhenius,) = here.glob("materials/*/transport/arrhenius.json")
    with_known_line(arrhenius)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(plt, "show", lambda: None)
    found: dict = {}
    try:
        for cell in code_cells():
            exec(cell, found)
    finally:
        plt.close("all")
    return found


def test_cells_run_and_the_fit_gives_the_known_activation_energy(finished, tmp_path, monkeypatch, capsys):
    found = run_cells(finished[0] / "results", tmp_path, monkeypatch)
    assert len(found["good"]) == 4
    assert -found["slope"] == pytest.approx(ACTIVATION_ENERGY, rel=1e-6)
    # The widths are those of the states themselves, each at the centre of its bin.
    centres = found["energy"].to_numpy()
    for temperature, states in found["campaign"].states().groupby("temperature_K"):
        nearest = np.abs(states["energy_eV"].to_numpy()[:, None] - centres).argmin(axis=1)
        width = float(found["width"].sel(temperature_K=temperature))
        assert width == pytest.approx(np.std(centres[nearest]), rel=1e-6)
    assert "states an ion: [1. 1.]" in capsys.readouterr().out
    assert (tmp_path / "density.pdf").stat().st_size > 1000
