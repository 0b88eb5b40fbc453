import csv

import numpy as np
import pytest
from walks import hopping_walk

from atomstates.campaign.layout import Results
from atomstates.campaign.schema import Campaign, Material, Transport
from atomstates.errors import InputError, ProductError
from atomstates.lammps.data import data_text
from atomstates.parallel import Serial
from atomstates.products import read_json, write_json
from atomstates.transport import stage
from atomstates.transport.maps import stage as map_stage

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


def place(tmp_path, temperatures, **transport):
    material = Material(
        name="walk",
        title="walk",
        crystal={"cif": "walk.cif"},
        mobile="Li",
        anions=("Cl",),
        charges={"Li": 1, "Y": 3, "Cl": -1},
        potential={"lammps": {"pair_style": "zero 5.0", "pair_coeff": ("* *",)}},
    )
    campaign = Campaign(name="walks", materials=("walk",), temperatures_K=temperatures, transport=transport)
    source = {"settings": material.model_dump(mode="json"), "files": {}, "file_hashes": {}}
    folder = Results(tmp_path, campaign, {"walk": source}).materials[0]
    potentials, edge = folder.stage_path("potentials"), VOLUME ** (1 / 3)
    masses = {"elements": ["Li", "Y", "Cl"], "masses_u": [6.94, 88.9, 35.45]}
    described = {"n_atoms": N_IONS + 2, "supercell": [1, 1, 1], "unit_cell_A": np.eye(3) * edge}
    write_json(potentials / "structure.json", masses | described)
    elements, places = ["Li"] * N_IONS + ["Y", "Cl"], np.zeros((N_IONS + 2, 3))
    by_element = dict(zip(masses["elements"], masses["masses_u"], strict=True))
    (potentials / "structure.data").write_text(data_text(np.eye(3) * edge, places, elements, by_element))
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
def test_where_the_ions_were_is_written_beside_how_far_they_went(tmp_path):
    folder = place(tmp_path, (300.0, 600.0))
    for run in folder.runs:
        stage.write_diffusion(run, Serial())
    summary = stage.write_arrhenius(folder, Serial())
    content = read_json(folder.stage_path("transport") / "density_map.json")
    cold, hot = content["temperatures"]
    assert cold["ions_per_cell"] == hot["ions_per_cell"] == N_IONS
    # at 300 K ions rattle about one place; at 600 K they hop along x, y and z, but seldom are on the way
    assert cold["rarest_blocks"]["a"]["visits"] == 0
    assert cold["percolation_barrier_along_a"]["value"] is None
    assert "visits each" in cold["percolation_barrier_along_a"]["note"]
    assert (folder.stage_path("transport") / cold["cube"]).is_file()
    with (folder.stage_path("transport") / "density_projections.csv").open() as handle:
        rows = list(csv.DictReader(handle))
    a, b, c = content["voxels"]
    assert len(rows) == 2 * (b * c + a * c + a * b)
    named = {check.name: check for check in summary.checks}
    assert "600 K" in named["percolation of the density"].message


@pytest.mark.usefixtures("walks")
def test_trajectory_of_another_crystal_is_refused(tmp_path):
    folder = place(tmp_path, (500.0,))
    data = folder.stage_path("potentials") / "structure.data"
    data.write_text(data.read_text().replace("\n42 3 ", "\n42 2 "))
    with pytest.raises(ProductError, match="not those of the crystal"):
        stage.write_diffusion(folder.runs[0], Serial())


@pytest.mark.usefixtures("walks")
def test_voxels_that_do_not_fit_into_memory_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(map_stage, "MOST_VOXELS", 1000)
    with pytest.raises(InputError, match="map_spacing_A"):
        stage.write_diffusion(place(tmp_path, (500.0,)).runs[0], Serial())


@pytest.mark.usefixtures("walks")
def test_element_without_mass_is_named(tmp_path):
    folder = place(tmp_path, (500.0,))
    masses = {"elements": ["Li", "Y"], "masses_u": [6.94, 88.9]}
    write_json(folder.stage_path("potentials") / "structure.json", masses)
    with pytest.raises(ProductError, match="Cl"):
        stage.write_diffusion(folder.runs[0], Serial())


@pytest.mark.usefixtures("walks")
def test_run_says_what_every_axis_and_all_ions_together_do(tmp_path):
    run = place(tmp_path, (600.0,)).runs[0]
    stage.write_diffusion(run, Serial())
    content = read_json(run.stage_path("transport") / "diffusion.json")
    for name in ("diffusivity", "conductivity"):
        tensor = content[f"{name}_tensor"]
        axes = [tensor[axis]["value"] for axis in ("xx", "yy", "zz")]
        assert sum(axes) / 3 == pytest.approx(content[name]["value"], rel=1e-9)
        assert sum(entry["value"] for entry in tensor["principal"]) == pytest.approx(sum(axes), rel=1e-9)
        assert all(tensor[axis]["error"] > content[name]["error"] for axis in ("xx", "yy", "zz"))
    together = content["collective_conductivity"]
    ratio = content["conductivity"]["value"] / together["value"]
    assert content["haven_ratio"]["value"] == pytest.approx(ratio, rel=1e-9)
    assert content["fit"]["exponent"]["value"] == pytest.approx(
        1, abs=3.5 * content["fit"]["exponent"]["error"]
    )


@pytest.mark.usefixtures("walks")
def test_run_says_how_it_converges_and_how_far_ions_come(tmp_path):
    run = place(tmp_path, (600.0,)).runs[0]
    summary = stage.write_diffusion(run, Serial())
    content = read_json(run.stage_path("transport") / "diffusion.json")
    parts = content["convergence"]
    assert [part["produce_ps"] for part in parts] == pytest.approx([7.4, 14.9, 22.4, 29.9, 44.9, 59.9])
    assert parts[-1]["diffusivity"]["value"] == content["diffusivity"]["value"]
    assert {"convergence", "diffusive motion"} <= {check.name for check in summary.checks}
    with (run.stage_path("transport") / "van_hove.csv").open() as handle:
        rows = list(csv.DictReader(handle))
    shortest = [row for row in rows if row["lag_ps"] == "1.0"]
    assert sum(float(row["self_per_A"]) * 0.1 for row in shortest) == pytest.approx(1, abs=0.01)
    # a cube of 2000 Å³ is 12.6 Å wide: the last shell within half of it ends at 6.2 Å
    assert [row["r_A"] for row in shortest if row["distinct"]][-1] == "6.15"


@pytest.mark.usefixtures("walks")
def test_window_of_the_campaign_is_the_one_that_is_fitted(tmp_path):
    run = place(tmp_path, (600.0,), fit_from_ps=2.0, fit_to_ps=20.0).runs[0]
    stage.write_diffusion(run, Serial())
    lags = read_json(run.stage_path("transport") / "diffusion.json")["lags"]
    assert (lags["first_ps"], lags["last_ps"]) == pytest.approx((2.0, 20.0), rel=0.1)


def test_window_that_makes_no_sense_is_refused_in_words():
    with pytest.raises(ValueError, match=r"fit_from_ps \(9\) must be below fit_to_ps \(5\)"):
        Transport(fit_from_ps=9, fit_to_ps=5)
    with pytest.raises(ValueError, match=r"transport\.fit_to_ps is 80, but lags reach 50 ps at most"):
        Campaign(name="w", materials=("w",), temperatures_K=(300,), transport={"fit_to_ps": 80})
