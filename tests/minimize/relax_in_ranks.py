"""Relaxes the snapshots of the salt with as many ranks as it is started with."""

import sys
from pathlib import Path

from salt import salt_run, thermal_snapshots

import atomstates.minimize.stage as stage
from atomstates.parallel import world

stage.snapshots = lambda folder: thermal_snapshots(6)
stage.relax_snapshots(salt_run(Path(sys.argv[1]) / f"rank-{world().rank}"), world())
