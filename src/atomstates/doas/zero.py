"""Zero of energies: what the energies of states are counted from."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from atomstates.doas.states import States
from atomstates.parallel import Communicator

Reference = Literal["lowest", "coldest-mean", "absolute"]

WORDS: dict[str, str] = {
    "lowest": "from the lowest state over all temperatures",
    "coldest-mean": "from the mean of all states at the coldest temperature, whose own error is left out",
    "absolute": "as the potential gives it",
}
"""What a note says of an energy."""


@dataclass(frozen=True)
class Zero:
    """Zero of energies by its name, and its own energy as the potential gives it (eV)."""

    reference: Reference
    energy: float

    @property
    def words(self) -> str:
        """What energies are counted from."""
        return WORDS[self.reference]


def zero(reference: Reference, own: Mapping[str, States], lowest: float, comm: Communicator) -> Zero:
    """Zero of energies of a material, the same on every rank.

    Parameters
    ----------
    reference
        ``lowest``: the lowest state over all temperatures, as in Wang, Liu and Mo (2023): one single state
        sets it, and a longer sample can only lower it. ``coldest-mean``: the mean over all states at
        the coldest temperature, which is as sharp as a mean and moves little with the sample. ``absolute``:
        zero of the potential.
    own
        States of this rank's runs, by run.
    lowest
        Energy of the lowest of all states, eV.
    comm
        The ranks.
    """
    if reference == "lowest":
        return Zero(reference, lowest)
    if reference == "absolute":
        return Zero(reference, 0.0)
    # sums from the lowest state lose no digits; by run and in order, they are the same for any ranks
    sums = {
        name: (states.temperature, len(states.energy), math.fsum(states.energy - lowest))
        for name, states in own.items()
    }
    runs = {name: part for ranks in comm.gathered(sums) for name, part in ranks.items()}
    coldest = min(temperature for temperature, _, _ in runs.values())
    cold = [runs[name] for name in sorted(runs) if runs[name][0] == coldest]
    return Zero(reference, lowest + math.fsum(part for _, _, part in cold) / sum(n for _, n, _ in cold))
