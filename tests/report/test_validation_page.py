import re

import numpy as np
import pandas as pd
import pytest
from fabricated_validation import MATERIALS, fabricated_tables

from atomstates.potentials.validation.settings import Targets
from atomstates.potentials.validation.verdict import at_most, reported
from atomstates.report.validation.page import rendered_page, shown_figure, shown_table
from atomstates.report.validation.parity import relative
from atomstates.report.validation.pictures import pictures

TESTS = [
    at_most("force RMSE", 31.2, 40, "meV/Å", "100 frames"),
    at_most("energy drift", 1.8, 2, "meV/atom/ns", error=0.3),
    at_most("barriers", 0.05, 0.03, "eV", "<script>alert(1)</script>"),
    reported("stress RMSE", 0.021, "GPa"),
]
CARD = {
    "name": "mine",
    "title": "Mine",
    "teacher": {"title": "Some DFT"},
    "tests": [test.row() for test in TESTS],
    "remarks": {"limits": ["Only at night."], "speed": []},
    "sha256": "0" * 64,
    "seed": 7,
    "shape": {"cutoff_A": 6.5},
    "provenance": {"atomstates": "1.2.3", "numpy": "2"},
}
SETTINGS = {"materials": {name: {"crystal": "P-3m1"} for name in MATERIALS}}


@pytest.fixture(scope="module")
def tables():
    return fabricated_tables()


def test_every_figure_is_drawn_and_names_tables_that_there_are(tables):
    found = pictures(tables, MATERIALS, Targets(), "Li")
    assert [picture.name for picture in found] == [
        *("parity", "errors", "lattice", "volumes", "orderings", "barriers", "profiles", "drift", "stays")
    ]
    assert {name for picture in found for name in picture.data} <= set(tables)
    for picture in found:
        assert shown_figure(picture).svg.startswith(b"<?xml")


def test_teacher_with_energies_and_forces_only_leaves_two_panels(tables):
    some = {name: tables[name] for name in ("energies", "forces")}
    (picture,) = pictures(some, MATERIALS, Targets(), "Li")
    assert len(picture.figure.axes) == 2


def test_zero_of_energies_is_the_teachers_mean_of_each_material(tables):
    table = relative(tables["energies"], "eV_per_atom")
    means = table.groupby("material")["teacher_eV_per_atom"].mean()
    np.testing.assert_allclose(means, 0, atol=1e-12)
    before = tables["energies"]["student_eV_per_atom"] - tables["energies"]["teacher_eV_per_atom"]
    after = table["student_eV_per_atom"] - table["teacher_eV_per_atom"]
    np.testing.assert_allclose(after, before, atol=1e-12)


def test_page_begins_with_the_verdicts_and_needs_nothing_from_elsewhere(tables):
    text = rendered_page(CARD, tables, [], SETTINGS)
    assert text.index("force RMSE") < text.index("Tables</h2>")
    assert "1 of 3 targets are reached, 1 cannot be told for sure, 1 missed." in text
    assert "1.8 ± 0.3 meV/atom/ns" in text
    assert not re.search(r'(?:src|href)="(?:https?:)?//', text)
    assert "<script>alert" not in text
    assert "Only at night." in text


def test_columns_wear_their_units_as_people_write_them():
    table = pd.DataFrame({"force_rmse_meV_per_A": [12.3456], "converged": [True], "D_rough": [np.nan]})
    shown = shown_table("t", "T", table)
    assert shown.header == ("force RMSE, meV/Å", "converged", "D rough")
    assert shown.rows == (("12.346", "yes", "—"),)
