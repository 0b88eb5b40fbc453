"""Does a barriers stage of some results with as many ranks as it is started with."""

import sys
from pathlib import Path

from atomstates.barriers.stage import write_hops
from atomstates.campaign.layout import open_results
from atomstates.parallel import world

comm = world()
assert comm.size > 1
write_hops(open_results(Path(sys.argv[1])).run(sys.argv[2]), comm)
