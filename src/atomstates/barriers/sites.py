"""Sites of the ions of one structure by name, for what the searches and the checks of ends ask."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomstates.barriers.moves import SiteFrame
from atomstates.doas.assignment import Roles, SnapshotStates, snapshot_states
from atomstates.doas.identity import KeyArray
from atomstates.doas.polyhedra import Polyhedra
from atomstates.potentials.crystal import Crystal

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class SiteNames:
    """The framework whose polyhedra are the sites, and which atoms are what."""

    crystal: Crystal
    parts: Roles
    polyhedra: Polyhedra

    def states(self, positions: FloatArray, cell: FloatArray) -> SnapshotStates:
        """Sites and environments of all ions."""
        return snapshot_states(positions, cell, self.parts, self.crystal, None, self.polyhedra)

    def keys(self, positions: FloatArray, cell: FloatArray) -> KeyArray:
        """(n,) name of the site of every ion."""
        return self.states(positions, cell).site_key

    def frame(self, index: int, positions: FloatArray, cell: FloatArray) -> SiteFrame:
        """A relaxed structure with its sites."""
        found = self.states(positions, cell)
        return SiteFrame(index, positions, found.site_key, found.site, found.edge_sharing)
