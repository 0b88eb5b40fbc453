"""Both stages of the halide under three models with as many ranks as it is started with."""

import sys
from pathlib import Path

from several_halide import halide_under

from atomstates.campaign.layout import open_results
from atomstates.doas.stage import write_density, write_states
from atomstates.parallel import world

comm = world()
assert comm.size > 1
folder = Path(sys.argv[1])
if comm.rank == 0:
    halide_under(folder, ("first", "gauge", "stretched"))
comm.barrier()
material = open_results(folder / "results").materials[0]
for run in material.runs:
    write_states(run, comm)
comm.barrier()
write_density(material, comm)
