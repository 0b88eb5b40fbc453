"""Potentials: training one from a teacher by a recipe, and those that travel with the package."""
