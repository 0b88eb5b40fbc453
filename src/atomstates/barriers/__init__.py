"""Hops of ions and their barriers: those that the molecular dynamics showed, and those of the ordered crystal."""
