"""LAMMPS: scripts, files and running it; no physics."""
