import importlib.util
from pathlib import Path

import freud
import MDAnalysis
import numpy as np
import pytest
import tidynamics
from hypothesis import given, settings
from hypothesis import strategies as st
from MDAnalysis.analysis.msd import EinsteinMSD
from scipy.spatial.transform import Rotation

from atomstates.transport import (
    collective_squared_displacement,
    framework_drift_removed,
    mean_squared_displacement,
    replicas_joined,
)
from atomstates.transport.msd import ion_blocks

LAGS = np.array([0, 1, 2, 5, 11, 30, 59])
INPUTS = Path(importlib.util.find_spec("kinisi").origin).parent / "tests" / "inputs"
seeds = st.integers(0, 2**32 - 1)


def walk(seed, n_frames=60, n_ions=20):
    return np.cumsum(np.random.default_rng(seed).normal(size=(n_frames, n_ions, 3)), axis=0) + 17.0


def by_definition(positions, lags):
    tensors = []
    for lag in lags:
        step = positions[lag:] - positions[: len(positions) - lag]
        tensors.append(np.einsum("tia,tib->ab", step, step) / (step.shape[0] * step.shape[1]))
    return np.array(tensors)


def test_tensor_is_what_the_definition_says():
    positions = walk(1)
    result = mean_squared_displacement(positions, LAGS)
    assert result.tensor[0] == pytest.approx(np.zeros((3, 3)), abs=0)
    np.testing.assert_allclose(result.tensor[1:], by_definition(positions, LAGS[1:]), rtol=1e-10)
    np.testing.assert_allclose(result.mean, result.axes.sum(axis=1), rtol=1e-14)
    np.testing.assert_allclose(
        np.average(result.blocks, axis=0, weights=result.block_sizes), result.mean, rtol=1e-12
    )


def test_collective_displacement_is_what_the_definition_says():
    positions = walk(2)
    total = positions.sum(axis=1, keepdims=True)
    expected = np.trace(by_definition(total, LAGS), axis1=1, axis2=2) / positions.shape[1]
    found = collective_squared_displacement(positions, LAGS)
    np.testing.assert_allclose(found[1:], expected[1:], rtol=1e-10)


def test_tidynamics_finds_the_same():
    positions = walk(3, n_frames=200, n_ions=5)
    expected = np.mean([tidynamics.msd(positions[:, ion]) for ion in range(5)], axis=0)
    lags = np.arange(1, 200)
    np.testing.assert_allclose(mean_squared_displacement(positions, lags).mean, expected[1:], rtol=1e-8)


def test_mdanalysis_and_freud_find_the_same():
    positions = walk(3, n_frames=200, n_ions=7).astype(np.float32)
    lags = np.arange(1, 101)
    universe = MDAnalysis.Universe.empty(7, trajectory=True)
    universe.load_new(positions)
    expected = EinsteinMSD(universe, fft=True).run(verbose=False).results.timeseries[lags]
    found = mean_squared_displacement(positions, lags).mean
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    # freud transforms in single precision: from the origin, it loses least
    centred = positions - positions.mean(axis=0)
    np.testing.assert_allclose(found, freud.msd.MSD().compute(centred).msd[lags], rtol=1e-6)


@pytest.mark.parametrize(("n_ions", "n_blocks"), [(1, 1), (15, 15), (16, 8), (63, 32), (1001, 32)])
def test_blocks_are_nearly_equal_and_hold_every_ion_once(n_ions, n_blocks):
    blocks = ion_blocks(n_ions)
    assert len(blocks) == n_blocks
    assert [ion for block in blocks for ion in range(n_ions)[block]] == list(range(n_ions))
    sizes = [block.stop - block.start for block in blocks]
    assert max(sizes) - min(sizes[:-1] or sizes) <= 2


@pytest.mark.parametrize("n_ions", [1, 2, 17, 70])
def test_odd_ion_has_no_partner_that_counts(n_ions):
    positions = walk(5, n_ions=n_ions)
    found = mean_squared_displacement(positions, LAGS[1:])
    np.testing.assert_allclose(found.tensor, by_definition(positions, LAGS[1:]), rtol=1e-9, atol=1e-12)
    alone = [mean_squared_displacement(positions[:, [ion]], LAGS[1:]).mean for ion in range(n_ions)]
    np.testing.assert_allclose(found.mean, np.mean(alone, axis=0), rtol=1e-10)


def test_replicas_of_equal_length_are_more_ions():
    few, many = walk(6, n_ions=5), walk(7, n_ions=30)
    joined = replicas_joined([mean_squared_displacement(positions, LAGS) for positions in (few, many)])
    together = mean_squared_displacement(np.concatenate([few, many], axis=1), LAGS)
    np.testing.assert_allclose(joined.tensor, together.tensor, rtol=1e-9, atol=1e-12)
    assert (joined.n_ions, joined.n_frames) == (35, 60)
    weighted = np.average(joined.blocks, axis=0, weights=joined.block_sizes)
    np.testing.assert_allclose(weighted, joined.mean, rtol=1e-12)


def test_replicas_of_other_lengths_are_refused():
    short, long = (mean_squared_displacement(walk(8, n_frames=n), [1, 2]) for n in (50, 60))
    with pytest.raises(ValueError, match="replicas of 50, 60 frames"):
        replicas_joined([short, long])


def lips(n_atoms=2688):
    """Elements and unwrapped positions of the LiPS trajectory that kinisi ships, 200 frames, triclinic."""
    lines = (INPUTS / "LiPS.exyz").read_bytes().splitlines()
    # two lines before the atoms of a frame; no atom goes across the cell; numbers are 17 columns wide
    frames = np.array(lines).reshape(-1, n_atoms + 2)[:, 2:].astype("S53")
    columns = frames.view("S1").reshape(*frames.shape, 53)
    elements = columns[0, :, :2].copy().view("S2").ravel()
    return elements, columns[:, :, 2:].copy().view("S17").astype(np.float64)


def test_lips_has_the_displacements_that_kinisi_records():
    elements, positions = lips()
    ions, framework = positions[:, elements == b"Li"], positions[:, elements != b"Li"]
    # kinisi takes the framework's centre without masses, and has the first frame twice
    relative = framework_drift_removed(ions, framework, np.ones(framework.shape[1]))
    doubled = np.concatenate([relative[:1], relative])
    found = mean_squared_displacement(doubled, np.arange(1, 201)).mean
    np.testing.assert_allclose(found, np.load(INPUTS / "LiPS_msd.npy"), rtol=1e-10)
    # it makes short displacements 0.5 % too small
    once = mean_squared_displacement(relative, [1]).mean[0]
    assert found[0] / once == pytest.approx(199 / 200, rel=1e-12)


def test_straight_motion_gives_the_square_of_the_way():
    velocity = np.array([0.3, -0.1, 0.02])
    positions = np.arange(100)[:, None, None] * velocity * np.ones((1, 7, 1))
    result = mean_squared_displacement(positions, [1, 10, 60])
    lags = np.array([1, 10, 60])
    np.testing.assert_allclose(
        result.tensor, lags[:, None, None] ** 2 * np.outer(velocity, velocity), rtol=1e-9
    )
    np.testing.assert_allclose(
        collective_squared_displacement(positions, lags), 7 * lags**2 * (velocity @ velocity), rtol=1e-9
    )


def test_a_long_way_from_the_origin_costs_no_digits():
    positions = walk(4)
    near = mean_squared_displacement(positions, LAGS[1:]).mean
    far = mean_squared_displacement(positions + 1e4, LAGS[1:]).mean
    np.testing.assert_allclose(far, near, rtol=1e-9)


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_rotation_turns_the_tensor_and_leaves_the_mean(seed):
    positions, turn = walk(seed), Rotation.random(rng=seed).as_matrix()
    before = mean_squared_displacement(positions, LAGS[1:])
    after = mean_squared_displacement(positions @ turn.T, LAGS[1:])
    np.testing.assert_allclose(after.mean, before.mean, rtol=1e-9)
    scale = before.mean.max()
    np.testing.assert_allclose(after.tensor / scale, (turn @ before.tensor @ turn.T) / scale, atol=1e-10)


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_order_of_ions_does_not_matter(seed):
    positions = walk(seed)
    shuffled = np.random.default_rng(seed).permutation(positions, axis=1)
    np.testing.assert_allclose(
        mean_squared_displacement(shuffled, LAGS[1:]).tensor,
        mean_squared_displacement(positions, LAGS[1:]).tensor,
        rtol=1e-6,
    )


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_common_drift_leaves_no_trace(seed):
    generator = np.random.default_rng(seed)
    positions, framework = walk(seed), generator.normal(size=(60, 9, 3))
    masses, drift = generator.uniform(1, 100, size=9), generator.normal(size=(60, 1, 3)).cumsum(axis=0)
    still = framework_drift_removed(positions, framework, masses)
    moving = framework_drift_removed(positions + drift, framework + drift, masses)
    np.testing.assert_allclose(moving, still + drift[0], rtol=1e-9, atol=1e-9)


def test_centre_of_mass_is_weighted_by_mass():
    framework = np.array([[[0.0, 0, 0], [1, 0, 0]], [[0.0, 0, 0], [5, 0, 0]]])
    positions = np.zeros((2, 1, 3))
    relative = framework_drift_removed(positions, framework, np.array([3.0, 1.0]))
    assert relative[1, 0] == pytest.approx([-1.0, 0, 0])


@pytest.mark.parametrize(
    ("positions", "lags"),
    [
        (np.zeros((10, 0, 3)), [1]),
        (np.zeros((10, 4)), [1]),
        (np.zeros((10, 4, 3)), [10]),
        (np.full((10, 4, 3), np.nan), [1]),
    ],
)
def test_nonsense_is_refused(positions, lags):
    with pytest.raises(ValueError, match=r"shape|fit|finite"):
        mean_squared_displacement(positions, lags)
