"""A recipe at work: its crystals, its work folder, and what lies where in it."""

from dataclasses import dataclass
from pathlib import Path

from atomstates.potentials.host import Host, Source, distinct_orderings, host
from atomstates.potentials.recipe import Recipe
from atomstates.structures.channels import channel_order

_SEEDS_APART = 7919
"""Between the seeds of the ensemble's models; those of rounds are one apart."""


@dataclass(frozen=True)
class Workshop:
    """A recipe with its work folder and the teacher's interpreter.

    Attributes
    ----------
    processes
        Trainings, runs and labellings at a time; as many as the teacher's by default.
    """

    recipe: Recipe
    folder: Path
    interpreter: str
    processes: int | None = None

    @property
    def n_processes(self) -> int:
        """Trainings, runs and labellings at a time."""
        return self.processes or self.recipe.teacher.processes

    def host(self, name: str | None = None) -> Host:
        """The unit cell and the sites of a crystal; the first one by default."""
        recipe = self.recipe
        phase = recipe.crystals[name or next(iter(recipe.crystals))]
        return host(phase.crystal, recipe.mobile, recipe.anion, phase.mobile_per_cell, recipe.elements)

    def source(self, name: str) -> Source:
        """What structures of a crystal are made of."""
        unit = self.host(name)
        orderings = [chosen for chosen, _ in distinct_orderings(unit)]
        channels = self.recipe.crystals[name].channels
        staggered = []
        if channels is not None:
            cell = unit.framework.cell[:]
            order = [float(channel_order(unit.sites[list(one)], channels, 1, cell)) for one in orderings]
            staggered = [chosen for chosen, phi in zip(orderings, order, strict=True) if phi > 0.99]
        return Source(name, unit, {"orderings": orderings, "channels": staggered})

    def sources(self) -> dict[str, Source]:
        """All crystals by name."""
        return {name: self.source(name) for name in self.recipe.crystals}

    @property
    def seed_folder(self) -> Path:
        """Labels of made structures."""
        return self.folder / "seed"

    def round_folder(self, number: int) -> Path:
        """All of one round; rounds are counted from 1."""
        return self.folder / f"round-{number}"

    @property
    def final_folder(self) -> Path:
        """The finished models."""
        return self.folder / "final"

    def model_seed(self, which: int, number: int = 0) -> int:
        """Seed of a model of the ensemble (from 0) in a round; round 0 is the final training."""
        return self.recipe.seed + number + _SEEDS_APART * which
