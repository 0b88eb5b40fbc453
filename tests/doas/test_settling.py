"""Whether an order has settled, on runs whose course is known."""

import numpy as np
import pytest

from atomstates.doas.settling import CHANCE, halves, settling_check

BLOCK = 5


def test_halves_are_the_means_of_all_their_snapshots():
    values = np.array([1.0] * 13 + [0.5] * 12)
    found = halves(np.append(values, 0.0), BLOCK)
    assert found.first[0] == pytest.approx(1)
    assert found.second[0] == pytest.approx(12 * 0.5 / 13)
    # blocks of a half: five snapshots of 0.5, and the last with the rest
    blocks = [0.5, 7 * 0.5 / 8]
    assert found.second[1] == pytest.approx(np.std(blocks, ddof=1) / np.sqrt(2))


def test_order_that_is_being_lost_falls():
    time = np.linspace(0, 1, 40)
    noise = np.random.default_rng(1).normal(0, 0.05, 40)
    assert halves(1 - 0.7 * time + noise, BLOCK).falls
    assert not halves(0.3 + 0.7 * time + noise, BLOCK).falls


def test_order_that_fluctuates_about_its_mean_seldom_falls():
    """Noise of ±0.5 in every snapshot, so that halves differ by more than what matters."""
    random = np.random.default_rng(2)
    n = 2000
    falls = sum(halves(random.normal(0.5, 0.5, 40), BLOCK).falls for _ in range(n))
    expected = CHANCE * n
    assert falls < expected + 4 * np.sqrt(expected)


def test_fall_that_does_not_matter_is_none():
    assert not halves(np.repeat([1.0, 0.92], 20), BLOCK).falls


def test_order_that_is_gone_cannot_fall():
    assert not halves(np.repeat([0.05, -0.3], 20), BLOCK).falls


def test_step_between_constant_halves_is_certain():
    assert halves(np.repeat([1.0, 0.8], 20), BLOCK).falls


@pytest.mark.parametrize("values", [np.ones(19), np.full(40, np.nan)], ids=["short", "no channels"])
def test_short_runs_and_missing_orders_cannot_tell(values):
    assert halves(values, BLOCK) is None


def test_check_names_the_runs_that_still_fall_and_by_how_much():
    steady, falling = (
        halves(np.repeat([1.0, end], 20) + 0.01 * np.tile([1, -1], 20), BLOCK) for end in (1.0, 0.4)
    )
    runs = {
        "a_300K_1": {"order_parameter": steady},
        "a_400K_1": {"order_parameter": falling, "site_order": steady},
        "a_500K_1": {},
    }
    (check,) = settling_check(runs)
    assert check.status == "WARN"
    assert "a_400K_1 (1.00 to 0.40)" in check.message
    assert "a_300K_1" not in check.message
    del runs["a_400K_1"]
    (check,) = settling_check(runs)
    assert check.status == "PASS"
    assert "1 runs" in check.message
    assert settling_check({"a_500K_1": {}}) == ()
