"""Figure and table of the spread over models, made of what the doas stage would write."""

from dataclasses import replace

import numpy as np
import pytest
from fabricated import fabricated_results
from matplotlib.figure import Figure

from atomstates.doas.density import Bins
from atomstates.doas.disorder import UNITS
from atomstates.doas.spread import ModelSpread, spread_over
from atomstates.doas.spread_outcome import Model, density_columns, density_rows, spread_content
from atomstates.products import as_json, write_csv
from atomstates.report.contents import contents
from atomstates.report.doas_pictures import density_picture
from atomstates.report.spread_figures import DensityBand, draw_density_band
from atomstates.report.spread_pictures import spread_picture
from atomstates.report.tables import read_table

BINS = Bins(0.0, 0.02, 30)
MODELS = [Model(f"model-{k}", f"{name}.pb", name, -4.0, -4.3) for k, name in enumerate("abc")]


def spread(temperature) -> ModelSpread:
    """Three Gaussians, each wider than the one before; the third model is worse than the second."""
    widths = np.array([0.05, 0.06, 0.08])
    density = np.exp(-(((BINS.centres - 0.3) / widths[:, None]) ** 2) / 2)
    density /= density.sum(axis=1, keepdims=True) * BINS.width
    measures = np.full((3, len(UNITS)), np.nan)
    measures[:, list(UNITS).index("width")] = widths
    pairs = np.array([[0.99, 0.01, 0.0, 0.98, 1.0, 0.0002], [0.80, 0.04, 0.0, 0.9, 0.99, 0.0004]])
    return ModelSpread(
        temperature, 720, 10, 4, 1, density, 0.1 * density, measures, 0.1 * measures,
        spread_over(measures), spread_over(measures), pairs, pairs,
    )  # fmt: skip


@pytest.fixture(scope="module")
def material(tmp_path_factory):
    import json

    folder = tmp_path_factory.mktemp("spread")
    (one,) = contents(fabricated_results(folder, temperatures=(300, 600)))
    found = [spread(temperature) for temperature in (300.0, 400.0, 500.0, 600.0, 700.0)]
    write_csv(folder / "spread.csv", density_columns(MODELS), density_rows(BINS, found))
    content = json.loads(as_json(spread_content("m", MODELS, BINS, found)))
    return one, replace(one, n_models=3, spread=content, spread_table=read_table(folder / "spread.csv"))


def test_coldest_middle_and_hottest_have_a_panel(material):
    picture = spread_picture(material[1])
    shown = [text.get_text() for ax in picture.figure.axes for text in ax.texts]
    assert shown == ["300 K", "500 K", "700 K"]
    labels = [text.get_text() for text in picture.figure.legends[0].get_texts()]
    assert labels == ["a.pb (drives)", "b.pb", "c.pb", "from model to model", "with one error"]


def test_table_has_the_range_of_measures_and_the_worst_model(material):
    table = spread_picture(material[1]).table
    assert len(table.rows) == 5
    row = dict(zip(table.header, table.rows[0], strict=True))
    assert row["width, eV"] == "0.0500 to 0.0800"
    assert row["overlap"] == "—"
    assert row["ions: correlation"] == "0.800"
    assert row["ions: rms difference, eV"] == "0.0400"
    assert row["ions in the same site, %"] == "90.0"
    assert row["cells: rms difference, meV/atom"] == "0.400"


def test_page_says_that_energies_of_atoms_are_not_unique(material):
    one, several = material
    assert "Energies of atoms are not unique" in spread_picture(several).caption
    assert "how far 3 models differ" in density_picture(several).caption
    assert "One model gives no spread over models" in density_picture(one).caption
    assert spread_picture(one) is None


def test_band_is_drawn_from_the_lowest_to_the_highest_model():
    ax = Figure().subplots()
    low, high = np.array([1.0, 0.0]), np.array([2.0, 3.0])
    models = {"a": low, "b": high}
    found = DensityBand(
        300.0, np.array([0.01, 0.03]), np.array([low, high]), np.array([low, high + 1]), models
    )
    draw_density_band(ax, found, {"a": "black", "b": "red"})
    with_error, band, *lines = ax.patches
    assert band.get_data().values.tolist() == [2.0, 3.0]
    assert band.get_data().baseline.tolist() == [1.0, 0.0]
    assert with_error.get_data().values.tolist() == [3.0, 4.0]
    assert len(lines) == 2
