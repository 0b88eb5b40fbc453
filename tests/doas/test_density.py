"""Density of states, disorder and their errors, on states whose energies are known."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atomstates.doas import classes, density
from atomstates.doas.classes import classes_of, occurring_classes
from atomstates.doas.density import (
    block_sums,
    bootstrap_weights,
    common_bins,
    density_of_states,
    joined,
    weighted_sums,
)
from atomstates.doas.disorder import UNITS, bootstrap_error, disorder_measures, entropy, overlap
from atomstates.doas.outcome import bootstrapped, density_checks
from atomstates.doas.sites import OCTAHEDRAL, TETRAHEDRAL
from atomstates.doas.states import States
from atomstates.doas.surroundings import Surroundings
from atomstates.parallel import Serial

WIDTH = 1 / 32  # eV; energies are multiples of 1/1024 eV, so that a shift moves no state to another bin
SEEDS = st.integers(0, 2**32 - 1)


def nothing_around(n_states, n_species=1):
    """Surroundings of ions that are far from everything."""
    none, far = np.zeros(n_states, dtype=np.uint8), np.full(n_states, np.nan)
    return Surroundings(np.zeros((n_states, n_species), dtype=np.uint8), *[none] * 4, *[far] * 3)


def states_from(energy, site, edge=None, order=None):
    """States from arrays of shape (snapshots, ions)."""
    energy, site = np.asarray(energy, dtype=np.float64), np.asarray(site, dtype=np.uint8)
    n_snapshots, n_ions = energy.shape
    edge = np.zeros_like(site) if edge is None else np.asarray(edge, dtype=np.uint8)
    return States(
        energy=energy.ravel(),
        site=site.ravel(),
        edge_sharing=edge.ravel(),
        face_sharing=np.zeros(energy.size, dtype=np.uint8),
        snapshot=np.repeat(np.arange(n_snapshots), n_ions),
        ion=np.tile(np.arange(1, n_ions + 1), n_snapshots),
        clarity=np.ones(energy.size),
        site_key=np.ones(energy.size, dtype=np.uint64),
        around=nothing_around(energy.size),
        anion_species=("Cl",),
        snapshot_step=np.arange(n_snapshots) * 1000,
        sublattice_energy=energy.sum(axis=1),
        cell_energy=energy.sum(axis=1) * 2,
        order_parameter=np.full(n_snapshots, np.nan)
        if order is None
        else np.asarray(order, dtype=np.float64),
        site_order=np.full(n_snapshots, np.nan),
        initial_site_fraction=np.full(n_snapshots, np.nan),
        n_atoms=4 * n_ions,
        n_rejected=0,
        temperature=300.0,
    )


def random_states(seed, n_snapshots=9, n_ions=12, shift=0.0):
    random = np.random.default_rng(seed)
    energy = random.integers(-2048, -1024, (n_snapshots, n_ions)) / 1024 + shift
    return states_from(energy, random.integers(0, 3, energy.shape), random.integers(1, 3, energy.shape))


def blocks_of(states, width=WIDTH, block_snapshots=2, bins=None):
    bins = bins or common_bins(states.energy.min(), states.energy.max(), width)
    return block_sums(states, occurring_classes(states), bins, block_snapshots)


def values(blocks):
    (sums,) = weighted_sums(blocks, np.ones((1, blocks.n_blocks), dtype=np.int64))
    return dict(zip(UNITS, disorder_measures(blocks, sums), strict=True))


def test_four_states_by_hand():
    # two octahedral at 0 and 0.1 eV, two tetrahedral at 0.3 eV from the lowest
    states = states_from([[-3.0, -2.9], [-2.7, -2.7]], [[0, 0], [1, 1]], order=[1.0, 0.5])
    found = values(blocks_of(states, width=0.2, block_snapshots=1))
    assert found["mean"] == pytest.approx(0.175)
    assert found["width"] == pytest.approx(np.std([0, 0.1, 0.3, 0.3]))
    assert found["gap"] == pytest.approx(0.25)
    assert found["overlap"] == 0
    assert found["octahedral_fraction"] == 0.5
    assert found["tetrahedral_fraction"] == 0.5
    # both bins half filled: g = 2.5 per eV, S = -ln 2.5, and two levels
    assert found["entropy"] == pytest.approx(-np.log(2.5))
    assert found["effective_levels"] == pytest.approx(2)
    assert found["order_parameter"] == pytest.approx(0.75)
    assert found["sublattice_energy"] == pytest.approx(0.175)
    assert found["cell_energy"] == pytest.approx(2 * (-5.9 - 5.4) / 2 / 8)


def test_ions_in_two_wells_give_two_peaks_at_their_distance():
    """Tetrahedral wells lie 0.2 eV above octahedral ones; energies scatter by 10 meV in either."""
    random = np.random.default_rng(2)
    site = (random.random((40, 50)) < 0.25).astype(np.uint8)
    energy = -3.0 + 0.2 * site + random.normal(0, 0.01, site.shape)
    blocks = blocks_of(states_from(energy, site), width=0.01)
    g = density_of_states(blocks.counts.sum(axis=(0, 1)), blocks.bins)
    centres = blocks.bins.centres + blocks.bins.reference
    low, high = centres < -2.9, centres >= -2.9
    assert centres[low][g[low].argmax()] == pytest.approx(-3.0, abs=0.01)
    assert centres[high][g[high].argmax()] == pytest.approx(-2.8, abs=0.01)
    found = values(blocks)
    assert found["gap"] == pytest.approx(0.2, rel=0.02)
    assert found["overlap"] < 1e-3
    assert found["width"] == pytest.approx(np.hypot(0.01, 0.2 * np.sqrt(0.25 * 0.75)), rel=0.05)


def test_entropy_of_a_gaussian_is_half_ln_2_pi_e_variance():
    random = np.random.default_rng(4)
    blocks = blocks_of(states_from(random.normal(0, 0.1, (100, 2000)), np.zeros((100, 2000))), width=0.01)
    assert values(blocks)["entropy"] == pytest.approx(0.5 * np.log(2 * np.pi * np.e * 0.01), rel=0.01)


def test_entropy_and_overlap_of_boxes():
    box = np.array([5.0, 5.0, 0.0, 0.0])
    assert entropy(box, 0.1) == pytest.approx(np.log(0.2))
    assert overlap(box, box, 0.1) == pytest.approx(1)
    assert overlap(box, box[::-1], 0.1) == 0
    assert overlap(box, np.array([0.0, 5.0, 5.0, 0.0]), 0.1) == pytest.approx(0.5)


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_density_is_normalised_and_partials_add_up_exactly(seed):
    blocks = blocks_of(random_states(seed))
    counts = blocks.counts.sum(axis=0)
    partial = density_of_states(counts, blocks.bins)
    assert partial.sum() * WIDTH == pytest.approx(1, rel=1e-12)
    total = counts.sum(axis=0) / (counts.sum() * WIDTH)
    assert partial.sum(axis=0) == pytest.approx(total, rel=1e-12)


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.integers(-4096, 4096))
def test_shift_of_all_energies_moves_the_reference_only(seed, shift):
    before, after = blocks_of(random_states(seed)), blocks_of(random_states(seed, shift=shift / 1024))
    assert np.array_equal(before.counts, after.counts)
    assert after.bins.reference - before.bins.reference == shift / 1024
    unshifted, shifted = values(before), values(after)
    for name in UNITS:
        if name not in ("cell_energy", "order_parameter", "site_order", "initial_site_fraction"):
            assert shifted[name] == pytest.approx(unshifted[name], rel=1e-9, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_order_of_atoms_leaves_no_trace(seed):
    states = random_states(seed)
    order = np.random.default_rng(seed).permutation(12)
    shuffled = states_from(
        states.energy.reshape(-1, 12)[:, order],
        states.site.reshape(-1, 12)[:, order],
        states.edge_sharing.reshape(-1, 12)[:, order],
    )
    assert np.array_equal(blocks_of(states).counts, blocks_of(shuffled).counts)


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_two_runs_are_the_sum_of_their_histograms(seed):
    one, other = random_states(seed), random_states(seed + 1, n_snapshots=5)
    lowest, highest = min(one.energy.min(), other.energy.min()), max(one.energy.max(), other.energy.max())
    bins = common_bins(lowest, highest, WIDTH)
    classes = np.unique(np.concatenate([classes_of(one), classes_of(other)]), axis=0)
    parts = [block_sums(states, classes, bins, 2) for states in (one, other)]
    together = joined(parts)
    assert together.n_blocks == 5 + 3
    assert np.array_equal(together.counts.sum(axis=0), sum(part.counts.sum(axis=0) for part in parts))
    energies = np.concatenate([one.energy, other.energy]) - lowest
    assert values(together)["mean"] == pytest.approx(energies.mean())
    assert values(together)["width"] == pytest.approx(energies.std())


def test_error_of_the_mean_is_that_of_independent_blocks():
    """Snapshots in one block are copies: the error is s/sqrt(blocks), not s/sqrt(states)."""
    random = np.random.default_rng(8)
    level = np.repeat(random.normal(0, 0.1, 60), 3)
    states = states_from(np.repeat(level[:, None], 20, axis=1), np.zeros((180, 20)))
    found = bootstrapped(300.0, blocks_of(states, block_snapshots=3), 1, 0, 600, 5, Serial())
    assert found.measures["mean"].error == pytest.approx(0.1 / np.sqrt(60), rel=0.25)
    assert found.measures["mean"].sample == 180 * 20
    assert found.measures["sublattice_energy"].sample == 180


def test_states_that_are_not_there_have_no_value_and_no_error():
    states = states_from(np.linspace(0, 0.3, 40).reshape(8, 5), np.full((8, 5), OCTAHEDRAL))
    found = bootstrapped(300.0, blocks_of(states), 1, 0, 50, 5, Serial())
    assert found.measures["gap"].value is None
    assert found.measures["gap"].error is None
    assert found.measures["order_parameter"].value is None
    assert found.measures["tetrahedral_fraction"].value == 0


def test_one_block_has_no_error_and_says_so():
    found = bootstrapped(300.0, blocks_of(random_states(1), block_snapshots=20), 1, 0, 50, 5, Serial())
    assert found.measures["mean"].error is None
    assert "one block" in found.measures["mean"].note
    assert np.all(np.isnan(found.density_error))


def test_environments_are_counted_with_their_energies():
    energy = np.tile([-3.0, -3.0, -2.8, -2.5], (6, 1))
    states = states_from(energy, np.tile([0, 0, 0, 1], (6, 1)), np.tile([1, 1, 2, 0], (6, 1)))
    found = bootstrapped(300.0, blocks_of(states), 1, 0, 20, 5, Serial())
    table = {
        (e["site"], e["edge_sharing"]): (e["fraction"]["value"], e["mean"]["value"])
        for e in found.environments
    }
    assert table["octahedral", 1] == (0.5, pytest.approx(0.0))
    assert table["octahedral", 2] == (0.25, pytest.approx(0.2))
    assert table["tetrahedral", 0] == (0.25, pytest.approx(0.5))
    assert found.columns == [
        "octahedral",
        "tetrahedral",
        "other",
        "octahedral_1_edge_sharing",
        "octahedral_2_edge_sharing",
    ]
    # columns by edges add up to the octahedral one
    assert found.density[4:6].sum(axis=0) == pytest.approx(found.density[1])


def test_checks_see_odd_sites_small_samples_and_rejected_snapshots():
    kinds = np.tile([0, 0, 0, 2], (3, 1))
    blocks = blocks_of(states_from(np.zeros(kinds.shape) - 1.0, kinds), block_snapshots=3)
    found = bootstrapped(300.0, blocks, 1, 2, 20, 5, Serial())
    verdicts = {check.name: check.status for check in density_checks([found], blocks.bins)}
    assert verdicts == {
        "normalisation": "PASS",
        "partials": "PASS",
        "snapshots": "WARN",
        "sites": "WARN",
        "sample": "WARN",
    }


def test_each_bootstrap_sample_draws_as_many_blocks_as_there_are():
    weights = np.array([bootstrap_weights(7, 3, sample) for sample in range(200)])
    assert np.all(weights.sum(axis=1) == 7)
    assert len(np.unique(weights, axis=0)) > 150
    assert np.array_equal(weights[5], bootstrap_weights(7, 3, 5))


def test_error_over_samples_ignores_those_without_a_value():
    samples = np.array([[1.0, np.nan], [3.0, np.nan], [np.nan, np.nan], [2.0, 1.0]])
    assert bootstrap_error(samples) == pytest.approx([1.0, np.nan], nan_ok=True)


def test_states_of_unequal_lengths_are_refused():
    states = random_states(1)
    with pytest.raises(ValueError, match="site has shape"):
        States(**{**states.__dict__, "site": states.site[:-1]})
    with pytest.raises(ValueError, match="not finite"):
        States(**{**states.__dict__, "energy": np.full_like(states.energy, np.nan)})


def test_tetrahedral_and_octahedral_are_the_first_two_sites():
    assert (OCTAHEDRAL, TETRAHEDRAL) == (0, 1)


def test_environments_are_told_apart_by_their_anions_where_there_are_several_species():
    states = states_from([[-1.0, -1.0, -0.5, -0.5]], [[0, 0, 0, 1]])
    around = nothing_around(4, 2)
    around.anion_numbers[:] = [[2, 4], [2, 4], [3, 3], [1, 3]]
    mixed = States(**{**states.__dict__, "around": around, "anion_species": ("Br", "Cl")})
    found = bootstrapped(300.0, blocks_of(mixed), 1, 0, 10, 1, Serial())
    rows = {
        (row["site"], *row["anions"].items()): (row["fraction"]["value"], row["mean"]["value"])
        for row in found.environments
    }
    assert rows == {
        ("octahedral", ("Br", 2), ("Cl", 4)): (0.5, 0.0),
        ("octahedral", ("Br", 3), ("Cl", 3)): (0.25, 0.5),
        ("tetrahedral", ("Br", 1), ("Cl", 3)): (0.25, 0.5),
    }
    # the partial densities are those of the sites all the same
    assert found.columns == list(bootstrapped(300.0, blocks_of(states), 1, 0, 10, 1, Serial()).columns)
    one_species = bootstrapped(300.0, blocks_of(states), 1, 0, 10, 1, Serial()).environments
    assert [row.get("anions") for row in one_species] == [None, None]


def test_states_worked_on_in_pieces_give_the_same_sums(monkeypatch):
    states = random_states(5, n_snapshots=23, n_ions=11)
    whole = blocks_of(states)
    for module in (classes, density):
        monkeypatch.setattr(module, "_AT_A_TIME", 40)
    pieces = blocks_of(states)
    assert np.array_equal(pieces.classes, np.unique(classes_of(states), axis=0))
    for name in ("counts", "first", "second"):
        assert np.array_equal(getattr(pieces, name), getattr(whole, name))
    weights = np.array([bootstrap_weights(whole.n_blocks, 3, sample) for sample in range(5)])
    for times, own in zip(weights, weighted_sums(pieces, weights), strict=True):
        assert np.array_equal(own.counts, sum(n * one for n, one in zip(times, whole.counts, strict=True)))


def test_states_out_of_order_are_refused():
    states = random_states(6)
    shuffled = replace(states, snapshot=states.snapshot[::-1].copy())
    with pytest.raises(ValueError, match="not in order"):
        blocks_of(shuffled)
