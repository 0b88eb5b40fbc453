"""Finds paths of the frozen crystal with as many ranks as it is started with."""

import sys
from pathlib import Path

from hollow import CELL, OCTAHEDRAL, OTHER_TETRAHEDRAL, TETRAHEDRAL, structure, write_files

from atomstates.barriers.batch import Ends, minimum_energy_paths
from atomstates.barriers.neb import NebSettings
from atomstates.parallel import world

folder, comm = Path(sys.argv[1]), world()
files = write_files(folder / "potential") if comm.rank == 0 else None
pairs = [(OCTAHEDRAL, TETRAHEDRAL), (OTHER_TETRAHEDRAL, OCTAHEDRAL), (OCTAHEDRAL, OCTAHEDRAL)]
asked = [
    Ends(name, structure(start), structure(end), CELL)
    for name, (start, end) in zip("abc", pairs[: int(sys.argv[2])], strict=False)
]
settings = NebSettings(force_tolerance=0.01)
minimum_energy_paths(asked, comm.from_first(files), settings, folder / "ranks", comm)
