"""Whatever others wrote down, the paths of the atoms come out; and what cannot be known is not guessed."""

import os
import re

import numpy as np
import pytest
from foreign_walk import CELL, ELEMENTS, INTERVAL, N_FRAMES, WALK, cells, dump_text, fractional_walk

from atomstates.errors import InputError, ProductError
from atomstates.parallel import Serial
from atomstates.transport.foreign.clock import Clock
from atomstates.transport.foreign.sources import Source
from atomstates.transport.foreign.trajectory import foreign_trajectory
from atomstates.transport.foreign.unwrapping import longest_step, unwrapped_paths

TIMESTEP = Clock(timestep=0.002)


def opened(*paths, clock=TIMESTEP, unwrapped=False, labels=(), **source):
    return foreign_trajectory(Source(paths, **source), clock, Serial(), unwrapped=unwrapped, labels=labels)


def written(folder, text, name="walk.lammpstrj"):
    (folder / name).write_text(text)
    return folder / name


def moves(trajectory):
    """Displacements from the first frame, Å."""
    positions = trajectory.read(0, trajectory.n_frames)
    return positions - positions[0]


def expected(walk=WALK):
    return (walk - walk[0]) @ CELL


def test_one_dimension_is_unwrapped_by_hand():
    # +0.2 over the edge, then back by 0.3 over it again
    wrapped = np.array([0.9, 0.1, 0.8]).reshape(3, 1, 1) * np.ones(3)
    paths = unwrapped_paths(wrapped, wrapped[0], (True, True, False))
    np.testing.assert_allclose(paths[:, 0, 0], [0.9, 1.1, 0.8], rtol=1e-12)
    np.testing.assert_array_equal(paths[:, 0, 2], [0.9, 0.1, 0.8])


def test_longest_step_is_found():
    paths = np.zeros((3, 2, 3))
    paths[1:, 1, 2] = -0.3
    step = longest_step(paths, paths[0])
    assert (step.length, step.frame, step.atom, step.axis) == (0.3, 1, 1, 2)


def test_unwrapping_does_not_change_unwrapped_paths():
    np.testing.assert_allclose(unwrapped_paths(WALK, WALK[0], (True,) * 3), WALK, rtol=1e-12)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("id element xu yu zu", "columns xu yu zu, unwrapped by the file itself"),
        ("id element xsu ysu zsu", "columns xsu ysu zsu, unwrapped by the file itself"),
        ("id element x y z ix iy iz", "columns x y z, unwrapped by image flags ix iy iz"),
        ("id element xs ys zs ix iy iz", "columns xs ys zs, unwrapped by image flags ix iy iz"),
        ("id element x y z", "columns x y z, unwrapped by nearest images"),
        ("element xs ys zs id", "columns xs ys zs, unwrapped by nearest images"),
    ],
)
@pytest.mark.parametrize("breathing", [0.0, 0.03])
def test_every_form_of_coordinates_gives_the_same_displacements(tmp_path, names, words, breathing):
    assert np.abs(WALK).max() > 2
    with opened(written(tmp_path, dump_text(names=names, breathing=breathing))) as trajectory:
        # in the mean cell, so that a cell that breathes moves no atom
        mean = cells(breathing=breathing).mean(axis=0)
        np.testing.assert_allclose(trajectory.cell, mean, rtol=1e-12)
        np.testing.assert_allclose(moves(trajectory), (WALK - WALK[0]) @ mean, rtol=1e-5, atol=2e-5)
        assert words in trajectory.contents.said[0]
        assert trajectory.contents.labels == ELEMENTS
        assert trajectory.contents.interval == pytest.approx(INTERVAL, rel=1e-12)


def test_frames_and_atoms_are_read_where_they_are_asked_for(tmp_path):
    with opened(written(tmp_path, dump_text())) as trajectory:
        whole = trajectory.read(0, N_FRAMES)
        np.testing.assert_array_equal(trajectory.read(7, 11, np.array([5, 2])), whole[7:11, [5, 2]])
        with pytest.raises(ValueError, match="frames 3 to 61 of 60"):
            trajectory.read(3, 61)


def test_temporary_file_is_gone_as_soon_as_it_is_open(tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    with opened(written(tmp_path, dump_text())) as trajectory:
        assert list((tmp_path / "temporary").iterdir()) == []
        assert trajectory.read(0, 1).shape == (1, len(ELEMENTS), 3)
        handle = trajectory.handle
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(handle)
    with pytest.raises(InputError), opened(tmp_path / "none"):
        pass
    assert list((tmp_path / "temporary").iterdir()) == []


def test_step_too_long_to_be_unwrapped_is_refused(tmp_path):
    walk = WALK.copy()
    walk[20:, 3, 1] += 0.45 - (walk[20, 3, 1] - walk[19, 3, 1])
    path = written(tmp_path, dump_text(walk))
    with (
        pytest.raises(
            InputError, match=r"atom 4 \(Li\) moves 0\.45 of cell vector b between frames 19 and 20"
        ),
        opened(path),
    ):
        pass
    # a file that says where the atoms are needs no guess
    with opened(written(tmp_path, dump_text(walk, "id element xu yu zu"))) as trajectory:
        np.testing.assert_allclose(moves(trajectory), expected(walk), rtol=1e-5, atol=2e-5)


def test_positions_told_to_be_unwrapped_are_taken_as_they_are(tmp_path):
    walk = WALK.copy()
    walk[20:, 3, 1] += 0.8
    names = "id element xsu ysu zsu"
    text = dump_text(walk, names).replace(names, "id element xs ys zs")
    with opened(written(tmp_path, text), unwrapped=True) as trajectory:
        np.testing.assert_allclose(moves(trajectory), expected(walk), rtol=1e-5, atol=2e-5)
        assert trajectory.contents.said[0].endswith("unwrapped as told")


def test_image_flags_that_were_reset_raise_a_doubt(tmp_path):
    walk = WALK.copy()
    walk[30:] -= np.floor(walk[30])
    with opened(written(tmp_path, dump_text(walk, "id element xu yu zu"))) as trajectory:
        assert "image flags reset" in trajectory.contents.doubts[0]
    with opened(written(tmp_path, dump_text(names="id element xu yu zu"))) as trajectory:
        assert trajectory.contents.doubts == ()


def test_types_are_named_by_a_list_of_elements(tmp_path):
    path = written(tmp_path, dump_text(names="id type xu yu zu"))
    with opened(path, elements=("Li", "Y", "Cl")) as trajectory:
        assert trajectory.contents.labels == ELEMENTS
    with opened(path) as trajectory:
        assert trajectory.contents.labels == tuple("1" * 8 + "2333")
    with pytest.raises(InputError, match="types 3 beyond the 2 of --elements Li,Y"):
        opened(path, elements=("Li", "Y")).__enter__()
    with pytest.raises(InputError, match="no column `type`, which --elements needs"):
        opened(written(tmp_path, dump_text()), elements=("Li", "Y", "Cl")).__enter__()


def test_files_are_joined_and_the_later_of_two_frames_counts(tmp_path):
    other = fractional_walk(seed=6)
    other += WALK[40] - other[0]
    first = written(tmp_path, dump_text(WALK[:50]), "a")
    # went on from a restart at frame 40, in another way
    steps = 50 * np.arange(40, 70)
    second = written(tmp_path, dump_text(other[:30], steps=steps), "b")
    with opened(first, second) as trajectory:
        walk = np.concatenate([WALK[:40], other[:30]])
        np.testing.assert_allclose(moves(trajectory), expected(walk), rtol=1e-5, atol=2e-5)
        assert "10 frames dropped that were written again later" in trajectory.contents.said[1]


def test_frame_that_comes_twice_counts_once(tmp_path):
    twice = np.concatenate([WALK[:20], WALK[19:]])
    steps = 50 * np.concatenate([np.arange(20), np.arange(19, N_FRAMES)])
    with opened(written(tmp_path, dump_text(twice, steps=steps))) as trajectory:
        assert trajectory.n_frames == N_FRAMES
        np.testing.assert_allclose(moves(trajectory), expected(), rtol=1e-5, atol=2e-5)


def test_runs_that_each_begin_at_zero_are_not_one_trajectory(tmp_path):
    first, second = (written(tmp_path, dump_text(), name) for name in "ab")
    with pytest.raises(InputError, match="begins again at 0"), opened(first, second):
        pass


def test_frames_that_are_not_equally_far_apart_are_refused(tmp_path):
    steps = 50 * np.arange(N_FRAMES)
    steps[40:] += 50
    path = written(tmp_path, dump_text(steps=steps))
    with pytest.raises(InputError, match=r"after the frame at 3\.9 ps the next one comes 0\.2 ps later"):
        opened(path).__enter__()
    # those that are left are
    with opened(path, clock=Clock(timestep=0.002, start=4.1)) as trajectory:
        assert trajectory.n_frames == 20


def test_start_and_every_choose_frames_after_unwrapping(tmp_path):
    clock = Clock(timestep=0.002, start=1.0, every=7)
    with opened(written(tmp_path, dump_text()), clock=clock) as trajectory:
        assert trajectory.contents.interval == pytest.approx(0.7, rel=1e-12)
        np.testing.assert_allclose(moves(trajectory), expected(WALK[10::7]), rtol=1e-5, atol=2e-5)
        assert trajectory.contents.said[1].startswith("8 of 60 frames, 0.7 ps apart")
    with pytest.raises(InputError, match=r"of 60 frames in 5\.9 ps, 1 are left after --start-ps 5\.9"):
        opened(written(tmp_path, dump_text()), clock=Clock(timestep=0.002, start=5.9)).__enter__()


def test_time_that_nothing_tells_is_asked_for(tmp_path):
    path = written(tmp_path, dump_text())
    with pytest.raises(InputError, match=r"step numbers but no times\. .*--timestep-ps"):
        opened(path, clock=Clock()).__enter__()
    with opened(path, clock=Clock(timestep=0.002, interval=3.0)) as trajectory:
        assert trajectory.contents.interval == 3.0
        assert "as given" in trajectory.contents.said[1]


def test_unknown_ion_is_named_with_the_nearest_before_all_is_read(tmp_path):
    # there is no second file, which nobody has seen yet
    path = written(tmp_path, dump_text())
    with pytest.raises(InputError, match=r"called li; there are Cl, Li, Y; did you mean Li\?"):
        opened(path, tmp_path / "none", labels=("li",)).__enter__()
    path = written(tmp_path, dump_text(names="id type x y z"))
    with pytest.raises(InputError, match=r"called Li; there are 1, 2, 3 \(name types 1, 2, ... by --el"):
        opened(path, labels=("Li",)).__enter__()


def test_atoms_that_change_between_files_are_refused(tmp_path):
    first = written(tmp_path, dump_text(), "a")
    text = dump_text(steps=50 * np.arange(100, 160))
    other = written(tmp_path, re.sub(r"\bY\b", "Zr", text), "b")
    with pytest.raises(InputError, match="12 atoms that are not those of the first frame"):
        opened(first, other).__enter__()
    other = written(tmp_path, dump_text(names="id element xu yu zu", steps=50 * np.arange(100, 160)), "b")
    with pytest.raises(InputError, match="columns xu yu zu here, columns x y z there"):
        opened(first, other).__enter__()


def test_boundary_that_moves_with_the_atoms_is_refused(tmp_path):
    path = written(tmp_path, dump_text().replace("pp pp pp", "pp pp ss"))
    with pytest.raises(InputError, match="the boundary ss moves"):
        opened(path).__enter__()


def test_full_temporary_folder_is_named(tmp_path, monkeypatch):
    class Full:
        def __init__(self, *_):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("atomstates.transport.foreign.conversion._Paths", Full)
    with pytest.raises(ProductError, match=r"No space left on device.*TMPDIR"):
        opened(written(tmp_path, dump_text())).__enter__()
