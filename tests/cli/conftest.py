import os
import subprocess
import sys

import pytest
from stand_in_campaign import MATERIAL

from atomstates.campaign.layout import lay_out


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "argon.yaml").write_text(MATERIAL)
    (tmp_path / "small.yaml").write_text("name: small\nmaterials: [argon.yaml]\ntemperatures_K: [20, 40]\n")
    return tmp_path


@pytest.fixture
def command(folder):
    """Runs the command line in the folder."""
    environment = {name: value for name, value in os.environ.items() if name != "ATOMSTATES_RESULTS"}

    def run(*arguments, **extra):
        return subprocess.run(
            [sys.executable, "-m", "atomstates.cli", *map(str, arguments)],
            cwd=folder,
            env={**environment, **extra},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def results(folder):
    return lay_out(folder / "small.yaml", folder / "results" / "small").path
