"""Figures and answers of barriers."""

import dataclasses

import numpy as np
import pytest
from fabricated_barriers import ORDERED_BARRIER, PAIR_ENERGY, barrier
from matplotlib.figure import Figure

from atomstates.report.barrier_answers import above_transition, in_ordered_crystal
from atomstates.report.barrier_figures import (
    SideBarriers,
    draw_against_difference,
    draw_barriers,
    draw_bounds,
)
from atomstates.report.barrier_pictures import barriers_picture, differences_picture
from atomstates.report.contents import contents
from atomstates.report.profile_pictures import followed_hops, profiles_picture


@pytest.fixture(scope="module")
def material(results):
    return contents(results)[0]


def test_answer_names_the_barrier_of_the_ordered_crystal_and_the_cost_of_a_pair(material):
    found = in_ordered_crystal(material)
    assert float(found.value) == pytest.approx(ORDERED_BARRIER, rel=0.01)
    assert "Oct–Tet–Oct" in found.unit
    assert f"{PAIR_ENERGY:.3f} eV at least, far apart {2 * PAIR_ENERGY:.3f} eV" in found.meaning


def test_answer_above_the_transition_is_a_mean_with_its_error_and_sample(material):
    found = above_transition(material)
    hot = [run.temperature for run in material.runs if run.temperature > 500.5]
    assert f"Mean of {len(hot)} " in found.meaning
    assert "±" in found.value
    mean = float(found.value.split()[0])
    assert mean < barrier("Oct-Tet-Oct", min(hot)) + 0.05


def test_stage_that_was_not_done_is_an_answer_in_words(material):
    without = dataclasses.replace(material, barriers=None)
    for answer in (in_ordered_crystal(without), above_transition(without)):
        assert answer.value == "—"
        assert "has not been done" in answer.meaning
    for picture in (profiles_picture, barriers_picture, differences_picture):
        assert picture(without) is None


def test_every_hop_with_a_path_is_drawn_and_failures_are_not(material):
    found = followed_hops(material)
    assert len(found) == 2 + 3 * len(material.runs)
    assert {one.temperature for one in found} == {None, *(run.temperature for run in material.runs)}


def test_table_of_paths_links_to_their_replicas(material):
    picture = profiles_picture(material)
    for links in picture.table.links:
        assert [path for _, path in links if path in picture.data and path.endswith(".xyz")]


def test_barriers_of_a_side_are_as_large_as_their_weight():
    ax = Figure().subplots()
    side = SideBarriers("above", np.array([0.1, 0.2]), np.array([3.0, 1.0]), 0.125, 0.03)
    draw_barriers(ax, [side], [0.4], {"below": "below", "above": "above", "ordered": "ordered"})
    dots, ordered = ax.collections[0], ax.collections[-1]
    sizes = dots.get_sizes() - 8
    assert sizes[0] == pytest.approx(3 * sizes[1])
    assert ordered.get_offsets()[:, 0].tolist() == [0.4]


def test_no_barrier_lies_below_the_difference_of_its_ends(material):
    ax = Figure().subplots()
    draw_against_difference(ax, np.array([-0.3, 0.3]), np.array([0.1, 0.4]), "k", marker="o", label="")
    draw_bounds(ax)
    x, y = ax.lines[0].get_data()
    assert np.interp([-0.2, 0.0, 0.2], x, y) == pytest.approx([0, 0, 0.2])
    for hop in material.barriers["hops"]:
        assert hop["barrier_forward_eV"] - hop["barrier_backward_eV"] == pytest.approx(
            hop["energy_difference_eV"], abs=1e-9
        )
