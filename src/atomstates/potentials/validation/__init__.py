"""Tests of a finished model against its teacher, on all crystals and compositions of its recipe."""
