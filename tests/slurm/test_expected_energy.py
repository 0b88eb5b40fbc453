"""The one number that `validate` expects, without a cluster."""

import pytest

from atomstates.parallel import Serial
from atomstates.products import read_json
from atomstates.slurm.findings import ENERGY, ENERGY_TOLERANCE
from atomstates.slurm.probe import probe_ranks


def test_energy_that_a_cluster_must_give_is_that_of_the_shipped_potential(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where LAMMPS writes
    probe_ranks(tmp_path, Serial())
    (rank,) = read_json(tmp_path / "ranks.json")["ranks"]
    assert rank["lammps"]["found"] == pytest.approx(ENERGY, rel=ENERGY_TOLERANCE)
