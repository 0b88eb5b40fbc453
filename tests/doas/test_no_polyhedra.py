"""A crystal without octahedra and tetrahedra has a density of states all the same."""

import csv

import numpy as np
import pytest
from cubes import cubes

from atomstates.doas.order_products import ORDER
from atomstates.doas.sites import OTHER
from atomstates.doas.stage import DENSITY, STATES, write_density, write_states
from atomstates.doas.states import read_states_file
from atomstates.parallel import Serial
from atomstates.products import read_json


@pytest.mark.parametrize("n_vacancies", [0, 9])
def test_ions_in_cubes_are_counted_as_other(tmp_path, n_vacancies) -> None:
    material = cubes(tmp_path, n_vacancies)
    for run in material.runs:
        summary = write_states(run, Serial())
        assert summary.numbers["other_fraction"].value == 1.0
        states = read_states_file(run.stage_path("doas") / STATES)
        assert set(states.site) == {OTHER}
        assert np.isnan(states.site_order).all()
    checks = {check.name: check for check in write_density(material, Serial()).checks}
    folder = material.stage_path("doas")
    assert "100.0% of the" in checks["sublattices"].message
    order = read_json(folder / ORDER)
    assert order["sublattices"] == []
    assert order["ions_outside"] == 64 - n_vacancies
    with (folder / DENSITY).open(newline="") as handle:
        rows = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(handle)]
    assert all(row["other_per_eV"] == row["total_per_eV"] for row in rows)
    assert {row["octahedral_per_eV"] + row["tetrahedral_per_eV"] for row in rows} == {0.0}
