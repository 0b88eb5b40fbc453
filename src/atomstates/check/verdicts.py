"""What is known of a material that is looked at, and the verdicts on it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pymatgen.core.structure import Structure

from atomstates.campaign.schema import Material
from atomstates.products import Check
from atomstates.structures.candidates import OrderedCell


@dataclass
class Examined:
    """A material as far as it makes sense, and the verdicts on it."""

    material: Material
    checks: list[Check] = field(default_factory=list)
    files: dict[str, Path] = field(default_factory=dict)
    structure: Structure | None = None
    elements: tuple[str, ...] = ()
    cell: OrderedCell | None = None
    """The supercell with the electrostatically lowest ordering, not relaxed."""
    n_orderings: int = 1
    """Symmetry-distinct orderings of the search cell."""
    cutoff: float | None = None
    """Å, where the model's file tells it."""

    def say(self, name: str, status: Literal["PASS", "WARN", "FAIL"], message: str) -> None:
        """Add a verdict."""
        self.checks.append(Check(f"{self.material.name}: {name}", status, message))
