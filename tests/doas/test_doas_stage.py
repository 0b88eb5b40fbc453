"""From relaxed snapshots to doas.json, with products as they lie on disk."""

import csv
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from halide import POOR, RICH, TETRAHEDRAL, halide

from atomstates.doas.order_products import ORDER
from atomstates.doas.representatives import ENVIRONMENTS, FOLDER
from atomstates.doas.stage import (
    DENSITY,
    DOAS,
    RADIAL,
    RADIAL_CSV,
    RADIAL_JSON,
    STATES,
    write_density,
    write_states,
)
from atomstates.doas.states import read_states_file
from atomstates.doas.sublattice import HEAT_CAPACITY, SUBLATTICE
from atomstates.doas.transition_products import TRANSITIONS, TRANSITIONS_CSV
from atomstates.errors import InputError, ProductError
from atomstates.minimize.relaxed import read_relaxed, write_relaxed
from atomstates.parallel import Serial
from atomstates.products import read_json

MPIEXEC = Path(sys.executable).parent / "mpiexec"


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    material = halide(tmp_path_factory.mktemp("halide"))
    summaries = [write_states(run, Serial()) for run in material.runs]
    return material, summaries, write_density(material, Serial())


def test_cold_run_has_two_octahedral_levels_by_edge_sharing_yttrium(done):
    material, _, _ = done
    states = read_states_file(material.runs[0].stage_path("doas") / STATES)
    assert np.all(states.site == 0)
    assert set(states.edge_sharing.tolist()) == {1, 2}
    assert states.energy[states.edge_sharing == 1].mean() == pytest.approx(POOR, abs=0.002)
    assert states.energy[states.edge_sharing == 2].mean() == pytest.approx(RICH, abs=0.002)
    assert states.order_parameter == pytest.approx(np.ones(5))
    assert states.ion.reshape(5, -1).tolist() == [list(range(1, 73))] * 5


def test_hot_run_has_the_tetrahedral_ions_that_were_put_there(done):
    material, _, _ = done
    states = read_states_file(material.runs[-1].stage_path("doas") / STATES)
    tetrahedral = states.energy > (RICH + TETRAHEDRAL) / 2
    assert tetrahedral.sum() == 5 * 9
    assert np.array_equal(states.site == 1, tetrahedral)
    assert states.order_parameter.mean() < 0.5


def test_order_over_alike_sites_is_lost_with_that_of_the_channels(done):
    """The Y-rich sites are full at the start and half of the Y-poor ones; hot ions are anywhere."""
    material, _, _ = done
    content = read_json(material.stage_path("doas") / ORDER)
    assert content["space_group"] == "P-3m1"
    assert [
        (one["filled_per_unit_cell"], one["sites_per_unit_cell"]) for one in content["sublattices"]
    ] == [
        (6, 6),
        (3, 6),
    ]
    cold, hot = (
        [run["site_order"] for run in content["runs"] if run["temperature_K"] == temperature]
        for temperature in (300, 600)
    )
    assert [one["value"] for one in cold] == [1, 1]
    for one in hot:
        # four sites of five that are not the filled ones: ± 0.1 in a snapshot of 72 ions
        assert abs(one["value"]) < 4 * max(one["error"], 0.05)
    poor = content["temperatures"][0]["occupations"][1]
    assert (poor["initially_filled"]["value"], poor["initially_vacant"]["value"]) == (1, 0)
    assert content["temperatures"][0]["occupations"][0]["initially_vacant"]["value"] is None
    disorder = read_json(material.stage_path("doas") / DOAS)
    assert [entry["site_order"]["value"] for entry in disorder["temperatures"]] == pytest.approx(
        [1, np.mean([one["value"] for one in hot])], rel=1e-9
    )
    assert disorder["onsets"]["site_order_below_one_half"]["interval"] == [300, 600]


def test_order_of_runs_that_are_long_enough_is_told_by_halves(tmp_path):
    """Eight good snapshots are four blocks; the cold runs keep their order throughout."""
    material = halide(tmp_path, n_snapshots=9)
    for run in material.runs:
        write_states(run, Serial())
    density = write_density(material, Serial())
    assert "settling" in {check.name for check in density.checks}
    cold = read_json(material.stage_path("doas") / ORDER)["runs"][0]["halves"]
    assert set(cold) == {"order_parameter", "site_order"}
    for found in cold.values():
        assert found["falls"] is False
        for half in ("first", "second"):
            assert (found[half]["value"], found[half]["sample"]) == (pytest.approx(1), 4)


def test_failed_snapshots_are_left_out_and_counted(done):
    _, summaries, density = done
    assert all(summary.facts["n_snapshots"] == 5 for summary in summaries)
    assert {check.name: check.status for check in summaries[0].checks}["snapshots"] == "WARN"
    rejected = {check.name: check.message for check in density.checks}["snapshots"]
    assert "4 of 24" in rejected


def test_reference_is_the_lowest_state_of_all_temperatures(done):
    material, _, _ = done
    content = read_json(material.stage_path("doas") / DOAS)
    lowest = min(read_states_file(run.stage_path("doas") / STATES).energy.min() for run in material.runs)
    assert content["reference_energy_eV"] == lowest
    assert [entry["temperature_K"] for entry in content["temperatures"]] == [300, 600]
    cold, hot = content["temperatures"]
    assert cold["n_runs"] == hot["n_runs"] == 2
    assert cold["n_states"] == 2 * 5 * 72
    assert hot["gap"]["value"] == pytest.approx(TETRAHEDRAL - (POOR + RICH) / 2, abs=0.01)
    assert cold["gap"]["value"] is None
    assert hot["tetrahedral_fraction"]["value"] == pytest.approx(1 / 8)
    assert cold["order_parameter"]["value"] == pytest.approx(1)
    for entry in content["temperatures"]:
        assert sum(row["fraction"]["value"] for row in entry["environments"]) == pytest.approx(1)


def test_table_of_densities_adds_up(done):
    material, _, _ = done
    with (material.stage_path("doas") / DENSITY).open() as handle:
        rows = list(csv.DictReader(handle))
    width = read_json(material.stage_path("doas") / DOAS)["bin_width_eV"]
    for temperature in ("300", "600"):
        own = [row for row in rows if row["temperature_K"] == temperature]
        assert sum(float(row["total_per_eV"]) for row in own) * width == pytest.approx(1)
        for row in own:
            parts = [float(row[f"{name}_per_eV"]) for name in ("octahedral", "tetrahedral", "other")]
            assert sum(parts) == pytest.approx(float(row["total_per_eV"]), rel=1e-9)
            edges = [float(row[f"octahedral_{n}_edge_sharing_per_eV"]) for n in (1, 2)]
            assert sum(edges) <= parts[0] * (1 + 1e-9) + 1e-12
    assert float(rows[0]["energy_eV"]) == pytest.approx(width / 2)
    assert "total_error_per_eV" in rows[0]


def test_radial_distributions_tell_octahedra_from_tetrahedra(done):
    material, _, _ = done
    content = read_json(material.stage_path("doas") / RADIAL_JSON)
    cold, hot = (entry["relaxed"] for entry in content["temperatures"])
    assert cold["ion_anion"]["coordination"]["value"] == pytest.approx(6, rel=0.02)
    # an eighth of the ions has four anions around it
    assert hot["ion_anion"]["coordination"]["value"] == pytest.approx(6 - 2 / 8, rel=0.05)
    assert hot["ion_anion"]["width"]["value"] > 1.3 * cold["ion_anion"]["width"]["value"]
    with (material.stage_path("doas") / RADIAL_CSV).open() as handle:
        rows = list(csv.DictReader(handle))
    assert {row["temperature_K"] for row in rows} == {"300.0", "600.0"}
    assert float(rows[0]["r_A"]) == pytest.approx(0.025)


def test_every_populous_environment_has_a_structure(done):
    material, _, _ = done
    folder = material.stage_path("doas")
    entries = read_json(folder / ENVIRONMENTS)["environments"]
    shares = {}
    for temperature in read_json(folder / DOAS)["temperatures"]:
        for row in temperature["environments"]:
            key = (row["site"], row["edge_sharing"], row["face_sharing"])
            shares[key] = max(shares.get(key, 0), row["fraction"]["value"])
    written = {(one["site"], one["edge_sharing"], one["face_sharing"]): one for one in entries}
    assert set(written) == {key for key, share in shares.items() if share >= 0.01}
    for one in entries:
        around = one["surroundings"]
        n_faces = {"octahedral": 8, "tetrahedral": 4}[one["site"]]
        neighbours = ("face_sharing_ions", "vacant_octahedra", "vacant_tetrahedra")
        beyond = sum(around[name]["mean"] for name in neighbours)
        assert beyond + one["face_sharing"] == pytest.approx(n_faces, rel=0.01)
        assert abs(one["energy_eV"] - one["mean_energy_eV"]) < 0.002
        assert one["cluster"]["role"][0] == "ion"
        assert len(one["cluster"]["polyhedra"]) == 1 + one["edge_sharing"] + one["face_sharing"]
    assert {path.name for path in (folder / FOLDER).iterdir()} == {
        f"{one['name']}.{end}" for one in entries for end in ("cif", "xyz")
    }


def test_every_face_of_a_polyhedron_is_shared_or_vacant(done):
    """In a close packing: eight faces of an octahedron, four of a tetrahedron."""
    material, _, _ = done
    for run in material.runs:
        states = read_states_file(run.stage_path("doas") / STATES)
        around = states.around
        faces = states.face_sharing + around.face_sharing_ions
        faces += around.vacant_octahedra + around.vacant_tetrahedra
        assert np.mean(faces == np.array([8, 4, 0])[states.site]) > 0.99
        assert states.anion_species == ("Cl",)
        assert np.array_equal(around.anion_numbers[:, 0], np.array([6, 4, 6])[states.site])


def test_ions_that_change_places_in_every_snapshot_are_too_many_transitions(done):
    material, _, density = done
    cold, hot = read_json(material.stage_path("doas") / TRANSITIONS)["temperatures"]
    # halide() permutes the ids of the ions in every snapshot: nearly all are elsewhere in the next
    assert cold["n_pairs"] == hot["n_pairs"] == 2 * 4
    assert cold["changed_share"]["value"] > 0.9
    assert sum(cold["ion_intervals"].values()) == 8 * 72
    assert cold["share"] == pytest.approx(
        {"octahedral_1_edge_sharing": 1 / 3, "octahedral_2_edge_sharing": 2 / 3}, rel=1e-9
    )
    assert {check.name: check.status for check in density.checks}["transitions"] == "WARN"
    with (material.stage_path("doas") / TRANSITIONS_CSV).open() as handle:
        rows = list(csv.DictReader(handle))
    assert {row["run"] for row in rows} == {"", *(run.id for run in material.runs)}
    for row in rows:
        if not row["run"] and float(row["temperature_K"]) == 300:
            assert int(row["transitions"]) == cold["transitions"][row["from"]][row["to"]]


def test_sites_have_the_same_names_in_all_snapshots_and_runs(done):
    """The frames drift, and their ions wander by whole cells: 72 of 96 octahedra are full when cold."""
    material, _, _ = done
    states = [read_states_file(run.stage_path("doas") / STATES) for run in material.runs]
    cold = [np.unique(one.site_key).tolist() for one in states[:2]]
    assert cold[0] == cold[1]
    assert len(cold[0]) == 72
    octahedra = set(np.concatenate([one.site_key[one.site == 0] for one in states]).tolist())
    assert len(octahedra) == 96


def test_number_of_ranks_leaves_no_trace(done, tmp_path):
    one = done[0]
    script = Path(__file__).with_name("states_in_ranks.py")
    command = [str(MPIEXEC), "-n", "2", sys.executable, str(script), str(tmp_path)]
    subprocess.run(command, check=True, timeout=120)
    root = tmp_path / "results"
    tables = (DENSITY, RADIAL_CSV, TRANSITIONS_CSV, SUBLATTICE)
    for name in (DOAS, RADIAL_JSON, TRANSITIONS, ENVIRONMENTS, HEAT_CAPACITY, ORDER, *tables):
        ours, theirs = one.stage_path("doas") / name, root / "materials/lyc/doas" / name
        assert theirs.read_bytes() == ours.read_bytes()
    for run in one.runs:
        for file in (STATES, RADIAL):
            with (
                h5py.File(run.stage_path("doas") / file) as ours,
                h5py.File(root / "runs" / run.id / "doas" / file) as theirs,
            ):
                assert set(ours) == set(theirs)
                for name in ours:
                    assert np.array_equal(ours[name][:], theirs[name][:], equal_nan=file == STATES)


def test_bad_input_is_named(tmp_path):
    material = halide(tmp_path, n_snapshots=2)
    run = material.runs[0]
    path = run.stage_path("minimize") / "relaxed.h5"
    relaxed = read_relaxed(path)

    write_relaxed(path, type(relaxed)(**{**relaxed.__dict__, "status": np.full(2, 1, dtype=np.uint8)}))
    with pytest.raises(ProductError, match="none of the 2 snapshots"):
        write_states(run, Serial())

    other = np.where(relaxed.element == "Li", "Na", relaxed.element)
    write_relaxed(path, type(relaxed)(**{**relaxed.__dict__, "element": other}))
    with pytest.raises(ProductError, match="different atoms"):
        write_states(run, Serial())

    data = material.stage_path("potentials") / "structure.json"
    described = read_json(data)
    data.write_text(data.read_text().replace('"Li"', '"Na"'))
    assert described["elements"][0] == "Li"
    with pytest.raises(InputError, match="no atom is 'Li'"):
        write_states(run, Serial())

    path.unlink()
    with pytest.raises(ProductError, match=r"relaxed\.h5"):
        write_states(run, Serial())
