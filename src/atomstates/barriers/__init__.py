"""Hops of ions and their barriers: those of the molecular dynamics, and those of the ordered crystal."""
