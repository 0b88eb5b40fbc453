"""Compares the models on the snapshots of a run with as many ranks as it is started with."""

import sys
from pathlib import Path

from atomstates.campaign.layout import open_results
from atomstates.md.models import compared_models
from atomstates.parallel import world
from atomstates.products import Summary

comm = world()
assert comm.size > 1
compared_models(open_results(Path(sys.argv[1])).runs[0], Summary(), 0.002, comm)
