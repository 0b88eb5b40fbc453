"""Barriers of an ion in a frozen crystal, whose saddles lie on lines of known symmetry."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import hollow
import numpy as np
import pytest
from hollow import CELL, NEXT_OCTAHEDRAL, OCTAHEDRAL, OTHER_TETRAHEDRAL, TETRAHEDRAL, structure

import atomstates.barriers.batch as batch
from atomstates.barriers.batch import Ends, minimum_energy_paths
from atomstates.barriers.neb import NebSettings
from atomstates.barriers.profile import Failure
from atomstates.barriers.splitting import Chain
from atomstates.parallel import Serial

MPIEXEC = Path(sys.executable).parent / "mpiexec"
SETTINGS = NebSettings(force_tolerance=0.01)
MEV = 1e-3

PLACES = {"octahedron": OCTAHEDRAL, "tetrahedron": TETRAHEDRAL, "other tetrahedron": OTHER_TETRAHEDRAL}
SADDLE = hollow.saddle_between(OCTAHEDRAL, TETRAHEDRAL)
"""eV, as is the energy of each place by direct sums; the start is the octahedron."""


def ends(name, start, end, **more):
    return Ends(name, structure(start), structure(end), CELL, **more)


@pytest.fixture
def paths(tmp_path, bare_lammps):
    files = hollow.write_files(tmp_path / "potential")

    def found(*asked, settings=SETTINGS, folder="found"):
        return minimum_energy_paths(asked, files, settings, tmp_path / folder, Serial())

    return found


def height(place):
    """Of the saddle above a place, eV."""
    return SADDLE - hollow.energy(place @ hollow.PRIMITIVE)


def test_barriers_of_a_known_landscape_are_right_within_1_meV(paths):
    (one,) = paths(ends("hop", OCTAHEDRAL, TETRAHEDRAL))
    assert len(one.pieces) == 1
    assert one.barrier_forward == pytest.approx(height(OCTAHEDRAL), abs=MEV)
    assert one.barrier_backward == pytest.approx(height(TETRAHEDRAL), abs=MEV)
    place = one.positions[one.whole.saddle, 0] - one.positions[0, 0]
    axis = (TETRAHEDRAL - OCTAHEDRAL) @ hollow.PRIMITIVE
    # the middle of a face is at 2/3 of the way from the octahedron to the tetrahedron
    assert np.cross(place, axis) == pytest.approx(np.zeros(3), abs=0.02)
    assert place @ axis / (axis @ axis) == pytest.approx(2 / 3, abs=0.05)


@pytest.mark.parametrize("style", ["fire", "quickmin"])
@pytest.mark.parametrize("kind", ["neighbours", "ideal"])
def test_barrier_does_not_depend_on_the_dynamics_or_the_springs(paths, style, kind):
    settings = replace(SETTINGS, style=style, spring_kind=kind)
    (one,) = paths(ends("hop", OCTAHEDRAL, TETRAHEDRAL), settings=settings)
    assert one.barrier_forward == pytest.approx(height(OCTAHEDRAL), abs=MEV)


def test_reversing_the_path_swaps_its_barriers(paths):
    there, back = paths(
        ends("there", OCTAHEDRAL, OTHER_TETRAHEDRAL), ends("back", OTHER_TETRAHEDRAL, OCTAHEDRAL)
    )
    assert there.barrier_forward == pytest.approx(back.barrier_backward, abs=MEV / 10)
    assert there.barrier_backward == pytest.approx(back.barrier_forward, abs=MEV / 10)
    turned = there.whole.reversed
    assert turned.barrier_forward == there.barrier_backward
    assert turned.reaction_coordinate == pytest.approx(1 - there.reaction_coordinate[::-1], rel=1e-9)


def test_path_with_two_barriers_is_cut_at_the_minimum_between(paths):
    """Octahedra that share an edge: straight ahead is the edge, to either side a tetrahedron."""
    (one,) = paths(ends("hop", OCTAHEDRAL, NEXT_OCTAHEDRAL))
    assert isinstance(one, Chain)
    assert len(one.pieces) == 2
    assert len(one.ways) == 2
    assert one.ways[0] == pytest.approx(one.ways[1], abs=MEV)
    for piece in one.pieces:
        lower = min(piece.barrier_forward, piece.barrier_backward)
        assert lower == pytest.approx(height(TETRAHEDRAL), abs=MEV)
    assert one.barrier_forward == pytest.approx(height(OCTAHEDRAL), abs=MEV)
    assert one.barrier_backward == pytest.approx(height(OCTAHEDRAL), abs=MEV)
    straight = hollow.saddle_between(OCTAHEDRAL, NEXT_OCTAHEDRAL)
    assert one.energy.max() < straight - 1.0


def test_images_of_the_end_do_not_matter(paths):
    far = structure(TETRAHEDRAL) + np.array([2.0, -1.0, 3.0]) @ CELL
    near, moved = paths(
        ends("near", OCTAHEDRAL, TETRAHEDRAL), Ends("moved", structure(OCTAHEDRAL), far, CELL)
    )
    assert moved.positions == pytest.approx(near.positions, abs=1e-6)


def test_ends_that_relax_into_each_other_are_named(paths):
    aside = TETRAHEDRAL + np.array([0.02, 0.0, 0.01])
    (one,) = paths(ends("hop", TETRAHEDRAL, aside))
    assert isinstance(one, Failure)
    assert one.reason == "ends_coincide"
    assert "0.5 are needed" in one.message


def test_end_on_a_saddle_is_named(paths):
    # the middle of an edge, where symmetry lets no force show the way down
    saddle = (OCTAHEDRAL + NEXT_OCTAHEDRAL) / 2
    (one,) = paths(ends("hop", OCTAHEDRAL, saddle))
    assert one.reason == "end_no_minimum"
    assert "the end" in one.message


def test_end_that_does_not_relax_is_named(paths):
    settings = replace(SETTINGS, end_steps=2)
    (one,) = paths(ends("hop", OCTAHEDRAL + 0.05, TETRAHEDRAL), settings=settings)
    assert one.reason == "end_not_relaxed"
    assert "the start" in one.message


def test_end_whose_place_is_taken_is_named(paths):
    (one,) = paths(ends("hop", OCTAHEDRAL, np.array([0.02, 0.0, 0.0])))
    assert one.reason == "end_not_relaxed"
    assert "the end has an ion 0.08 Å from another atom" in one.message


def test_end_with_other_sites_filled_is_named(paths):
    def occupation(which, positions):
        return "the ion is in a tetrahedron" if which == 1 and positions.shape == (28, 3) else None

    (one,) = paths(ends("hop", OCTAHEDRAL, TETRAHEDRAL, occupation=occupation, wanted="octahedra"))
    assert one.reason == "other_occupation"
    assert one.message == "the end relaxed to other sites: the ion is in a tetrahedron"


def test_band_that_does_not_converge_is_named_and_kept_to_look_at(paths):
    settings = replace(SETTINGS, most_steps=1, climbing_steps=2)
    (one,) = paths(ends("hop", OCTAHEDRAL, TETRAHEDRAL), settings=settings)
    assert one.reason == "not_converged"
    assert 0 < one.profile.n_steps <= 3
    assert not one.profile.converged


def test_path_that_was_cut_too_often_is_named(paths):
    (one,) = paths(ends("hop", OCTAHEDRAL, NEXT_OCTAHEDRAL), settings=replace(SETTINGS, most_cuts=0))
    assert one.reason == "too_many_barriers"


def test_finished_paths_are_not_done_again(paths, monkeypatch):
    asked = [ends("a", OCTAHEDRAL, TETRAHEDRAL), ends("same", OCTAHEDRAL, OCTAHEDRAL)]
    more = ends("b", OCTAHEDRAL, OTHER_TETRAHEDRAL)
    first = paths(*asked)
    done = []
    original = batch.minimum_energy_path

    def counted(landscape, path, settings):
        done.append(path.name)
        return original(landscape, path, settings)

    monkeypatch.setattr(batch, "minimum_energy_path", counted)
    again = paths(*asked, more)
    assert done == ["b"]
    assert np.array_equal(again[0].positions, first[0].positions)
    assert again[0].barrier_forward == first[0].barrier_forward
    assert again[1] == first[1]
    paths(*asked, settings=replace(SETTINGS, force_tolerance=0.02))
    assert done == ["b", "a", "same"]


def test_batch_that_was_killed_goes_on_from_what_it_had(paths, monkeypatch):
    asked = [ends(name, OCTAHEDRAL, TETRAHEDRAL) for name in "abc"]
    done = []
    original = batch.minimum_energy_path

    def killed(landscape, path, settings):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(path.name)
        return original(landscape, path, settings)

    monkeypatch.setattr(batch, "minimum_energy_path", killed)
    with pytest.raises(KeyboardInterrupt):
        paths(*asked)
    monkeypatch.setattr(batch, "minimum_energy_path", original)
    assert len(paths(*asked)) == 3
    assert done == ["a", "b"]


@pytest.mark.parametrize(("n_ranks", "names"), [(2, "abc"), (3, "a")])
def test_number_of_ranks_leaves_no_trace(paths, tmp_path, n_ranks, names):
    """Two ranks take three paths in turns; three ranks share the replicas of one."""
    pairs = [(OCTAHEDRAL, TETRAHEDRAL), (OTHER_TETRAHEDRAL, OCTAHEDRAL), (OCTAHEDRAL, OCTAHEDRAL)]
    asked = [ends(name, *pair) for name, pair in zip(names, pairs, strict=False)]
    script = Path(__file__).with_name("hollow_in_ranks.py")
    command = [
        str(MPIEXEC),
        "-n",
        str(n_ranks),
        sys.executable,
        str(script),
        str(tmp_path),
        str(len(asked)),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    # read from disk: what the ranks left is what one process would have found
    many = paths(*asked, folder="ranks")
    one = paths(*asked, folder="one")
    for left, right in zip(many, one, strict=True):
        if isinstance(right, Failure):
            assert left == right
            continue
        assert left.energy == pytest.approx(right.energy, abs=1e-9)
        assert left.positions == pytest.approx(right.positions, abs=1e-6)
