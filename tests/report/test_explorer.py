"""The explorer of a real campaign holds what its products say."""

import base64
import re
import zlib

import h5py
import numpy as np
import pytest

from atomstates.campaign.layout import open_results
from atomstates.report.contents import contents
from atomstates.report.interactive.explorer import NONE
from atomstates.report.interactive.panels import explorer_panel

KINDS = {"u1": "<u1", "u2": "<u2", "f4": "<f4"}


def unpacked(content):
    data = zlib.decompress(base64.b64decode(content["data"]))
    return np.frombuffer(data, dtype=KINDS[content["kind"]]).reshape(content["shape"])


@pytest.fixture(scope="module")
def explorer(finished):
    results = open_results(finished[0] / "results")
    return results, explorer_panel(results.materials[0], contents(results)[0]).data


def runs(explorer):
    return [run for entry in explorer[1]["temperatures"] for run in entry["runs"]]


def test_every_state_is_there_with_its_energy(explorer):
    results, data = explorer
    for run in runs(explorer):
        with h5py.File(results.path / "runs" / run["run"] / "doas/states.h5") as file:
            np.testing.assert_allclose(unpacked(run["energy"]).ravel(), file["energy"][:], rtol=1e-6)
            assert run["step"] == file["snapshot_step"][:].tolist()
    assert [entry["n_shown"] for entry in data["temperatures"]] == [
        entry["n_snapshots"] for entry in data["temperatures"]
    ]


def test_atoms_are_where_they_were_relaxed(explorer):
    results, _ = explorer
    for run in runs(explorer):
        with h5py.File(results.path / "runs" / run["run"] / "minimize/relaxed.h5") as file:
            cell = file["cell"][0]
            apart = unpacked(run["fractional"])[0] / 65536 - file["positions"][0] @ np.linalg.inv(cell)
        assert np.abs((apart - np.round(apart)) @ cell).max() < 0.001


def test_polyhedra_share_edges_and_faces_as_the_environments_say(explorer):
    _, data = explorer
    n_ions = len(data["ions"])
    compared = 0
    for run in runs(explorer):
        for corners, environment in zip(
            unpacked(run["corners"]), unpacked(run["environment"]), strict=True
        ):
            own = [set(row[row != NONE].tolist()) for row in corners]
            for ion, kind in zip(own[:n_ions], environment, strict=True):
                common = [len(ion & cation) for cation in own[n_ions:]]
                words = data["environments"][kind]["text"]
                for name, number in (("edge", common.count(2)), ("face", sum(n >= 3 for n in common))):
                    said = re.search(rf"(\d+) {name}-sharing", words)
                    assert number == (int(said.group(1)) if said else 0), words
                assert len(ion) == {"octahedral": 6, "tetrahedral": 4, "other": 6}[words.split(",")[0]]
                compared += 1
    assert compared == sum(entry["n_states"] for entry in data["temperatures"])
