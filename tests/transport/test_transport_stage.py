import csv

import numpy as np
import pytest
from walks import hopping_walk

from atomstates.campaign.layout import Results
from atomstates.campaign.schema import Campaign, Material
from atomstates.errors import ProductError
from atomstates.parallel import Serial
from atomstates.products import read_json, write_json
from atomstates.transport import stage

RATES = {300.0: 1e-4, 400.0: 0.02, 500.0: 0.06, 600.0: 0.12}
N_IONS, VOLUME = 40, 2000.0


class Walks:
    """What ``open_trajectory`` would give for a run: ions that hop, framework that drifts."""

    frame_interval_ps, volume, cell = 0.1, VOLUME, np.eye(3) * VOLUME ** (1 / 3)
    n_frames, n_atoms = 600, N_IONS + 2

    def __init__(self, folder, rates):
        temperature = float(folder.parent.name.split("_")[1].removesuffix("K"))
        generator = np.random.default_rng(int(temperature))
        ions = hopping_walk(generator, self.n_frames, N_IONS, rates[temperature], rattle=0.2)
        framework = np.zeros((self.n_frames, 2, 3))
        drift = np.linspace(0, 50, self.n_frames)[:, None, None]
        self.elements = ("Li",) * N_IONS + ("Y", "Cl")
        self.positions = np.concatenate([ions, framework], axis=1) + drift

    def read(self, start, stop):
        return self.positions[start:stop]


def place(tmp_path, temperatures):
    material = Material(
        name="walk",
        title="walk",
        crystal={"cif": "walk.cif"},
        mobile="Li",
        anions=("Cl",),
        charges={"Li": 1, "Y": 3, "Cl": -1},
        potential={"lammps": {"pair_style": "zero 5.0", "pair_coeff": ("* *",)}},
    )
    campaign = Campaign(name="walks", materials=("walk",), temperatures_K=temperatures)
    source = {"settings": material.model_dump(mode="json"), "files": {}, "file_hashes": {}}
    folder = Results(tmp_path, campaign, {"walk": source}).materials[0]
    masses = {"elements": ["Li", "Y", "Cl"], "masses_u": [6.94, 88.9, 35.45]}
    write_json(folder.stage_path("potentials") / "structure.json", masses)
    return folder


@pytest.fixture
def walks(monkeypatch):
    monkeypatch.setattr(stage, "open_trajectory", lambda folder: Walks(folder, RATES))


@pytest.mark.usefixtures("walks")
def test_cold_run_is_a_result_with_a_bound_and_a_table(tmp_path):
    run = place(tmp_path, (300.0,)).runs[0]
    summary = stage.write_diffusion(run, Serial())
    content = read_json(run.stage_path("transport") / "diffusion.json")
    assert "needed: run longer or hotter" in content["refusal"]
    assert content["diffusivity"]["value"] is None
    assert content["diffusivity"]["note"] == content["refusal"]
    assert content["upper_bound"]["diffusivity_cm2_per_s"] > 1e-4 / 0.1 * 9 / 6 * 1e-4
    assert [check.status for check in summary.checks] == ["WARN"]
    with (run.stage_path("transport") / "msd.csv").open() as handle:
        rows = list(csv.DictReader(handle))
    assert list(rows[0]) == list(stage.MSD_COLUMNS)
    assert float(rows[0]["lag_ps"]) == 0.1
    assert all(float(row["msd_A2"]) > 0 for row in rows)


@pytest.mark.usefixtures("walks")
def test_hot_runs_give_their_rates_and_a_line(tmp_path):
    folder = place(tmp_path, tuple(RATES))
    for run in folder.runs:
        stage.write_diffusion(run, Serial())
        content = read_json(run.stage_path("transport") / "diffusion.json")
        if run.temperature > 300:
            expected, d = RATES[run.temperature] / 0.1 * 9 / 6 * 1e-4, content["diffusivity"]
            assert d["value"] == pytest.approx(expected, abs=3.5 * d["error"])
            assert content["conductivity"]["error"] / content["conductivity"]["value"] == pytest.approx(
                d["error"] / d["value"]
            )
    summary = stage.write_arrhenius(folder, Serial())
    content = read_json(folder.stage_path("transport") / "arrhenius.json")
    assert [point["temperature_K"] for point in content["points"]] == list(RATES)
    assert content["points"][0]["upper_bound_conductivity_mS_per_cm"] > 0
    assert content["fit"]["n_temperatures"] == 3
    low, high = content["conductivity_at"]["interval"]
    assert low < content["conductivity_at"]["value"] < high
    assert 0 < summary.numbers["activation_energy"].value < 1
    assert "300 K" in summary.checks[0].message


@pytest.mark.usefixtures("walks")
def test_two_temperatures_give_words_in_place_of_an_energy(tmp_path):
    folder = place(tmp_path, (300.0, 500.0, 600.0))
    for run in folder.runs:
        stage.write_diffusion(run, Serial())
    summary = stage.write_arrhenius(folder, Serial())
    content = read_json(folder.stage_path("transport") / "arrhenius.json")
    assert "needs three temperatures with a diffusivity; there are 2" in content["refusal"]
    assert content["line"] is None
    assert summary.numbers["activation_energy"].value is None


@pytest.mark.usefixtures("walks")
def test_element_without_mass_is_named(tmp_path):
    folder = place(tmp_path, (500.0,))
    masses = {"elements": ["Li", "Y"], "masses_u": [6.94, 88.9]}
    write_json(folder.stage_path("potentials") / "structure.json", masses)
    with pytest.raises(ProductError, match="Cl"):
        stage.write_diffusion(folder.runs[0], Serial())
