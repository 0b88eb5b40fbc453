"""Trajectories of other programs: any format, unwrapped where needed, analysed like a run."""
