"""What SLURM prints, read."""

import pytest

from atomstates.slurm.queue import ranges, seconds


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("0:30", 30),
        ("12:34", 754),
        ("1:00:00", 3600),
        ("100:00:00", 360000),
        ("2-01:00:00", 176400),
        ("1-12", 129600),
        ("1-12:30", 131400),
        ("UNLIMITED", None),
        ("infinite", None),
        ("INVALID", None),
    ],
)
def test_times_of_slurm_are_read(shown, expected):
    assert seconds(shown) == expected


def test_indices_become_ranges():
    assert ranges([7, 0, 1, 2, 9, 10]) == "0-2,7,9-10"
