from pathlib import Path

import pytest

from atomstates.potentials.host import Host, distinct_orderings
from atomstates.potentials.pipeline import Workshop
from atomstates.potentials.recipe import Recipe, read_recipe
from atomstates.resources import workflow_folder


@pytest.fixture(scope="session")
def recipe_file() -> Path:
    return workflow_folder() / "potentials" / "li-y-cl.yaml"


@pytest.fixture(scope="session")
def recipe(recipe_file: Path) -> Recipe:
    return read_recipe(recipe_file)


@pytest.fixture(scope="session")
def unit(recipe: Recipe) -> Host:
    return Workshop(recipe, Path("unused"), "unused").host()


@pytest.fixture(scope="session")
def orderings(unit: Host) -> list[tuple[tuple[int, ...], int]]:
    return distinct_orderings(unit)
