"""What the report says of the onsets of all measures, and of the order over sites."""

import csv
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atomstates.products import Measured
from atomstates.report.contents import contents
from atomstates.report.onset_pictures import consistency, measure, onset_picture
from atomstates.report.order_pictures import order_picture
from atomstates.report.transition import Estimate

NAMES = ("mean", "width", "gap", "overlap", "site_order")
SPANS = st.lists(
    st.tuples(st.floats(300, 600), st.floats(1, 100)).map(lambda pair: (pair[0], pair[0] + pair[1])),
    min_size=2,
    max_size=5,
)


def estimate(key, *interval, note=""):
    value = sum(interval) / 2 if interval else None
    return Estimate(
        key, Measured(value, 1.0 if interval else None, "K", 8, note, interval or None), "doas.json"
    )


def test_measures_that_agree_are_said_to_and_not_averaged():
    words = consistency([estimate("mean", 400, 450), estimate("width", 430, 470), estimate("gap")])
    assert words.startswith("2 of 3 measures have an onset, from 425 to 450 K and agree: 430 to 450 K")
    assert "not averaged" in words
    assert "narrowest interval is that of width of the DOAS, 430 to 470 K" in words


def test_measures_that_are_apart_are_named():
    words = consistency([estimate("mean", 400, 420), estimate("width", 430, 470)])
    assert "do not agree: width of the DOAS has 430 to 470 K, mean relaxed energy of the ions 400" in words


@given(spans=SPANS)
def test_all_agree_exactly_where_every_two_do(spans):
    """Intervals on a line share a point if each two of them do (Helly)."""
    words = consistency([estimate(name, *span) for name, span in zip(NAMES, spans, strict=False)])
    each_two = all(one[0] <= other[1] for one in spans for other in spans)
    assert (" and agree: " in words) == each_two


@pytest.mark.parametrize("known", [(), (estimate("mean", 400, 420),)])
def test_less_than_two_onsets_cannot_agree(known):
    words = consistency([*known, estimate("gap")])
    assert words.startswith("Only one of 2" if known else "None of 1")


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("octahedral_1_edge_sharing_fraction", "share octahedral, 1 edge-sharing"),
        ("site_order_below_one_half", "order over sites that are alike below ½"),
    ],
)
def test_measures_are_named_in_words(key, words):
    assert measure(key) == words


def test_every_measure_has_a_row_with_its_reason(results):
    material = contents(results)[0]
    picture = onset_picture(material)
    assert [row[0] for row in picture.table.rows] == [measure(key) for key in material.doas["onsets"]]
    assert all(len(row[4]) > 20 for row in picture.table.rows)
    with (results.path / "report" / "data" / "li3ycl6-p3m1_onsets.csv").open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert [row["measure"] for row in rows] == list(material.doas["onsets"])
    assert {row["verdict"] for row in rows} <= {
        "one line",
        "kink",
        "jump",
        "cannot tell",
        "below ½",
        "no loss seen",
    }


def test_table_without_files_has_no_column_for_them(page):
    figure = re.search(r'<figure id="[^"]*_onsets".*?</figure>', page, re.DOTALL).group()
    assert "Files</th>" not in figure
    assert "95 % interval, K" in figure


def test_order_of_sites_and_of_channels_stand_side_by_side(results):
    picture = order_picture(contents(results)[0])
    assert "S tells how far" in picture.caption
    assert "φ, the staggered filling" in picture.caption
    assert "P-3m1" in picture.caption
    left, right = picture.figure.axes
    assert len(left.get_legend().get_texts()) == 2
    assert len(right.get_legend().get_texts()) == 4
