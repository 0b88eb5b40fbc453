import csv
import json

import pytest

from atomstates.products import Measured
from atomstates.report.numbers import rows
from atomstates.report.wording import measured_text


def pointed_at(document, pointer):
    """The value at a JSON pointer."""
    for part in pointer.split("/")[1:]:
        document = document[int(part) if isinstance(document, list) else part]
    return document


def test_every_number_stands_in_the_product_that_is_named(results):
    found = rows(results)
    assert len(found) > 50
    for row in found:
        document = json.loads((results.path / row.product).read_text(encoding="utf-8"))
        there = pointed_at(document, row.pointer)
        assert there["value"] == row.measured.value
        assert there["unit"] == row.measured.unit


def test_number_that_a_marker_repeats_is_listed_once(results):
    energies = [row for row in rows(results) if row.quantity == "activation energy"]
    assert [row.product for row in energies] == ["materials/li3ycl6-p3m1/transport/arrhenius.json"]


def test_refused_diffusivity_is_listed_with_its_sentence(results):
    refused = [
        row
        for row in rows(results)
        if row.quantity == "diffusivity" and row.run and row.measured.value is None
    ]
    assert [row.run for row in refused] == ["li3ycl6-p3m1_300K_1"]
    assert "4.5 Å² are needed" in refused[0].measured.note


def test_tables_of_numbers_agree(results):
    with (results.path / "report" / "numbers.csv").open(newline="", encoding="utf-8") as handle:
        table = list(csv.DictReader(handle))
    listed = json.loads((results.path / "report" / "numbers.json").read_text(encoding="utf-8"))
    assert [row["quantity"] for row in table] == [row["quantity"] for row in listed]
    assert all(row["unit"] and row["product"] for row in table)


@pytest.mark.parametrize(
    ("measured", "text"),
    [
        (Measured(0.2412, 0.0123, "eV", 5), "0.241 ± 0.012"),
        (Measured(0.2412, 0.0323, "eV", 5), "0.24 ± 0.03"),
        (Measured(1.234e-5, 2.1e-7, "cm²/s", 5), "(1.23 ± 0.02) × 10⁻⁵"),
        (Measured(-292.31, 0.4, "eV", 5), "−292.3 ± 0.4"),
        (Measured(13.24, 3.0, "mS/cm", 5, interval=(4.04, 31.0)), "13.2 (4.04 to 31.0)"),
        (Measured(0.0, 0.0, "1", 5), "0"),
        (Measured(0.0, 0.02, "1", 5), "0.00 ± 0.02"),
        (Measured(None, None, "eV", 0, "too few"), "—"),
        (Measured(0.9996, 0.00003, "1", 5), "0.99960 ± 0.00003"),
        (Measured(5 / 9, 1e-16, "1", 5), "0.556"),
    ],
)
def test_numbers_are_written_with_the_digits_that_mean_something(measured, text):
    assert measured_text(measured) == text
