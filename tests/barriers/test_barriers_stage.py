"""The barriers of a small campaign with the shipped potential, from its snapshots to its products."""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from atomstates.barriers.harvest import read_search
from atomstates.barriers.stage import write_barriers, write_hops
from atomstates.campaign.layout import lay_out, open_results
from atomstates.errors import ProductError
from atomstates.parallel import Serial
from atomstates.products import read_json

MPIEXEC = Path(sys.executable).parent / "mpiexec"
SAME_BARRIER_EV = 5e-3
"""Bands whose ends are relaxed to the force tolerance from images that differ by rounding."""


@pytest.fixture(scope="module")
def results(finished):
    return open_results(finished[0] / "results")


def documents(results):
    return [read_json(run.stage_path("barriers") / "barriers.json") for run in results.runs]


def test_hops_of_hot_runs_have_barriers_that_ions_cross(results):
    hot = documents(results)[-1]
    assert hot["temperature_K"] == 900
    found = [hop for hop in hot["hops"] if "failure" not in hop]
    assert found
    for hop in found:
        assert 0 < hop["barrier_forward_eV"] < 1.0
        assert hop["barrier_forward_eV"] - hop["barrier_backward_eV"] == pytest.approx(
            hop["energy_difference_eV"], abs=1e-6
        )
        profile = hop["profile"]
        assert max(profile["energy_eV"]) == pytest.approx(hop["barrier_forward_eV"], abs=1e-6)
        assert profile["energy_eV"][0] == 0
        assert len({len(column) for column in profile.values()}) == 1


def test_weights_and_failures_are_all_of_the_sample(results):
    for document in documents(results):
        for name in {hop["moved"] for hop in document["hops"]}:
            own = sum(hop["weight"] for hop in document["hops"] if hop["moved"] == name)
            assert own == pytest.approx(document["moves"][name])
        failed = [hop for hop in document["hops"] if "failure" in hop]
        assert sum(document["failures"].values()) == len(failed)
        assert all(hop["message"] for hop in failed)
        assert not any("barrier_forward_eV" in hop for hop in failed)


def test_class_is_that_of_the_sites_along_the_path(results):
    letters = {"octahedral": "Oct", "tetrahedral": "Tet", "other": "other"}
    for document in documents(results):
        for hop in (hop for hop in document["hops"] if "profile" in hop):
            sites = hop["profile"]["ion_site"]
            assert hop["path"].split("-")[0] == letters[sites[0]]
            assert hop["path"].split("-")[-1] == letters[sites[-1]]


def test_path_is_extended_xyz_that_ase_reads(results):
    import ase.io

    run = results.runs[-1]
    hop = next(hop for hop in documents(results)[-1]["hops"] if "xyz" in hop)
    frames = ase.io.read(run.stage_path("barriers") / hop["xyz"], index=":")
    energy = np.array([frame.get_potential_energy() for frame in frames])
    assert energy - energy[0] == pytest.approx(np.array(hop["profile"]["energy_eV"]), abs=1e-6)
    hopping = frames[0].arrays["id"][frames[0].arrays["hops"] == 1]
    assert sorted(hopping.tolist()) == sorted(hop["ions"])
    moved = np.linalg.norm(frames[-1].positions - frames[0].positions, axis=1)
    assert frames[0].arrays["hops"][moved.argmax()] == 1
    assert all(frame.pbc.all() for frame in frames)


def test_ordered_crystal_has_its_distinct_hops_and_what_a_pair_costs(results):
    content = read_json(results.materials[0].stage_path("barriers") / "barriers.json")
    ordered = content["ordered"]
    assert ordered["n_distinct"] <= ordered["n_hops"]
    followed = [hop for hop in ordered["hops"] if "failure" not in hop]
    assert {hop["by_name"] for hop in followed} >= {"Oct-Oct", "Oct-Tet-Oct"}
    in_plane = [hop for hop in followed if hop["by_name"] == "Oct-Tet-Oct"]
    for hop in in_plane:
        assert 0.1 < hop["barrier_forward_eV"] < 0.7
        assert hop["distance_A"] == pytest.approx(3.74, abs=0.2)
    # one of each class by path and environments of both ends
    classes = [(hop["by_name"], *hop["edge_sharing"]) for hop in followed]
    assert len(set(classes)) == len(classes)
    pairs = [pair for pair in ordered["pairs"] if "failure" not in pair]
    beside = [pair["formation_energy_eV"] for pair in pairs if not pair["separated"]]
    assert min(beside) == pytest.approx(ordered["pair"]["value"])
    assert min(beside) > 0
    assert sum(pair["separated"] for pair in ordered["pairs"]) == 1


def table(path):
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_tables_hold_every_hop_and_its_profile(results):
    folder = results.materials[0].stage_path("barriers")
    rows = table(folder / "hops.csv")
    assert len(rows) == sum(len(document["hops"]) for document in documents(results))
    assert all(bool(row["failure"]) != bool(row["barrier_forward_eV"]) for row in rows)
    profiles = table(folder / "profiles.csv")
    content = read_json(folder / "barriers.json")
    followed = [hop for hop in content["ordered"]["hops"] if "profile" in hop]
    followed += [hop for document in documents(results) for hop in document["hops"] if "profile" in hop]
    assert len(profiles) == sum(len(hop["profile"]["energy_eV"]) for hop in followed)


def copied(finished, tmp_path):
    shutil.copytree(finished[0] / "results", tmp_path / "results")
    return open_results(tmp_path / "results")


def test_stage_that_was_killed_goes_on_with_what_is_left(finished, tmp_path):
    """What lies on disk is taken: no LAMMPS is started for a run whose paths are all there."""
    results = copied(finished, tmp_path)
    run = results.runs[-1]
    folder = run.stage_path("barriers")
    before = (folder / "barriers.json").read_bytes()
    logs = {path: path.stat().st_mtime_ns for path in folder.rglob("log.*")}
    (folder / "barriers.json").unlink()
    write_hops(run, Serial())
    assert (folder / "barriers.json").read_bytes() == before
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("log.*")} == logs
    material = results.materials[0]
    content = (material.stage_path("barriers") / "barriers.json").read_bytes()
    write_barriers(material, Serial())
    assert (material.stage_path("barriers") / "barriers.json").read_bytes() == content


def test_two_ranks_find_the_same_hops(finished, tmp_path):
    results = copied(finished, tmp_path)
    run = results.runs[-1]
    before = read_json(run.stage_path("barriers") / "barriers.json")
    shutil.rmtree(run.stage_path("barriers"))
    script = Path(__file__).with_name("barriers_in_ranks.py")
    said = subprocess.run(
        [MPIEXEC, "-n", "2", sys.executable, script, results.path, run.id],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    after = read_json(run.stage_path("barriers") / "barriers.json")
    assert [hop["name"] for hop in after["hops"]] == [hop["name"] for hop in before["hops"]]
    for one, two in zip(before["hops"], after["hops"], strict=True):
        assert one.get("failure") == two.get("failure")
        for key in ("barrier_forward_eV", "barrier_backward_eV"):
            assert one.get(key) == (
                None if key not in two else pytest.approx(two[key], abs=SAME_BARRIER_EV)
            )


def test_search_of_other_settings_is_not_taken(results):
    run = results.runs[-1]
    (path, *_) = sorted((run.stage_path("barriers") / "searches").glob("*.h5"))
    assert read_search(path, run.fingerprint("barriers")) is not None
    assert read_search(path, "another") is None


def test_truncated_search_is_an_error_that_names_it(finished, tmp_path):
    results = copied(finished, tmp_path)
    run = results.runs[-1]
    (path, *_) = sorted((run.stage_path("barriers") / "searches").glob("*.h5"))
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ProductError, match=path.name):
        write_hops(run, Serial())


def test_hops_per_class_of_none_leaves_an_empty_sample(finished, tmp_path):
    shutil.copytree(finished[0] / "results", tmp_path / "results")
    stored = json.loads((tmp_path / "results" / "campaign.json").read_text())
    stored["campaign"]["barriers"]["hops_per_class"] = 0
    (tmp_path / "results" / "campaign.json").write_text(json.dumps(stored))
    run = open_results(tmp_path / "results").runs[-1]
    summary = write_hops(run, Serial())
    content = read_json(run.stage_path("barriers") / "barriers.json")
    assert content["hops"] == []
    assert sum(content["moves"].values()) > 0
    assert summary.numbers["barrier"].value is None


def test_key_that_is_unknown_names_the_nearest(tmp_path):
    from atomstates.errors import InputError

    (tmp_path / "c.yaml").write_text(
        "name: c\nmaterials: [li3ycl6-p3m1]\ntemperatures_K: [300]\nbarriers: {hop_per_class: 2}\n"
    )
    with pytest.raises(InputError, match="did you mean 'hops_per_class'"):
        lay_out(tmp_path / "c.yaml", tmp_path / "results")
