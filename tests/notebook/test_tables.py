"""`atomstates.open`: the examples of its documents, and tables against the products that they come from."""

import doctest
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import atomstates
from atomstates.errors import InputError, ProductError
from atomstates.notebook import campaign as module
from atomstates.notebook.columns import measured_columns, unit_suffix
from atomstates.products import Measured, as_json


@pytest.fixture(scope="module")
def results(finished):
    folder, _ = finished
    return folder / "results"


@pytest.fixture(scope="module")
def opened(results):
    return atomstates.open(results)


def test_examples_of_the_documents_hold(results):
    finder = doctest.DocTestFinder(exclude_empty=True)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    examples = [
        test
        for found in (module.OpenedCampaign, atomstates.open)
        for test in finder.find(found, globs={"atomstates": atomstates, "results": results})
        if test.examples
    ]
    assert len(examples) >= 12
    for test in examples:
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


def test_importing_the_package_imports_nothing_heavy():
    code = "import sys, atomstates; print(len([m for m in sys.modules if m.partition('.')[0] in "
    code += "('numpy', 'pandas', 'matplotlib', 'pydantic', 'yaml', 'h5py', 'scipy')]))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "0\n"


@pytest.mark.parametrize(
    ("unit", "suffix"),
    [("mS/cm", "_mS_per_cm"), ("cm²/s", "_cm2_per_s"), ("1", ""), ("eV", "_eV"), ("Å²", "_A2"),
     ("mS K/cm", "_mS_K_per_cm"), ("1/ps", "_per_ps")],
)  # fmt: skip
def test_columns_wear_their_unit(unit, suffix):
    assert unit_suffix(unit) == suffix


def test_number_that_does_not_exist_is_missing_and_not_zero():
    content = json.loads(as_json({"gap": Measured(None, None, "eV", 0), "other": 3}))
    assert measured_columns(content) == {"gap_eV": None, "gap_error_eV": None}


def test_states_have_the_mean_and_width_of_their_temperature(opened):
    states = opened.states().groupby("temperature_K").energy_eV
    disorder = opened.disorder().set_index("temperature_K")
    assert states.mean().to_numpy() == pytest.approx(disorder.mean_eV.to_numpy(), rel=1e-9)
    assert states.std(ddof=0).to_numpy() == pytest.approx(disorder.width_eV.to_numpy(), rel=0.02)
    assert states.count().tolist() == disorder.n_states.tolist()


def test_shares_of_sites_are_counted_from_the_states(opened):
    states = opened.states()
    shares = (
        states.assign(octahedral=states.site == "octahedral").groupby("temperature_K").octahedral.mean()
    )
    disorder = opened.disorder().set_index("temperature_K")
    assert shares.to_numpy() == pytest.approx(disorder.octahedral_fraction.to_numpy(), abs=1e-12)


def test_tables_are_what_the_products_say(opened, results):
    product = json.loads((results / "materials/small/transport/arrhenius.json").read_text())
    table = opened.conductivities()
    assert table.temperature_K.tolist() == [point["temperature_K"] for point in product["points"]]
    found = (
        table.diffusivity_cm2_per_s if "diffusivity_cm2_per_s" in table else pd.Series([None] * len(table))
    )
    for value, point in zip(found, product["points"], strict=True):
        expected = (point["diffusivity"] or {}).get("value")
        assert (expected is None and pd.isna(value)) or value == expected
    density = pd.read_csv(results / "materials/small/doas/density.csv")
    assert np.array_equal(opened.doas("small").drop(columns="material"), density, equal_nan=True)
    assert len(opened.numbers()) == len(json.loads((results / "report/numbers.json").read_text()))


def test_figures_that_do_not_exist_name_the_nearest(opened):
    with pytest.raises(InputError, match="did you mean 'density'"):
        opened.figure("densty")
    with pytest.raises(InputError, match="no material 'smal'; did you mean 'small'"):
        opened.figure("density", "smal")


def test_what_is_no_results_folder_says_what_to_do(tmp_path):
    with pytest.raises(ProductError, match="no results folder"):
        atomstates.open(tmp_path)


def test_stage_that_is_missing_is_named(tmp_path):
    from stand_in_campaign import MATERIAL

    from atomstates.campaign.layout import lay_out

    (tmp_path / "argon.yaml").write_text(MATERIAL)
    (tmp_path / "small.yaml").write_text("name: small\nmaterials: [argon.yaml]\ntemperatures_K: [20]\n")
    lay_out(tmp_path / "small.yaml", tmp_path / "results")
    opened = atomstates.open(tmp_path / "results")
    assert opened.runs().done.tolist() == [False]
    for table, stage in (
        (opened.states, "doas"),
        (opened.arrhenius, "transport"),
        (opened.numbers, "report"),
    ):
        with pytest.raises(ProductError, match=f"atomstates {stage}"):
            table()
