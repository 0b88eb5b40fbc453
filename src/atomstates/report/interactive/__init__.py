"""Panels of the page that answer to the reader: density in 3-D, explorer of the states, paths.

Python packs arrays (``packing``, ``isosurface``, ``explorer``, ``path``), ``panel`` makes them a fragment
of the page, and the scripts beside draw them when the reader comes to them.
"""
