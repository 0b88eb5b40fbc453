"""Density of atomistic states of superionic conductors, from crystal to report."""

__version__ = "0.1.0"
