from pathlib import Path

import pytest

from atomstates.potentials.host import Host, Source, distinct_orderings
from atomstates.potentials.pipeline import Workshop
from atomstates.potentials.recipe import Recipe, read_recipe
from atomstates.potentials.validation.orderings import filled_sites
from atomstates.resources import workflow_folder


@pytest.fixture(scope="session")
def recipe_file() -> Path:
    return Path(__file__).with_name("chloride.yaml")


@pytest.fixture(scope="session")
def recipe(recipe_file: Path) -> Recipe:
    return read_recipe(recipe_file)


@pytest.fixture(scope="session")
def unit(recipe: Recipe) -> Host:
    return Workshop(recipe, Path("unused"), "unused").host()


@pytest.fixture(scope="session")
def ordered(recipe: Recipe, unit: Host) -> list[int]:
    """Filled sites of the ordered unit cell."""
    (material,) = recipe.validation.materials.values()
    return filled_sites(unit, material.ordered)


@pytest.fixture(scope="session")
def orderings(unit: Host) -> list[tuple[tuple[int, ...], int]]:
    return distinct_orderings(unit)


@pytest.fixture(scope="session")
def source(recipe: Recipe) -> Source:
    return Workshop(recipe, Path("unused"), "unused").source("P-3m1")


@pytest.fixture(scope="session")
def mixed_recipe() -> Recipe:
    return read_recipe(workflow_folder() / "potentials" / "li-y-cl-br.yaml")


@pytest.fixture(scope="session")
def sources(mixed_recipe: Recipe) -> dict[str, Source]:
    return Workshop(mixed_recipe, Path("unused"), "unused").sources()
