"""What a LAMMPS log says of time: the loops of its runs and minimisations."""

import re
from dataclasses import dataclass

_LOOP = re.compile(r"^Loop time of (\S+) on (\d+) procs for (\d+) steps with (\d+) atoms", re.MULTILINE)
_USE = re.compile(r"^([\d.]+)% CPU use", re.MULTILINE)
_CUTOFF = re.compile(r"^\s*master list distance cutoff = (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Loop:
    """One run or minimisation."""

    seconds: float
    ranks: int
    steps: int
    n_atoms: int
    cpu_use: float | None
    """Share of the time in which the ranks had a core; None where LAMMPS does not say."""

    @property
    def seconds_a_step(self) -> float:
        return self.seconds / max(self.steps, 1)


def loops(log: str) -> list[Loop]:
    """Every loop of a log, in order."""
    found = list(_LOOP.finditer(log))
    ends = [match.start() for match in found[1:]] + [len(log)]
    uses = [_USE.search(log, match.end(), end) for match, end in zip(found, ends, strict=True)]
    return [
        Loop(
            float(match[1]),
            int(match[2]),
            int(match[3]),
            int(match[4]),
            None if use is None else float(use[1]) / 100,
        )
        for match, use in zip(found, uses, strict=True)
    ]


def list_cutoff(log: str) -> float | None:
    """Cut-off of the neighbour lists with their skin, Å; None where the log has none."""
    found = _CUTOFF.findall(log)
    return float(found[-1]) if found else None
