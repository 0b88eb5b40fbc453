"""Molecular dynamics of a run, in segments that survive any kill."""
