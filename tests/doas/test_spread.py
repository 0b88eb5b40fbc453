"""Spread over models: known answers on arrays, and products of two models that lie on disk."""

import csv
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from several_halide import STRETCH, halide_under

from atomstates.doas.disorder import UNITS
from atomstates.doas.model_pairs import (
    PAIR_UNITS,
    from_zeros,
    on_common_snapshots,
    pair_measures,
    pair_sums,
)
from atomstates.doas.spread import ModelSpread, spread_over
from atomstates.doas.spread_outcome import spread_check
from atomstates.doas.spread_products import SPREAD_CSV, SPREAD_JSON, SPREAD_MEASURES
from atomstates.doas.stage import DENSITY, DOAS, STATES, write_density, write_states
from atomstates.doas.states import States, read_states_file
from atomstates.doas.surroundings import Surroundings
from atomstates.lammps.potential import potential_hashes
from atomstates.parallel import Serial
from atomstates.products import read_json

N_IONS = 4
MPIEXEC = Path(sys.executable).parent / "mpiexec"


def states(energy, cell_energy, site_key=None, steps=None) -> States:
    """States of some snapshots of four ions: energies (S, 4) and (S,)."""
    energy = np.asarray(energy, dtype=np.float64)
    n_snapshots, n = len(energy), energy.size
    nothing = np.zeros(n)
    numbers = np.zeros((n, 1), dtype=np.uint8)
    keys = np.tile(np.arange(1, N_IONS + 1), n_snapshots) if site_key is None else np.ravel(site_key)
    return States(
        energy=energy.ravel(),
        site=np.zeros(n, dtype=np.uint8),
        edge_sharing=np.ones(n, dtype=np.uint8),
        face_sharing=np.zeros(n, dtype=np.uint8),
        snapshot=np.repeat(np.arange(n_snapshots), N_IONS),
        ion=np.tile(np.arange(1, N_IONS + 1), n_snapshots),
        clarity=np.ones(n),
        site_key=keys.astype(np.uint64),
        around=Surroundings(numbers, *[nothing] * 7),
        anion_species=("Cl",),
        snapshot_step=np.arange(n_snapshots) * 100 if steps is None else np.array(steps),
        sublattice_energy=energy.sum(axis=1),
        cell_energy=np.asarray(cell_energy, dtype=np.float64),
        order_parameter=np.full(n_snapshots, np.nan),
        site_order=np.full(n_snapshots, np.nan),
        initial_site_fraction=np.full(n_snapshots, np.nan),
        n_atoms=10,
        n_rejected=0,
        temperature=300.0,
    )


FIRST = states([[0.0, 0.1, 0.2, 0.3], [0.1, 0.1, 0.3, 0.3]], [-40.0, -39.9])


def measures(one, other):
    values = pair_measures(pair_sums(one, other, 1).sum(axis=0))
    return dict(zip(PAIR_UNITS, values, strict=True))


def test_pure_change_of_gauge_is_no_difference():
    other = replace(FIRST, energy=FIRST.energy + 0.7, cell_energy=FIRST.cell_energy - 3.0)
    found = measures(from_zeros(FIRST, 0.0, -4.0), from_zeros(other, 0.7, -4.3))
    assert found["correlation"] == pytest.approx(1)
    assert found["same_site"] == 1
    assert found["cell_correlation"] == pytest.approx(1)
    for name in ("rms_difference", "mean_difference", "cell_rms_difference"):
        assert abs(found[name]) < 1e-7


def test_differences_of_the_same_ions_by_hand():
    # two of four ions go up by 0.2 eV: the mean by 0.1, and all are 0.1 from that
    shift = np.tile([0.2, 0.0, 0.2, 0.0], 2)
    keys = [[1, 2, 3, 4], [1, 2, 3, 9]]
    other = replace(FIRST, energy=FIRST.energy + shift, site_key=np.ravel(keys).astype(np.uint64))
    found = measures(FIRST, other)
    assert found["mean_difference"] == pytest.approx(0.1)
    assert found["rms_difference"] == pytest.approx(0.1)
    assert found["same_site"] == pytest.approx(7 / 8)
    expected = np.corrcoef(FIRST.energy, other.energy)[0, 1]
    assert found["correlation"] == pytest.approx(expected)


def test_blocks_of_snapshots_add_up():
    other = replace(FIRST, energy=FIRST.energy[::-1].copy())
    one_each, together = pair_sums(FIRST, other, 1), pair_sums(FIRST, other, 2)
    assert one_each.shape == (2, 13)
    np.testing.assert_allclose(one_each.sum(axis=0), together[0], rtol=1e-12)


def test_only_snapshots_that_all_models_relaxed_are_compared():
    three = states(np.arange(12).reshape(3, 4), [1.0, 2.0, 3.0], steps=[0, 100, 200])
    two = states(np.arange(8).reshape(2, 4), [5.0, 6.0], steps=[100, 200])
    one, other = on_common_snapshots([three, two])
    assert one.snapshot_step.tolist() == [100, 200]
    assert one.snapshot.tolist() == [0] * 4 + [1] * 4
    assert one.energy.tolist() == list(range(4, 12))
    assert one.n_rejected == 1
    assert other is two
    with pytest.raises(ValueError, match="all models"):
        on_common_snapshots([one, states(np.zeros((1, 4)), [0.0], steps=[0])])
    with pytest.raises(ValueError, match="not the same ions"):
        pair_sums(three, two, 1)


def spread_of(density, error, measures=None) -> ModelSpread:
    """A result with these densities; all else is nothing."""
    density = np.asarray(density, dtype=np.float64)
    n_models = len(density)
    width = list(UNITS).index("width")
    values = np.full((n_models, len(UNITS)), np.nan)
    values[:, width] = 0.1
    pairs = np.array([[0.9, 0.02, 0.0, 0.99, 1.0, 0.001]] * (n_models - 1))
    return ModelSpread(
        300.0, 8, 2, 2, 1, density, np.asarray(error, dtype=np.float64), values, values,
        spread_over(values), spread_over(values), pairs, pairs,
    )  # fmt: skip


def test_band_goes_from_the_lowest_to_the_highest_model_and_errors_widen_it():
    found = spread_of([[1.0, 4.0, 0.0], [2.0, 3.0, 0.0]], [[0.5, 0.1, 0.0], [1.5, 0.2, np.nan]])
    assert found.band.tolist() == [[1.0, 3.0, 0.0], [2.0, 4.0, 0.0]]
    low, high = found.band_with_error
    assert low == pytest.approx([0.5, 2.8, 0.0])
    assert high == pytest.approx([3.5, 4.1, 0.0])


def test_spread_is_the_standard_deviation_over_models_in_any_order():
    values = np.array([[0.1, 1.0], [0.3, np.nan], [0.7, 2.0]])
    spread = spread_over(values)
    assert spread[0] == pytest.approx(np.std([0.1, 0.3, 0.7], ddof=1))
    assert np.isnan(spread[1])
    for order in ([0, 2, 1], [2, 1, 0]):
        assert spread_over(values[order])[0] == spread[0]


def test_models_that_order_the_ions_differently_are_warned_about():
    agreed = spread_of([[1.0], [1.0]], [[0.0], [0.0]])
    assert spread_check([agreed]).status == "PASS"
    pairs = agreed.pairs.copy()
    pairs[0, list(PAIR_UNITS).index("rms_difference")] = 0.08
    check = spread_check([agreed, replace(agreed, temperature=600.0, pairs=pairs)])
    assert check.status == "WARN"
    assert "0.8 widths of the density of states (rms, 600 K" in check.message


# ---------------------------------------------------------------- products


def finished(folder, names):
    material = halide_under(folder, names)
    for run in material.runs:
        write_states(run, Serial())
    return material, write_density(material, Serial())


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    return finished(tmp_path_factory.mktemp("three"), ("first", "gauge", "stretched"))


def rows(material, name):
    with (material.stage_path("doas") / name).open() as handle:
        return list(csv.DictReader(handle))


def test_density_of_another_gauge_is_the_same_from_its_own_zero(three):
    for row in rows(three[0], SPREAD_CSV):
        assert float(row["model-1_per_eV"]) == pytest.approx(float(row["model-0_per_eV"]), abs=1e-9)
    hot = read_json(three[0].stage_path("doas") / SPREAD_JSON)["temperatures"][1]
    gauge = {name: number["value"] for name, number in hot["against_first"]["model-1"].items()}
    assert gauge["correlation"] == pytest.approx(1)
    assert gauge["same_site"] == 1
    assert gauge["rms_difference"] < 1e-6


def test_stretched_levels_have_a_wider_density_and_the_same_cells(three):
    content = read_json(three[0].stage_path("doas") / SPREAD_JSON)
    assert [model["file"] for model in content["models"]] == ["first.pb", "gauge.pb", "stretched.pb"]
    for entry in content["temperatures"]:
        width = {name: number["value"] for name, number in entry["measures"]["width"].items()}
        assert width["model-2"] == pytest.approx(STRETCH * width["model-0"], rel=1e-9)
        # two equal ones and one that is larger by half: standard deviation 0.5/sqrt(3)
        assert width["spread"] == pytest.approx(0.5 / np.sqrt(3) * width["model-0"], rel=1e-9)
        against = {name: number["value"] for name, number in entry["against_first"]["model-2"].items()}
        assert against["correlation"] == pytest.approx(1)
        assert against["rms_difference"] == pytest.approx((STRETCH - 1) * width["model-0"], rel=1e-6)
        assert against["cell_rms_difference"] < 1e-6
        assert entry["n_snapshots"] == 2 * 4  # of six one failed in all models, and one in the third


def test_band_holds_the_density_of_every_model(three):
    for row in rows(three[0], SPREAD_CSV):
        own = [float(row[f"model-{k}_per_eV"]) for k in range(3)]
        assert float(row["lowest_per_eV"]) == min(own)
        assert float(row["highest_per_eV"]) == max(own)
        assert float(row["lowest_less_error_per_eV"]) <= min(own)
        assert float(row["mean_per_eV"]) == pytest.approx(np.mean(own), rel=1e-9, abs=1e-12)


def test_states_know_their_potential(three):
    material = three[0]
    hashes = potential_hashes(material.material.potential, material.file_hashes)
    folder = material.runs[0].stage_path("doas")
    assert read_states_file(folder / STATES).potential == hashes[0]
    assert read_states_file(folder / "states.model-2.h5").potential == hashes[2]


def test_order_of_further_models_leaves_no_trace_in_the_spread(three, tmp_path):
    turned, summary = finished(tmp_path, ("first", "stretched", "gauge"))
    band = [name for name in rows(turned, SPREAD_CSV)[0] if not name.startswith("model-")]
    for ours, theirs in zip(rows(three[0], SPREAD_CSV), rows(turned, SPREAD_CSV), strict=True):
        assert {name: ours[name] for name in band} == {name: theirs[name] for name in band}
    ours, theirs = (
        [row for row in rows(material, SPREAD_MEASURES) if row["model"] == "spread"]
        for material in (three[0], turned)
    )
    assert ours == theirs
    assert summary.checks == three[1].checks


def test_number_of_ranks_leaves_no_trace(three, tmp_path):
    script = Path(__file__).with_name("spread_in_ranks.py")
    command = [str(MPIEXEC), "-n", "2", sys.executable, str(script), str(tmp_path)]
    subprocess.run(command, check=True, timeout=120)
    for name in (SPREAD_JSON, SPREAD_CSV, SPREAD_MEASURES, DOAS):
        theirs = tmp_path / "results" / "materials" / "lyc" / "doas" / name
        assert theirs.read_bytes() == (three[0].stage_path("doas") / name).read_bytes()


def test_one_model_gives_no_spread_and_the_same_density(three, tmp_path):
    alone, summary = finished(tmp_path, ("first",))
    folder = alone.stage_path("doas")
    assert not [path.name for path in folder.iterdir() if "spread" in path.name]
    assert not [path.name for path in alone.runs[0].stage_path("doas").iterdir() if "model" in path.name]
    assert not any("spread" in check.name for check in summary.checks)
    assert (folder / DENSITY).read_bytes() == (three[0].stage_path("doas") / DENSITY).read_bytes()
