from pathlib import Path

import pytest

from atomstates.campaign.reading import read_material
from atomstates.campaign.schema import Material


@pytest.fixture
def li3ycl6() -> Material:
    """The shipped trigonal Li3YCl6."""
    return read_material("li3ycl6-p3m1", Path())[0]
