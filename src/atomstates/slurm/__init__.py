"""SLURM: what is left of a campaign as job arrays. It submits; SLURM schedules; the state lies on disk."""
