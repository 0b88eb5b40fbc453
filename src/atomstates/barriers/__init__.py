"""Hops of ions and their barriers: those that the dynamics showed, and those of the ordered crystal."""
