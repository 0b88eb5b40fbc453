"""Snapshots relaxed to their inherent structures, with the energy of every atom."""
