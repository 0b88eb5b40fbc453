"""Density maps of the mobile ions in the unit cell, and along which axes they percolate."""
