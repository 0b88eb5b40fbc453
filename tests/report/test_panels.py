import base64
import json
import re
import zlib

import numpy as np
import pytest

from atomstates.doas.environments import Corners
from atomstates.report.interactive.explorer import NONE, corner_table, evenly_spaced
from atomstates.report.interactive.isosurface import MOST_POINTS, isosurface_data, levels, smoothed
from atomstates.report.interactive.packing import packed, packed_fractions
from atomstates.report.interactive.panel import Panel, fragment, viewer_library, viewer_scripts
from atomstates.transport.maps.density_map import DensityMap, block_counts
from atomstates.transport.maps.percolation import percolation

RNG = np.random.default_rng(1)


def unpacked(content):
    data = zlib.decompress(base64.b64decode(content["data"]))
    kinds = {"u1": "<u1", "u2": "<u2", "f4": "<f4"}
    return np.frombuffer(data, dtype=kinds[content["kind"]]).reshape(content["shape"])


@pytest.mark.parametrize(("kind", "most"), [("u1", 255), ("u2", 65535)])
def test_integers_come_back_as_they_were(kind, most):
    values = np.array([[0, 1, most], [2, 3, 4]])
    np.testing.assert_array_equal(unpacked(packed(values, kind)), values)


def test_integer_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="to 256 are no integers of kind u1"):
        packed(np.array([0, 256]), "u1")


def test_fractions_are_wrapped_into_the_cell():
    content = packed_fractions(np.array([[0.25, -0.25, 1.5], [0.999999, 0.0, 2.0]]))
    assert unpacked(content).tolist() == [[16384, 49152, 32768], [0, 0, 0]]


def density_map(shape=(8, 6, 10), n_samples=4):
    return DensityMap(RNG.integers(0, 50, shape), np.diag([4.0, 3.0, 5.0]), n_samples)


def test_smoothing_keeps_the_number_of_ions():
    found = density_map()
    assert smoothed(found).visits.sum() == pytest.approx(found.counts.sum())


def test_smoothed_density_at_the_middle_of_a_block_is_that_of_the_block():
    found = density_map()
    middles = smoothed(found).visits[::2, ::2, ::2]
    np.testing.assert_allclose(middles, block_counts(found.counts) / 8)


def test_points_lie_half_a_voxel_from_the_voxels():
    assert smoothed(density_map()).first == (0.5 / 8, 0.5 / 6, 0.5 / 10)


def test_fine_map_is_drawn_on_every_second_point():
    fine = DensityMap(np.ones((64, 64, 64), dtype=np.int64), np.eye(3) * 10, 1)
    field = smoothed(fine)
    assert field.visits.shape == (32, 32, 32)
    assert field.visits.size <= MOST_POINTS
    assert field.first == (0.5 / 64,) * 3
    assert field.per_visit == pytest.approx(64**3 / 1000)


def test_levels_go_from_one_visit_of_a_block_to_the_peak_in_equal_ratios():
    counts = np.zeros((6, 6, 6), dtype=np.int64)
    counts[0, 0, 0] = 1
    counts[2:4, 2:4, 2:4] = 1000
    found = DensityMap(counts, np.eye(3) * 6, n_samples=10)
    steps, least, top = levels(smoothed(found))
    assert least == pytest.approx(1 / 10 / 8)
    assert top == pytest.approx(1000 / 10)
    assert steps[2, 2, 2] == 255
    assert steps[0, 0, 0] == 1
    assert steps[4, 4, 4] == 0
    # four of eight voxels are in the block: half of the peak
    assert steps[1, 2, 2] == round(1 + 254 * np.log(500 * 8) / np.log(8000))


def test_map_without_any_visit_has_levels():
    steps, least, top = levels(smoothed(DensityMap(np.zeros((6, 6, 6), dtype=np.int64), np.eye(3), 1)))
    assert not steps.any()
    assert 0 < least < top


def test_surface_opens_near_the_threshold_of_the_blocks():
    a, b, c = np.meshgrid(*(np.arange(24) / 24,) * 3, indexing="ij")
    across = ((a - 0.5) ** 2 + (b - 0.5) ** 2) / 0.15**2
    counts = np.floor(4000 * np.exp(-across - 1.5 * (1 - np.cos(2 * np.pi * c)))).astype(np.int64)
    found = DensityMap(counts, np.eye(3) * 6, 1)
    blocks = percolation(block_counts(counts)).along
    surface = percolation(np.round(8 * smoothed(found).visits).astype(np.int64)).along
    assert blocks[2] > 0
    assert surface[2] == pytest.approx(blocks[2], rel=0.1)
    assert surface[0] == blocks[0] == 0


def test_mean_of_the_density_is_ions_over_volume():
    found = density_map()
    data = isosurface_data("Li", [("Cl", (0, 0, 0))], [(300.0, found)], [{"a": 0.1}], {"Li": "#000000"})
    (entry,) = data["temperatures"]
    assert entry["mean"] == pytest.approx(found.counts.sum() / 4 / 60)
    assert entry["peak"] == pytest.approx(block_counts(found.counts).max() / 8 / 4 * found.counts.size / 60)
    assert entry["least"] < entry["peak"] <= entry["top"]
    assert entry["kT"] == pytest.approx(0.025852, rel=1e-4)


@pytest.mark.parametrize(
    ("n_there", "n_wanted", "taken"),
    [(5, 9, [0, 1, 2, 3, 4]), (9, 3, [1, 4, 7]), (7, 1, [3]), (4, 0, [2]), (10, 4, [1, 3, 6, 8])],
)
def test_snapshots_are_evenly_spaced(n_there, n_wanted, taken):
    assert evenly_spaced(n_there, n_wanted).tolist() == taken


def test_corners_stand_in_the_row_of_their_atom():
    corners = Corners(np.array([2, 0, 2, 0, 2]), np.array([1, 0, 0, 1, 2]), np.zeros((5, 3), dtype=int))
    table = corner_table(corners, 3, anions=np.array([10, 20, 30]))
    assert table.tolist() == [[10, 20, NONE], [NONE, NONE, NONE], [20, 10, 30]]


def test_words_within_the_data_cannot_end_their_element():
    panel = Panel("path", 'words "and" <i>', {"title": "</script><script>alert(1)</script>", "é": 1})
    text = str(fragment(panel, "here"))
    data = re.search(r'<script type="application/json">(.*?)</script>', text, re.DOTALL).group(1)
    assert json.loads(data) == panel.data
    assert 'aria-label="words &#34;and&#34; &lt;i&gt;"' in text


def test_number_that_json_cannot_hold_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        fragment(Panel("path", "", {"energy": float("nan")}), "here")


def test_scripts_can_stand_within_a_page():
    assert "</script" not in viewer_library().lower()
    assert "</script" not in viewer_scripts().lower()
    assert len(viewer_library()) < 600_000
